// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Runs of the tiny project that are stopped and go on, next to one that was never interrupted.
#include <QTemporaryDir>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"
#include "core/training/train.h"
#include "tests/core/training/run_results.h"
#include "tests/core/training/tiny_project.h"

namespace llavakd {

struct TinyRuns {
  QTemporaryDir dir_;
  std::filesystem::path file_;
  Project project_;
  RunFolder whole_;  ///< DPT, SFT and DFT of six steps each.

  /// Writes the project and trains it.
  bool begin() {
    file_ = std::filesystem::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
    whole_ = create_run(file_, "whole");
    return run(project_, whole_).steps == 18;
  }

  RunResult run(const Project& project, const RunFolder& folder, const TrainOptions& options = {},
                const EventSink& sink = {}) const {
    RunControl control;
    return train(project, file_, folder, sink, control, options);
  }

  /// Trains until `step`, where the run is stopped by request.
  void run_until(const Project& project, const RunFolder& folder, int64_t step) const {
    RunControl control;
    const auto stop = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == step) control.stop();
    };
    const RunResult first = train(project, file_, folder, stop, control);
    if (!first.stopped || first.steps != step) throw std::runtime_error("was not stopped");
  }

  /// The same, then goes on.
  RunResult run_in_two_parts(const Project& project, const RunFolder& folder, int64_t step) const {
    run_until(project, folder, step);
    return run(project, folder, {.resume = true});
  }

  bool refuses(const RunFolder& folder) const {
    try {
      run(project_, folder, {.resume = true});
      return false;
    } catch (const UserError&) {
      return true;
    }
  }

  static std::string text_of(const std::filesystem::path& file) { return std::string(MappedFile::open(file)->text()); }

  /// Another bit in the middle of a file.
  static void flip_bit(const std::filesystem::path& file) {
    std::string text = text_of(file);
    text[text.size() / 2] ^= 1;
    write_file_atomically(file, text);
  }
};

}  // namespace llavakd
