// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <vector>

#include "core/base/errors.h"
#include "core/io/gguf.h"
#include "tests/fuzz/hostile_input.h"
#include "tests/fuzz/stored_tensor_check.h"

namespace llavakd::fuzz {
namespace {

/// No more than this at a time, whatever the tensors' sizes.
constexpr size_t most_blocks = 64;

void dequantise_beginning(const StoredTensor& tensor) {
  const BlockSize size = size_of(*tensor.blocks);
  const size_t blocks = std::min(most_blocks, static_cast<size_t>(tensor.elements()) / size.elements);
  std::vector<float> values(blocks * size.elements);
  dequantise(*tensor.blocks, {tensor.data, blocks * size.bytes}, values);
}

/// A getter refuses what has another type.
template <typename Get>
void try_get(const Get& get) {
  try {
    get();
  } catch (const UserError&) {
  }
}

void read_metadata(const GgufFile& file, std::string_view key) {
  try_get([&] { file.integer(key); });
  try_get([&] { file.number(key); });
  try_get([&] { file.boolean(key); });
  try_get([&] { file.text(key); });
  try_get([&] { file.texts(key); });
  try_get([&] { file.integers(key); });
  try_get([&] { file.numbers(key); });
}

}  // namespace

/// A tensor of the table takes 33 bytes in the file and about 150 here, in a vector that doubles; an empty text 8
/// bytes there and 32 here.
MemoryBound memory_bound(Input) {
  return {.block_times = 12, .total_times = 64, .plus = size_t{128} << 10};
}

void read_hostile(Input input) {
  const GgufFile file = GgufFile::open(scratch_file("model.gguf", input));
  check_inside(file.tensors());
  for (const StoredTensor& tensor : file.tensors())
    if (tensor.blocks) dequantise_beginning(tensor);
  for (const std::string_view key : {"general.architecture", "general.alignment", "k.u8", "k.f32", "k.bool", "k.text",
                                     "tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type"})
    read_metadata(file, key);
  // What is saved next to an exported model must open again.
  const std::string metadata = file.metadata_file();
  GgufFile::open(scratch_file("tokenizer.gguf", {reinterpret_cast<const uint8_t*>(metadata.data()), metadata.size()}));
}

}  // namespace llavakd::fuzz
