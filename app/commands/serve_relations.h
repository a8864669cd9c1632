// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>

#include "app/commands/serve_models.h"

namespace llavakd {

/// `serve`'s method "relations" (serve.h): what both models make of a question's tokens, as a probe file.
nlohmann::ordered_json serve_relations(ServedModels& models, const nlohmann::ordered_json& parameters);

}  // namespace llavakd
