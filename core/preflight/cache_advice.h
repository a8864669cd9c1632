// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/preflight/newest_run.h"
#include "core/project/options.h"

namespace llavakd {

/// What a cache on disk (run.vision_cache, run.teacher_cache) would take and give.
struct CacheAdvice {
  std::string option;                ///< "run.vision_cache" or "run.teacher_cache".
  bool on = false;                   ///< As the project says now.
  std::string of;                    ///< "pictures" or "samples".
  int64_t entries = 0;               ///< Over the scheduled stages, each once.
  double bytes_per_entry = 0;        ///< On average.
  double bytes = 0;                  ///< Of all.
  double free_bytes = 0;             ///< Where the cache would lie.
  double passes = 0;                 ///< How often the schedule meets an entry, on average.
  std::optional<double> seconds;     ///< That computing an entry took in the newest run; nothing without a run.
  std::optional<double> break_even;  ///< Passes from which on the cache saves time; nothing where it never does.
  std::string sentence;              ///< All this for people.
};

/// Advice on both caches: sizes from the models' headers and the data files, times from the newest run. Empty
/// where models or data can't be read: preflight() says why. The tokens of answers, of which the teacher's cache holds
/// a row each, are taken to have four bytes of text.
std::vector<CacheAdvice> cache_advice(const Project& project, const std::filesystem::path& project_file,
                                      const NewestRun& run);

nlohmann::ordered_json to_json(const std::vector<CacheAdvice>& advice);

}  // namespace llavakd
