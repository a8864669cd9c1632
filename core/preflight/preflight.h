// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/model_spec/matching.h"
#include "core/preflight/preflight_fix.h"
#include "core/project/options.h"

namespace llavakd {

struct StageEstimate;

/// One thing that was looked at before a run.
struct PreflightItem {
  std::string name;  ///< "Vocabulary", "Data of DPT", "Disk", …
  MatchLevel level = MatchLevel::green;
  std::string finding;                   ///< What was found.
  std::string remedy;                    ///< What to do; empty when green.
  std::vector<PreflightFix> fixes = {};  ///< What of it can be done at a click.
};

/// Why the engine can't compute on the device of that name, without a full stop; or nothing. Only the engine knows.
using DeviceFault = std::function<std::optional<std::string>(const std::string& device)>;

/// Looks at everything that a run needs, from headers and texts alone: models and how they fit, template and tokenizer,
/// each scheduled stage and its data, probes and evaluations, device, disk and memory. Wrong input is a red item, not
/// an exception. Without `device_fault` the device isn't looked at. `estimates` gets what each stage will take
/// (stage_estimate.h).
std::vector<PreflightItem> preflight(const Project& project, const std::filesystem::path& project_file,
                                     const DeviceFault& device_fault = {},
                                     std::vector<StageEstimate>* estimates = nullptr);

/// Throws UserError with the first red item that waiting or a smaller model would not cure: everything but memory. A
/// run that begins after this has what it needs to the end. The images of the data aren't all looked at: samples
/// without theirs are skipped and counted, and only where none can be used the run is refused. `estimates` as for
/// preflight().
void refuse_red(const Project& project, const std::filesystem::path& project_file, const DeviceFault& device_fault = {},
                std::vector<StageEstimate>* estimates = nullptr);

/// {"level", "items": [{"name", "level", "finding", "remedy", "fixes"}]}; items without a fix have no "fixes".
nlohmann::ordered_json to_json(const std::vector<PreflightItem>& items);

}  // namespace llavakd
