// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Runs as their files are, for reports of them.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/sha256.h"
#include "core/io/atomic_file.h"
#include "core/io/safetensors.h"
#include "core/project/visitors.h"
#include "core/report/write_report.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"

namespace llavakd {

/// What a run is made of. Texts may be hostile.
struct MadeRun {
  std::string stage = "DFT", question = "What is at the top left?", warning = "A picture couldn't be read.";
  std::string task = "exact_match", file = "data/test.json";
  std::vector<double> totals = {4, 3, 2.5, 2.25};
  double score = 80;
  int64_t questions = 50;
  int probes = 0;  ///< That it was looked at with, after each step.
  bool has_teacher = true, is_scored = true;
  int tokens = 4;
};

/// The relations of a student after a step: of tokens 0 and 3 they come nearer to the teacher's, which are 1.
inline std::vector<float> relation_of(int tokens, int64_t step) {
  std::vector<float> values(static_cast<size_t>(tokens) * static_cast<size_t>(tokens), 1.0F);
  if (step == 0) return values;
  values[static_cast<size_t>(tokens) - 1] = values[values.size() - static_cast<size_t>(tokens)] =
      1.0F - 1.0F / static_cast<float>(step);
  return values;
}

inline void write_made_probe(const std::filesystem::path& file, const MadeRun& made, int64_t step) {
  std::filesystem::create_directories(file.parent_path());
  const std::vector<float> teacher = relation_of(made.tokens, 0), student = relation_of(made.tokens, step);
  const auto tensor = [&](const char* name, const std::vector<float>& values) {
    return TensorToWrite{.name = name, .dtype = DType::F32, .shape = {made.tokens, made.tokens}, .bytes = [&values] {
                           return std::as_bytes(std::span(values));
                         }};
  };
  std::vector<TensorToWrite> tensors{tensor("relation.student", student)};
  if (made.has_teacher) tensors.push_back(tensor("relation.teacher", teacher));
  const int side = static_cast<int>(std::ceil(std::sqrt(made.tokens)));
  write_safetensors(file, std::move(tensors),
                    {{"image", "picture.png"},
                     {"question", made.question},
                     {"grid", fmt::format("{0}x{0}", side)},
                     {"first_patch", "0"},
                     {"tokens_per_patch", "1"}});
}

inline Project project_of_made(const MadeRun& made) {
  Project project;
  project.name = "made";
  project.teacher.checkpoint = "models/teacher";
  StageOptions& stage = project.stages.emplace_back();
  stage.name = made.stage;
  stage.data = "data/train.json";
  stage.learning_rate = 0.002;
  stage.terms = {{.term = "ce"}, {.term = "rdist", .weight = 0.5}};
  return project;
}

inline void write_made_log(const RunFolder& run, const MadeRun& made) {
  EventLog log(run.events());
  const auto steps = std::ssize(made.totals);
  log.append({.time = 1000, .body = RunStartedEvent{.run = run.id(), .stages = {{made.stage, steps}}}});
  log.append(
      {.time = 1000,
       .stage = made.stage,
       .body = StageStartedEvent{.steps = steps, .samples = 8, .train = {"connector"}, .trained_parameters = 1234}});
  for (int64_t step = 1; step <= steps; ++step) {
    const double total = made.totals[static_cast<size_t>(step - 1)];
    const Event place{
        .time = 1000.0 + static_cast<double>(step), .stage = made.stage, .stage_step = step, .step = step};
    Event event = place;
    event.body = StepEvent{.terms = {{"ce", total * 0.75}, {"rdist", total * 0.5}},
                           .weighted = {{"ce", total * 0.75}, {"rdist", total * 0.25}},
                           .total = total,
                           .samples = 2,
                           .grad_norm = 1.5,
                           .learning_rate = 0.002,
                           .seconds = 0.5};
    log.append(event);
    if (made.probes == 0) continue;
    ProbeEvent probed{.folder = fmt::format("probes/{}-{}", made.stage, step)};
    for (int i = 0; i < made.probes; ++i)
      probed.probes.push_back({.index = i, .terms = {{"rdist", 0.5 / static_cast<double>(step)}}});
    event.body = probed;
    log.append(event);
  }
  const Event place{.time = 1010, .stage = made.stage, .stage_step = steps, .step = steps};
  Event event = place;
  event.body = WarningEvent{.message = made.warning};
  log.append(event);
  if (!made.is_scored) return;
  event.body = EvaluationEvent{.result = {.score = made.score,
                                          .score_is = "share of the questions",
                                          .n = made.questions,
                                          .breakdown = {.parts = {{"all", made.score}}},
                                          .scorer = made.task,
                                          .settings = {.file = made.file}}};
  log.append(event);
}

/// `folder`/runs/`id` with its log and its probes.
inline RunFolder make_run(const std::filesystem::path& folder, const std::string& id, const MadeRun& made = {}) {
  const RunFolder run{folder / "runs" / id};
  std::filesystem::create_directories(run.path);
  RunInfo info;
  info.id = id;
  info.status = "finished";
  info.started = 1'700'000'000;
  info.project = to_json(project_of_made(made));
  info.project_file = (folder / "made.kdproj").string();
  info.versions = {{"llavakd", "0.1.0"}, {"libtorch", "2.9"}};
  info.inputs = {{"data/train.json", {{"sha256", sha256("train")}, {"bytes", 5}, {"modified", 1}}}};
  info.plan = {{made.stage, std::ssize(made.totals)}};
  write_run_info(run, info);
  write_made_log(run, made);
  for (int64_t step = 1; step <= std::ssize(made.totals); ++step)
    for (int i = 0; i < made.probes; ++i)
      write_made_probe(run.probes() / std::filesystem::path(fmt::format("{}-{}", made.stage, step)).filename() /
                           fmt::format("{}.safetensors", i),
                       made, step);
  return run;
}

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// All files below a folder, with their bytes.
inline std::map<std::string, std::string> files_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder).generic_string()] = content_of(entry.path());
  return files;
}

}  // namespace llavakd
