// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/run_output.h"

#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "core/base/duration.h"
#include "core/project/stage_gate.h"
#include "core/run/task_result.h"

namespace llavakd {
namespace {

LimitOptions limit_of(const GateNumber& number) {
  return {.measure = number.measure, .of = number.of, .against = number.against, .limit = number.limit};
}

std::string terms_text(const NamedNumbers& terms) {
  std::string text;
  for (const auto& [name, value] : terms) text += fmt::format("  {} {:.4g}", name, value);
  return text;
}

}  // namespace

RunOutput::RunOutput(const Project& project, bool json) : json_(json) {
  if (!json_) std::cout << fmt::format("{}\n", project.name);
}

void RunOutput::show(const Event& event) {
  if (json_) {
    std::cout << to_line(event) << std::endl;
    return;
  }
  if (const auto* step = event.as<StepEvent>()) return show_step(event, *step);
  progress_.show("");
  if (const auto* resumed = event.as<RunResumedEvent>()) {
    std::cout << fmt::format("  {} goes on from {}\n", resumed->run, resumed->checkpoint);
  } else if (const auto* started = event.as<StageStartedEvent>()) {
    stage_steps_ = started->steps;
    first_terms_.reset();
    seconds_per_step_ = 0;
  } else if (event.is<StageFinishedEvent>()) {
    show_stage_end(event);
  } else if (const auto* evaluated = event.as<EvaluationEvent>()) {
    std::cout << fmt::format("  {}\n", score_text(evaluated->result));
  } else if (const auto* gate = event.as<GateEvent>()) {
    show_gate(event, *gate);
  } else if (const auto* back = event.as<RolledBackEvent>()) {
    std::cout << fmt::format("  went back from {} to {} ({}); what was left is the run {}\n", back->from, back->to,
                             back->reason, back->kept_as);
  } else if (const auto* warning = event.as<WarningEvent>()) {
    std::cerr << "llavakd: " << warning->message << std::endl;
  } else if (const auto* paused = event.as<PausedEvent>(); paused && !paused->reason.empty()) {
    std::cerr << "llavakd: " << paused->reason << std::endl;
  } else if (event.is<PausedEvent>() || event.is<UnpausedEvent>()) {
    std::cout << "  " << event_type(event.body) << std::endl;
  }
}

void RunOutput::show_step(const Event& event, const StepEvent& step) {
  profile_.add(event);
  seconds_per_step_ = seconds_per_step_ == 0 ? step.seconds : 0.9 * seconds_per_step_ + 0.1 * step.seconds;
  last_terms_ = step.terms;
  if (!first_terms_) first_terms_ = last_terms_;
  const double left = seconds_per_step_ * static_cast<double>(stage_steps_ - event.stage_step);
  progress_.show(fmt::format("  {} {}/{}{}  {} left", event.stage, event.stage_step, stage_steps_,
                             terms_text(last_terms_), duration_text(left)));
}

void RunOutput::show_stage_end(const Event& event) {
  std::cout << fmt::format("  {}: {} steps\n", event.stage, event.stage_step);
  for (const auto& [name, value] : last_terms_)
    if (const double first = first_terms_ ? number_of(*first_terms_, name) : NAN; !std::isnan(first))
      std::cout << fmt::format("    {:<15} {:.4g} -> {:.4g}\n", name, first, value);
  if (profile_.steps() > 0 && profile_.stage() == event.stage)
    std::cout << fmt::format("    {:.3g} s a step: {}\n", profile_.seconds(), profile_text(profile_));
}

void RunOutput::show_gate(const Event& event, const GateEvent& gate) {
  std::cout << fmt::format("  gate of {}: {}{}{}\n", event.stage,
                           gate.outcome == "rolled_back" ? "roll back" : gate.outcome, gate.reason.empty() ? "" : ", ",
                           gate.reason);
  for (const GateNumber& number : gate.numbers) {
    const LimitOptions limit = limit_of(number);
    const auto shown = [](double value) {
      return std::isnan(value) ? std::string("not known") : fmt::format("{:.4g}", value);
    };
    const bool has_before = limit.against != "number" || !std::isnan(number.before);
    const std::string before = has_before ? shown(number.before) + " -> " : std::string();
    std::cout << fmt::format("    {:<28} {}{}, {} {}: {}\n", limit_subject_text(limit), before, shown(number.after),
                             is_least(limit) ? "at least" : "at most", shown(number.bound),
                             number.met ? "met" : "not met");
  }
}

void RunOutput::finish(const RunFolder& run, const std::filesystem::path& checkpoint) {
  if (!json_) std::cout << fmt::format("Run {}: {}\n", run.id(), (checkpoint / "model").string());
}

}  // namespace llavakd
