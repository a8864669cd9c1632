// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/step_measurement.h"

#include <unistd.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/project/visitors.h"
#include "core/run/run_folder.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// Each member by its key, for reading and writing.
void measurement_fields(auto& self, auto&& field) {
  field("key", self.key);
  field("stage", self.stage);
  field("when", self.when);
  field("steps", self.steps);
  field("samples", self.samples);
  field("sample_seconds", self.sample_seconds);
  field("vision_seconds", self.vision_seconds);
  field("teacher_seconds", self.teacher_seconds);
  field("optimizer_seconds", self.optimizer_seconds);
  field("sample_operations", self.sample_operations);
  field("peak_memory_bytes", self.peak_memory_bytes);
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

}  // namespace

nlohmann::json measurement_key(const Project& project, const StageOptions& stage) {
  const RunOptions& run = project.run;
  nlohmann::json terms = nlohmann::json::array();
  for (const TermOptions& term : stage.terms)
    if (is_on(term)) terms.push_back(term.term + " on " + term.on);
  return {
      {"teacher", project.teacher.checkpoint},
      {"student",
       {project.student.checkpoint, project.student.language_model, project.student.vision_tower,
        project.student.connector, std::to_string(project.student.num_queries)}},
      {"template", stage.conversation_template.empty() ? project.conversation_template : stage.conversation_template},
      {"max_length", project.max_length},
      {"aspect_ratio", project.image.aspect_ratio},
      {"train", stage.train},
      {"data", stage.data},
      {"terms", terms},
      {"micro_batch_size", stage.micro_batch_size},
      {"several_micro_batches", stage.batch_size > stage.micro_batch_size},
      {"device", run.device},
      {"precision", run.precision},
      {"threads", run.threads},
      {"workers", run.workers},
      {"activation_checkpointing", run.activation_checkpointing},
      {"machine", host_name()},
      {"cores", usable_cores()}};
}

fs::path measurements_file(const fs::path& project_file) {
  return runs_folder(project_file) / "step-measurements.json";
}

std::vector<StepMeasurement> read_measurements(const fs::path& project_file) {
  std::vector<StepMeasurement> measurements;
  std::error_code error;
  if (!fs::exists(measurements_file(project_file), error)) return measurements;
  try {
    const nlohmann::json list = read_json(measurements_file(project_file));
    for (const nlohmann::json& object : list) {
      StepMeasurement& measurement = measurements.emplace_back();
      measurement_fields(measurement, [&](const char* key, auto& value) { object.at(key).get_to(value); });
      measurement.run = object.value("run", "");  // which earlier versions didn't write
    }
  } catch (const UserError&) {
    return {};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return measurements;
}

void add_measurements(const fs::path& project_file, std::vector<StepMeasurement> measurements) {
  constexpr size_t most = 100;
  for (StepMeasurement& older : read_measurements(project_file)) {
    const bool replaced = std::ranges::any_of(measurements, [&](const StepMeasurement& newer) {
      return newer.key == older.key && newer.run.empty() == older.run.empty();
    });
    if (!replaced && measurements.size() < most) measurements.push_back(std::move(older));
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const StepMeasurement& measurement : measurements) {
    auto& object = list.emplace_back();
    measurement_fields(measurement, [&](const char* key, const auto& value) { object[key] = value; });
    if (!measurement.run.empty()) object["run"] = measurement.run;
  }
  std::error_code error;
  fs::create_directories(runs_folder(project_file), error);
  write_json(measurements_file(project_file), list);
}

}  // namespace llavakd
