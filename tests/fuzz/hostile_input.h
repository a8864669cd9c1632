// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace llavakd::fuzz {

using Input = std::span<const uint8_t>;

/// What a reader may allocate: one block, and all its blocks at a time, as multiples of the input's length, beyond a
/// constant. Where a target goes over the defaults it says what of the format asks for it.
struct MemoryBound {
  size_t block_times = 2;
  size_t total_times = 64;
  size_t plus = size_t{64} << 10;
};

// Each target defines these two. Whatever goes wrong besides a UserError whose text is UTF-8 is a finding: any other
// exception, what sanitizers see, a block of memory over the bound.

MemoryBound memory_bound(Input input);
void read_hostile(Input input);

/// Folder of this process in the temporary folder; removed at the end.
const std::filesystem::path& scratch_folder();

/// Writes a file below the scratch folder and gives its path.
std::filesystem::path scratch_file(std::string_view name, Input content);

/// Several files in one input: they are written in this order, cut at lines of "%%%%". Those for which nothing is left
/// are removed.
void scratch_files(std::initializer_list<std::string_view> names, Input input);

inline std::string_view text_of(Input input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// Ends the program with a sentence: a finding.
[[noreturn]] void finding(std::string_view sentence);

}  // namespace llavakd::fuzz
