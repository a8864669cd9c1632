// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/project/options.h"
#include "core/run/run_folder.h"

namespace llavakd {

/// One model that is asked the questions of one evaluation, and all that its answers depend on.
struct AskedModel {
  std::string who;               ///< "teacher", or the name of a run's checkpoint: "DFT-40".
  std::filesystem::path model;   ///< The folder of its model.
  EvaluationOptions evaluation;  ///< With absolute paths.
  std::string conversation_template;
  std::string aspect_ratio;
  int64_t max_length = 0;
  std::string precision, device;
};

/// The project's teacher. Throws UserError where the project has none.
AskedModel asked_teacher(const Project& project, const std::filesystem::path& project_file,
                         const EvaluationOptions& evaluation);

/// A student: the checkpoint's folder, RUN/checkpoints/NAME.
AskedModel asked_student(const Project& project, const std::filesystem::path& project_file,
                         const EvaluationOptions& evaluation, const std::filesystem::path& checkpoint);

/// Where a run keeps these answers: RUN/answers/WHO/FILE-KEY.jsonl. The key is of all that they depend on: the bytes of
/// the questions, how they are asked, and size and time of the model's files, so that a file of that name is never out
/// of date; of the pictures only the folder counts. Throws UserError where the questions can't be read.
std::filesystem::path answers_path(const RunFolder& run, const AskedModel& asked);

/// The file of these answers that the run has, or, for the teacher, any run next to it.
std::optional<std::filesystem::path> kept_answers_path(const RunFolder& run, const AskedModel& asked);

/// Where a run keeps the map of an evaluation's pictures (core/evaluation/picture_map.h) next to the answers.
std::filesystem::path picture_map_path(const RunFolder& run, const AskedModel& asked);

}  // namespace llavakd
