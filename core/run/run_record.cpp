// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_record.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/config_json.h"
#include "core/io/mapped_file.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/event_tail.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

RunRecord::RunRecord(RunFolder run, EventSink sink, const std::optional<TrainProgress>& from, bool resumes)
    : run_(std::move(run)), sink_(std::move(sink)), from_(from) {
  for (const auto& folder : {run_.checkpoints(), run_.probes(), run_.evaluations()})
    std::filesystem::create_directories(folder);
  if (std::filesystem::exists(run_.info())) {
    info_ = read_run_info(run_);
    info_before_ = MappedFile::open(run_.info())->text();
    held_ = resumes;
  }
  if (!held_) open_events();
}

void RunRecord::open_events() {
  std::error_code error;
  const bool has_log = std::filesystem::exists(run_.events(), error);
  const auto saved = from_ ? log_mark_from_text(from_->log) : std::nullopt;
  if (!from_) {
    if (has_log) write_file_atomically(run_.events(), "");
    std::filesystem::remove(sums_file(run_.events()), error);
  } else if (has_log || std::filesystem::exists(sums_file(run_.events()), error)) {
    cut_log(run_.events(), from_->step, saved);
  }
  log_.emplace(run_.events());
  // A kill between a checkpoint and its event has lost that.
  if (saved && log_->mark() == *saved)
    log_->append({.time = now(),
                  .stage = from_->stage,
                  .stage_step = from_->stage_step,
                  .step = from_->step,
                  .body = CheckpointEvent{.path = fmt::format("checkpoints/{}-{}", from_->stage, from_->step)}});
}

void RunRecord::write() {
  if (!held_) write_run_info(run_, info_);
}

std::optional<std::vector<OptionChange>> RunRecord::announce(const Project& project, RunOrigin origin,
                                                             const TrainProgress& at) {
  const bool first = info_before_.empty();
  info_.id = run_.id();
  info_.status = "running";
  note_session();
  if (info_.started == 0) info_.started = now();
  info_.pid = getpid();
  info_.host.clear();
  info_.control_socket = origin.control_socket.string();
  info_.log_mark.clear();
  if (held_) write_run_info(run_, info_);  // who is at work, nothing else
  auto changed = first ? std::vector<OptionChange>() : changed_options(info_.project, project);
  if (std::string id = project_id_of(origin.project_file); !id.empty()) info_.project_id = std::move(id);
  info_.kind = origin.kind;
  info_.project = llavakd::to_json(project);
  note_inputs(std::move(origin.inputs), std::move(origin.known_inputs));
  Json versions = {{"llavakd", LLAVAKD_VERSION}};
  versions.update(origin.versions);
  const Json were = std::exchange(info_.versions, versions);
  other_versions_ = changed_facts(were, versions);
  kernels_before_ = text_or_empty(were, "kernels");
  info_.project_file = std::filesystem::absolute(origin.project_file).string();
  if (!origin.accepted.empty()) {
    Json files = Json::array();
    for (const InputChange& change : origin.accepted)
      files.push_back(Json{{"file", change.file}, {"what", change.what}});
    info_.accepted_changes.push_back(Json{{"step", at.step}, {"time", now()}, {"files", std::move(files)}});
  }
  write();
  if (!held_) start_hashes();
  return changed;
}

/// A process that was killed noted no end: its last event tells.
void RunRecord::note_session() {
  const double since = info_.session > 0 ? info_.session : info_.started;
  if (const auto events = newest_events(run_.events()); since > 0 && !events.empty())
    info_.worked += std::max(0.0, events.back().time - since - info_.paused);
  info_.paused = 0;
  info_.session = now();
}

/// A pause is no time at work. It goes on after what is saved or said meanwhile.
void RunRecord::note_pause(const Event& event) {
  if (paused_since_) info_.paused += std::max(0.0, event.time - *paused_since_);
  const bool goes_on = paused_since_ && (event.is<CheckpointEvent>() || event.is<WarningEvent>());
  if (event.is<PausedEvent>() || goes_on)
    paused_since_ = event.time;
  else if (std::exchange(paused_since_, std::nullopt))
    write();
}

/// Sizes and times are there at once, the hashes later.
void RunRecord::note_inputs(InputFiles inputs, KnownInputs known) {
  InputStates states = known.files;  // also of files that an option named before
  for (const InputFile& file : inputs.files)
    if (!file.is_image) states.try_emplace(input_key(inputs, file.path), read_input_state(file.path));
  info_.inputs = llavakd::to_json(states);
  compares_inputs_ = !known.files.empty() || !known.images.empty();
  inputs_ = std::move(inputs);
  known_inputs_ = std::move(known);
}

