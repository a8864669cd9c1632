// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One case of ../shared/golden/vlm: its checkpoints, the batch that expected.json describes, and how to compare.
#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/checkpoint/open_checkpoint.h"
#include "core/image/decode.h"
#include "core/image/processor.h"
#include "core/io/json_file.h"
#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd::golden {

using Json = nlohmann::ordered_json;

struct Case {
  Json expected;
  Json images;  // id -> file, for the samples that have one
  std::filesystem::path folder;
};

inline Case open_case(const std::filesystem::path& folder) {
  Case result{read_json(folder / "expected.json"), Json::object(), folder};
  for (const Json& sample : read_json(folder / "sample.json"))
    if (sample.contains("image")) result.images[sample["id"].get<std::string>()] = sample["image"];
  return result;
}

/// Parameters are copied off the file mapping so that they can be trained.
inline MultimodalModel open_model(const std::filesystem::path& folder) {
  Checkpoint checkpoint = open_checkpoint(folder);
  for (auto& [name, tensor] : checkpoint.parameters) tensor = tensor.clone();
  return {checkpoint.config, checkpoint.parameters};
}

/// Ids with each -200 replaced by as many as the picture has tokens, cut to `length`.
inline std::vector<int64_t> expanded(const Json& ids, int64_t visual_tokens, size_t length) {
  std::vector<int64_t> result;
  for (const Json& id : ids)
    result.insert(result.end(), id == image_token_index ? static_cast<size_t>(visual_tokens) : 1, id.get<int64_t>());
  result.resize(std::min(result.size(), length));
  return result;
}

inline bool is_skipped(const Json& sample) {
  return sample.contains("skipped") && !sample["skipped"].is_null();
}

inline Sequence sequence_of(const Json& sample, int64_t visual_tokens) {
  Sequence sequence;
  sequence.id = sample["id"];
  sequence.labels = sample["labels"].get<std::vector<int64_t>>();
  sequence.input_ids = expanded(sample["input_ids"], visual_tokens, sequence.labels.size());
  if (is_skipped(sample)) sequence.skipped = sample["skipped"].get<std::string>();
  if (!sample["visual_span"].is_null()) {
    const int64_t first = sample["visual_span"][0], count = sample["visual_span"][1];
    sequence.segments.push_back({SegmentKind::visual, first, first + count});
  }
  return sequence;
}

inline at::Tensor pixels_of(const Case& golden, const std::string& id, const ModelConfig& config) {
  const int64_t size = config.vision.image_size;
  if (!golden.images.contains(id)) return {};
  const ImageProcessor processor = processor_for_tower(config.vision.model_type, static_cast<int>(size));
  const auto file = golden.folder / "images" / golden.images[id].get<std::string>();
  const std::vector<float> values =
      pixel_values(read_image(file), processor, aspect_ratio_from_name(config.image_aspect_ratio));
  return at::tensor(values).view({1, 3, size, size});
}

/// Element number of "[0,:8]", "[K/2,:8]", "[-1,:8]", "[L/2,V-8:]" in a matrix: the first of eight.
inline int64_t first_of_slice(const std::string& slice, int64_t rows, int64_t columns) {
  const int64_t row = slice.starts_with("[0,") ? 0 : slice.starts_with("[-1,") ? rows - 1 : rows / 2;
  return row * columns + (slice.ends_with("V-8:]") ? columns - 8 : 0);
}

inline bool near(double actual, double wanted, double relative, double absolute = 0) {
  return std::abs(actual - wanted) <= relative * std::abs(wanted) + absolute;
}

/// The slices of one matrix of expected.json; the empty text if all agree.
inline std::string compare_slices(const at::Tensor& matrix, const Json& wanted) {
  const at::Tensor flat = matrix.detach().contiguous().view({-1});
  for (const auto& [slice, numbers] : wanted["slices"].items()) {
    const int64_t first = first_of_slice(slice, matrix.size(0), matrix.size(1));
    for (size_t i = 0; i < numbers.size(); ++i) {
      const double actual = flat[first + static_cast<int64_t>(i)].item<double>(), expected = numbers[i];
      if (!near(actual, expected, 1e-4, 5e-5))
        return slice + ": " + std::to_string(actual) + " instead of " + std::to_string(expected);
    }
  }
  return "";
}

}  // namespace llavakd::golden
