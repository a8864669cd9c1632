// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/stored_tensor_check.h"

#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {
namespace {

using Wide = unsigned __int128;

/// Bytes from `data` to the end of the last element.
Wide extent(const StoredTensor& tensor) {
  const auto elements = static_cast<Wide>(tensor.elements());
  if (tensor.blocks) return elements / size_of(*tensor.blocks).elements * size_of(*tensor.blocks).bytes;
  Wide last = 0;
  for (size_t i = 0; i < tensor.shape.size(); ++i)
    last += static_cast<Wide>(tensor.shape[i] - 1) * static_cast<Wide>(tensor.strides[i]);
  return (last + 1) * size_of(tensor.dtype);
}

void check(const StoredTensor& tensor) {
  if (tensor.shape.size() != tensor.strides.size()) finding("a tensor has another number of strides than sizes");
  if (checked_elements(tensor.shape) < 0) finding("a tensor's size is negative or overflows");
  if (tensor.elements() == 0) return;
  for (const int64_t stride : tensor.strides)
    if (stride < 0) finding("a tensor has a negative stride");
  const auto bytes = tensor.file->bytes();
  if (tensor.data < bytes.data() || tensor.data > bytes.data() + bytes.size() ||
      extent(tensor) > static_cast<Wide>(bytes.data() + bytes.size() - tensor.data))
    finding("a tensor reaches outside its file");
}

}  // namespace

void check_inside(const std::vector<StoredTensor>& tensors) {
  for (const StoredTensor& tensor : tensors) check(tensor);
}

}  // namespace llavakd::fuzz
