// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "app/commands/serve_models.h"
#include "core/evaluation/answer.h"

namespace llavakd {

/// The question of a request, asked as the model was trained, where it or its run says how; else as the project says.
Question question_of(const ServedModels& models, const nlohmann::ordered_json& parameters, const LoadedModel& model);

/// `serve`'s method "answer" (serve.h). `wanted` is asked again and again while the answer is made; with "stream" each
/// new piece of its text is `told`, with the number of tokens so far.
nlohmann::ordered_json serve_answer(ServedModels& models, const nlohmann::ordered_json& parameters,
                                    const std::function<bool()>& wanted,
                                    const std::function<void(const std::string& piece, size_t tokens)>& told);

}  // namespace llavakd
