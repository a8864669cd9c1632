// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/stage_estimate.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/model_spec/model_config.h"
#include "core/preflight/needed_work.h"
#include "core/preflight/sample_lengths.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// The program with LibTorch and its threads, before the first weight.
constexpr double program_alone = 185e6;
/// What samples take in memory for each byte of their file.
constexpr double bytes_of_data = 1.5;
/// As core/training/feature_cache.h.
constexpr double feature_budget = 512.0 * 1024 * 1024;

/// What all stages share.
struct Models {
  ModelConfig student;
  std::optional<ModelConfig> teacher;
  std::optional<ModelFacts> teacher_facts;
  bool same_tower = false;
  double program_bytes = 0;
};

bool is_trained(const StageOptions& stage, const char* part) {
  return std::ranges::count(stage.train, part) > 0;
}

int64_t parameters_of(const ModelFacts& facts, const std::string& part) {
  const auto found = facts.parameters.find(part);
  return found == facts.parameters.end() ? 0 : found->second;
}

/// Towers of equal sizes are taken to have equal weights, as those of a pair for distillation mostly have.
bool alike(const ModelConfig& a, const ModelConfig& b) {
  const auto sizes = [](const VisionConfig& v) {
    return std::tuple(v.model_type, v.hidden_size, v.intermediate_size, v.num_hidden_layers, v.image_size,
                      v.patch_size);
  };
  return sizes(a.vision) == sizes(b.vision) && a.second_vision.has_value() == b.second_vision.has_value() &&
         a.vision_feature_layer == b.vision_feature_layer;
}

/// Throws UserError where a model can't be read.
Models models_of(const CheckedProject& checked) {
  const Project& project = checked.project;
  const StudentOptions& from = project.student;
  const std::string connector = from.connector.empty() ? "mlp2x_gelu" : from.connector;
  Models models;
  models.student = from.checkpoint.empty()
                       ? compose_model_config(resolve(checked.file, from.language_model),
                                              resolve(checked.file, from.vision_tower), connector, from.num_queries)
                       : read_model_config(resolve(checked.file, from.checkpoint));
  if (opens_teacher(project) && !project.teacher.checkpoint.empty()) {
    const fs::path folder = resolve(checked.file, project.teacher.checkpoint);
    models.teacher = read_model_config(folder);
    models.teacher_facts = read_model_facts(folder);
    models.same_tower = alike(models.student, *models.teacher);
  }
  std::set<fs::path> files;
  for (const StageOptions& stage : checked.stages) files.insert(resolve(checked.file, stage.data));
  models.program_bytes = program_alone;
  for (const fs::path& file : files) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) models.program_bytes += bytes_of_data * static_cast<double>(size);
  }
  return models;
}

WorkOfStep work_of(const Models& models, const StageOptions& stage, const SampleLengths& lengths, int64_t samples) {
  const auto count = [&](double mean) {
    return std::llround(mean * static_cast<double>(samples));
  };
  return {.samples = samples,
          .text_tokens = count(lengths.text_tokens),
          .images = count(lengths.images),
          .visual_tokens = count(lengths.visual_tokens),
          .response_tokens = count(lengths.response_tokens),
          .distils = distils(stage) && models.teacher.has_value(),
          .language_learns = is_trained(stage, "language_model"),
          .same_tower = models.same_tower};
}

StepShape shape_of(const CheckedProject& checked, const Models& models, const ModelFacts& student,
                   const StageOptions& stage, const SampleLengths& lengths) {
  const int64_t together = std::min(stage.micro_batch_size, stage.batch_size);
  const auto at_once = static_cast<double>(together);
  StepShape shape{.bytes_per_number = bytes_of_weight(checked.project)};
  shape.tokens_at_once = together * lengths.longest;
  shape.visual_at_once = std::llround(at_once * lengths.visual_tokens);
  shape.loss_rows = std::llround(at_once * (lengths.response_tokens + (distils(stage) ? lengths.visual_tokens : 0)));
  shape.several_micro_batches = stage.batch_size > stage.micro_batch_size;
  shape.distils = distils(stage);
  shape.language_learns = is_trained(stage, "language_model");
  shape.connector_learns = is_trained(stage, "connector");
  shape.tower_learns = is_trained(stage, "vision_tower");
  shape.recompute = checked.project.run.activation_checkpointing == "on";
  for (const std::string& part : stage.train) shape.trained_parameters += parameters_of(student, part);
  shape.student_parameters = student.total_parameters;
  if (models.teacher_facts)
    shape.teacher_parameters =
        models.teacher_facts->total_parameters -
        (models.same_tower && !shape.tower_learns ? parameters_of(*models.teacher_facts, "vision_tower") : 0);
  shape.on_host = checked.project.run.device != "cuda";
  return shape;
}

