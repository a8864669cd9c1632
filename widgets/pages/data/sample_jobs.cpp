// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_jobs.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <limits>

#include "core/base/parallel_for.h"
#include "core/data/sample_sets.h"
#include "core/data/sample_tokens.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

/// The window doesn't want the rest of the file.
struct ReadingStopped {};

void readSamples(const SampleSet& set, ReadingJob& job, LoadedSamples& loaded) {
  if (set.kind == SampleSetKind::probes || set.file.empty()) {
    loaded.dataset = open_samples(set);
    for (int64_t i = 0; i < loaded.dataset->size(); ++i) loaded.table.add(*loaded.dataset->sample(i));
    return;
  }
  std::error_code error;
  if (const auto bytes = std::filesystem::file_size(set.file, error); !error) job.total = int64_t(bytes);
  const auto addSample = [&](const Sample& sample) {
    if (job.stop) throw ReadingStopped{};
    loaded.table.add(sample);
    job.done = sample.offset + sample.bytes;
  };
  loaded.dataset = open_dataset_to_browse(set.file, {.sample = addSample, .fault = [&](const DataFault& fault) {
                                                       loaded.table.add(fault);
                                                     }});
}

bool hasWords(const LoadedSamples& loaded, int64_t row, const QString& words) {
  const SampleTable& table = loaded.table;
  if (table.id(row).contains(words, Qt::CaseInsensitive)) return true;
  if (table.row(row).sample < 0) return table.text(row).contains(words, Qt::CaseInsensitive);
  const auto sample = loaded.dataset->sample(table.row(row).sample);
  return std::ranges::any_of(
      sample->turns, [&](const Turn& turn) { return toQString(turn.text).contains(words, Qt::CaseInsensitive); });
}

}  // namespace

std::optional<double> secondsLeft(double share, double elapsedSeconds) {
  constexpr double leastShare = 0.01, leastSeconds = 3;
  if (share < leastShare || elapsedSeconds < leastSeconds) return std::nullopt;
  return elapsedSeconds * std::max(0.0, 1 - share) / share;
}

WorkProgress SampleJob::progress() const {
  const int64_t all = total;
  const double share = all > 0 ? double(done) / double(all) : 0;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {share, secondsLeft(share, elapsed.count())};
}

std::shared_ptr<const LoadedSamples> loadSamples(const SampleSet& set, ReadingJob& job) {
  auto loaded = std::make_shared<LoadedSamples>();
  try {
    readSamples(set, job, *loaded);
  } catch (const ReadingStopped&) {
    loaded->error = QStringLiteral("–");  // nobody reads it
  } catch (const std::exception& error) {
    loaded->error = toQString(error.what());
  }
  return loaded;
}

QString measureTexts(const Dataset& dataset, const SampleSet& set, const ModelInput& input, TextJob& job) {
  const TextRules rules = rules_of(input, set);
  const auto measure = [&](int64_t i) {
    if (job.stop) return false;
    const SampleTokens tokens = sample_tokens(*dataset.sample(i), rules);
    job.tokens[size_t(i)] = int32_t(std::min<int64_t>(tokens.length(), std::numeric_limits<int32_t>::max()));
    if (tokens.sequence.skipped) {
      const std::scoped_lock lock(job.mutex);
      job.faults.emplace_back(i, *tokens.sequence.skipped);
    }
    ++job.done;
    return true;
  };
  try {
    parallel_for(dataset.size(), 0, measure);
  } catch (const std::exception& error) {
    return toQString(error.what());
  }
  return {};
}

void searchSamples(const LoadedSamples& loaded, const QString& words, SearchJob& job) {
  job.total = loaded.table.size();
  try {
    for (int64_t row = 0; row < loaded.table.size() && !job.stop; ++row) {
      if (hasWords(loaded, row, words)) {
        const std::scoped_lock lock(job.mutex);
        job.rows.push_back(row);
      }
      job.done = row + 1;
    }
  } catch (const std::exception&) {
    // The file has changed: showing a sample of it says so.
  }
}

}  // namespace llavakd
