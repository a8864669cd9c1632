// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace llavakd {

/// Element types that tensor files hold, by the safetensors names.
enum class DType { F64, F32, F16, BF16, F8_E5M2, F8_E4M3, I64, I32, I16, I8, U64, U32, U16, U8, BOOL };

/// Bytes of one element.
size_t size_of(DType dtype);

/// "F32", "BF16", … as in a safetensors header.
std::string_view name_of(DType dtype);

/// The type with this safetensors name.
std::optional<DType> dtype_named(std::string_view name);

/// The type that a torch storage class holds, e.g. "HalfStorage".
std::optional<DType> dtype_of_storage(std::string_view storage_class);

/// F64 … F8: what a weight can be.
bool is_floating(DType dtype);

/// "float32", "bfloat16", … as config.json's torch_dtype spells it.
std::string_view torch_name_of(DType dtype);

}  // namespace llavakd
