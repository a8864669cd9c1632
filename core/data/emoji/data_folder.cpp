// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/emoji/data_folder.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <vector>

#include "core/base/errors.h"
#include "core/base/sha256.h"

namespace llavakd::emoji {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr uintmax_t kLargestManifest = 1 << 20;
constexpr std::array<std::string_view, 8> kStudentFiles = {
    "captions.json",       "dialogues.json",       "validation.json", "test.json",
    "quick/captions.json", "quick/dialogues.json", "quick/test.json", "probes/probes.json"};
constexpr std::array<std::string_view, 3> kTeacherFiles = {"teacher-captions.json", "teacher-dialogues.json",
                                                           "teacher-mixed.json"};
constexpr std::array<std::string_view, 4> kOtherEntries = {"images", "quick", "probes", "manifest.json"};

template <class Array>
bool contains(const Array& all, std::string_view name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

/// The manifest if it is one of ours, of any version.
std::optional<Json> read_manifest(const fs::path& folder) {
  const fs::path path = folder / "manifest.json";
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > kLargestManifest || error) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  const Json manifest = Json::parse(file, nullptr, false);
  if (!manifest.is_object() || manifest.value("format", Json()) != kFormat) return std::nullopt;
  return manifest;
}

bool has_images(const fs::path& folder, const SetSize& set, bool teacher) {
  std::error_code error;
  for (int number = 0; number < set.count(teacher); ++number) {
    const auto size = fs::file_size(image_folder(folder, set) / fmt::format("{}.png", number), error);
    if (error || size == 0) return false;
  }
  return true;
}

/// The file named in the manifest is there with the bytes it was made with.
bool has_file(const fs::path& folder, const Json& files, std::string_view name) {
  const auto entry = files.find(std::string(name));
  std::error_code error;
  return entry != files.end() && entry->is_object() && fs::is_regular_file(folder / name, error) &&
         entry->value("sha256", Json()) == sha256_of_file(folder / name);
}

/// Removes what a killed process left next to the target: ".NAME.unfinished-<pid>" of a process that is no more.
void remove_leftovers(const fs::path& target, const std::string& prefix) {
  std::error_code error;
  for (fs::directory_iterator entry(target.parent_path(), error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    int pid = 0;
    const char* digits = name.data() + prefix.size();
    std::from_chars(digits, name.data() + name.size(), pid);
    std::error_code ignored;
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

fs::path image_folder(const fs::path& folder, const SetSize& set) {
  return set.name == "probes" ? folder / set.name : folder / "images" / set.name;
}

Json Origin::json() const {
  return {{"seed", seed}, {"teacher", teacher}, {"font_sha256", font_sha256}, {"names_sha256", names_sha256}};
}

bool holds_data(const fs::path& folder, const Origin& origin) {
  const auto manifest = read_manifest(folder);
  if (!manifest || manifest->value("version", Json()) != kVersion) return false;
  Origin with_teacher = origin;
  with_teacher.teacher = true;
  const Json there = manifest->value("made_from", Json());
  const bool teacher = there == with_teacher.json();
  if (!teacher && there != origin.json()) return false;
  const Json files = manifest->value("files", Json());
  if (!files.is_object()) return false;
  const auto whole = [&](std::string_view name) {
    return has_file(folder, files, name);
  };
  if (!std::all_of(kStudentFiles.begin(), kStudentFiles.end(), whole)) return false;
  if (teacher && !std::all_of(kTeacherFiles.begin(), kTeacherFiles.end(), whole)) return false;
  return std::all_of(kSets.begin(), kSets.end(), [&](const SetSize& set) { return has_images(folder, set, teacher); });
}

void check_may_be_replaced(const fs::path& folder) {
  std::error_code error;
  const auto status = fs::symlink_status(folder, error);
  if (status.type() == fs::file_type::not_found) return;
  if (status.type() != fs::file_type::directory) {
    throw UserError(
        fmt::format("{} is there and isn't a folder. Name a new folder for the emoji data.", folder.string()));
  }
  fs::directory_iterator entries(folder, error);
  if (error) throw UserError(fmt::format("{} can't be read: {}.", folder.string(), error.message()));
  if (entries == fs::directory_iterator()) return;
  const bool ours = read_manifest(folder).has_value();
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (ours && (contains(kStudentFiles, name) || contains(kTeacherFiles, name) || contains(kOtherEntries, name)))
      continue;
    throw UserError(
        fmt::format("{} holds {}, which isn't emoji data, so nothing was changed there. Name a new or an empty "
                    "folder.",
                    folder.string(), name));
  }
}

UnfinishedFolder::UnfinishedFolder(const fs::path& target) : target_(target) {
  const std::string prefix = fmt::format(".{}.unfinished-", target.filename().string());
  remove_leftovers(target, prefix);
  path_ = target.parent_path() / (prefix + std::to_string(::getpid()));
  std::error_code error;
  fs::remove_all(path_, error);
  fs::create_directories(path_, error);
  if (error) {
    throw UserError(fmt::format("The emoji data can't be made in {}: {}. Choose another folder.",
                                target.parent_path().string(), error.message()));
  }
}

UnfinishedFolder::~UnfinishedFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void UnfinishedFolder::put_in_place() {
  std::error_code error;
  fs::path old;
  if (fs::exists(target_, error)) {
    old = path_;
    old += ".old";
    fs::rename(target_, old, error);
  }
  if (!error) fs::rename(path_, target_, error);
  if (error && fs::exists(old)) {
    std::error_code ignored;
    fs::rename(old, target_, ignored);
  }
  if (error) throw RunError(fmt::format("{} could not be put in place: {}.", target_.string(), error.message()));
  if (!old.empty()) fs::remove_all(old, error);
}

}  // namespace llavakd::emoji
