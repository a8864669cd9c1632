// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace llavakd {

/// What people call a model of that model_type which this version can't compute ("LLaVA-NeXT", "Gemma 2"); empty for
/// all others.
std::string_view other_model_name(std::string_view model_type);

/// Refuses a config.json of a model that this version can't compute, by its name, with the way out. `where` is the
/// file. Throws UserError.
void refuse_other_model(const nlohmann::ordered_json& config, const std::string& where);

/// "gemma2 (Gemma 2)", or the type alone where it has no other name.
std::string type_with_name(const std::string& model_type);

}  // namespace llavakd
