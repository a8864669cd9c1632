// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/sample.h"

namespace llavakd {

/// What each entry of a data file is handed to, in the file's order.
struct EntrySink {
  std::function<void(Sample)> sample;    ///< A usable one: it has no sample_fault.
  std::function<void(DataFault)> fault;  ///< Why one can't be used.
};

/// A kind of data file.
struct DataSource {
  std::string_view name;
  /// Whether it is one, by its first 4 KiB; these are empty for a folder and for what isn't there.
  bool (*recognises)(const std::filesystem::path& path, std::string_view beginning);
  /// Reads it entry by entry, keeping none. Returns the notes (Dataset::notes). Throws UserError for a file that can't
  /// be read at all.
  std::vector<std::string> (*read)(const std::filesystem::path& path, const EntrySink& sink);
  /// The sample of the file's entry `number`, counted from 1, from its own bytes (Sample::offset and bytes), its line
  /// left out. Nothing where they are no usable one. Null: entries can't be read one by one.
  std::optional<Sample> (*read_entry)(const std::filesystem::path& path, std::string_view text, int64_t number);
};

/// The first in the table of data_sources.cpp that recognises the file.
const DataSource& source_of(const std::filesystem::path& path);

/// Reads a data file of any kind. Returns the notes. Throws UserError like DataSource::read, and where there is no
/// entry.
std::vector<std::string> read_entries(const std::filesystem::path& path, const EntrySink& sink);

}  // namespace llavakd
