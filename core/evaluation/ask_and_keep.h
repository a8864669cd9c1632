// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "core/checkpoint/loaded_model.h"
#include "core/run/answer_files.h"

namespace llavakd {

/// Told how far a model is: its AskedModel::who, and how many questions of how many it has answered. Returns false to
/// stop.
using AskingProgress = std::function<bool(const std::string& who, int64_t done, int64_t total)>;

/// Opens the model as it computes in the project.
LoadedModel load_asked(const AskedModel& asked);

/// The model's own picture format where its config names one, else the project's: what it was trained with.
std::string aspect_ratio_of(const AskedModel& asked, const LoadedModel& model);

/// The file of the model's answers that the run keeps; where there is none yet the model is asked now. It is asked as
/// it was trained, where it or its run says how, else as the project says. Throws like score() and write_answers().
std::filesystem::path ask_and_keep(const RunFolder& run, const AskedModel& asked, const AskingProgress& progress = {});

}  // namespace llavakd
