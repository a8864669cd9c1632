// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/checkpoint/loaded_model.h"

namespace llavakd {

/// What a model's weights take of memory, each storage counted once.
int64_t weights_bytes(const LoadedModel& model);

/// The models of one project that `serve` answers with, each held once. Together they stay within a budget: whoever was
/// asked longest ago goes first. A model larger than the budget is held alone, while it is asked.
class ServedModels {
 public:
  /// `budget_bytes` <= 0: half of the memory that is free now.
  ServedModels(std::filesystem::path project_file, int64_t budget_bytes);

  const std::filesystem::path& project_file() const { return file_; }
  const Project& project() const { return project_; }
  int64_t budget_bytes() const { return budget_; }

  std::shared_ptr<const LoadedModel> teacher();
  /// The student that training starts from, or that of a checkpoint's folder; relative paths start from the project.
  std::shared_ptr<const LoadedModel> student(const std::string& checkpoint);

  /// A model whose file was touched or written over is opened again by the next question to it.
  void drop_changed();

  /// {"budget_bytes", "held_bytes", "models": [{"name", "bytes"}]}, whoever was asked last first.
  nlohmann::ordered_json facts() const;

 private:
  struct Held {
    std::string name;
    std::string written;  ///< When its folders were: a checkpoint of the same name may be another one by now.
    std::shared_ptr<const LoadedModel> model;
    int64_t bytes = 0;
  };
  using Folders = std::vector<std::filesystem::path>;
  /// The model of that name, opened where it isn't held yet.
  std::shared_ptr<const LoadedModel> held(const std::string& name, const Folders& folders,
                                          const std::function<LoadedModel()>& open);
  int64_t held_bytes() const;
  void make_room(int64_t bytes);
  int64_t expected_bytes(const Folders& folders) const;

  std::filesystem::path file_;
  Project project_;
  OpenOptions options_;
  int64_t budget_ = 0;
  std::list<Held> held_;  ///< Whoever was asked last first.
};

}  // namespace llavakd
