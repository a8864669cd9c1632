// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ablate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/checkpoint/training_state.h"
#include "core/data/project_inputs.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/ablation_result.h"
#include "core/run/input_hashes.h"
#include "core/run/run_folder.h"
#include "core/training/train.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
using Stages = std::vector<std::string>;

std::string joined(const Stages& stages) {
  return fmt::format("{}", fmt::join(stages, "-"));
}

std::string run_name(const Stages& stages, int64_t seed) {
  return fmt::format("ablate-{}-s{}", joined(stages), seed);
}

/// What decides the outcome of a run of these stages, and nothing else: the same for all arms that begin with them.
Project project_of(const Project& project, const Stages& stages, int64_t seed) {
  Project part = project;
  part.notes.clear();
  part.probes.clear();
  part.run.seed = seed;
  part.run.checkpoint_every = 0;
  part.schedule = stages;
  for (StageOptions& stage : part.stages) stage.gate.clear();  // arms are compared as they come out
  std::erase_if(part.stages, [&](const StageOptions& stage) { return std::ranges::count(stages, stage.name) == 0; });
  return part;
}

class Ablation {
 public:
  Ablation(const Project& project, const std::filesystem::path& project_file, const std::vector<Arm>& arms,
           RunControl& control, const AblateOptions& options)
      : project_(project), project_file_(project_file), control_(control), options_(options) {
    for (const Arm& arm : arms) arms_.insert(arm.stages);
    for (const Arm& arm : arms)
      for (size_t length = 1; length <= arm.stages.size(); ++length)
        prefixes_.insert(
            {length, Stages(arm.stages.begin(), arm.stages.begin() + static_cast<std::ptrdiff_t>(length))});
    threads_ = project.run.threads > 0 ? project.run.threads
                                       : std::max<int64_t>(1, usable_cores() / std::max<int64_t>(1, options.jobs));
  }

  /// Takes the ways of computing of an earlier call's runs, with which those to come are compared.
  void read_kernels(const std::vector<int64_t>& seeds) {
    for (const int64_t seed : seeds)
      for (const auto& [length, stages] : prefixes_)
        if (const RunFolder run{path_of(stages, seed)}; std::filesystem::exists(run.info())) note_kernels(run);
  }

  /// All arms of a seed, shorter prefixes first. False when stopped.
  bool run_seed(int64_t seed) {
    for (const auto& [length, stages] : prefixes_)
      if (!run_stages(stages, seed)) return false;
    return true;
  }

  /// Set once the runs' ways of computing are known.
  std::atomic_flag& may_begin() { return may_begin_; }

  ArmScore score(const Stages& stages, int64_t seed) const {
    return read_arm_score(RunFolder{path_of(stages, seed)}.evaluations());
  }

 private:
  std::filesystem::path path_of(const Stages& stages, int64_t seed) const {
    return runs_folder(project_file_) / run_name(stages, seed);
  }

  bool run_stages(const Stages& stages, int64_t seed) {
    const Project part = project_of(project_, stages, seed);
    const bool evaluates = arms_.contains(stages);
    RunFolder run{path_of(stages, seed)};
    const bool exists = std::filesystem::exists(run.info());
    if (exists) {
      if (is_done(run, part, evaluates)) return true;
    } else {
      run = create_run(project_file_, run.id());
    }
    TrainOptions how{
        .resume = exists, .kind = RunKind::ablate, .evaluate = evaluates, .kernels = kernels(), .threads = threads_};
    if (stages.size() > 1) {
      const RunFolder before{path_of(Stages(stages.begin(), stages.end() - 1), seed)};
      how.start_from = latest_training_checkpoint(before.checkpoints());
    }
    const auto sink = [&](const Event& event) {
      if (event.is<StageStartedEvent>() || event.is<StepEvent>()) note_kernels(run);
      if (!options_.progress) return;
      const std::scoped_lock lock(mutex_);
      options_.progress(run.id(), event);
    };
    return !train(part, project_file_, run, sink, control_, how).stopped;
  }

  /// Throws UserError when the run was made with other options.
  bool is_done(const RunFolder& run, const Project& part, bool evaluates) const {
    const RunInfo info = read_run_info(run);
    if (is_alive(info) && info.status == "running")
      throw UserError(fmt::format("The run {} is being worked on by process {}.", run.id(), info.pid.value_or(0)));
    Json was = info.project, is = to_json(part);
    const bool same_questions = was.value("evaluations", Json()) == is.value("evaluations", Json());
    for (Json* json : {&was, &is}) {
      json->erase("evaluations");
      if (json->contains("run")) (*json)["run"].erase("threads");
    }
    if (was != is)
      throw UserError(
          fmt::format("{} was made with other options than the project has now. Remove that folder (and those "
                      "of longer arms) to run it again.",
                      run.path.string()));
    refuse_changed_inputs(run, part);
    return info.status == "finished" && (!evaluates || (same_questions && has_arm_score(run.evaluations())));
  }

