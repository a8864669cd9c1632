// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/checkpoint/loaded_model.h"

namespace llavakd {

/// The conversation template to ask a model with. Another one than it was trained with gives wrong answers, scores and
/// losses, and nothing in them shows it.
struct ModelTemplate {
  std::string name;
  std::string known_by = {};           ///< What says so: "config.json", "the project"; empty: it is a guess.
  std::vector<std::string> fits = {};  ///< Of a guess: the templates whose tokens the tokenizer has, the guess first.
  bool alike = false;                  ///< All that fit make the same text.
  std::string own = {};                ///< Of one that was asked for: the model's own, where that makes another text,
  std::string own_known_by = {};       ///< and what says so.

  bool is_guess() const { return known_by.empty(); }
};

/// What the model's config.json says; else, for a checkpoint of a run, what the run's run.json says; without a name
/// where neither does.
ModelTemplate known_template_of(const LoadedModel& model);

/// The same, or else a guess by the model's family. Reads headers only.
ModelTemplate template_of_model(const LoadedModel& model);

/// `asked` where it names one, with the model's own beside it where that is another. Throws UserError for an unknown
/// name.
ModelTemplate template_of_model(const LoadedModel& model, const std::string& asked);

/// The template that run.json says of the checkpoint whose `model` folder this is, for those of versions that didn't
/// write it into config.json; empty: it isn't one of a run, or nothing can be read.
std::string template_of_run(const std::filesystem::path& model_folder);

/// Why what was asked with it may be wrong, a sentence: it is a guess, with what else fits and how to give another; or
/// it isn't the model's own. Empty where neither is so.
std::string doubts_text(const ModelTemplate& used, const std::filesystem::path& model);

/// Throws UserError, with the names to choose from, where it is a guess among several that make different texts, or
/// where none fits.
void refuse_guess(const ModelTemplate& used, const std::filesystem::path& model);

/// "template" and "template_known_by", which is null for a guess.
void add_template(nlohmann::ordered_json& json, const ModelTemplate& used);

}  // namespace llavakd
