// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/image_scan.h"
#include "core/data/model_input.h"
#include "widgets/pages/data/sample_table.h"

// The long work on a data file, for worker threads. Each has a job, in which the window sees how far it is, takes what
// was found so far, and asks it to end.

namespace llavakd {

/// How far some work is.
struct WorkProgress {
  double share = 0;                   ///< From 0 to 1.
  std::optional<double> secondsLeft;  ///< Nothing while it has just begun.
};

/// What is left of work that goes on as it did so far; nothing while that is too little to go by.
std::optional<double> secondsLeft(double share, double elapsedSeconds);

/// Work that can be watched and ended.
struct SampleJob {
  std::atomic<bool> stop = false;
  std::atomic<int64_t> done = 0, total = 0;
  const std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();

  WorkProgress progress() const;
};

/// A data file that has been read.
struct LoadedSamples {
  std::shared_ptr<const Dataset> dataset;
  SampleTable table;
  QString error;  ///< A sentence; empty where it could be read.
};

struct ReadingJob : SampleJob {};

/// Reads the samples of a set. Done in bytes of the file.
std::shared_ptr<const LoadedSamples> loadSamples(const SampleSet& set, ReadingJob& job);

struct TextJob : SampleJob {
  explicit TextJob(int64_t samples) : tokens(size_t(samples)) { total = samples; }

  std::vector<std::atomic<int32_t>> tokens;  ///< Length of each sample; 0: not measured yet.
  std::mutex mutex;
  std::vector<std::pair<int64_t, std::string>> faults;  ///< Of samples; taken away by the window.
};

/// Expands every sample for its length, and why a run leaves it out, on several threads. Returns why it ended early, or
/// nothing.
QString measureTexts(const Dataset& dataset, const SampleSet& set, const ModelInput& input, TextJob& job);

struct SearchJob : SampleJob {
  std::mutex mutex;
  std::vector<int64_t> rows;  ///< Found ones in order; taken away by the window.
};

/// Finds the rows whose id, text or reason contains the words.
void searchSamples(const LoadedSamples& loaded, const QString& words, SearchJob& job);

}  // namespace llavakd
