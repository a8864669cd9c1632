// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/sample_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/errors.h"
#include "core/data/sampler.h"
#include "core/data/student_texts.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

SampleSet set_of(const Project& project, const std::filesystem::path& project_file, const StageOptions& stage) {
  SampleSet set{.kind = SampleSetKind::stage,
                .name = stage.name,
                .file = resolve(project_file, stage.data),
                .images_folder = images_folder(project_file, stage.data, stage.images),
                .conversation_template = &template_of(project, stage),
                .terms = {},
                .sampler = stage.sampler,
                .batch_size = stage.batch_size,
                .seed = {},
                .probes = {}};
  std::ranges::copy_if(stage.terms, std::back_inserter(set.terms), is_on);
  const auto schedule = scheduled_stages(project);
  const auto place = std::ranges::find(schedule, stage.name, &StageOptions::name);
  if (place != schedule.end()) set.seed = stage_seed(project.run.seed, static_cast<size_t>(place - schedule.begin()));
  return set;
}

SampleSet set_of(const Project& project, const std::filesystem::path& project_file,
                 const EvaluationOptions& evaluation) {
  const std::filesystem::path file = resolve(project_file, evaluation.file);
  return {.kind = SampleSetKind::evaluation,
          .name = file.filename().string(),
          .file = file,
          .images_folder = images_folder(project_file, evaluation.file, evaluation.images),
          .conversation_template = &conversation_template(project.conversation_template),
          .terms = {},
          .sampler = {},
          .seed = {},
          .probes = {}};
}

SampleSet set_of_probes(const Project& project, const std::filesystem::path& project_file) {
  SampleSet set{.kind = SampleSetKind::probes,
                .name = "probes",
                .file = {},
                .images_folder = "/",
                .conversation_template = &conversation_template(project.conversation_template),
                .terms = {},
                .sampler = {},
                .seed = {},
                .probes = project.probes};
  for (ProbeOptions& probe : set.probes)
    if (!probe.image.empty())
      probe.image = std::filesystem::absolute(resolve(project_file, probe.image)).lexically_normal().string();
  return set;
}

/// A probe is asked as the run asks it.
std::shared_ptr<const Dataset> samples_of(const std::vector<ProbeOptions>& probes) {
  std::vector<Sample> samples;
  for (const ProbeOptions& probe : probes) {
    Sample sample;
    sample.line = std::ssize(samples) + 1;
    sample.id = fmt::format("probe {}", sample.line);
    if (!probe.image.empty()) sample.images.emplace_back(probe.image);
    const std::string placeholder = probe.image.empty() ? "" : std::string(image_placeholder) + "\n";
    sample.turns = {{Speaker::human, placeholder + probe.question}};
    samples.push_back(std::move(sample));
  }
  return std::make_shared<const SampleList>(std::move(samples));
}

}  // namespace

std::vector<SampleSet> sample_sets(const Project& project, const std::filesystem::path& project_file) {
  std::vector<SampleSet> sets;
  for (const StageOptions& stage : project.stages) sets.push_back(set_of(project, project_file, stage));
  for (const EvaluationOptions& evaluation : project.evaluations)
    sets.push_back(set_of(project, project_file, evaluation));
  if (!project.probes.empty()) sets.push_back(set_of_probes(project, project_file));
  return sets;
}

std::vector<int64_t> first_batch(const SampleSet& set, const Dataset& dataset, const std::function<bool()>& go_on) {
  if (!set.seed || set.batch_size < 1) return {};
  const SampleOrder order = sample_order(set.sampler);
  std::vector<SampleLength> lengths(static_cast<size_t>(dataset.size()));
  if (order == SampleOrder::modality_length)
    for (int64_t i = 0; i < dataset.size(); ++i) {
      if (go_on && !go_on()) return {};
      lengths[static_cast<size_t>(i)] = dataset.length(i);
    }
  std::vector<int64_t> batch = epoch_order(order, lengths, set.batch_size, *set.seed, 0);
  if (std::ssize(batch) > set.batch_size) batch.resize(static_cast<size_t>(set.batch_size));
  return batch;
}

std::shared_ptr<const Dataset> open_samples(const SampleSet& set) {
  if (set.kind == SampleSetKind::probes) return samples_of(set.probes);
  if (set.file.empty())
    throw UserError(fmt::format("{} has no data file. Choose one.",
                                set.kind == SampleSetKind::stage ? "Stage " + set.name : "The evaluation"));
  return open_dataset_to_check(set.file);
}

}  // namespace llavakd
