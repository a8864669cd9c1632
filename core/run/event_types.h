// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What can happen during a run: the format of events.jsonl. One more event is one more struct and its place in
// EventBody below.
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/run/option_changes.h"
#include "core/run/task_result.h"

namespace llavakd {

/// Version of the format, in `run_started` and `run_resumed`. It is raised where a known key gets another meaning; new
/// events and new keys don't raise it. 1: without the number; `resumed` stood for `run_resumed` and `unpaused`.
constexpr int64_t event_format = 2;

/// Numbers by name, in order: the terms of a loss, the phases of a step. NaN, null in JSON, is no number.
using NamedNumbers = std::vector<std::pair<std::string, double>>;

/// The number of that name; NaN where there is none.
inline double number_of(const NamedNumbers& numbers, std::string_view name) {
  for (const auto& [key, value] : numbers)
    if (key == name) return value;
  return NAN;
}

// `type` is the event's name in the file. `fields` names each member by its key: reading and writing both follow it
// (event_fields.h). What a file lacks keeps the value that it has here.

struct PlannedStage {
  std::string name;
  int64_t steps = 0;

  static void fields(auto& self, auto& field) {
    field("name", self.name);
    field("steps", self.steps);
  }
};

/// The run begins.
struct RunStartedEvent {
  static constexpr std::string_view type = "run_started";
  std::string run = {};
  std::vector<PlannedStage> stages = {};  ///< In the order in which they run.
  int64_t seed = 0;
  int64_t threads = 0;

  static void fields(auto& self, auto& field) {
    field.format();
    field("run", self.run);
    field("stages", self.stages);
    field("seed", self.seed);
    field("threads", self.threads);
  }
};

/// A new process goes on with the run, from a checkpoint.
struct RunResumedEvent {
  static constexpr std::string_view type = "run_resumed";
  std::string run = {};
  std::string checkpoint = {};            ///< Its folder's name.
  std::vector<PlannedStage> stages = {};  ///< The plan may have changed.

  static void fields(auto& self, auto& field) {
    field.format();
    field("run", self.run);
    field("checkpoint", self.checkpoint);
    field("stages", self.stages);
  }
};

/// What was expected of a stage.
struct StageForecast {
  std::string stage = {};
  double seconds = NAN;  ///< Of all its steps; NaN where nothing had been measured.
  double memory_bytes = NAN;
  double disk_bytes = NAN;

  static void fields(auto& self, auto& field) {
    field("stage", self.stage);
    field("seconds", self.seconds);
    field("memory_bytes", self.memory_bytes);
    field("disk_bytes", self.disk_bytes);
  }
};

/// What the run was expected to take, to be compared with its steps.
struct EstimateEvent {
  static constexpr std::string_view type = "estimate";
  std::vector<StageForecast> stages = {};

  static void fields(auto& self, auto& field) { field("stages", self.stages); }
};

struct StageStartedEvent {
  static constexpr std::string_view type = "stage_started";
  int64_t steps = 0;  ///< Planned.
  int64_t samples = 0;
  std::vector<std::string> train = {};  ///< The parts that learn.
  int64_t trained_parameters = 0;

  static void fields(auto& self, auto& field) {
    field("steps", self.steps);
    field("total_steps", self.steps);  // the same, for scripts that read it
    field("samples", self.samples);
    field("train", self.train);
    field("trained_parameters", self.trained_parameters);
  }
};

/// An optimizer step is done.
struct StepEvent {
  static constexpr std::string_view type = "step";
  NamedNumbers terms = {};     ///< Raw means over the samples; a term that applied to none is absent.
  NamedNumbers weighted = {};  ///< The same times the terms' weights.
  double total = NAN;          ///< Sum of `weighted`.
  int64_t tokens = 0;
  int64_t samples = 0;  ///< That were learnt from.
  int64_t skipped = 0;  ///< That couldn't be used.
  double grad_norm = NAN;
  double learning_rate = NAN;
  double seconds = NAN;          ///< Of the whole step.
  double waiting_seconds = NAN;  ///< Of them, for data.
  NamedNumbers phases = {};      ///< Seconds of each part of the step.
  std::optional<int64_t> memory_bytes = {};

  static void fields(auto& self, auto& field) {
    field("terms", self.terms);
    field("weighted", self.weighted);
    field("total", self.total);
    field("tokens", self.tokens);
    field("samples", self.samples);
    field("skipped", self.skipped);
    field("grad_norm", self.grad_norm);
    field("learning_rate", self.learning_rate);
    field("seconds", self.seconds);
    field("waiting_seconds", self.waiting_seconds);
    field("phases", self.phases);
    field("memory_bytes", self.memory_bytes);
  }
};

struct ProbeValues {
  int64_t index = 0;        ///< Of the probe in the project.
  NamedNumbers terms = {};  ///< Those that apply.

  static void fields(auto& self, auto& field) {
    field("index", self.index);
    field.rest(self.terms);
  }
};

/// The student was looked at with the project's probes.
struct ProbeEvent {
  static constexpr std::string_view type = "probe";
  std::string folder = {};               ///< Within the run's folder.
  NamedNumbers means = {};               ///< Of each term over the probes; NaN where it applies to none.
  std::vector<ProbeValues> probes = {};  ///< Without those whose picture can't be read.

  static void fields(auto& self, auto& field) {
    field("folder", self.folder);
    field.rest(self.means);
    field("probes", self.probes);
  }
};

/// The student has answered the questions of one of the project's evaluations.
struct EvaluationEvent {
  static constexpr std::string_view type = "eval";
  TaskResult result = {};  ///< `settings.file` as the project names it.

