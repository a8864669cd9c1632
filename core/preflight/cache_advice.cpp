// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/cache_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/byte_size.h"
#include "core/base/duration.h"
#include "core/base/errors.h"
#include "core/preflight/checks.h"
#include "core/preflight/preflight.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

// Checksum, writing and reading together; a disk that is slower makes a cache pay later.
constexpr double bytes_a_second = 5e8;
constexpr double entry_head = 128;  // of RowStore
constexpr double bytes_a_token = 4;

/// What the schedule makes of the data.
struct Use {
  int64_t images = 0, distilled_samples = 0;  ///< Different ones.
  double image_visits = 0, visits = 0;        ///< How often they are gone through, all together.
  double distilled_rows = 0;                  ///< Response and visual tokens of the distilled samples.
};

double rows_of(const Sample& sample, int64_t visual_tokens) {
  double rows = static_cast<double>(sample.images.size()) * static_cast<double>(visual_tokens);
  for (const Turn& turn : sample.turns)
    if (turn.speaker != Speaker::human) rows += 1 + static_cast<double>(turn.text.size()) / bytes_a_token;
  return rows;
}

Use use_of(const Project& project, const fs::path& file, int64_t visual_tokens) {
  Use use;
  DataFiles data;
  std::set<std::string> images, distilled;
  for (const StageOptions& stage : scheduled_stages(project)) {
    const Dataset& dataset = data.at(resolve(file, stage.data));
    const int64_t count = dataset.size();
    if (count == 0) continue;
    const double most = static_cast<double>(stage_steps(stage, count) * stage.batch_size) / static_cast<double>(count);
    const double epochs = std::min(stage.epochs, most);
    // Stages that share a file share its samples where the template is the same, too.
    const std::string place = stage.data + '\n' + stage.conversation_template + '\n';
    const bool first = distils(stage) && distilled.insert(place).second;
    const std::string folder = images_folder(file, stage.data, stage.images).string();
    for (int64_t i = 0; i < count; ++i) {
      const auto sample = dataset.sample(i);
      for (const ImageRef& image : sample->images) images.insert(folder + '\n' + image.key());
      use.image_visits += epochs * static_cast<double>(sample->images.size());
      if (distils(stage)) use.visits += epochs;
      if (!first) continue;
      ++use.distilled_samples;
      use.distilled_rows += rows_of(*sample, visual_tokens);
    }
  }
  use.images = static_cast<int64_t>(images.size());
  return use;
}

std::string took_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.1f} ms", 1e3 * seconds) : duration_text(seconds);
}

/// What a run would gain, or from how many passes on it would; `cost` is of writing or reading an entry.
std::string saved_text(const CacheAdvice& advice, double cost) {
  const double each = (advice.passes - 1) * (*advice.seconds - cost) - cost;
  const std::string met = fmt::format("; computing one took {}, and the schedule meets each {:.1f} times",
                                      took_text(*advice.seconds), advice.passes);
  if (each <= 0) return fmt::format("{}: it would pay from {:.1f} times on", met, *advice.break_even);
  return fmt::format("{}: a run would take about {} less", met, took_text(static_cast<double>(advice.entries) * each));
}

void complete(CacheAdvice& advice) {
  advice.bytes = advice.bytes_per_entry * static_cast<double>(advice.entries);
  const double cost = advice.bytes_per_entry / bytes_a_second;
  if (advice.seconds && *advice.seconds > cost) advice.break_even = 1 + cost / (*advice.seconds - cost);
  std::string& text = advice.sentence;
  text = fmt::format("{} {} take {} ({} each), {} are free", advice.entries, advice.of, size_text(advice.bytes),
                     size_text(advice.bytes_per_entry), size_text(advice.free_bytes));
  if (advice.bytes > 0.9 * advice.free_bytes)
    text += "; there is no room for them";
  else if (advice.passes < 1.05)
    text += "; the schedule meets each once, so nothing would be saved in this run";
  else if (!advice.seconds)
    text +=
        fmt::format("; the schedule meets each {:.1f} times; after a first run the time saved is known", advice.passes);
  else if (!advice.break_even)
    text += fmt::format("; computing one took {}, about as long as reading it would", took_text(*advice.seconds));
  else
    text += saved_text(advice, cost);
}

std::vector<CacheAdvice> completed(std::vector<CacheAdvice> all, double free_bytes) {
  for (CacheAdvice& advice : all) {
    advice.free_bytes = free_bytes;
    complete(advice);
  }
  return all;
}

std::vector<CacheAdvice> advice_of(const Project& project, const fs::path& file, const NewestRun& run) {
  const ModelFacts student = student_facts(project, file);
  const auto bytes = static_cast<double>(bytes_of_weight(project));
  const Use use = use_of(project, file, student.visual_tokens);
  std::error_code error;
  const auto free = static_cast<double>(fs::space(fs::absolute(file).parent_path(), error).available);
  std::vector<CacheAdvice> all;
  if (use.images > 0 && student.tower.width > 0) {
    const auto rows = static_cast<double>(feature_tokens(student.tower, student.select_strategy));
    CacheAdvice advice{.option = "run.vision_cache", .on = project.run.vision_cache == "on", .of = "pictures"};
    advice.entries = use.images;
    advice.bytes_per_entry = entry_head + rows * static_cast<double>(student.tower.width) * bytes;
    advice.passes = use.image_visits / static_cast<double>(use.images);
    advice.seconds = run.phase_seconds("vision");
    all.push_back(std::move(advice));
  }
  if (use.distilled_samples > 0 && !project.teacher.checkpoint.empty()) {
    const ModelFacts teacher = teacher_facts(project, file);
    if (!teacher.missing.empty() || teacher.hidden_size <= 0) return completed(std::move(all), free);
    CacheAdvice advice{.option = "run.teacher_cache", .on = project.run.teacher_cache == "on", .of = "samples"};
    advice.entries = use.distilled_samples;
    advice.bytes_per_entry = entry_head + use.distilled_rows / static_cast<double>(use.distilled_samples) *
                                              static_cast<double>(teacher.hidden_size) * bytes;
    advice.passes = use.visits / static_cast<double>(use.distilled_samples);
    advice.seconds = run.phase_seconds("teacher");
    all.push_back(std::move(advice));
  }
  return completed(std::move(all), free);
}

}  // namespace

std::vector<CacheAdvice> cache_advice(const Project& project, const fs::path& project_file, const NewestRun& run) {
  try {
    return advice_of(project, project_file, run);
  } catch (const UserError&) {
    return {};
  }
}

nlohmann::ordered_json to_json(const std::vector<CacheAdvice>& advice) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const CacheAdvice& one : advice)
    list.push_back({{"option", one.option},
                    {"on", one.on},
                    {"of", one.of},
                    {"entries", one.entries},
                    {"bytes_per_entry", one.bytes_per_entry},
                    {"bytes", one.bytes},
                    {"free_bytes", one.free_bytes},
                    {"passes", one.passes},
                    {"seconds", one.seconds ? Json(*one.seconds) : Json()},
                    {"break_even_passes", one.break_even ? Json(*one.break_even) : Json()},
                    {"sentence", one.sentence}});
  return list;
}

}  // namespace llavakd
