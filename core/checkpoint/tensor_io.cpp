// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/tensor_io.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/io/safetensors.h"

namespace llavakd {

namespace {

constexpr std::pair<DType, at::ScalarType> kTypes[] = {
    {DType::F64, at::kDouble},
    {DType::F32, at::kFloat},
    {DType::F16, at::kHalf},
    {DType::BF16, at::kBFloat16},
    {DType::F8_E5M2, at::kFloat8_e5m2},
    {DType::F8_E4M3, at::kFloat8_e4m3fn},
    {DType::I64, at::kLong},
    {DType::I32, at::kInt},
    {DType::I16, at::kShort},
    {DType::I8, at::kChar},
    {DType::U64, at::kUInt64},
    {DType::U32, at::kUInt32},
    {DType::U16, at::kUInt16},
    {DType::U8, at::kByte},
    {DType::BOOL, at::kBool},
};

/// Rows 2j and 2j + 1 of each head become rows j and j + half.
at::Tensor unpair(StoredTensor stored) {
  const int64_t heads = std::exchange(stored.paired_heads, 0);
  const at::Tensor rows = as_tensor(stored);
  const at::Tensor pairs = rows.view({heads, stored.shape[0] / heads / 2, 2, stored.elements() / stored.shape[0]});
  return pairs.transpose(1, 2).reshape(stored.shape);
}

}  // namespace

at::ScalarType scalar_type(DType dtype) {
  for (const auto& [stored, type] : kTypes) {
    if (stored == dtype) return type;
  }
  throw RunError(fmt::format("Tensors of type {} can't be computed with.", name_of(dtype)));
}

DType dtype_of(at::ScalarType type) {
  for (const auto& [stored, candidate] : kTypes) {
    if (candidate == type) return stored;
  }
  throw RunError(fmt::format("Tensors of type {} can't be stored in a safetensors file.", at::toString(type)));
}

at::Tensor as_tensor(const StoredTensor& stored) {
  if (stored.paired_heads > 0) return unpair(stored);
  const auto options = at::TensorOptions().dtype(scalar_type(stored.dtype));
  if (stored.elements() == 0) return at::empty(stored.shape, options);
  if (stored.blocks) {
    at::Tensor values = at::empty(stored.shape, options);
    const BlockSize size = size_of(*stored.blocks);
    const auto count = static_cast<size_t>(values.numel());
    dequantise(*stored.blocks, {stored.data, count / size.elements * size.bytes},
               {values.mutable_data_ptr<float>(), count});
    return values;
  }
  // The tensor never writes: callers keep mapped weights constant.
  void* data = const_cast<std::byte*>(stored.data);
  if (!stored.is_aligned()) {
    // Copied as bytes first; only zip files that torch didn't write are like this.
    const auto size = static_cast<int64_t>(size_of(stored.dtype));
    std::vector<int64_t> shape = stored.shape, strides = stored.strides;
    for (int64_t& stride : strides) stride *= size;
    shape.push_back(size);
    strides.push_back(1);
    const at::Tensor bytes = at::from_blob(data, shape, strides, at::TensorOptions().dtype(at::kByte)).contiguous();
    return bytes.view(options.dtype().toScalarType()).view(stored.shape).clone();
  }
  return at::from_blob(
      data, stored.shape, stored.strides, [file = stored.file](void*) {}, options);
}

void write_tensors(const std::filesystem::path& path, const TensorMap& tensors,
                   const std::map<std::string, std::string>& metadata) {
  const auto current = std::make_shared<at::Tensor>();
  std::vector<TensorToWrite> list;
  for (const auto& [name, tensor] : tensors) {
    list.push_back({name, dtype_of(tensor.scalar_type()), tensor.sizes().vec(), [current, source = tensor] {
                      *current = source.detach().to(at::kCPU).contiguous();
                      return std::span(static_cast<const std::byte*>(current->const_data_ptr()), current->nbytes());
                    }});
  }
  write_safetensors(path, std::move(list), metadata);
}

TensorMap read_tensors(const std::filesystem::path& path) {
  TensorMap tensors;
  for (const StoredTensor& stored : open_safetensors(path).tensors) tensors[stored.name] = as_tensor(stored).clone();
  return tensors;
}

}  // namespace llavakd
