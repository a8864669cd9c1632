// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/stored_tensor.h"
#include "core/model_spec/lora_settings.h"

namespace llavakd {

/// What an adapter does to one stored weight W. Low-rank kinds (LoRA, arXiv 2106.09685) add scale · up · down, which an
/// embedding holds transposed and a convolution in four dimensions; DoRA (arXiv 2402.09353) then gives each row (each
/// column of an embedding) the length in `magnitude`.
struct WeightChange {
  enum class Kind {
    linear,       ///< down [rank, in], up [out, rank]; also of a parameter that is no matrix of a layer
    embedding,    ///< down [rank, rows], up [width, rank]
    convolution,  ///< down [rank, in, height, width], up [out, rank, 1, 1]
    rows,         ///< up [n, width] replaces the rows `row_ids`
    bias,         ///< scale · up is added
  };
  std::string target;  ///< The weight, named as in the whole model.
  Kind kind = Kind::linear;
  StoredTensor down, up;
  double scale = 1;
  std::optional<StoredTensor> magnitude;
  BaseChange base_change = BaseChange::none;  ///< Taken out of W first, at the update's rank.
  std::vector<int64_t> row_ids;
};

/// What an adapter folder of the PEFT library holds (adapter_config.json, adapter_model.safetensors or .bin).
struct LoraAdapter {
  std::filesystem::path folder;
  std::vector<WeightChange> changes;
  std::map<std::string, StoredTensor> replaced;  ///< Weights saved whole: modules_to_save, biases, embeddings, …
  /// Those of `replaced` that were trained as a copy of the base's (modules_to_save): on a base that ties its head, the
  /// other one of the two stays what it was.
  std::set<std::string> copies;
  std::vector<std::string> warnings;
  std::vector<std::filesystem::path> files;
  uint64_t bytes = 0;
};

bool has_lora_adapter(const std::filesystem::path& folder);

/// Opens an adapter's headers; `origin` says how its names read (see name_in_model). Throws UserError for kinds that
/// can't be merged exactly, a half without its other half, and ranks or shapes that contradict each other.
LoraAdapter open_lora_adapter(const std::filesystem::path& folder, std::string_view origin);

/// Throws UserError if the change doesn't fit the weight's shape. `folder` is the adapter's, for the message.
void check_change(const std::filesystem::path& folder, const WeightChange& change, const StoredTensor& weight);

/// The folder of the model that the adapter changes (base_model_name_or_path, looked for by find_beside). Throws
/// UserError that names it when it isn't there.
std::filesystem::path lora_base_folder(const std::filesystem::path& folder);

}  // namespace llavakd
