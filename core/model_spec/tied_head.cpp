// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/tied_head.h"

#include <fmt/format.h>

#include <cstring>

#include "core/model_spec/model_config_language.h"
#include "core/model_spec/parameter_shapes.h"

namespace llavakd {

namespace {

constexpr std::string_view kHeadBias = "language_model.lm_head.bias";

/// Stored in the same way with the same bytes. Ends at the first difference, so only equal ones are read through.
bool same_numbers(const StoredTensor& a, const StoredTensor& b) {
  if (a.dtype != b.dtype || a.shape != b.shape || a.blocks != b.blocks) return false;
  if (a.data == b.data && a.strides == b.strides) return true;
  if (a.blocks || !a.is_contiguous() || !b.is_contiguous()) return false;
  return std::memcmp(a.data, b.data, a.bytes()) == 0;
}

}  // namespace

std::string embedding_name(const LanguageConfig& config) {
  return fmt::format("{}{}.weight", kLanguagePrefix, language_traits(config.model_type).names.embedding);
}

void resolve_head_bias(const LanguageConfig& config, ModelTensors& tensors) {
  if (tensors.layout != "llava_hf" || !config.head_bias) return;
  if (tensors.tensors.erase(std::string(kHeadBias)) > 0)
    tensors.warnings.emplace_back(
        "lm_head.bias is passed over: LlavaForConditionalGeneration has no bias at its head.");
  tensors.zeros.emplace_back(kHeadBias);
}

void resolve_head(LanguageConfig& config, ModelTensors& tensors) {
  auto& stored = tensors.tensors;
  const std::string embedding = embedding_name(config);
  const auto head = stored.find(std::string(kHeadName));
  const auto words = stored.find(embedding);
  if (!config.tie_word_embeddings) {
    if (head != stored.end() || words == stored.end() || tensors.layout != "split") return;
    config.tie_word_embeddings = true;
    tensors.warnings.emplace_back(
        "config.json says that head and embedding are two matrices (tie_word_embeddings false), but lm_head.weight is "
        "not stored; in this layout that means that the embedding is the head.");
    return;
  }
  if (head == stored.end()) return;
  if (words == stored.end()) {
    StoredTensor both = head->second;
    both.name = embedding;
    stored.emplace(embedding, std::move(both));
    stored.erase(head);
  } else if (same_numbers(head->second, words->second)) {
    stored.erase(head);
  } else {
    config.tie_word_embeddings = false;
    tensors.warnings.emplace_back(
        "config.json ties the head to the embedding (tie_word_embeddings), but the file holds two different matrices; "
        "both are used, each for its own.");
  }
}

}  // namespace llavakd
