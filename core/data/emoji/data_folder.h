// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/io/interruption.h"

namespace llavakd::emoji {

inline constexpr std::string_view kFormat = "llavakd-emoji-data";
inline constexpr int kVersion = 1;  // to be raised with every change that changes a byte of what is made

/// How many scenes of a set are made. The scenes of a set are numbered; the student's are the first of the teacher's.
struct SetSize {
  std::string_view name;
  int student;
  int teacher;

  int count(bool with_teacher) const { return with_teacher ? teacher : student; }
};
inline constexpr std::array<SetSize, 5> kSets = {{{"captions", 800, 4000},
                                                  {"dialogues", 800, 20000},
                                                  {"validation", 600, 600},
                                                  {"test", 1200, 1200},
                                                  {"probes", 6, 6}}};

/// Where a set's pictures lie: images/<set>, and probes for the probes.
std::filesystem::path image_folder(const std::filesystem::path& folder, const SetSize& set);

/// What decides every byte that is made: it is in the manifest, and equal origins mean equal data.
struct Origin {
  uint64_t seed = 0;
  bool teacher = false;
  std::string font_sha256;
  std::string names_sha256;

  nlohmann::ordered_json json() const;
};

/// True if `folder` holds the whole data of this origin: a manifest that says so, every conversation file with its
/// SHA-256 and every picture with some content. Data with the teacher's part also counts where it isn't asked for.
bool holds_data(const std::filesystem::path& folder, const Origin& origin);

/// Throws UserError unless `folder` is absent, empty, or emoji data and nothing else, which may be replaced.
void check_may_be_replaced(const std::filesystem::path& folder);

/// A folder next to `target` in which to make it. It disappears unless put_in_place() was called.
class UnfinishedFolder {
 public:
  /// Throws UserError if nothing can be made there.
  explicit UnfinishedFolder(const std::filesystem::path& target);
  UnfinishedFolder(const UnfinishedFolder&) = delete;
  UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;
  ~UnfinishedFolder();

  const std::filesystem::path& path() const { return path_; }

  /// Renames it to the target, which check_may_be_replaced() has allowed to go. Throws RunError if that fails.
  void put_in_place();

 private:
  HalfMade half_made_;
  std::filesystem::path target_;
  std::filesystem::path path_;
};

}  // namespace llavakd::emoji
