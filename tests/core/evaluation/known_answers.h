// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Question files of the tiny project, and a model whose answers are known without decoding.
#include <QTest>
#include <map>
#include <string>

#include "core/checkpoint/loaded_model.h"
#include "core/evaluation/evaluation_task.h"
#include "tests/core/training/tiny_project.h"

namespace llavakd {

/// One row of a file of questions.
inline nlohmann::ordered_json question_row(const std::string& id, const std::string& image, const std::string& question,
                                           const std::string& answer, const std::string& type) {
  return {{"id", id},
          {"image", image},
          {"type", type},
          {"conversations",
           {{{"from", "human"}, {"value", "<image>\n" + question}}, {{"from", "gpt"}, {"value", answer}}}}};
}

/// How the tiny project's questions are asked.
inline ScoringOptions tiny_scoring(const std::filesystem::path& folder, const char* file) {
  return {.file = folder / file,
          .images = folder / "images",
          .conversation_template = "no_system",
          .max_length = 80,
          .batch_size = 3};
}

/// A model that answers "fox" to everything, from the checkpoint of a tiny project. Its layers add nothing, so that the
/// last token alone decides the next: ":" is followed by " ", that by "f", "o", "x" and the end.
inline LoadedModel fox_model(const std::filesystem::path& checkpoint) {
  LoadedModel model = load_model(checkpoint);
  ModelConfig config = model.model.config();
  config.language.tie_word_embeddings = false;
  TensorMap parameters = model.model.parameters();
  int silenced = 0;
  for (auto& [name, tensor] : parameters)
    if (name.starts_with("language_model") && (name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight")))
      tensor = at::zeros_like(tensor), ++silenced;
  if (silenced != 2 * config.language.num_hidden_layers) throw std::runtime_error("the layers have other names");
  constexpr int64_t end = 256, elsewhere = 7;
  const int64_t chain[] = {':', ' ', 'f', 'o', 'x', end};
  at::Tensor embeddings = at::zeros({config.language.vocab_size, config.language.hidden_size});
  at::Tensor head = at::zeros_like(embeddings);
  embeddings.select(1, elsewhere).fill_(1);
  for (int64_t i = 0; i + 1 < std::ssize(chain); ++i) {
    embeddings[chain[i]].zero_();
    embeddings[chain[i]][i].fill_(1);
    head[chain[i + 1]][i].fill_(1);
  }
  parameters["language_model.model.embed_tokens.weight"] = embeddings;
  parameters["language_model.lm_head.weight"] = head;
  model.model = MultimodalModel(config, parameters);
  return model;
}

/// The value of that part of the breakdown; -1 where it has none.
inline double part_of_score(const TaskResult& result, const std::string& name) {
  for (const auto& [part, percent] : result.breakdown.parts)
    if (part == name) return percent.value_or(-1);
  return -1;
}

}  // namespace llavakd
