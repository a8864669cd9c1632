// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/dtype.h"
#include "core/io/gguf_blocks.h"
#include "core/io/mapped_file.h"

namespace llavakd {

/// A tensor in a mapped file, checked: every element that shape and strides reach is inside the file.
struct StoredTensor {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;            ///< In elements; row-major except for views in pytorch_model.bin.
  const std::byte* data = nullptr;         ///< The element at index 0; possibly not aligned to the element's size.
  std::shared_ptr<const MappedFile> file;  ///< Keeps `data` valid.
  /// Quantised (GGUF): `data` holds blocks of this type, and `dtype` (F32) is what they become.
  std::optional<BlockType> blocks;
  /// GGUF's llama: in each of so many heads, the rows that rotary positions rotate together are adjacent; Hugging
  /// Face's models have them half a head apart. 0: in order.
  int64_t paired_heads = 0;

  int64_t elements() const;
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype); }
  /// "F16", "Q4_K", …
  std::string_view type_name() const { return blocks ? name_of(*blocks) : name_of(dtype); }
  bool is_contiguous() const;
  bool is_aligned() const { return reinterpret_cast<uintptr_t>(data) % size_of(dtype) == 0; }
};

/// No model has tensors of more dimensions; more in a file are refused.
inline constexpr size_t kMaxDimensions = 16;

/// Row-major strides of a shape; all 1 when it has no elements, or too many to count.
std::vector<int64_t> contiguous_strides(const std::vector<int64_t>& shape);

/// Product of the sizes, or -1 when a size is negative or the product leaves 63 bits.
int64_t checked_elements(const std::vector<int64_t>& shape);

/// "[2, 3]" for messages.
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace llavakd
