// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/project/options.h"
#include "core/run/gradient_shares.h"

namespace llavakd {

struct TermGradientsOptions {
  std::string stage = {};              ///< Its name; may be empty where the project runs but one.
  int64_t samples = 8;                 ///< At most; fewer where some can't be learnt from.
  std::filesystem::path student = {};  ///< A model or a run's checkpoint; empty: the student as the project begins.
  std::function<void(int64_t done, int64_t of)> progress = {};
};

/// The gradients of all terms of the catalog, those that the stage has with its options, the others as they would be
/// switched on, over the first samples that a run of the project goes through in that stage. Changes nothing. Without a
/// teacher the terms that need one are left out, unless they are on. Throws UserError where the stage can't be run, and
/// RunError for a gradient that isn't a number.
TermGradients term_gradients(const Project& project, const std::filesystem::path& project_file,
                             const TermGradientsOptions& options);

}  // namespace llavakd
