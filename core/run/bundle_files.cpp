// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/bundle_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "core/base/errors.h"
#include "core/run/event_sums.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

class BundledFiles {
 public:
  BundledFiles(const RunFolder& run, std::vector<BundledFile>& files)
      : run_(run), in_bundle_(fs::path("runs") / run.id()), files_(files) {}

  /// A file of the run's folder, if it is there.
  void add_file(const fs::path& file, const char* part) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return;
    const auto bytes = static_cast<int64_t>(fs::file_size(file, error));
    files_.push_back(
        {.from = file, .to = in_bundle_ / file.lexically_relative(run_.path), .part = part, .bytes = bytes});
  }

  void add_folder(const fs::path& folder, const char* part) {
    add_folder(folder, in_bundle_ / folder.lexically_relative(run_.path), part);
  }

  void add_folder(const fs::path& folder, const fs::path& to, const char* part, bool is_model = false) {
    std::error_code error;
    using Iterator = fs::recursive_directory_iterator;
    for (Iterator entry(folder, error); !error && entry != Iterator(); entry.increment(error)) {
      const fs::path name = entry->path().lexically_relative(folder);
      if (name.filename().string().starts_with('.') || entry->path().extension() == ".partial") {
        if (entry->is_directory(error)) entry.disable_recursion_pending();
        continue;
      }
      std::error_code unreadable;
      if (!entry->is_regular_file(unreadable)) continue;
      files_.push_back({.from = entry->path(),
                        .to = to / name,
                        .part = part,
                        .bytes = static_cast<int64_t>(entry->file_size(unreadable)),
                        .is_of_a_model = is_model || *name.begin() == "model"});
    }
  }

 private:
  const RunFolder& run_;
  const fs::path in_bundle_;
  std::vector<BundledFile>& files_;
};

/// The newest one, as a resume would take it, and then the one before.
std::vector<fs::path> newest_checkpoints(const RunFolder& run) {
  std::vector<fs::path> all = list_training_checkpoints(run.checkpoints()), newest;
  if (const auto latest = latest_training_checkpoint(run.checkpoints())) {
    newest.push_back(*latest);
    all.erase(std::ranges::find(all, *latest), all.end());
  }
  if (!all.empty()) newest.push_back(all.back());
  return newest;
}

void add_weights(const RunFolder& run, BundleWeights weights, std::vector<BundledFile>& files) {
  BundledFiles bundled(run, files);
  const std::vector<fs::path> checkpoints = newest_checkpoints(run);
  if (checkpoints.empty() || weights == BundleWeights::none) return;
  if (weights == BundleWeights::student)
    return bundled.add_folder(checkpoints.front() / "model", "student", "weights", true);
  bundled.add_file(run.checkpoints() / "latest", "weights");
  for (const fs::path& checkpoint : checkpoints) bundled.add_folder(checkpoint, "weights");
}

}  // namespace

std::vector<BundledFile> files_for_bundle(const RunFolder& run, BundleWeights weights) {
  std::vector<BundledFile> files;
  BundledFiles bundled(run, files);
  for (const fs::path& file :
       {run.info(), run.events(), sums_file(run.events()), run.image_hashes(), run.path / "notes.json"})
    bundled.add_file(file, "record");
  bundled.add_file(run.log(), "log");
  bundled.add_folder(run.probes(), "probes");
  bundled.add_folder(run.evaluations(), "scores");
  add_weights(run, weights, files);
  std::ranges::sort(files, {}, [](const BundledFile& file) -> const std::string& { return file.to.native(); });
  return files;
}

void refuse_link_out(const RunFolder& run, const BundledFile& file) {
  std::error_code error;
  const bool is_weights = std::string_view(file.part) == "weights";
  const fs::path root = fs::weakly_canonical(is_weights ? file.from.parent_path() : run.path, error);
  const fs::path real = fs::weakly_canonical(file.from, error);
  if (!error && std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end()) return;
  throw UserError(
      fmt::format("{} is behind a link that leads out of the run's folder, so it isn't bundled. Put the "
                  "file itself there, or remove the link.",
                  file.from.string()));
}

std::vector<BundlePart> parts_for_bundle(const RunFolder& run) {
  std::vector<BundlePart> parts{{.name = "record"}, {.name = "log"}, {.name = "probes"}, {.name = "scores"}};
  for (const BundledFile& file : files_for_bundle(run, BundleWeights::none)) {
    const auto part = std::ranges::find(parts, file.part, &BundlePart::name);
    ++part->files;
    part->bytes += file.bytes;
  }
  for (const BundleWeights weights : {BundleWeights::student, BundleWeights::all}) {
    std::vector<BundledFile> files;
    add_weights(run, weights, files);
    BundlePart part{.name = std::string(name_of(weights)), .files = std::ssize(files)};
    for (const BundledFile& file : files) part.bytes += file.bytes;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace llavakd
