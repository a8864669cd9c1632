// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/run/events.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

template <class T>
T value_or(const Json& json, const char* key, T otherwise) {
  const auto found = json.find(key);
  if (found == json.end()) return otherwise;
  try {
    return found->get<T>();
  } catch (const Json::exception&) {
    return otherwise;
  }
}

/// Empty where it is of another type: what is made of these adds to them.
Json object_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_object() ? *found : Json::object();
}
Json array_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_array() ? *found : Json::array();
}

/// A process's number, if the file names one: others would be cut to another process's.
std::optional<int64_t> process_id(const Json& json) {
  const auto found = json.find("pid");
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  const auto pid = found->get<int64_t>();
  if (pid < 1 || pid > std::numeric_limits<pid_t>::max()) return std::nullopt;
  return pid;
}

Json to_json(const StageRecord& record) {
  return {{"stage_index", record.stage_index}, {"stage", record.stage},     {"from_step", record.from_step},
          {"started", record.started},         {"options", record.options}, {"shared", record.shared}};
}

constexpr int64_t most_steps = int64_t{1} << 32;  // sums of them hold, too

/// At least 0, and 0 for what is none: a float or an unsigned number beyond 2^63 can't be converted. Differences and
/// sums of these hold.
int64_t whole_number(const Json& json, const char* key) {
  constexpr int64_t most = int64_t{1} << 53;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return 0;
  if (found->is_number_unsigned() && found->get<uint64_t>() > static_cast<uint64_t>(most)) return most;
  return std::clamp(found->get<int64_t>(), int64_t{0}, most);
}

std::vector<StageRecord> stage_records(const Json& json) {
  std::vector<StageRecord> records;
  for (const Json& entry : array_in(json, "stages"))
    if (entry.is_object())
      records.push_back({.stage_index = whole_number(entry, "stage_index"),
                         .stage = value_or<std::string>(entry, "stage", ""),
                         .options = object_in(entry, "options"),
                         .shared = object_in(entry, "shared"),
                         .from_step = whole_number(entry, "from_step"),
                         .started = value_or<double>(entry, "started", 0)});
  return records;
}

std::vector<PlannedStage> planned_stages(const Json& json) {
  std::vector<PlannedStage> plan;
  for (const Json& entry : array_in(json, "plan"))
    if (entry.is_object())
      plan.push_back({.name = value_or<std::string>(entry, "name", ""),
                      .steps = std::min(whole_number(entry, "steps"), most_steps)});
  return plan;
}

/// The event that an entry of a list in run.json holds, if it is one.
template <class T>
std::optional<T> event_in(const Json& entry) {
  try {
    if (entry.is_object()) return std::get<T>(event_body_from_json(std::string(T::type), entry));
  } catch (const UserError&) {
    // Others of the list may be whole.
  }
  return std::nullopt;
}

std::vector<GateRecord> gate_records(const Json& json) {
  std::vector<GateRecord> records;
  for (const Json& entry : array_in(json, "gates"))
    if (auto gate = event_in<GateEvent>(entry))
      records.push_back({.stage_index = whole_number(entry, "stage_index"),
                         .stage = value_or<std::string>(entry, "stage", ""),
                         .step = whole_number(entry, "step"),
                         .time = value_or<double>(entry, "time", 0),
                         .gate = std::move(*gate)});
  return records;
}

std::optional<RollBackRecord> roll_back_record(const Json& entry) {
  auto what = event_in<RolledBackEvent>(entry);
  if (!what || what->to.empty()) return std::nullopt;
  return RollBackRecord{.time = value_or<double>(entry, "time", 0), .what = std::move(*what)};
}

std::vector<RollBackRecord> roll_back_records(const Json& json) {
  std::vector<RollBackRecord> records;
  for (const Json& entry : array_in(json, "roll_backs"))
    if (auto record = roll_back_record(entry)) records.push_back(std::move(*record));
  return records;
}

/// Earlier versions told an ablation's runs by their names alone.
RunKind kind_of(const Json& json, const std::string& id) {
  const std::string otherwise = id.starts_with("ablate-") ? "ablate" : "train";
  const std::string kind = value_or<std::string>(json, "kind", otherwise);
  for (const RunKind each : {RunKind::ablate, RunKind::imported})
    if (kind == name_of(each)) return each;
  return RunKind::train;
}

}  // namespace

std::string_view name_of(RunKind kind) {
  return kind == RunKind::ablate ? "ablate" : kind == RunKind::imported ? "imported" : "train";
}

bool is_run_id(const std::string& id) {
  constexpr size_t longest = 100;
  return !id.empty() && id.size() <= longest && id[0] != '.' && !id.ends_with(".partial") &&
         id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
}

nlohmann::ordered_json to_json(const GateRecord& record) {
  Json json = {
      {"stage_index", record.stage_index}, {"stage", record.stage}, {"step", record.step}, {"time", record.time}};
  json.update(to_json(EventBody(record.gate)));
  return json;
}

nlohmann::ordered_json to_json(const RollBackRecord& record) {
  Json json = {{"time", record.time}};
  json.update(to_json(EventBody(record.what)));
  return json;
}

const GateEvent* unmet_gate(const RunInfo& info) {
  const bool stopped = info.status == "stopped" && !info.gates.empty() && info.gates.back().gate.outcome == "stopped";
  return stopped ? &info.gates.back().gate : nullptr;
}