/// Pixels of a step's samples, and of as many that are prepared meanwhile (StageData).
double loader_bytes(const CheckedProject& checked, const Models& models, const SampleLengths& lengths, int64_t batch) {
  const int64_t workers =
      checked.project.run.workers > 0 ? checked.project.run.workers : std::clamp(usable_cores() / 2, 1, 4);
  const auto side = static_cast<double>(models.student.vision.image_size);
  const auto waiting = static_cast<double>(batch + std::max(batch, 2 * workers));
  return waiting * lengths.images * 3 * side * side * 4;
}

/// Bytes of one picture's features, of both towers where they differ.
double picture_bytes(const CheckedProject& checked, const Models& models, bool distilling) {
  const auto bytes = [](const ModelConfig& model) {
    return static_cast<double>(model.feature_tokens() * model.vision.hidden_size);
  };
  const double teacher = distilling && models.teacher && !models.same_tower ? bytes(*models.teacher) : 0;
  return (bytes(models.student) + teacher) * static_cast<double>(bytes_of_weight(checked.project));
}

void add_memory(StageEstimate& estimate, const CheckedProject& checked, const Models& models, const ModelFacts& student,
                const StageOptions& stage, const SampleLengths& lengths) {
  const ModelConfig* teacher = models.teacher ? &*models.teacher : nullptr;
  StepShape shape = shape_of(checked, models, student, stage, lengths);
  estimate.step = step_memory(teacher, models.student, shape);
  estimate.program_bytes = models.program_bytes;
  estimate.loader_bytes = loader_bytes(checked, models, lengths, stage.batch_size);
  const double features = static_cast<double>(lengths.different_images) * picture_bytes(checked, models, shape.distils);
  if (!shape.tower_learns && features <= feature_budget) estimate.feature_bytes = features;
  const auto available = static_cast<double>(machine_memory().available_bytes);
  if (!shape.recompute && shape.on_host && checked.project.run.activation_checkpointing == "auto" && available > 0 &&
      estimate.predicted_bytes() > available) {
    shape.recompute = true;
    estimate.step = step_memory(teacher, models.student, shape);
  }
  estimate.recompute = shape.recompute;
  estimate.memory_bytes = estimate.predicted_bytes();
}

void add_disk(StageEstimate& estimate, const CheckedProject& checked, const Models& models, const ModelFacts& student,
              const StageOptions& stage, const SampleLengths& lengths) {
  estimate.checkpoint_bytes = stage_checkpoint_bytes(checked, student, stage);
  const RunOptions& run = checked.project.run;
  if (run.vision_cache == "on" && !is_trained(stage, "vision_tower"))
    estimate.cache_bytes +=
        static_cast<double>(lengths.different_images) * picture_bytes(checked, models, distils(stage));
  if (run.teacher_cache == "on" && distils(stage) && models.teacher)
    estimate.cache_bytes +=
        static_cast<double>(lengths.samples) * lengths.tokens() *
        static_cast<double>(models.teacher->language.hidden_size * bytes_of_weight(checked.project));
}

/// Of one sample that is met for the first time and of one that caches know, in seconds, and the optimizer's of a step.
void add_measured_time(StageEstimate& estimate, const CheckedProject& checked, const StageOptions& stage,
                       const SampleLengths& lengths, const StepMeasurement& measured) {
  const auto samples = static_cast<double>(estimate.samples), steps = static_cast<double>(estimate.steps);
  const RunOptions& run = checked.project.run;
  double seen_by_tower = samples, seen_by_teacher = samples;
  if ((estimate.feature_bytes > 0 || run.vision_cache == "on") && !is_trained(stage, "vision_tower") &&
      lengths.images > 0)
    seen_by_tower = std::min(samples, static_cast<double>(lengths.different_images) / lengths.images);
  if (run.teacher_cache == "on") seen_by_teacher = std::min(samples, static_cast<double>(lengths.samples));
  estimate.time =
      TimeParts{.vision = seen_by_tower * measured.vision_seconds,
                .teacher = seen_by_teacher * measured.teacher_seconds,
                .student = samples * (measured.sample_seconds - measured.vision_seconds - measured.teacher_seconds),
                .optimizer = steps * measured.optimizer_seconds};
  const double seconds = estimate.time->all();
  estimate.seconds = seconds;
  if (steps > 0) estimate.step_seconds = seconds / steps;
}

