// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/preflight/stage_estimate.h"
#include "core/project/options.h"

namespace llavakd {

/// Trains so many steps of each of the stages with the code of a run, and forgets what they learnt: seconds and peak
/// memory of real samples, for estimates. A step has at most two micro-batches here, which is all that memory depends
/// on; it goes through samples once, without caches on disk. `estimates` names the stages and their operations;
/// `on_stage` is told each as it begins. Throws as train() does.
std::vector<StepMeasurement> measure_stages(const Project& project, const std::filesystem::path& project_file,
                                            const std::vector<StageEstimate>& estimates, int64_t steps,
                                            const std::function<void(const std::string& stage)>& on_stage = {});

}  // namespace llavakd