  static void fields(auto& self, auto& field) { field.rest(self.result); }
};

struct CheckpointEvent {
  static constexpr std::string_view type = "checkpoint";
  std::string path = {};  ///< Within the run's folder.

  static void fields(auto& self, auto& field) { field("path", self.path); }
};

struct WarningEvent {
  static constexpr std::string_view type = "warning";
  std::string message = {};                ///< A sentence for people.
  std::vector<OptionChange> changes = {};  ///< Those that the message names, all of them.

  static void fields(auto& self, auto& field) {
    field("message", self.message);
    field.unless_empty("changes", self.changes);
  }
};

struct PausedEvent {
  static constexpr std::string_view type = "paused";
  std::string reason = {};  ///< Why the run pauses by itself, a sentence; empty where it was asked to.

  static void fields(auto& self, auto& field) { field.unless_empty("reason", self.reason); }
};

/// The same process goes on after a pause.
struct UnpausedEvent {
  static constexpr std::string_view type = "unpaused";
  static void fields(auto&, auto&) {}
};

struct StageFinishedEvent {
  static constexpr std::string_view type = "stage_finished";
  int64_t steps = 0;  ///< That were done.

  static void fields(auto& self, auto& field) { field("steps", self.steps); }
};

struct RunFinishedEvent {
  static constexpr std::string_view type = "run_finished";
  std::string status = {};  ///< finished, or stopped on request.
  int64_t steps = 0;
  int64_t samples = 0;
  int64_t skipped = 0;

  static void fields(auto& self, auto& field) {
    field("status", self.status);
    field("steps", self.steps);
    field("samples", self.samples);
    field("skipped", self.skipped);
  }
};

/// A limit of a stage's gate (LimitOptions), and the numbers that it is for.
struct GateNumber {
  std::string measure = {};
  std::string of = {};
  std::string against = {};
  double limit = NAN;
  std::string unmet = {};
  double before = NAN;  ///< As the stage began; NaN where it isn't known, as where nothing is compared with it.
  double after = NAN;   ///< At its end.
  double bound = NAN;   ///< What it must be, at least or at most.
  bool met = false;

  static void fields(auto& self, auto& field) {
    field("measure", self.measure);
    field("of", self.of);
    field("against", self.against);
    field("limit", self.limit);
    field("unmet", self.unmet);
    field("before", self.before);
    field("after", self.after);
    field("bound", self.bound);
    field("met", self.met);
  }
};

/// A stage is done, and its gate has been looked at.
struct GateEvent {
  static constexpr std::string_view type = "gate";
  /// met; told: it isn't, and the run goes on; waiting for an answer; passed by somebody; stopped; rolled_back.
  std::string outcome = {};
  std::string message = {};  ///< A sentence for people: what isn't met.
  std::string reason = {};   ///< Of whoever answered.
  std::vector<GateNumber> numbers = {};

  bool goes_on() const { return outcome == "met" || outcome == "told" || outcome == "passed"; }

  static void fields(auto& self, auto& field) {
    field("outcome", self.outcome);
    field.unless_empty("message", self.message);
    field.unless_empty("reason", self.reason);
    field("numbers", self.numbers);
  }
};

/// The run went back to an earlier checkpoint on request; what came after it is a run of its own.
struct RolledBackEvent {
  static constexpr std::string_view type = "rolled_back";
  std::string from = {};     ///< Name of the checkpoint that it had come to,
  std::string to = {};       ///< and of the one that it went back to.
  std::string kept_as = {};  ///< Id of the run that holds what was left.
  std::string reason = {};

  static void fields(auto& self, auto& field) {
    field("from", self.from);
    field("to", self.to);
    field("kept_as", self.kept_as);
    field("reason", self.reason);
  }
};

/// The run can't go on.
struct FailedEvent {
  static constexpr std::string_view type = "failed";
  std::string message = {};
  std::string kind = {};                   ///< user: what a person gave is wrong; run: anything else.
  std::string cause = {};                  ///< "not_a_number": a loss or a gradient was none; empty: something else.
  std::optional<std::string> sample = {};  ///< Id of the sample that is the cause, where one is; of the event's stage.

  static void fields(auto& self, auto& field) {
    field("message", self.message);
    field("kind", self.kind);
    field.unless_empty("cause", self.cause);
    field("sample", self.sample);
  }
};

/// What this version doesn't know: an event of a newer one. Readers pass over it.
struct UnknownEvent {
  std::string name = {};
  nlohmann::ordered_json content = nullptr;

  static void fields(auto& self, auto& field) { field.rest(self.content); }
};

using EventBody =
    std::variant<UnknownEvent, RunStartedEvent, RunResumedEvent, StageStartedEvent, StepEvent, ProbeEvent,
                 EvaluationEvent, CheckpointEvent, WarningEvent, PausedEvent, UnpausedEvent, StageFinishedEvent,
                 RunFinishedEvent, FailedEvent, EstimateEvent, GateEvent, RolledBackEvent>;

/// The event's name in the file: "step".
std::string_view event_type(const EventBody& body);

nlohmann::ordered_json to_json(const NamedNumbers& numbers);

/// The members of the event by their keys.
nlohmann::ordered_json to_json(const EventBody& body);

/// Reads what to_json() wrote; `taken` are keys of the object that don't belong to it. UnknownEvent where the type or
/// the format (event_format) is newer than this version. Throws UserError that names the key where a value has the
/// wrong type.
EventBody event_body_from_json(const std::string& type, const nlohmann::ordered_json& object,
                               std::span<const std::string_view> taken = {});

/// The format that a run's first event announces where it is newer than event_format; then what follows may mean other
/// things.
std::optional<int64_t> newer_format(const UnknownEvent& event);

}  // namespace llavakd
