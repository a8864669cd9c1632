// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/sampler.h"
#include "core/text/conversation.h"

namespace llavakd {

/// One entry of a LLaVA conversation list: {"id", "image", "conversations": [{"from", "value"}]}. Also read: "template"
/// (in place of the stage's) and "type" (a label by which answers are counted); other keys are passed over.
struct Sample {
  std::string id;
  std::vector<std::string> images;  ///< As written: paths below the image folder.
  std::vector<Turn> turns;
  std::string template_name;  ///< Empty: the stage's.
  std::string type;
  int64_t line = 0;  ///< Where the entry begins.

  Conversation conversation() const;
};

/// What is wrong with one entry; the rest of the file can be used.
struct DataFault {
  int64_t line = 0;
  std::string id;
  std::string reason;

  std::string sentence() const;  ///< "line 12, sample 'x': …"
};

struct SampleSet {
  std::vector<Sample> samples;    ///< The usable ones, in the file's order.
  std::vector<DataFault> faults;  ///< The others, by line.
};

/// Reads a data file without building its JSON tree: memory stays near the size of the texts. An entry that can't be
/// used (see sample_fault; also values of the wrong type) becomes a fault. Throws UserError naming file and line when
/// the file is no JSON, nested deeply, no list, or has no usable sample.
SampleSet read_samples(const std::filesystem::path& path);

/// Why a sample can't be used, from the entry alone: turns that don't alternate, an unknown template, placeholders that
/// aren't as many as images, an image path that leads out of its folder; or nothing.
std::optional<std::string> sample_fault(const Sample& sample);

/// Looks into an image file; the reason why it can't be used, or nothing.
using ImageCheck = std::function<std::optional<std::string>(const std::filesystem::path&)>;

/// All faults of a data file by line: those of read_samples, images that aren't there, and what `check_image` (may be
/// empty) says of the others; each image is looked at once. Throws like read_samples, but not for a file in which every
/// entry is faulty.
std::vector<DataFault> check_samples(const std::filesystem::path& path, const std::filesystem::path& images_folder,
                                     const ImageCheck& check_image = {});

/// The file of an image. Throws UserError when the name is absolute or leads out of the folder ("..", a backslash).
std::filesystem::path image_path(const std::filesystem::path& images_folder, const std::string& name);

/// Words and kind of each sample, for epoch_order.
std::vector<SampleLength> sample_lengths(const std::vector<Sample>& samples);

}  // namespace llavakd
