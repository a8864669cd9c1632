// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/stage_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/project/stage_gate.h"
#include "core/run/event_log.h"
#include "core/run/roll_back_run.h"

namespace llavakd {
namespace {

/// Mean of the numbers that are some.
struct MeanOfSteps {
  double sum = 0;
  int64_t count = 0;
  void add(double value) {
    if (!std::isnan(value)) sum += value, ++count;
  }
  double value() const { return count > 0 ? sum / static_cast<double>(count) : NAN; }
};

/// A term's mean over the first and the last steps of the present stage, by the run's log; without a name the total's.
std::pair<double, double> loss_means(const RunContext& run, const std::string& term) {
  constexpr int64_t most_steps = 20;
  constexpr size_t piece = size_t{4} << 20;
  const TrainProgress& at = run.state.progress;
  const int64_t begin = at.step - at.stage_step;
  const int64_t steps = std::clamp<int64_t>(at.stage_step / 2, 1, most_steps);
  MeanOfSteps first, last;
  EventReader record(run.folder.events());
  bool more = true;
  while (more)
    more = record.read_some(piece, [&](Event& event) {
      const auto* step = event.as<StepEvent>();
      if (!step || event.step <= begin || event.step > at.step) return;
      const double value = term.empty() ? step->total : number_of(step->terms, term);
      if (event.step <= begin + steps) first.add(value);
      if (event.step > at.step - steps) last.add(value);
    });
  return {first.value(), last.value()};
}

std::string shown(double number) {
  return std::isnan(number) ? "not known" : fmt::format("{:.4g}", number);
}

std::string unmet_text(const LimitOptions& limit, const GateNumber& number) {
  std::string text = fmt::format("{} is {}, and must be {}", limit_subject_text(limit), shown(number.after),
                                 is_least(limit) ? "at least " : "at most ");
  if (std::isnan(number.bound)) return text + "what follows from its beginning, which isn't known";
  text += fmt::format("{:.4g}", number.bound);
  if (limit.against == "beginning") text += fmt::format(" ({} at the beginning)", shown(number.before));
  return text;
}

/// What the strictest of the limits that aren't met asks for; empty where all are.
std::string policy_of(const GateEvent& gate) {
  std::string policy;
  for (const GateNumber& number : gate.numbers)
    if (!number.met && policy != "stop" && (policy.empty() || number.unmet != "tell")) policy = number.unmet;
  return policy;
}

bool has_stage_to_go_back_to(const RunContext& run) {
  try {
    roll_back_target(run.folder);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

}  // namespace

void StageGate::refuse_needless_pass() const {
  if (!run_.options.pass_gate) return;
  if (run_.options.resume && run_.state.progress.stage_done && !run_.stage().gate.empty()) return;
  throw UserError(fmt::format("The run {} isn't at a gate, so there is none to pass.", run_.folder.id()));
}

void StageGate::begin_stage() {
  by_checkpoint_ = false;
  TrainProgress& at = run_.state.progress;
  if (at.stage_step > 0) return;
  at.gate_before.clear();
  // A run that has done nothing yet can't be stopped: there would be nothing to go on from.
  const bool may_stop = at.step > 0;
  for (const LimitOptions& limit : run_.stage().gate) {
    if (limit.measure == "loss" || limit.against != "beginning") continue;
    if (const auto number = measured(limit, may_stop))
      at.gate_before.emplace_back(measured_key(limit, run_.project), *number);
  }
}

std::optional<double> StageGate::measured(const LimitOptions& limit, bool may_stop) {
  if (limit.measure == "probe") return number_of(probes_.means(run_.models.student->model), limit.of);
  const auto index = evaluation_of(limit, run_.project);
  if (!index) return NAN;  // what a check calls red
  const TaskResult* result = evaluations_.result(*index, may_stop);
  if (!result) return std::nullopt;
  return result->score.value_or(NAN);
}

/// Nothing where a request to stop came in between.
std::optional<GateEvent> StageGate::look() {
  const TrainProgress& at = run_.state.progress;
  GateEvent gate;
  std::string unmet;
  for (const LimitOptions& limit : run_.stage().gate) {
    GateNumber number{
        .measure = limit.measure, .of = limit.of, .against = limit.against, .limit = limit.limit, .unmet = limit.unmet};
    if (limit.measure == "loss") {
      std::tie(number.before, number.after) = loss_means(run_, limit.of);
    } else {
      const auto after = measured(limit, true);
      if (!after) return std::nullopt;
      number.before = number_of(at.gate_before, measured_key(limit, run_.project));
      number.after = *after;
    }
    number.bound = bound_of(limit, number.before);
    number.met = is_met(limit, number.before, number.after);
    if (!number.met) unmet += (unmet.empty() ? "" : "; ") + unmet_text(limit, number);
    gate.numbers.push_back(std::move(number));
  }
  if (!unmet.empty()) gate.message = fmt::format("The gate of {} isn't met: {}.", at.stage, unmet);
  return gate;
}

bool StageGate::passes() {
  const TrainProgress& at = run_.state.progress;
  const bool by_checkpoint = std::exchange(by_checkpoint_, false);
  const GateEvent* noted = by_checkpoint ? run_.record->noted_gate(at) : nullptr;
  if (noted && noted->goes_on()) {
    run_.emit(*noted);  // the resume has cut it off the log
    return true;
  }
  const std::optional<std::string> reason = by_checkpoint ? run_.options.pass_gate : std::nullopt;
  std::optional<GateEvent> gate = reason && noted ? std::optional(*noted) : look();
  if (!gate) {
    run_.state.stopped = true;
    return false;
  }
  const std::string policy = policy_of(*gate);
  if (policy.empty()) return conclude(std::move(*gate), "met");
  if (reason) return conclude(std::move(*gate), "passed", *reason);
  if (policy == "tell") return conclude(std::move(*gate), "told");
  if (policy == "ask" && run_.options.can_ask) return ask(std::move(*gate));
  return conclude(std::move(*gate), "stopped");
}

bool StageGate::ask(GateEvent gate) {
  RunControl& control = run_.control;
  run_.record->begin();
  control.ask(has_stage_to_go_back_to(run_));
  if (control.state() == RunControl::State::paused) {
    run_.record->set_status("paused");
    gate.outcome = "waiting";
    run_.emit(gate);
    run_.emit(PausedEvent{
        .reason = gate.message + " The run waits for an answer: go on REASON, roll back [REASON] or stop [REASON]."});
  }
  std::optional<GateAnswer> answer;
  while (control.state() == RunControl::State::paused && !(answer = control.take_answer())) {
    control.take_save_request();  // the stage's end is saved
    control.wait_for_request();
  }
  if (!answer || control.state() == RunControl::State::stopping) {
    control.withdraw_question();
    conclude(std::move(gate), "stopped");
    run_.state.unmet_gate.clear();  // it was a person who stopped it
    return false;
  }
  if (answer->what == GateAnswer::What::go_on) {
    run_.record->set_status("running");
    run_.emit(UnpausedEvent{});
    return conclude(std::move(gate), "passed", answer->reason);
  }
  if (answer->what == GateAnswer::What::stop) return conclude(std::move(gate), "stopped", answer->reason);
  run_.state.roll_back = answer->reason.empty() ? gate.message : answer->reason;
  return conclude(std::move(gate), "rolled_back", *run_.state.roll_back);
}

bool StageGate::conclude(GateEvent gate, const std::string& outcome, const std::string& reason) {
  gate.outcome = outcome;
  gate.reason = reason;
  run_.record->note_gate(run_.state.progress, gate);
  const bool goes_on = gate.goes_on();
  if (!goes_on) {
    run_.state.stopped = true;
    if (outcome == "stopped") run_.state.unmet_gate = gate.message;
  }
  run_.emit(std::move(gate));
  return goes_on;
}

}  // namespace llavakd
