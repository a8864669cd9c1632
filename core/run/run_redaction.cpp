// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_redaction.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/sha256.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// All absolute paths that the options name, unless they are below one that is hidden already.
void hide_paths_of(const Json& options, Redaction& redaction) {
  if (options.is_string()) {
    constexpr size_t longest_path = 4096;
    const auto& text = options.get_ref<const std::string&>();
    if (text.starts_with('/') && text.size() < longest_path && text.find('\n') == std::string::npos &&
        !redaction.found_in(text))
      redaction.hide_path(text, fmt::format("/redacted/option-{}", sha256(text).substr(0, 8)));
  }
  if (!options.is_structured()) return;
  for (const Json& each : options) hide_paths_of(each, redaction);
}

}  // namespace

void hide_run(Redaction& redaction, const RunFolder& run, const RunInfo& info, const std::vector<BundleNeed>& needs,
              size_t first_input) {
  redaction.hide_name(info.host, "HOST");
  redaction.hide_path(project_file_of(run, info).parent_path(), "/redacted/project");
  redaction.hide_path(fs::path(info.project_file).parent_path(), "/redacted/project");
  for (size_t i = 0; i < needs.size(); ++i)
    redaction.hide_path(needs[i].key, fmt::format("/redacted/input-{}/{}", first_input + i,
                                                  fs::path(needs[i].key).filename().string()));
  hide_paths_of(info.project, redaction);
  for (const StageRecord& record : info.stages) {
    hide_paths_of(record.options, redaction);
    hide_paths_of(record.shared, redaction);
  }
}

}  // namespace llavakd
