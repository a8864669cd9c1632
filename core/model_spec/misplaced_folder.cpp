// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/misplaced_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/base/name_list.h"
#include "core/io/foreign_weights.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostEntries = 2000;

bool has_config(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "config.json", error);
}

/// Folders inside that hold a config.json, by name; below `inner` of the folder.
std::vector<std::string> models_inside(const fs::path& folder, const fs::path& inner) {
  std::vector<std::string> found;
  std::error_code error;
  size_t seen = 0;
  fs::directory_iterator entry(folder / inner, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && entry != end && seen < kMostEntries; entry.increment(error), ++seen)
    if (has_config(entry->path())) found.push_back((inner / entry->path().filename()).string());
  std::ranges::sort(found);
  return found;
}

/// The hub's cache: models--owner--name/{blobs, refs, snapshots/<commit>}.
bool is_cache_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "snapshots", error) &&
         (fs::is_directory(folder / "refs", error) || fs::is_directory(folder / "blobs", error));
}

}  // namespace

std::string where_the_model_is(const fs::path& folder) {
  if (is_cache_folder(folder)) {
    const auto found = models_inside(folder, "snapshots");
    if (!found.empty())
      return fmt::format("It is a folder of the Hugging Face cache; choose the snapshot in it: {}.", name_list(found));
    return "It is a folder of the Hugging Face cache, but no snapshot in it is whole: fetch the model again.";
  }
  if (const auto found = models_inside(folder, {}); !found.empty())
    return fmt::format("Choose a folder in it that has one: {}.", name_list(found));
  if (const std::string other = other_weights(folder); !other.empty()) return other;
  const fs::path own = fs::absolute(folder).lexically_normal();
  const fs::path around = (own.has_filename() ? own : own.parent_path()).parent_path();
  if (has_config(around)) return fmt::format("The folder around it has one: choose {}.", around.string());
  return "Choose the folder that has config.json and model.safetensors (or the folders language_model, vision_tower "
         "and "
         "connector).";
}

}  // namespace llavakd
