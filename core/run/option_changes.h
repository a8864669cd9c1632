// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// What decides a stage's result apart from its own options: teacher, student, template, pictures, length, precision.
nlohmann::ordered_json shared_options(const Project& project);

/// One option that has another value than before; null where it is absent.
struct OptionChange {
  std::string option;  ///< "stages.DFT.terms.NAME.weight", as --set names it.
  nlohmann::ordered_json was, is;

  /// Keys in events (event_types.h).
  static void fields(auto& self, auto& field) {
    field("option", self.option);
    field("was", self.was);
    field("is", self.is);
  }
};

/// "stages.DFT.learning_rate is 0.001, was 0.0001".
std::string to_text(const OptionChange& change);

/// The options that decide a run's result, to the last bit, its probes or its scores, and differ between what run.json
/// says (`was`) and the project of now. Nothing where `was` can't be read as a project.
std::optional<std::vector<OptionChange>> changed_options(const nlohmann::ordered_json& was, const Project& is);

/// "threads is 2, was 4; …": what both know and have another value for.
std::string changed_facts(const nlohmann::ordered_json& was, const nlohmann::ordered_json& is);

}  // namespace llavakd