void RunRecord::start_hashes() {
  hashes_ = std::make_unique<InputHashes>(std::move(inputs_), std::move(known_inputs_), run_.image_hashes());
}

void RunRecord::begin() {
  if (!held_) return;
  open_events();  // where that fails, the record stays as it was
  held_ = false;
  for (const Event& event : held_events_) log_->append(event);
  held_events_.clear();
  write();
  start_hashes();
}

void RunRecord::note_stage(const TrainProgress& at, const StageOptions& stage, const Project& project) {
  StageRecord record{.stage_index = static_cast<int64_t>(at.stage_index),
                     .stage = at.stage,
                     .options = llavakd::to_json(stage),
                     .shared = shared_options(project),
                     .from_step = at.step,
                     .started = now()};
  for (auto known = info_.stages.rbegin(); known != info_.stages.rend(); ++known)
    if (known->stage_index == record.stage_index) {
      if (known->options == record.options && known->shared == record.shared) return;
      break;
    }
  info_.stages.push_back(std::move(record));
  write();
}

void RunRecord::note_plan(const std::vector<PlannedStage>& plan) {
  info_.plan = plan;
  write();
}

void RunRecord::note_kernels(const std::string& kernels) {
  info_.versions["kernels"] = kernels;
  write();
}

void RunRecord::take_hashes() {
  if (!hashes_ || !hashes_->ready()) return;
  const std::vector<InputChange> changes = hashes_->changes();
  info_.inputs = llavakd::to_json(hashes_->files());
  hashes_.reset();
  write();
  if (!changes.empty()) throw UserError(refusal_text(changes, info_.kind));
}

void RunRecord::finish_comparing_inputs() {
  if (hashes_ && compares_inputs_) hashes_->wait();
  take_hashes();
}

void RunRecord::emit(EventBody body, const TrainProgress& at) {
  if (const auto* started = std::get_if<RunStartedEvent>(&body)) note_plan(started->stages);
  if (const auto* resumed = std::get_if<RunResumedEvent>(&body)) note_plan(resumed->stages);
  const Event event{
      .time = now(), .stage = at.stage, .stage_step = at.stage_step, .step = at.step, .body = std::move(body)};
  if (held_)
    held_events_.push_back(event);
  else if (log_)  // none where it couldn't be opened again
    log_->append(event);
  note_pause(event);
  if (sink_) sink_(event);
  if (!event.is<FailedEvent>()) take_hashes();  // which may fail the run, too
}

void RunRecord::note_gate(const TrainProgress& at, const GateEvent& gate) {
  info_.gates.push_back({.stage_index = static_cast<int64_t>(at.stage_index),
                         .stage = at.stage,
                         .step = at.step,
                         .time = now(),
                         .gate = gate});
  write();
}

const GateEvent* RunRecord::noted_gate(const TrainProgress& at) const {
  const auto found = std::find_if(info_.gates.rbegin(), info_.gates.rend(), [&](const GateRecord& record) {
    return record.stage_index == static_cast<int64_t>(at.stage_index) && record.step == at.step;
  });
  return found == info_.gates.rend() ? nullptr : &found->gate;
}

const RollBackRecord* RunRecord::roll_back_to(const std::string& checkpoint) const {
  const auto found = std::find_if(info_.roll_backs.rbegin(), info_.roll_backs.rend(),
                                  [&](const RollBackRecord& record) { return record.what.to == checkpoint; });
  return found == info_.roll_backs.rend() ? nullptr : &*found;
}

void RunRecord::go_back(int64_t step, bool to_checkpoint) {
  log_.reset();
  if (to_checkpoint) {
    cut_log(run_.events(), step, LogMark{});
  } else {
    std::string lines = event_lines_up_to(run_.events(), step);
    // Without a checkpoint's event nothing ends the lines: the stage will begin again.
    const size_t stage = lines.find(fmt::format("\"type\":\"{}\"", StageStartedEvent::type));
    if (stage != std::string::npos) lines.resize(lines.rfind('\n', stage) + 1);
    write_file_atomically(run_.events(), lines);
    write_line_sums(run_.events(), lines);
  }
  log_.emplace(run_.events());
}

void RunRecord::set_status(const std::string& status) {
  if (held_) {
    write_file_atomically(run_.info(), info_before_);
    return;
  }
  info_.status = status;
  info_.log_mark = log_mark();
  if (status == "finished" && hashes_) hashes_->wait();
  if (status != "failed") take_hashes();
  if (status != "running" && status != "paused") {
    info_.pid.reset();
    info_.control_socket.clear();
  }
  write();
}

}  // namespace llavakd
