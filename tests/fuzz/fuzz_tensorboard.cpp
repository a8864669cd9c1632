// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "core/base/printable.h"
#include "core/io/crc32c.h"
#include "core/io/scalar_curves.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {
namespace {

void add_number(std::string& bytes, uint64_t number, size_t size) {
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
}

/// With good checksums, which hardly any change would leave.
std::string records_of(std::string_view messages) {
  constexpr std::string_view cut = "\n%%%%\n";
  std::string file;
  while (true) {
    const size_t end = messages.find(cut);
    const std::string_view message = messages.substr(0, end);
    std::string length;
    add_number(length, message.size(), 8);
    file += length;
    add_number(file, masked_crc32c(length), 4);
    file += message;
    add_number(file, masked_crc32c(message), 4);
    if (end == std::string_view::npos) return file;
    messages.remove_prefix(end + cut.size());
  }
}

}  // namespace

/// A number of ten bytes is a point of 24 in a list that doubles, and a tag of one byte a node of a map.
MemoryBound memory_bound(Input) {
  return {.block_times = 16, .total_times = 128, .plus = size_t{256} << 10};
}

/// The first byte says whether what follows is a file, or messages that become the records of one.
void read_hostile(Input input) {
  if (input.empty()) return;
  std::string content(text_of(input.subspan(1)));
  if (input[0] % 2 == 1) content = records_of(content);
  const auto file =
      scratch_file("events.out.tfevents.1", {reinterpret_cast<const uint8_t*>(content.data()), content.size()});
  const ScalarCurves read = read_tensorboard(file);
  for (const auto& [name, points] : read.curves)
    if (!is_utf8(name) || points.empty()) finding("a curve without a name for people, or without a point");
  for (const std::string& warning : read.warnings)
    if (!is_utf8(warning)) finding("a warning that no window can show");
}

}  // namespace llavakd::fuzz
