// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <set>

#include "core/data/conversation_file.h"
#include "core/preflight/checks.h"
#include "core/project/errors.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

/// The faults of a data file; `every_picture` also looks whether every picture is there.
std::vector<DataFault> faults_of(const fs::path& data, const fs::path& images, const SampleSet& samples,
                                 bool every_picture) {
  return every_picture ? check_samples(data, images) : samples.faults;
}

void check_data(const CheckedProject& checked, const StageOptions& stage, Items& items) {
  const std::string name = "Data of " + stage.name;
  try {
    if (stage.data.empty()) throw UserError("No data file is chosen.");
    const fs::path data = resolve(checked.file, stage.data);
    const auto images = images_folder(checked.file, stage.data, stage.images);
    const SampleSet set = read_samples(data);
    const auto faults = faults_of(data, images, set, checked.every_picture);
    const auto samples = static_cast<int64_t>(set.samples.size());
    const std::string finding = fmt::format("{} samples, {} steps", samples, stage_steps(stage, samples));
    if (faults.empty()) return items.push_back({name, MatchLevel::green, finding, ""});
    items.push_back({name, MatchLevel::amber,
                     fmt::format("{}; {} can't be used, the first: {}", finding, faults.size(), faults[0].sentence()),
                     fmt::format("They will be left out. `llavakd data check {}` lists them all.", data.string())});
  } catch (const UserError& error) {
    items.push_back({name, MatchLevel::red, error.what(), "Choose the stage's data file."});
  }
}

void check_probes(const CheckedProject& checked, Items& items) {
  const Project& project = checked.project;
  if (project.probes.empty()) return;
  for (const auto& probe : project.probes) {
    std::error_code error;
    const fs::path image = resolve(checked.file, probe.image);
    if (fs::is_regular_file(image, error)) continue;
    items.push_back({"Probes", MatchLevel::red, fmt::format("{}: there is no such picture", image.string()),
                     "Choose another picture for the probe, or remove it."});
    return;
  }
  items.push_back({"Probes", MatchLevel::green, fmt::format("{} pictures", project.probes.size()), ""});
}

void check_evaluations(const CheckedProject& checked, Items& items) {
  for (const auto& evaluation : checked.project.evaluations) {
    const fs::path questions = resolve(checked.file, evaluation.file);
    try {
      if (questions.empty()) throw UserError("No file with questions is chosen.");
      const auto images = images_folder(checked.file, evaluation.file, evaluation.images);
      const SampleSet set = read_samples(questions);
      const auto faults = faults_of(questions, images, set, checked.every_picture);
      const std::string finding = fmt::format("{}: {} questions", questions.filename().string(), set.samples.size());
      if (faults.empty())
        items.push_back({"Evaluation", MatchLevel::green, finding, ""});
      else
        items.push_back(
            {"Evaluation", MatchLevel::amber,
             fmt::format("{}; {} can't be used, the first: {}", finding, faults.size(), faults[0].sentence()),
             fmt::format("They will be left out. `llavakd data check {}` lists them all.", questions.string())});
    } catch (const UserError& error) {
      items.push_back({"Evaluation", MatchLevel::red, error.what(),
                       "Choose the file with the questions, or remove the evaluation."});
    }
  }
}

}  // namespace

void check_stage_data(const CheckedProject& checked, Items& items) {
  std::set<std::string> seen;
  for (const auto& stage : checked.stages)
    if (seen.insert(stage.name).second) check_data(checked, stage, items);
}

void check_questions(const CheckedProject& checked, Items& items) {
  check_probes(checked, items);
  check_evaluations(checked, items);
}

}  // namespace llavakd