RunInfo read_run_info(const RunFolder& run) {
  const Json json = read_json(run.info());
  if (!json.is_object()) throw UserError(fmt::format("{} is not a run's description.", run.info().string()));
  RunInfo info;
  info.id = run.id();
  info.project_id = value_or<std::string>(json, "project_id", "");
  info.kind = kind_of(json, info.id);
  info.status = value_or<std::string>(json, "status", "");
  info.started = value_or<double>(json, "started", 0);
  info.worked = value_or<double>(json, "worked", 0);
  info.paused = value_or<double>(json, "paused", 0);
  info.session = value_or<double>(json, "session", 0);
  info.pid = process_id(json);
  info.host = value_or<std::string>(json, "host", "");
  info.control_socket = value_or<std::string>(json, "control_socket", "");
  info.project = value_or<Json>(json, "project", Json::object());  // of another type: it can't be read
  info.plan = planned_stages(json);
  info.stages = stage_records(json);
  info.versions = object_in(json, "versions");
  info.inputs = object_in(json, "inputs");
  info.accepted_changes = array_in(json, "accepted_changes");
  info.gates = gate_records(json);
  info.roll_backs = roll_back_records(json);
  info.going_back = roll_back_record(value_or<Json>(json, "going_back", nullptr));
  info.project_file = value_or<std::string>(json, "project_file", "");
  if (const auto branch = json.find("branch_of"); branch != json.end() && branch->is_object())
    info.branch_of = {value_or<std::string>(*branch, "run", ""), value_or<std::string>(*branch, "checkpoint", "")};
  info.log_mark = value_or<std::string>(json, "log_mark", "");
  return info;
}

void write_run_info(const RunFolder& run, const RunInfo& info) {
  Json json;
  json["id"] = run.id();
  json["project_id"] = info.project_id;
  json["kind"] = name_of(info.kind);
  json["status"] = info.status;
  json["started"] = info.started;
  json["worked"] = info.worked;
  if (info.paused > 0) json["paused"] = info.paused;
  json["session"] = info.session;
  if (info.pid) {
    json["pid"] = *info.pid;
    json["host"] = info.host.empty() ? host_name() : info.host;
    json["control_socket"] = info.control_socket;
  }
  json["project_file"] = info.project_file;
  if (info.branch_of) json["branch_of"] = {{"run", info.branch_of->run}, {"checkpoint", info.branch_of->checkpoint}};
  if (!info.log_mark.empty()) json["log_mark"] = info.log_mark;
  json["versions"] = info.versions;
  json["inputs"] = info.inputs;
  if (!info.accepted_changes.empty()) json["accepted_changes"] = info.accepted_changes;
  for (const GateRecord& record : info.gates) json["gates"].push_back(to_json(record));
  for (const RollBackRecord& record : info.roll_backs) json["roll_backs"].push_back(to_json(record));
  if (info.going_back) json["going_back"] = to_json(*info.going_back);
  json["plan"] = Json::array();
  for (const PlannedStage& stage : info.plan) json["plan"].push_back({{"name", stage.name}, {"steps", stage.steps}});
  json["stages"] = Json::array();
  for (const StageRecord& record : info.stages) json["stages"].push_back(to_json(record));
  json["project"] = info.project;
  write_json(run.info(), json);
}

bool is_alive(const RunInfo& info) {
  if (!info.pid || (!info.host.empty() && info.host != host_name())) return false;
  if (kill(static_cast<pid_t>(*info.pid), 0) != 0 && errno != EPERM) return false;
  // A pid may have gone to another program since; ours has "llavakd" in its command line.
  std::ifstream stream(fmt::format("/proc/{}/cmdline", *info.pid), std::ios::binary);
  if (!stream) return true;
  const std::string command((std::istreambuf_iterator<char>(stream)), {});
  return command.empty() || command.find("llavakd") != std::string::npos;
}

std::filesystem::path runs_folder(const std::filesystem::path& project_file) {
  return std::filesystem::absolute(project_file).parent_path() / "runs";
}

std::filesystem::path project_file_of(const RunFolder& run, const RunInfo& info) {
  const auto folder = std::filesystem::absolute(run.path).lexically_normal().parent_path().parent_path();
  return folder / std::filesystem::path(info.project_file).filename();
}

std::string new_run_id(const std::filesystem::path& runs) {
  const std::string base = fmt::format("{:%Y-%m-%d-%H%M%S}", fmt::localtime(static_cast<std::time_t>(now())));
  std::string id = base;
  std::error_code error;
  for (int i = 2; std::filesystem::exists(runs / id, error); ++i) id = fmt::format("{}-{}", base, i);
  return id;
}

RunFolder place_of_new_run(const std::filesystem::path& project_file, const std::string& id) {
  if (!id.empty() && !is_run_id(id))
    throw UserError(
        fmt::format("The run id \"{}\" may hold letters, digits, '-', '_' and '.' only, at most 100 of them.", id));
  const auto runs = runs_folder(project_file);
  std::error_code error;
  std::filesystem::create_directories(runs, error);
  if (error) throw UserError(fmt::format("{} can't be made: {}.", runs.string(), error.message()));
  const RunFolder run{runs / (id.empty() ? new_run_id(runs) : id)};
  if (std::filesystem::exists(run.info(), error))
    throw UserError(fmt::format("The run {} exists already; continue it with --resume {} or choose another id.",
                                run.id(), run.id()));
  return run;
}

void make_run_folders(const RunFolder& run) {
  std::error_code error;
  for (const auto& folder : {run.path, run.checkpoints(), run.probes(), run.evaluations()})
    if (std::filesystem::create_directories(folder, error); error)
      throw UserError(fmt::format("{} can't be made: {}.", folder.string(), error.message()));
}

RunFolder create_run(const std::filesystem::path& project_file, const std::string& id) {
  RunFolder run = place_of_new_run(project_file, id);
  make_run_folders(run);
  return run;
}

}  // namespace llavakd
