// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// The model that is scored, and how its project asks.
struct EvalSubject {
  std::filesystem::path model;             ///< Its folder.
  std::string conversation_template = {};  ///< The project's; empty: there is none.
  std::string aspect_ratio = {};
  std::vector<EvaluationOptions> evaluations = {};  ///< The project's, with whole paths.
  int64_t max_length = 0;
  std::string choice = {};  ///< Which of several checkpoints it is, a sentence for people; empty where one was named.
};

/// Of a project file its newest student; of a run's folder its newest checkpoint; otherwise the model in that folder.
/// Unless the questions are `given`, a run's checkpoint is asked as the run's project says. Throws UserError where
/// there is nothing to score, or nothing to ask.
EvalSubject eval_subject(const std::string& path, bool given);

}  // namespace llavakd
