// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/image/image.h"
#include "core/run/probe_file.h"

namespace llavakd {

/// A word of a file's name: of what isn't a letter, a digit, '-', '_' or '.' each is '_'; never empty, at most 60
/// bytes, and it doesn't begin with a point.
std::string file_word(std::string_view text);

/// The files of a report as they are written, each whole; names are relative to its folder.
class ReportFiles {
 public:
  /// Maps as numbers take at most so many bytes of a report.
  static constexpr int64_t most_map_bytes = int64_t{512} << 20;

  explicit ReportFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path path_of(const std::string& name);
  void write(const std::string& name, std::string_view content);
  /// Gives the bytes of the file, for the page.
  std::string write_png(const std::string& name, const Image& image);
  /// As NPY; gives false, and writes nothing, where the maps would take more than most_map_bytes.
  bool write_matrix(const std::string& name, const RelationMatrix& matrix);

  const std::filesystem::path& folder() const { return folder_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  const std::filesystem::path folder_;
  std::vector<std::string> names_;
  int64_t map_bytes_ = 0;
};

}  // namespace llavakd
