// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>

#include "core/data/dataset.h"
#include "core/project/options.h"
#include "core/run/input_files.h"

namespace llavakd {

/// The dataset of a stage.
using DatasetOfStage = std::function<const Dataset&(const StageOptions&)>;

/// Where a run is, as far as it decides what is still to be read.
struct InputsFrom {
  size_t stage_index = 0;         ///< The stages before are done.
  bool untrained_student = true;  ///< Whether it starts from the project's student, not from a checkpoint.
};

/// Data and question files, the models' files, the images of data and probes.
InputFiles input_files(const Project& project, const std::filesystem::path& project_file,
                       const DatasetOfStage& dataset_of, const InputsFrom& from);

}  // namespace llavakd
