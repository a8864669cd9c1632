// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <utility>

#include "core/base/errors.h"
#include "core/data/sources/data_source.h"

namespace llavakd {

extern const DataSource json_source;

namespace {

// The last recognises every file: it refuses other formats by their names.
constexpr std::array data_sources{&json_source};

/// The first bytes of a file; nothing of what is none.
std::string beginning_of(const std::filesystem::path& path) {
  constexpr size_t most_bytes = 4096;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};  // a pipe would wait
  std::string beginning(most_bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(beginning.data(), most_bytes);
  beginning.resize(static_cast<size_t>(file.gcount()));
  return beginning;
}

}  // namespace

const DataSource& source_of(const std::filesystem::path& path) {
  const std::string beginning = beginning_of(path);
  const auto recognises = [&](const DataSource* source) {
    return source->recognises(path, beginning);
  };
  return **std::ranges::find_if(data_sources, recognises);
}

std::vector<std::string> read_entries(const std::filesystem::path& path, const EntrySink& sink) {
  int64_t entries = 0;
  const EntrySink counted{.sample =
                              [&](Sample sample) {
                                ++entries;
                                sink.sample(std::move(sample));
                              },
                          .fault =
                              [&](DataFault fault) {
                                ++entries;
                                sink.fault(std::move(fault));
                              }};
  std::vector<std::string> notes = source_of(path).read(path, counted);
  if (entries == 0) throw UserError(fmt::format("{}: there is no sample in the file.", path.string()));
  return notes;
}

}  // namespace llavakd
