// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"
#include "core/io/json_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path verification_file(const RunFolder& run) {
  return run.path / "verified.json";
}

Json part_json(const VerifiedPart& part) {
  return {{"what", part.what},       {"name", part.name},     {"found", part.found},
          {"skipped", part.skipped}, {"faults", part.faults}, {"is_near", part.is_near}};
}

VerifiedPart part_of_json(const Json& json) {
  const ConfigObject read(json, "verified.json");
  VerifiedPart part{.what = read.text("what", ""), .name = read.text("name", ""), .found = read.text("found", "")};
  part.skipped = read.boolean("skipped", false);
  part.is_near = read.boolean("is_near", false);
  part.faults = json.at("faults").get<std::vector<std::string>>();
  return part;
}

constexpr size_t most_bytes_of_verification = size_t{16} << 20;  // of the file

/// What a person reads of it, so that the file stays one that can be read: of each part the first faults, shortened,
/// and how many more there are.
RunVerification shortened(RunVerification whole) {
  constexpr size_t most_faults = 200, longest_fault = 300;
  size_t kept = 0;
  for (VerifiedPart& part : whole.parts) {
    // One stays in any case: without a fault the part would hold.
    const size_t most = std::max<size_t>(1, most_faults - std::min(kept, most_faults));
    const size_t more = part.faults.size() - std::min(part.faults.size(), most);
    part.faults.resize(part.faults.size() - more);
    for (std::string& fault : part.faults) fault = printable(fault, longest_fault);
    kept += part.faults.size();
    if (more > 0) part.faults.push_back(fmt::format("And {} more.", more));
  }
  return whole;
}

}  // namespace

bool RunVerification::holds() const {
  return std::ranges::all_of(parts, [](const VerifiedPart& part) { return part.faults.empty(); }) &&
         std::ranges::any_of(parts, [](const VerifiedPart& part) {
           return (part.what == "checkpoint" || part.what == "files") && !part.skipped;
         });
}

Json to_json(const RunVerification& verification) {
  Json parts = Json::array();
  for (const VerifiedPart& part : verification.parts) parts.push_back(part_json(part));
  return {{"verified", verification.holds()},
          {"time", verification.time},
          {"version", verification.version},
          {"checkpoint", verification.checkpoint},
          {"parts", std::move(parts)}};
}

std::optional<RunVerification> read_verification(const RunFolder& run) {
  constexpr JsonLimits limits{.max_bytes = most_bytes_of_verification, .max_depth = 8};
  constexpr double latest = 1e12;
  std::error_code error;
  if (!std::filesystem::is_regular_file(verification_file(run), error)) return std::nullopt;
  try {
    const Json json = read_json(verification_file(run), limits);
    const ConfigObject read(json, "verified.json");
    RunVerification verification{.time = read.number("time", 0, latest, 0),
                                 .version = read.text("version", ""),
                                 .checkpoint = read.text("checkpoint", "")};
    for (const Json& part : json.at("parts")) verification.parts.push_back(part_of_json(part));
    return verification;
  } catch (const UserError&) {
  } catch (const Json::exception&) {
  }
  return std::nullopt;
}

void write_verification(const RunFolder& run, const RunVerification& verification) {
  write_json(verification_file(run), to_json(shortened(verification)));
}

bool is_outdated(const RunVerification& verification, const RunFolder& run) {
  const auto newest = latest_training_checkpoint(run.checkpoints());
  return !newest || newest->filename() != verification.checkpoint;
}

std::string to_text(const RunVerification& verification) {
  std::string holds, faults;
  int64_t checkpoints = 0;
  for (const VerifiedPart& part : verification.parts) {
    const std::string name = part.name.empty() ? part.what : fmt::format("{} {}", part.what, part.name);
    for (const std::string& fault : part.faults)
      faults += fmt::format("{}{}: {}", faults.empty() ? "" : "\n", name, fault);
    if (!part.faults.empty() || part.skipped) continue;
    if (part.what == "checkpoint")
      ++checkpoints;
    else
      holds += fmt::format("{}{}", holds.empty() ? "" : ", ",
                           part.what == "replay" ? fmt::format("replay of {}", part.found) : part.what);
  }
  if (checkpoints > 0)
    holds =
        fmt::format("{} checkpoint{}{}{}", checkpoints, checkpoints == 1 ? "" : "s", holds.empty() ? "" : ", ", holds);
  return holds + (holds.empty() || faults.empty() ? "" : "\n") + faults;
}

}  // namespace llavakd
