// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/io/scalar_curves.h"
#include "core/run/run_folder.h"

namespace llavakd {

struct ImportedRun {
  RunFolder folder;
  int64_t steps = 0;                  ///< That have a number.
  std::vector<std::string> curves;    ///< Their names in the run's events.
  std::vector<std::string> warnings;  ///< What was left out.
};

/// Reads what another program recorded, a TensorBoard event file or a folder of them, or a CSV file, into a new run of
/// the project: one to look at, which nothing goes on with. "total" or "loss" (also behind a "train/") is its total,
/// "grad_norm" and "learning_rate" are what they are called, every other curve is a term by its name. Without an id the
/// run is called as its source. Throws UserError where the source can't be read (read_tensorboard, read_csv_curves) or
/// there is a run of that id.
ImportedRun import_run(const std::filesystem::path& project_file, const std::filesystem::path& source,
                       const std::string& id = {});

}  // namespace llavakd