/// By the newest one that measured it, which a run doesn't. What grows with the step and the data comes from the model.
void add_measured_memory(StageEstimate& estimate, const CheckedProject& checked, const Models& models,
                         const SampleLengths& lengths, const std::vector<StepMeasurement>& measurements,
                         const nlohmann::json& key) {
  const auto own = std::ranges::find_if(measurements, [&](const StepMeasurement& each) {
    return each.key == key && each.peak_memory_bytes > 0 && each.samples > 0;
  });
  if (own == measurements.end()) return;
  estimate.measured->peak_memory_bytes = own->peak_memory_bytes;
  const double waiting = estimate.loader_bytes - loader_bytes(checked, models, lengths, own->samples);
  const double kept = std::max(0.0, static_cast<double>(lengths.different_images) -
                                        static_cast<double>(own->steps * own->samples) * lengths.images);
  const double share = lengths.different_images > 0 ? kept / static_cast<double>(lengths.different_images) : 0;
  estimate.memory_bytes = static_cast<double>(own->peak_memory_bytes) + waiting + share * estimate.feature_bytes;
}

void add_time(StageEstimate& estimate, const CheckedProject& checked, const Models& models, const StageOptions& stage,
              const SampleLengths& lengths, const std::vector<StepMeasurement>& measurements) {
  const auto key = measurement_key(checked.project, stage);
  const auto own = std::ranges::find_if(measurements, [&](const StepMeasurement& each) { return each.key == key; });
  if (own != measurements.end()) {
    estimate.measured = *own;
    add_measured_time(estimate, checked, stage, lengths, *own);
    add_measured_memory(estimate, checked, models, lengths, measurements, key);
    return;
  }
  // By the newest one's rate, on this machine and in this precision.
  const auto agrees = [&](const StepMeasurement& other, const char* field) {
    return other.key.is_object() && other.key.contains(field) && other.key.at(field) == key.at(field);
  };
  const auto like = std::ranges::find_if(measurements, [&](const StepMeasurement& other) {
    return other.sample_operations > 0 && other.sample_seconds > 0 && agrees(other, "machine") &&
           agrees(other, "precision") && agrees(other, "device") && agrees(other, "threads");
  });
  if (like == measurements.end() || estimate.sample_operations <= 0) return;
  StepMeasurement guess = *like;
  const double ratio = estimate.sample_operations / like->sample_operations;
  for (double* seconds : {&guess.sample_seconds, &guess.vision_seconds, &guess.teacher_seconds}) *seconds *= ratio;
  add_measured_time(estimate, checked, stage, lengths, guess);
}

StageEstimate estimate_of(const CheckedProject& checked, const Models& models, const ModelFacts& student,
                          const StageOptions& stage, const std::vector<StepMeasurement>& measurements) {
  const Dataset& dataset = checked.data.at(resolve(checked.file, stage.data));
  const SampleLengths lengths = sample_lengths(dataset, rules_of(*checked.texts, checked.project, stage));
  StageEstimate estimate{.stage = stage.name};
  estimate.steps = stage_steps(stage, dataset.size());
  estimate.samples = std::min(estimate.steps * stage.batch_size, stage_samples(stage, dataset.size()));
  constexpr int64_t counted = 16;  // fractions of a token are lost in whole counts
  const ModelConfig& guide = models.teacher ? *models.teacher : models.student;
  estimate.sample_operations =
      needed_operations(guide, models.student, work_of(models, stage, lengths, counted)) / counted;
  add_memory(estimate, checked, models, student, stage, lengths);
  add_disk(estimate, checked, models, student, stage, lengths);
  add_time(estimate, checked, models, stage, lengths, measurements);
  return estimate;
}

}  // namespace

std::vector<StageEstimate> estimate_stages(const CheckedProject& checked, const ModelFacts& student) {
  std::vector<StageEstimate> estimates;
  if (!checked.texts || !student.faults.empty()) return estimates;
  std::optional<Models> models;
  try {
    models = models_of(checked);
  } catch (const UserError&) {
    return estimates;
  }
  const auto measurements = read_measurements(checked.file);
  for (const StageOptions& stage : checked.stages) {
    try {
      if (!stage.data.empty()) estimates.push_back(estimate_of(checked, *models, student, stage, measurements));
    } catch (const UserError&) {
      // Its data can't be read.
    }
  }
  return estimates;
}

}  // namespace llavakd
