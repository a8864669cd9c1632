// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>

#include "app/commands/serve_models.h"
#include "core/inspection/kept_look.h"

namespace llavakd {

/// `serve`'s method "relations" (serve.h): what both models make of a question's tokens, as a probe file; or relations
/// from a source, of which `kept` has the last look.
nlohmann::ordered_json serve_relations(ServedModels& models, KeptLook& kept, const nlohmann::ordered_json& parameters);

}  // namespace llavakd
