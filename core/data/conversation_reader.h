// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/data/conversation_file.h"

namespace llavakd {

/// What each entry of a data file is handed to, in the file's order.
struct EntrySink {
  std::function<void(Sample)> sample;    ///< A usable one.
  std::function<void(DataFault)> fault;  ///< Why one can't be used.
};

/// Reads a file entry by entry, keeping none. Returns the notes (SampleSet::notes). Throws like read_sample_entries.
std::vector<std::string> read_entries(const std::filesystem::path& path, const EntrySink& sink);

/// As read_samples, but a file in which every entry is faulty is no error: samples is empty then. Throws UserError for
/// what isn't a list of entries, and for an empty list.
SampleSet read_sample_entries(const std::filesystem::path& path);

}  // namespace llavakd
