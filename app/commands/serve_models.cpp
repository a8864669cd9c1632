// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/serve_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/base/errors.h"
#include "core/base/machine.h"
#include "core/io/mapped_file.h"
#include "core/kernels/memory.h"
#include "core/model_spec/model_facts.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

/// Half of what is free: the other half is for what answers take, and for the other programs of the machine.
int64_t usual_budget() {
  const int64_t free = machine_memory().available_bytes;
  return free > 0 ? free / 2 : std::numeric_limits<int64_t>::max();
}

/// When each of them was written; a folder that is put in another's place has another time.
std::string times_of(const std::vector<std::filesystem::path>& folders) {
  std::string times;
  for (const auto& folder : folders) {
    std::error_code gone;
    const auto time = std::filesystem::last_write_time(folder, gone);
    times += gone ? "-," : fmt::format("{},", time.time_since_epoch().count());
  }
  return times;
}

}  // namespace

int64_t weights_bytes(const LoadedModel& model) {
  std::set<const void*> counted;
  int64_t bytes = 0;
  for (const auto& [name, tensor] : model.model.parameters())
    if (counted.insert(tensor.const_data_ptr()).second) bytes += static_cast<int64_t>(tensor.nbytes());
  return bytes;
}

ServedModels::ServedModels(std::filesystem::path project_file, int64_t budget_bytes)
    : file_(std::move(project_file)),
      project_(load_project(file_)),
      options_{precision_of(project_.run.precision), device_of(project_.run.device)},
      budget_(budget_bytes > 0 ? budget_bytes : usual_budget()) {}

std::shared_ptr<const LoadedModel> ServedModels::teacher() {
  return held("teacher", {resolve(file_, project_.teacher.checkpoint)},
              [this] { return load_teacher(project_, file_, options_); });
}

std::shared_ptr<const LoadedModel> ServedModels::student(const std::string& checkpoint) {
  if (!checkpoint.empty()) {
    const std::filesystem::path folder = model_folder_of(resolve(file_, checkpoint));
    return held(folder.lexically_normal().string(), {folder}, [this, folder] { return load_model(folder, options_); });
  }
  const StudentOptions& student = project_.student;
  Folders folders{resolve(file_, student.checkpoint)};
  if (student.checkpoint.empty())
    folders = {resolve(file_, student.language_model), resolve(file_, student.vision_tower)};
  return held("student", folders, [this] { return load_student(project_, file_, options_); });
}

void ServedModels::drop_changed() {
  try {
    refuse_changed_mappings();
  } catch (const RunError&) {
    held_.clear();
  }
}

nlohmann::ordered_json ServedModels::facts() const {
  nlohmann::ordered_json models = nlohmann::ordered_json::array();
  for (const Held& each : held_) models.push_back({{"name", each.name}, {"bytes", each.bytes}});
  return {{"budget_bytes", budget_}, {"held_bytes", held_bytes()}, {"models", models}};
}

std::shared_ptr<const LoadedModel> ServedModels::held(const std::string& name, const Folders& folders,
                                                      const std::function<LoadedModel()>& open) {
  const std::string written = times_of(folders);
  const auto known = std::ranges::find(held_, name, &Held::name);
  if (known != held_.end() && known->written == written) {
    held_.splice(held_.begin(), held_, known);
    return held_.front().model;
  }
  if (known != held_.end()) held_.erase(known);
  make_room(expected_bytes(folders));
  auto model = std::make_shared<const LoadedModel>(open());
  const int64_t bytes = weights_bytes(*model);
  make_room(bytes);
  held_.push_front({name, written, model, bytes});
  return model;
}

int64_t ServedModels::held_bytes() const {
  int64_t bytes = 0;
  for (const Held& each : held_) bytes += each.bytes;
  return bytes;
}

void ServedModels::make_room(int64_t bytes) {
  bool gone = false;
  while (!held_.empty() && held_bytes() > budget_ - std::min(bytes, budget_)) {
    held_.pop_back();
    gone = true;
  }
  if (gone) release_cached_blocks();
}

/// From the headers of its files, so that room is made before it is read; 0 of what can't be read, which is refused
/// when it is opened.
int64_t ServedModels::expected_bytes(const Folders& folders) const {
  int64_t parameters = 0;
  for (const auto& folder : folders) parameters += read_model_facts(folder).total_parameters;
  return parameters * static_cast<int64_t>(at::elementSize(options_.precision));
}

}  // namespace llavakd
