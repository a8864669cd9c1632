// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/run/answer_pairs.h"

namespace llavakd {

/// A picture of an evaluation as a point, and how its questions were answered.
struct MappedPicture {
  std::string image;  ///< As the file of questions writes it.
  double x = 0, y = 0;
  OutcomeCounts outcomes;
};

/// The pictures of an evaluation laid out by what a tower sees in them (core/evaluation/picture_features.h).
struct PictureMap {
  std::string model;                     ///< The folder of the model whose tower it is.
  std::array<double, 2> explained = {};  ///< Share of the features' variance along x and y.
  std::vector<MappedPicture> pictures;
};

/// The pictures that the pairs' questions are about, each once, in the order in which they come.
std::vector<std::string> pictures_of(const PairedAnswers& paired);

/// Sets each picture's outcomes from these pairs.
void count_outcomes(PictureMap& map, const PairedAnswers& paired);

/// By AtomicFile: JSON {"model", "explained": [x, y], "pictures": [{"image", "x", "y", each outcome's name: count}]},
/// or for a name that ends with .csv the pictures as a table.
void write_picture_map(const std::filesystem::path& path, const PictureMap& map);

/// Reads the JSON. Throws UserError for what isn't one.
PictureMap read_picture_map(const std::filesystem::path& path);

}  // namespace llavakd
