// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/run_record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <torch/headeronly/version.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "core/io/atomic_file.h"
#include "core/project/errors.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr int state_version = 1;

std::vector<std::string> schedule_of(const Project& project) {
  std::vector<std::string> names;
  for (const StageOptions& stage : scheduled_stages(project)) names.push_back(stage.name);
  return names;
}

// A killed run did steps that no checkpoint holds. What follows the checkpoint's own event is the future, too.
std::string events_up_to(const std::filesystem::path& file, int64_t step) {
  std::string kept;
  for (const Event& event : EventReader(file).read()) {
    const bool later = event.step > step || event.type == "run_finished" || event.type == "failed";
    if (!later) kept += to_line(event) + '\n';
    if (event.type == "checkpoint" && event.step == step) break;
  }
  return kept;
}

/// What decides a run's result. Of the stages those that run, by name; without what changes their speed alone.
Json deciding_options(const Project& project) {
  const Json all = llavakd::to_json(project);
  Json chosen = {{"run", {{"precision", project.run.precision}}}, {"stages", Json::object()}};
  for (const char* key : {"teacher", "student", "template", "image", "max_length"}) chosen[key] = all.at(key);
  for (const StageOptions& stage : scheduled_stages(project)) {
    Json& options = chosen["stages"][stage.name] = llavakd::to_json(stage);
    options.erase("micro_batch_size");
  }
  return chosen;
}

}  // namespace

std::vector<std::string> changed_options(const Json& was, const Project& is) {
  std::vector<std::string> names;
  try {
    const Json before = deciding_options(options_from_json<Project>(was, "run.json: "));
    for (const Json& change : Json::diff(before, deciding_options(is))) {
      std::string name = change.at("path").get<std::string>().substr(1);
      std::ranges::replace(name, '/', '.');
      names.push_back(std::move(name));
    }
  } catch (const UserError&) {
    // Another version's options can't be compared with these.
  }
  return names;
}

RunLock::RunLock(const RunFolder& run)
    : descriptor_(open((run.path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  // Where the file system knows no locks, the run does without.
  if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(descriptor_);
  throw UserError(fmt::format("{}: another engine is at work on this run. Stop that one first, or start a new run.",
                              run.path.string()));
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Json to_json(const Position& position, const Project& project) {
  return {{"format", "llavakd-training-state"},
          {"version", state_version},
          {"stage_index", position.stage_index},
          {"stage", position.stage},
          {"stage_step", position.stage_step},
          {"stage_done", position.stage_done},
          {"step", position.step},
          {"samples", position.samples},
          {"skipped", position.skipped},
          {"micro_batch_limit", position.limits.micro_batch_size},
          {"recompute", position.limits.recompute},
          {"kernels", position.kernels},
          {"seed", project.run.seed},
          {"schedule", schedule_of(project)}};
}

Position read_position(const Json& state, const Project& project, const std::filesystem::path& where) {
  try {
    if (state.at("format") != "llavakd-training-state" || state.at("version") != state_version)
      throw UserError(fmt::format("{}: this state was written by another version of the program.", where.string()));
    Position position{.stage_index = state.at("stage_index"),
                      .stage = state.at("stage"),
                      .stage_step = state.at("stage_step"),
                      .step = state.at("step"),
                      .samples = state.at("samples"),
                      .skipped = state.at("skipped"),
                      .stage_done = state.at("stage_done"),
                      .limits = {.micro_batch_size = std::max<int64_t>(0, state.value("micro_batch_limit", int64_t{0})),
                                 .recompute = state.value("recompute", false)},
                      .kernels = state.value("kernels", "")};
    const auto was = state.at("schedule").get<std::vector<std::string>>();
    const auto is = schedule_of(project);
    const size_t done = position.stage_index + 1;
    if (was.size() < done || is.size() < done ||
        !std::equal(was.begin(), was.begin() + static_cast<std::ptrdiff_t>(done), is.begin()))
      throw UserError(fmt::format(
          "{}: the run got here by other stages than the project's schedule names. Start a new run.", where.string()));
    if (state.at("seed") != project.run.seed)
      throw UserError(fmt::format("{}: the run has seed {}, the project now {}. Set it back, or start a new run.",
                                  where.string(), state.at("seed").dump(), project.run.seed));
    return position;
  } catch (const Json::exception& error) {
    throw UserError(fmt::format("{} is damaged ({}). Use an earlier checkpoint.", where.string(), error.what()));
  }
}

RunRecord::RunRecord(RunFolder run, EventSink sink, const std::optional<Position>& from)
    : run_(std::move(run)), sink_(std::move(sink)) {
  for (const auto& folder : {run_.checkpoints(), run_.probes(), run_.evaluations()})
    std::filesystem::create_directories(folder);
  if (std::filesystem::exists(run_.events()))
    write_file_atomically(run_.events(), from ? events_up_to(run_.events(), from->step) : "");
  log_.emplace(run_.events());
}

std::vector<std::string> RunRecord::announce(const Project& project, const std::filesystem::path& project_file,
                                             const std::filesystem::path& control_socket) {
  info_ = {};
  if (std::filesystem::exists(run_.info())) info_ = read_run_info(run_);
  info_.id = run_.id();
  info_.status = "running";
  if (info_.started == 0) info_.started = now();
  info_.pid = getpid();
  info_.host.clear();
  info_.control_socket = control_socket.string();
  std::vector<std::string> changed = changed_options(info_.project, project);
  info_.project = llavakd::to_json(project);
  info_.inputs = Json::object();
  info_.versions = {{"llavakd", LLAVAKD_VERSION}, {"libtorch", TORCH_VERSION}};
  info_.project_file = std::filesystem::absolute(project_file).string();
  write_run_info(run_, info_);
  hashes_ = std::make_unique<InputHashes>(input_files(project, project_file));
  return changed;
}

void RunRecord::note_kernels(const std::string& kernels) {
  info_.versions["kernels"] = kernels;
  write_run_info(run_, info_);
}

bool RunRecord::take_hashes() {
  if (!hashes_ || !hashes_->ready()) return false;
  info_.inputs = hashes_->result();
  hashes_.reset();
  return true;
}

void RunRecord::emit(const std::string& type, const Position& at, Json fields) {
  const Event event{.type = type,
                    .time = now(),
                    .stage = at.stage,
                    .stage_step = at.stage_step,
                    .step = at.step,
                    .fields = std::move(fields)};
  log_->append(event);
  if (take_hashes()) write_run_info(run_, info_);
  if (sink_) sink_(event);
}

void RunRecord::set_status(const std::string& status) {
  info_.status = status;
  using namespace std::chrono_literals;
  while (status == "finished" && hashes_ && !hashes_->ready()) std::this_thread::sleep_for(5ms);
  take_hashes();
  if (status != "running" && status != "paused") {
    info_.pid.reset();
    info_.control_socket.clear();
  }
  write_run_info(run_, info_);
}

}  // namespace llavakd
