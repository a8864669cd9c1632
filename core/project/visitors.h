// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// Options as JSON, keys in the order of describe().
template <class Options>
nlohmann::ordered_json to_json(const Options& options);

/// Options from JSON. Unknown keys, wrong types and values out of bounds are refused with a UserError that names the
/// place ("stages[1].terms[0].weight"), the value and what would be right. `where` comes first in each message.
template <class Options>
Options options_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// One thing that is wrong with a value.
struct OptionFault {
  std::string place;    ///< "stages[1].terms[0].weight"
  std::string message;  ///< "is -2; it must lie between 0 and 1000"
};

/// Everything in `options` that is out of its bounds or not among its choices.
template <class Options>
std::vector<OptionFault> check_options(const Options& options);

/// Sets one field by its path: "run.seed=7", "stages.DFT.learning_rate=1e-4", "stages[2].terms[1].weight=0".
/// A list's element is named by index or by its `name`/`term`. Throws UserError.
void set_option(Project& project, std::string_view assignment);

/// Manual of all options: one line a field, with bounds, choices and default.
std::string option_manual();

extern template nlohmann::ordered_json to_json(const Project&);
extern template nlohmann::ordered_json to_json(const StageOptions&);
extern template Project options_from_json(const nlohmann::ordered_json&, const std::string&);
extern template StageOptions options_from_json(const nlohmann::ordered_json&, const std::string&);
extern template std::vector<OptionFault> check_options(const Project&);

}  // namespace llavakd
