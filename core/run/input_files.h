// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace llavakd {

/// A file that a run's result depends on.
struct InputFile {
  std::filesystem::path path;
  bool is_image = false;  ///< Of the data, a file of its own: there are many.
  bool needed = true;     ///< Read again from where the run is: not if only stages that are done have read it.
};

/// What a run reads. Files are sorted by path, each there once.
struct InputFiles {
  std::filesystem::path project_folder;
  std::vector<InputFile> files;
  /// What the options name, files and folders, whether they are there or not: a file that has come or gone is noticed
  /// in these only, because an option that names something else is a changed option and told as that.
  std::vector<InputFile> named;
};

/// What is compared of a file: its size and time of change, cheaply, and its content.
struct InputState {
  static constexpr int64_t unknown = -1, absent = -2;
  int64_t bytes = unknown;
  int64_t modified = unknown;  ///< Nanoseconds since 1970.
  std::string hash;            ///< hash_of_input(); empty: not taken yet.
  bool operator==(const InputState&) const = default;
};

/// By input_key().
using InputStates = std::map<std::string, InputState>;

/// Relative to the project's folder where the file is in it, so that a moved project knows its files; else absolute.
/// What isn't UTF-8 in it is written as "\xff".
std::string input_key(const InputFiles& inputs, const std::filesystem::path& path);

/// Size and time of change as they are now, without a hash.
InputState read_input_state(const std::filesystem::path& path);

/// SHA-256 of the whole file; of an image of more than 32 KiB its size, first and last 16 KiB only: two that differ
/// differ there, and 665k of them are looked through in a minute. Empty for a file that can't be read, or when asked to
/// stop.
std::string hash_of_input(const InputFile& file, const std::function<bool()>& stop = {});

}  // namespace llavakd
