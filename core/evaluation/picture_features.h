// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/run/picture_map.h"

namespace llavakd {

/// Told how many pictures of how many are done; returns false to stop.
using PictureProgress = std::function<bool(int64_t done, int64_t total)>;

/// What the model's tower makes of each picture: the mean over its patches, float32 [pictures, tower width]. Names as
/// data files write them, below `images_folder`. Throws UserError that names a picture that can't be read, RunError
/// when `progress` stops it.
at::Tensor picture_features(const LoadedModel& model, const std::filesystem::path& images_folder,
                            const std::vector<std::string>& images, const std::string& aspect_ratio,
                            const PictureProgress& progress = {});

/// The two directions along which points differ most.
struct PrincipalPlane {
  at::Tensor places;  ///< float64 [n, 2]: the points in the plane; 0 along a direction in which nothing differs.
  std::array<double, 2> explained = {};  ///< Share of the variance along each.
};

/// Principal component analysis of points [n, width]. A direction's sign is that of its largest component, so that the
/// same points give the same plane.
PrincipalPlane principal_plane(const at::Tensor& points);

/// The pictures of the pairs' questions in the plane of their features, with their outcomes. Throws like
/// picture_features, and UserError where no question has a picture.
PictureMap make_picture_map(const LoadedModel& model, const PairedAnswers& paired, const std::string& aspect_ratio,
                            const PictureProgress& progress = {});

}  // namespace llavakd
