// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the tests of checkpoints share: a model of a few thousand parameters, and how to write and compare it.
#include <ATen/ATen.h>

#include <QtTest>
#include <filesystem>
#include <string>

#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/json_file.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/models/tensor_map.h"

namespace llavakd {

/// A model of a few thousand parameters: 4 patches, two layers each.
inline ModelConfig tiny_config(bool tied = true) {
  ModelConfig config;
  config.vision.hidden_size = 8;
  config.vision.intermediate_size = 12;
  config.vision.num_hidden_layers = 2;
  config.vision.num_attention_heads = 2;
  config.vision.image_size = 8;
  config.vision.patch_size = 4;
  config.language.vocab_size = 20;
  config.language.hidden_size = 8;
  config.language.intermediate_size = 16;
  config.language.num_hidden_layers = 2;
  config.language.num_attention_heads = 4;
  config.language.num_key_value_heads = 2;
  config.language.head_dim = 2;
  config.language.rotary_dim = 2;
  config.language.qkv_bias = true;
  config.language.max_position_embeddings = 64;
  config.language.tie_word_embeddings = tied;
  config.language.eos_token_ids = {19};
  return config;
}

inline TensorMap random_parameters(const ModelConfig& config) {
  at::manual_seed(7);
  TensorMap parameters;
  for (const auto& [name, shape] : parameter_shapes(config)) parameters[name] = at::randn(shape);
  return parameters;
}

/// The parameters of one part under the names of its own file.
inline TensorMap part_of_parameters(const TensorMap& parameters, std::string_view prefix) {
  TensorMap part;
  for (const auto& [name, tensor] : parameters) {
    if (name.starts_with(prefix)) part[name.substr(prefix.size())] = tensor;
  }
  return part;
}

/// Writes config.json and model.safetensors of a bare part, or of a whole model.
inline void write_folder(const std::filesystem::path& folder, const nlohmann::ordered_json& config,
                         const TensorMap& parameters) {
  std::filesystem::create_directories(folder);
  write_json(folder / "config.json", config);
  write_tensors(folder / "model.safetensors", parameters);
}

inline void compare_maps(const TensorMap& actual, const TensorMap& expected) {
  QCOMPARE(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected)
    QVERIFY2(actual.contains(name) && at::equal(actual.at(name), tensor), name.c_str());
}

/// What open_checkpoint says against the folder.
inline QString refusal_of(const std::filesystem::path& folder) {
  try {
    open_checkpoint(folder);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace llavakd
