// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/dtype.h"

#include <array>

namespace llavakd {

namespace {

struct Row {
  DType dtype;
  size_t size;
  std::string_view name, torch_name, storage;
};

/// In the order of the enumeration. Names: huggingface/safetensors; storages: torch/storage.py.
constexpr std::array kRows{
    Row{DType::F64, 8, "F64", "float64", "DoubleStorage"},
    Row{DType::F32, 4, "F32", "float32", "FloatStorage"},
    Row{DType::F16, 2, "F16", "float16", "HalfStorage"},
    Row{DType::BF16, 2, "BF16", "bfloat16", "BFloat16Storage"},
    Row{DType::F8_E5M2, 1, "F8_E5M2", "float8_e5m2", ""},
    Row{DType::F8_E4M3, 1, "F8_E4M3", "float8_e4m3fn", ""},
    Row{DType::I64, 8, "I64", "int64", "LongStorage"},
    Row{DType::I32, 4, "I32", "int32", "IntStorage"},
    Row{DType::I16, 2, "I16", "int16", "ShortStorage"},
    Row{DType::I8, 1, "I8", "int8", "CharStorage"},
    Row{DType::U64, 8, "U64", "uint64", ""},
    Row{DType::U32, 4, "U32", "uint32", ""},
    Row{DType::U16, 2, "U16", "uint16", ""},
    Row{DType::U8, 1, "U8", "uint8", "ByteStorage"},
    Row{DType::BOOL, 1, "BOOL", "bool", "BoolStorage"},
};

constexpr const Row& row(DType dtype) {
  return kRows[static_cast<size_t>(dtype)];
}

static_assert(
    [] {
      for (size_t i = 0; i < kRows.size(); ++i) {
        if (static_cast<size_t>(kRows[i].dtype) != i) return false;
      }
      return true;
    }(),
    "the table must follow the enumeration");

}  // namespace

size_t size_of(DType dtype) {
  return row(dtype).size;
}

std::string_view name_of(DType dtype) {
  return row(dtype).name;
}

std::string_view torch_name_of(DType dtype) {
  return row(dtype).torch_name;
}

std::optional<DType> dtype_named(std::string_view name) {
  for (const Row& candidate : kRows) {
    if (candidate.name == name) return candidate.dtype;
  }
  return std::nullopt;
}

std::optional<DType> dtype_of_storage(std::string_view storage_class) {
  if (storage_class.empty()) return std::nullopt;
  for (const Row& candidate : kRows) {
    if (candidate.storage == storage_class) return candidate.dtype;
  }
  return std::nullopt;
}

bool is_floating(DType dtype) {
  return dtype <= DType::F8_E4M3;
}

}  // namespace llavakd
