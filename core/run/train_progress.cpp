// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/train_progress.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/project/project_file.h"
#include "core/run/event_sums.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr int state_version = 1;

std::vector<std::string> schedule_of(const Project& project) {
  std::vector<std::string> names;
  for (const StageOptions& stage : scheduled_stages(project)) names.push_back(stage.name);
  return names;
}

UserError damaged(const std::filesystem::path& where, const std::string& what) {
  return UserError(fmt::format("{} is damaged: {}.", where.string(), what));
}

/// Reads state.json's values as what they are: nothing is cut or rounded.
struct StateReader {
  const Json& state;
  const std::filesystem::path& where;

  /// A whole number from 0.
  int64_t count(const char* key) const {
    const Json& value = state.at(key);
    if (!value.is_number_integer() || value.get<int64_t>() < 0)
      throw damaged(where, fmt::format("\"{}\" is {}, not a whole number from 0", key, value.dump()));
    return value.get<int64_t>();
  }
  /// A number above 0, up to 1.
  double share(const char* key) const {
    const Json& value = state.at(key);
    if (!value.is_number() || !(value.get<double>() > 0) || value.get<double>() > 1)
      throw damaged(where, fmt::format("\"{}\" is {}, not a number above 0 and up to 1", key, value.dump()));
    return value.get<double>();
  }
  /// An object of numbers; null is none.
  NamedNumbers numbers(const char* key) const {
    NamedNumbers found;
    for (const auto& [name, value] : state.at(key).items()) {
      if (!value.is_number() && !value.is_null())
        throw damaged(where, fmt::format("\"{}\" holds {}, which is no number", key, value.dump()));
      found.emplace_back(name, value.is_null() ? NAN : value.get<double>());
    }
    return found;
  }
  bool truth(const char* key) const { return state.at(key).get_ref<const Json::boolean_t&>(); }
  std::string text(const char* key) const { return state.at(key).get_ref<const std::string&>(); }
};

void refuse_contradictions(const TrainProgress& at, const std::vector<std::string>& schedule,
                           const std::filesystem::path& where) {
  if (at.stage_index >= schedule.size() || schedule[at.stage_index] != at.stage)
    throw damaged(where, fmt::format("its schedule has no stage {} at place {}", at.stage, at.stage_index));
  if (at.stage_step > at.step || (at.stage_index == 0 && at.stage_step != at.step))
    throw damaged(where, fmt::format("{} steps of the stage don't fit {} of the run", at.stage_step, at.step));
  constexpr int64_t most = int64_t{1} << 53;  // their sum holds
  if (std::max({at.samples, at.skipped, at.not_a_number}) > most || at.samples + at.skipped + at.not_a_number < at.step)
    throw damaged(
        where, fmt::format("{} samples and {} left out can't be those of {} steps", at.samples, at.skipped, at.step));
}

}  // namespace

Json to_json(const TrainProgress& progress, const Project& project) {
  Json state = {{"format", "llavakd-training-state"},
                {"version", state_version},
                {"stage_index", progress.stage_index},
                {"stage", progress.stage},
                {"stage_step", progress.stage_step},
                {"stage_done", progress.stage_done},
                {"learnt", progress.learnt},
                {"step", progress.step},
                {"samples", progress.samples},
                {"skipped", progress.skipped},
                {"micro_batch_limit", progress.limits.micro_batch_size},
                {"recompute", progress.limits.recompute},
                {"kernels", progress.kernels},
                {"log", progress.log},
                {"seed", project.run.seed},
                {"schedule", schedule_of(project)}};
  if (progress.not_a_number > 0) state["not_a_number"] = progress.not_a_number;
  if (progress.roll_backs > 0) {
    state["roll_backs"] = progress.roll_backs;
    state["rate_factor"] = progress.rate_factor;
  }
  if (!progress.gate_before.empty()) state["gate_before"] = to_json(progress.gate_before);
  return state;
}

TrainProgress read_train_progress(const Json& state, const std::filesystem::path& where) try {
  const StateReader read{state, where};
  if (state.at("format") != "llavakd-training-state")
    throw damaged(where, "its \"format\" isn't llavakd-training-state");
  if (const int64_t version = read.count("version"); version != state_version)
    throw UserError(fmt::format("{}: another version of the program wrote this state ({}).", where.string(), version));
  TrainProgress progress{.stage_index = static_cast<size_t>(read.count("stage_index")),
                         .stage = read.text("stage"),
                         .stage_step = read.count("stage_step"),
                         .step = read.count("step"),
                         .samples = read.count("samples"),
                         .skipped = read.count("skipped"),
                         .stage_done = read.truth("stage_done"),
                         .learnt = !state.contains("learnt") || read.truth("learnt")};  // older versions didn't say
  if (state.contains("micro_batch_limit")) progress.limits.micro_batch_size = read.count("micro_batch_limit");
  if (state.contains("recompute")) progress.limits.recompute = read.truth("recompute");
  if (state.contains("not_a_number")) progress.not_a_number = read.count("not_a_number");
  if (state.contains("roll_backs")) {
    progress.roll_backs = read.count("roll_backs");
    progress.rate_factor = read.share("rate_factor");
  }
  if (state.contains("gate_before")) progress.gate_before = read.numbers("gate_before");
  if (state.contains("kernels")) progress.kernels = read.text("kernels");
  if (state.contains("log")) progress.log = read.text("log");
  if (!progress.log.empty() && !log_mark_from_text(progress.log))
    throw damaged(where, fmt::format("\"log\" is \"{}\", which is no place in a log", printable(progress.log, 60)));
  if (!state.at("seed").is_number_integer()) throw damaged(where, "its \"seed\" is no whole number");
  refuse_contradictions(progress, state.at("schedule").get<std::vector<std::string>>(), where);
  return progress;
} catch (const Json::exception& error) {
  throw damaged(where, error.what());
}

void refuse_other_project(const Json& state, const TrainProgress& progress, const Project& project,
                          const std::filesystem::path& where) {
  const auto was = state.at("schedule").get<std::vector<std::string>>();
  const auto is = schedule_of(project);
  const auto done = static_cast<std::ptrdiff_t>(progress.stage_index) + 1;
  if (std::ssize(is) < done || !std::equal(was.begin(), was.begin() + done, is.begin()))
    throw UserError(
        fmt::format("{}: the run got here by the stages {}, the project now has {}. Set its schedule back "
                    "(--stage, where the run was started with it), or start a new run.",
                    where.string(), fmt::join(was.begin(), was.begin() + done, ", "), fmt::join(is, ", ")));
  if (state.at("seed") != project.run.seed)
    throw UserError(fmt::format("{}: the run has seed {}, the project now {}. Set it back, or start a new run.",
                                where.string(), state.at("seed").dump(), project.run.seed));
}

}  // namespace llavakd
