// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// What mends a finding, for a button.
struct PreflightFix {
  enum class Action {
    set,     ///< Make the settings.
    choose,  ///< Let the user choose another file or folder for the option.
    edit,    ///< Show the option's field.
    show,    ///< Show the folder.
    copy,    ///< Copy the text.
    samples  ///< Show the samples that a run leaves out.
  };
  Action action = Action::edit;
  std::string label;                  ///< Of the button: "Use the teacher's tower".
  std::vector<std::string> settings;  ///< set: as apply_settings takes them, "run.seed=7".
  std::string key;   ///< choose, edit: an option as in settings: "stages[2].data", "probes[0]"; samples: "stages[2]",
                     ///< "evaluations[0]".
  std::string text;  ///< show: the folder; copy: the text.
  bool operator==(const PreflightFix&) const = default;
};

PreflightFix set_fix(std::string label, std::vector<std::string> settings);
PreflightFix choose_fix(std::string label, std::string key);
PreflightFix edit_fix(std::string key);
PreflightFix show_fix(const std::filesystem::path& folder);
PreflightFix copy_fix(std::string label, std::string text);
PreflightFix samples_fix(std::string key);

/// "stages[2].batch_size"; without a field "stages[2]". The stage is known by its name.
std::string stage_key(const Project& project, const StageOptions& stage, std::string_view field = {});

/// {"action", "label"} with "settings", "key" or "text".
nlohmann::ordered_json to_json(const PreflightFix& fix);

/// What to_json() wrote. Actions of a newer version and what isn't a fix are left out.
std::vector<PreflightFix> fixes_from_json(const nlohmann::json& list);

}  // namespace llavakd
