// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/errors.h"
#include "core/data/sampler.h"
#include "core/text/conversation.h"

namespace llavakd {

/// One entry of a LLaVA conversation list: {"id", "image", "conversations": [{"from", "value"}]}. Also read: "images"
/// as "image", "template" (in place of the stage's) and "type" (a label by which answers are counted); what is passed
/// over of other keys is noted.
struct Sample {
  std::string id;
  std::vector<std::string> images;  ///< As written; picture_file.h finds the files.
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

/// What an error says as a reason: a part of a sentence, without its full stop.
std::string reason_of(const UserError& error);

struct SampleSet {
  std::vector<Sample> samples;     ///< The usable ones, in the file's order.
  std::vector<DataFault> faults;   ///< The others, by line.
  std::vector<std::string> notes;  ///< What is passed over of the usable ones, as whole sentences.

  int64_t entries() const { return static_cast<int64_t>(samples.size() + faults.size()); }
};

/// Reads a data file, a JSON list or JSON lines, without building its tree: memory stays near the size of the texts. An
/// entry that can't be used (see sample_fault; also values of the wrong type) becomes a fault. Throws UserError naming
/// file and line when the file is of another format (data_format.h), nested deeply, no list, or has no usable sample.
SampleSet read_samples(const std::filesystem::path& path);

/// Why a sample can't be used, from the entry alone: turns that don't alternate, an unknown template, placeholders that
/// aren't as many as images, an image path that leads out of its folder; or nothing.
std::optional<std::string> sample_fault(const Sample& sample);

/// Words and kind of each sample, for epoch_order.
std::vector<SampleLength> sample_lengths(const std::vector<Sample>& samples);

}  // namespace llavakd
