// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/model_spec/tokenizer_facts.h"

namespace llavakd {

/// The vision tower's part of the facts; all zero for a bare language model.
struct TowerFacts {
  std::string type;  ///< model_type: "siglip_vision_model", …; empty: none.
  int64_t image_size = 0;
  int64_t patch_size = 0;
  int64_t layers = 0;
  int64_t width = 0;
  std::string second_type;  ///< Type of the second tower of a mixture; empty: there is one tower.
};

/// Rows of features that one image gives: the tower's patches and class token, without the first token if
/// `select_strategy` drops it; of both towers of a mixture. 0 when the sizes are unknown.
int64_t feature_tokens(const TowerFacts& tower, const std::string& select_strategy);

/// What a model folder is, from config.json and the headers of its files alone: no weight is read.
struct ModelFacts {
  std::filesystem::path path;
  /// "tinyllava_hf", "split", "llava_hf", "llava", "parts", "language_model" or "vision_tower"; empty: not a model.
  std::string layout;
  std::string format;  ///< Format of the weight files: "safetensors", "pytorch_bin" or "gguf".
  std::string family;  ///< The language model's type: "qwen2", …; a bare tower's type.
  int64_t layers = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;
  int64_t vocabulary = 0;  ///< Rows of the embedding.
  int64_t max_positions = 0;
  bool tied_head = false;
  std::string connector;        ///< "mlp2x_gelu", …; empty: none.
  std::string select_strategy;  ///< Which of the tower's tokens the connector gets; empty: no tower.
  int64_t visual_tokens = 0;
  TowerFacts tower;
  std::filesystem::path image_processor_from;  ///< Where the image processor is looked for: what brought the tower.
  std::string processor;  ///< How images are prepared, in words (core/image, processor_text); empty: not looked at.
  std::map<std::string, int64_t> parameters;  ///< Per part: "vision_tower", "connector", "language_model".
  int64_t total_parameters = 0;
  std::string dtype;   ///< Types of the stored weights: "BF16", "F16, F32", …
  uint64_t bytes = 0;  ///< Size of the weight files.
  std::vector<std::string> weight_files;
  int64_t adapted_weights = 0;  ///< Weights that a LoRA adapter changes; merged while opening.
  TokenizerFacts tokenizer;
  std::string aspect_ratio;    ///< image_aspect_ratio of its config.json, how it was trained; empty: it doesn't say.
  std::string own_template;    ///< conversation_template of its config.json, what it was trained with; or empty.
  std::string template_guess;  ///< Conversation template that models of this family were trained with; empty: unknown.
  /// The folders of the model or of its parts that aren't there: then nothing else is known of it.
  std::vector<std::filesystem::path> missing;
  std::vector<std::string> faults;  ///< Everything that keeps the model from opening, one sentence each.
  size_t text_faults = 0;           ///< The last so many of them are the tokenizer's.
  /// What is in the folder but doesn't count, or what was filled in because it isn't there, one sentence each. The
  /// model opens; `show`, `check` and a run's log say it.
  std::vector<std::string> warnings;

  bool is_whole_model() const { return !layout.empty() && layout != "language_model" && layout != "vision_tower"; }
};

/// Reads the facts of a LLaVA-type checkpoint, a bare language model or a bare vision tower. Never throws for what is
/// wrong inside the folder: that is listed in `faults`; what can be read is returned nevertheless.
ModelFacts read_model_facts(const std::filesystem::path& path);

/// For `llavakd show --json`.
nlohmann::ordered_json to_json(const ModelFacts& facts);

}  // namespace llavakd
