// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/apply_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/errors.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/model_spec/tied_head.h"

namespace llavakd {

namespace {

using Kind = WeightChange::Kind;

bool trains_own_matrix(const LoraAdapter& adapter, const std::string& embedding) {
  const std::string head(kHeadName);
  return adapter.copies.contains(head) || adapter.copies.contains(embedding) ||
         std::any_of(adapter.changes.begin(), adapter.changes.end(),
                     [&](const WeightChange& change) { return change.kind == Kind::rows && change.target == head; });
}

/// From one matrix two: the head gets the embedding as it was.
void untie(LanguageConfig& config, ModelTensors& model, const std::string& embedding) {
  const auto words = model.tensors.find(embedding);
  if (words == model.tensors.end()) return;
  StoredTensor head = words->second;
  head.name = kHeadName;
  model.tensors.insert_or_assign(head.name, head);
  config.tie_word_embeddings = false;
  model.warnings.emplace_back(
      "The adapter trained a head or an embedding of its own on a base that ties them (tie_word_embeddings): they are "
      "two matrices from here on.");
}

void put_whole_weights(LanguageConfig& config, ModelTensors& model, LoraAdapter& adapter,
                       const std::string& embedding) {
  const bool head_alone = adapter.replaced.contains(std::string(kHeadName)) && !adapter.replaced.contains(embedding);
  if (config.tie_word_embeddings && head_alone) model.tensors.erase(embedding);
  for (auto& [name, tensor] : adapter.replaced) model.tensors.insert_or_assign(name, std::move(tensor));
  if (config.tie_word_embeddings) resolve_head(config, model);
}

void refuse_change_of_tied(const LoraAdapter& adapter, const WeightChange& change, const std::string& embedding) {
  const bool head = change.target == kHeadName;
  if ((!head && change.target != embedding) || change.kind == Kind::rows) return;
  throw UserError(fmt::format(
      "{}: the adapter changes {}, which is one matrix with {} in the base (tie_word_embeddings). It was trained for "
      "one of the two, and merging would change both. Save the base with a head of its own, and let the adapter's "
      "base_model_name_or_path name that.",
      adapter.folder.string(), head ? "lm_head" : "the embedding", head ? "the embedding" : "lm_head"));
}

}  // namespace

void apply_adapter(LanguageConfig& config, ModelTensors& model, std::string_view part) {
  if (!model.adapter) return;
  LoraAdapter adapter = std::move(*model.adapter);
  model.adapter.reset();
  const bool tower_alone = part == "vision_tower";
  const std::string embedding = embedding_name(config);
  if (tower_alone) {
    const auto other = [](const std::string& name) {
      return !name.starts_with(kVisionPrefix);
    };
    std::erase_if(adapter.replaced, [&](const auto& entry) { return other(entry.first); });
    std::erase_if(adapter.changes, [&](const WeightChange& change) { return other(change.target); });
  }
  const bool tied = !tower_alone && config.tie_word_embeddings;
  if (tied && trains_own_matrix(adapter, embedding)) untie(config, model, embedding);
  if (tower_alone) {
    for (auto& [name, tensor] : adapter.replaced) model.tensors.insert_or_assign(name, std::move(tensor));
  } else {
    put_whole_weights(config, model, adapter, embedding);
  }
  // Changes of one weight follow each other, as reading expects.
  std::ranges::stable_sort(adapter.changes, {}, &WeightChange::target);
  for (WeightChange& change : adapter.changes) {
    if (!tower_alone && config.tie_word_embeddings) refuse_change_of_tied(adapter, change, embedding);
    const auto weight = model.tensors.find(change.target);
    if (weight == model.tensors.end())
      throw UserError(fmt::format("{}: the adapter changes {}, which the model doesn't have.", adapter.folder.string(),
                                  change.target));
    check_change(adapter.folder, change, weight->second);
    model.changes.push_back(std::move(change));
  }
}

}  // namespace llavakd
