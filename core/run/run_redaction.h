// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <vector>

#include "core/run/bundle.h"
#include "core/run/redaction.h"

namespace llavakd {

/// Hides what a run says of people, machines and places: its host, its project's folder, what it has read (`needs`, see
/// bundle_needs()) and all absolute paths that its options name. The inputs get numbers from `first_input` on, in the
/// order in which the project names them, so that the same run gives the same words.
void hide_run(Redaction& redaction, const RunFolder& run, const RunInfo& info, const std::vector<BundleNeed>& needs,
              size_t first_input = 1);

}  // namespace llavakd