  std::string kernels() {
    const std::scoped_lock lock(mutex_);
    return kernels_;
  }

  /// The first run's kernel backends are used by all. Timed next to other work, others might win; so it begins alone.
  void note_kernels(const RunFolder& run) {
    const std::scoped_lock lock(mutex_);
    if (!kernels_.empty()) return;
    const Json versions = read_run_info(run).versions;
    if (versions.is_object()) kernels_ = versions.value("kernels", "");
    if (kernels_.empty()) return;
    may_begin_.test_and_set();
    may_begin_.notify_all();
  }

  /// Pictures, of which there may be very many, are left to the runs that read them.
  void refuse_changed_inputs(const RunFolder& run, const Project& part) const {
    static const SampleList no_samples;
    const auto dataset = [](const StageOptions&) -> const Dataset& {
      return no_samples;
    };
    const auto changes = changed_inputs(input_files(part, project_file_, dataset, {}), read_known_inputs(run));
    if (!changes.empty())
      throw UserError(fmt::format("{}: {}", run.path.string(), refusal_text(changes, RunKind::ablate)));
  }

  const Project& project_;
  const std::filesystem::path& project_file_;
  RunControl& control_;
  const AblateOptions& options_;
  std::set<Stages> arms_;
  std::set<std::pair<size_t, Stages>> prefixes_;
  int64_t threads_ = 1;
  std::atomic_flag may_begin_;
  std::mutex mutex_;
  std::string kernels_;
};

/// Calls `work` for each seed on `jobs` threads, all but one of which wait for `may_begin` first. When one fails, the
/// others are stopped and its error is thrown.
bool for_each_seed(const std::vector<int64_t>& seeds, int64_t jobs, RunControl& control, std::atomic_flag& may_begin,
                   const std::function<bool(int64_t)>& work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> all_done{true};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto worker = [&] {
    for (size_t i = next++; i < seeds.size(); i = next++) try {
        if (control.state() == RunControl::State::stopping) {
          all_done = false;
          break;
        }
        if (!work(seeds[i])) all_done = false;
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::current_exception();
        control.stop();
      }
    may_begin.test_and_set();
    may_begin.notify_all();
  };
  {
    std::vector<std::jthread> threads;
    for (int64_t i = 1; i < std::min<int64_t>(jobs, static_cast<int64_t>(seeds.size())); ++i)
      threads.emplace_back([&] {
        may_begin.wait(false);
        worker();
      });
    worker();
  }
  if (failure) std::rethrow_exception(failure);
  return all_done;
}

}  // namespace

Project project_of_arms(const Project& project, const std::vector<Arm>& arms) {
  Project all = project;
  all.schedule.clear();
  for (const Arm& arm : arms)
    for (const std::string& stage : arm.stages)
      if (std::ranges::count(all.schedule, stage) == 0) all.schedule.push_back(stage);
  all.probes.clear();
  for (StageOptions& stage : all.stages) stage.gate.clear();
  return all;
}

Json ablate(const Project& project, const std::filesystem::path& project_file, const std::vector<Arm>& arms,
            const std::vector<int64_t>& seeds, RunControl& control, const AblateOptions& options) {
  if (project.evaluations.empty())
    throw UserError(fmt::format("{} has no evaluations, so arms can't be compared. Add one under \"evaluations\".",
                                project_file.string()));
  for (const Arm& arm : arms)
    for (const int64_t seed : seeds)
      if (!is_run_id(run_name(arm.stages, seed)))
        throw UserError(
            fmt::format("The arm “{}” is too long: its runs are called “{}”, and a run's name has 100 letters "
                        "at most. Give the stages shorter names.",
                        arm.name, run_name(arm.stages, seed)));
  Ablation ablation(project, project_file, arms, control, options);
  ablation.read_kernels(seeds);
  const bool done = for_each_seed(seeds, options.jobs, control, ablation.may_begin(),
                                  [&](int64_t seed) { return ablation.run_seed(seed); });
  if (!done) return {{"stopped", true}};
  std::vector<ArmResult> results;
  for (const Arm& arm : arms) {
    ArmResult result{.name = arm.name};
    for (const int64_t seed : seeds) result.scores.push_back(ablation.score(arm.stages, seed));
    results.push_back(std::move(result));
  }
  return ablation_json(results, seeds);
}

}  // namespace llavakd
