// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_files.h"

#include "core/image/decode.h"
#include "core/io/atomic_file.h"
#include "core/report/npy_file.h"

namespace llavakd {

std::string file_word(std::string_view text) {
  constexpr size_t longest_word = 60;
  std::string word;
  for (const char c : text.substr(0, longest_word)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '_' || (c == '.' && !word.empty());
    word += is_plain ? c : '_';
  }
  return word.empty() ? "_" : word;
}

std::filesystem::path ReportFiles::path_of(const std::string& name) {
  const std::filesystem::path path = folder_ / name;
  std::filesystem::create_directories(path.parent_path());
  names_.push_back(name);
  return path;
}

void ReportFiles::write(const std::string& name, std::string_view content) {
  write_file_atomically(path_of(name), content);
}

std::string ReportFiles::write_png(const std::string& name, const Image& image) {
  const std::vector<uint8_t> bytes = encode_png(image);
  std::string text(bytes.begin(), bytes.end());
  write(name, text);
  return text;
}

bool ReportFiles::write_matrix(const std::string& name, const RelationMatrix& matrix) {
  const auto bytes = static_cast<int64_t>(matrix.values.size() * sizeof(float));
  if (map_bytes_ + bytes > most_map_bytes) return false;
  map_bytes_ += bytes;
  write_npy(path_of(name), matrix.values, matrix.n, matrix.n);
  return true;
}

}  // namespace llavakd
