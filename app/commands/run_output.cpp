// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/run_output.h"

#include <fmt/format.h>

#include <iostream>

#include "core/evaluation/evaluation_task.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

std::string terms_text(const Json& terms) {
  std::string text;
  for (const auto& [name, value] : terms.items())
    if (value.is_number()) text += fmt::format("  {} {:.4g}", name, value.get<double>());
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
  if (event.type == "step") return show_step(event);
  progress_.show("");
  if (event.type == "run_resumed") {
    std::cout << fmt::format("  {} goes on from {}\n", event.fields.value("run", ""),
                             event.fields.value("checkpoint", ""));
  } else if (event.type == "stage_started") {
    stage_steps_ = event.fields.value("total_steps", int64_t{0});
    first_terms_ = Json();
    seconds_per_step_ = 0;
  } else if (event.type == "stage_finished") {
    show_stage_end(event);
  } else if (event.type == "eval") {
    std::cout << fmt::format("  {}\n", score_text(event.fields));
  } else if (event.type == "warning") {
    std::cerr << "llavakd: " << event.fields.value("message", event.fields.dump()) << std::endl;
  } else if (event.type == "paused" || event.type == "unpaused") {
    std::cout << "  " << event.type << std::endl;
  }
}

void RunOutput::show_step(const Event& event) {
  profile_.add(event);
  const double seconds = event.fields.value("seconds", 0.0);
  seconds_per_step_ = seconds_per_step_ == 0 ? seconds : 0.9 * seconds_per_step_ + 0.1 * seconds;
  last_terms_ = event.fields.value("terms", Json::object());
  if (first_terms_.is_null()) first_terms_ = last_terms_;
  const double left = seconds_per_step_ * static_cast<double>(stage_steps_ - event.stage_step);
  progress_.show(fmt::format("  {} {}/{}{}  {} left", event.stage, event.stage_step, stage_steps_,
                             terms_text(last_terms_), duration_text(left)));
}

void RunOutput::show_stage_end(const Event& event) {
  std::cout << fmt::format("  {}: {} steps\n", event.stage, event.stage_step);
  for (const auto& [name, value] : last_terms_.items())
    if (value.is_number() && first_terms_.contains(name) && first_terms_[name].is_number())
      std::cout << fmt::format("    {:<15} {:.4g} -> {:.4g}\n", name, first_terms_[name].get<double>(),
                               value.get<double>());
  if (profile_.steps() > 0 && profile_.stage() == event.stage)
    std::cout << fmt::format("    {:.3g} s a step: {}\n", profile_.seconds(), profile_text(profile_));
}

void RunOutput::finish(const RunFolder& run, const std::filesystem::path& checkpoint) {
  if (!json_) std::cout << fmt::format("Run {}: {}\n", run.id(), (checkpoint / "model").string());
}

}  // namespace llavakd
