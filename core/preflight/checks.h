// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/student_texts.h"
#include "core/preflight/preflight.h"
#include "core/preflight/project_models.h"

namespace llavakd {

/// Data files, each opened once.
class DataFiles {
 public:
  /// Throws UserError like open_dataset, each time the same.
  const Dataset& at(const std::filesystem::path& file);

 private:
  struct Result {
    std::shared_ptr<const Dataset> dataset;
    std::string error;
  };
  std::map<std::filesystem::path, Result> results_;
};

/// What all checks look at. Each check adds its items in the order in which they are shown.
struct CheckedProject {
  const Project& project;
  const std::filesystem::path& file;
  std::vector<StageOptions> stages;  ///< Those that run, each once, in the order of their first time.
  DataFiles& data;
  bool every_image = false;                ///< Also looks at each image of the data: minutes, where there are many.
  std::optional<StudentTexts> texts = {};  ///< Where the student's tokenizer can be read.
};

/// Optimizer steps of a stage; 0 where its data can't be read, which the item of the data reports.
int64_t steps_of(const CheckedProject& checked, const StageOptions& stage);

/// Student and teacher, and how they fit.
void check_models(const CheckedProject& checked, ModelFacts student, std::vector<PreflightItem>& items);

/// Whether the models' weights are numbers; of models up to 2 GiB.
void check_weights(const CheckedProject& checked, std::vector<PreflightItem>& items);

/// The tokenizer, which it keeps for the other checks, and whether the templates are made for it. Where ten samples of
/// a stage lose all their labels for it, a run is refused.
void check_templates(CheckedProject& checked, const ModelFacts& student, std::vector<PreflightItem>& items);

/// Whether there are stages, and whether each has something to learn, and something to learn from.
void check_stages(const CheckedProject& checked, const ModelFacts& student, std::vector<PreflightItem>& items);

/// The data of each stage.
void check_stage_data(const CheckedProject& checked, std::vector<PreflightItem>& items);

/// Probes and evaluations.
void check_questions(const CheckedProject& checked, std::vector<PreflightItem>& items);

/// Where the run is to be computed and written; only what is wrong.
void check_places(const CheckedProject& checked, const DeviceFault& device_fault, std::vector<PreflightItem>& items);

/// Disk, memory and time.
void check_machine(const CheckedProject& checked, const ModelFacts& student,
                   const std::vector<StageEstimate>& estimates, std::vector<PreflightItem>& items);

}  // namespace llavakd
