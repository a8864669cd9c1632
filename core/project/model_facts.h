// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace llavakd {

/// The vision tower's part of the facts; all zero for a bare language model.
struct TowerFacts {
  std::string type;  ///< model_type: "siglip_vision_model", …; empty: none.
  int64_t image_size = 0;
  int64_t patch_size = 0;
  int64_t layers = 0;
  int64_t width = 0;
};

/// What lies in a folder of the tokenizer.
struct TokenizerFacts {
  std::vector<std::string> files;  ///< tokenizer.json, vocab.json, … as far as there.
  int64_t entries = 0;             ///< Tokens with an id, added ones included; 0: none found or not readable.
  int64_t max_id = -1;
  std::string sha256;  ///< Of tokenizer.json; without one, of vocab.json.
  /// A few hundred tokens spread over the ids, id -> token, so that two tokenizers can be compared without their files.
  std::map<int64_t, std::string> sample;
  std::string
      content_sha256;  ///< Of all (id, token) pairs in the order of the ids: equal whatever the files look like.
};

/// What a model folder is, from config.json and the headers of its files alone: no weight is read.
struct ModelFacts {
  std::filesystem::path path;
  std::string layout;  ///< "tinyllava_hf", "split", "llava_hf", "language_model" or "vision_tower"; empty: no model.
  std::string family;  ///< Of the language model: "qwen2", …; of a bare tower its type.
  int64_t layers = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;
  int64_t vocabulary = 0;  ///< Rows of the embedding.
  int64_t max_positions = 0;
  bool tied_head = false;
  std::string connector;  ///< "mlp2x_gelu", …; empty: none.
  int64_t visual_tokens = 0;
  TowerFacts tower;
  std::map<std::string, int64_t> parameters;  ///< Per part: "vision_tower", "connector", "language_model".
  int64_t total_parameters = 0;
  std::string dtype;   ///< Of the stored weights: "BF16", "F16, F32", …
  uint64_t bytes = 0;  ///< Of the weight files.
  std::vector<std::string> weight_files;
  TokenizerFacts tokenizer;
  std::string template_guess;  ///< Conversation template that models of this family were trained with; empty: unknown.
  std::vector<std::string> faults;  ///< Everything that keeps the model from opening, one sentence each.

  bool is_whole_model() const { return layout == "tinyllava_hf" || layout == "split" || layout == "llava_hf"; }
};

/// Reads the facts of a LLaVA-type checkpoint, a bare language model or a bare vision tower. Never throws for what is
/// wrong inside the folder: that is listed in `faults`, beside what could still be read.
ModelFacts read_model_facts(const std::filesystem::path& path);

/// For `llavakd show --json`.
nlohmann::ordered_json to_json(const ModelFacts& facts);

}  // namespace llavakd
