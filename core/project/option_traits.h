// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/project/options.h"

/// Of visitors.cpp and option_manual.cpp: what kinds of fields there are, and how places and bounds are written.
namespace llavakd {

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

/// A struct that has a describe().
template <class T>
inline constexpr bool is_options = std::is_class_v<T> && !std::is_same_v<T, std::string> && !is_list<T>;

inline std::string join(const std::string& where, std::string_view key) {
  if (where.empty()) return std::string(key);
  return where.ends_with(": ") ? where + std::string(key) : where + "." + std::string(key);
}

inline std::string number_text(double value) {
  return fmt::format("{:g}", value);
}

inline std::string bounds_text(const Field& field) {
  if (std::isinf(field.max)) return fmt::format("be at least {}", number_text(field.min));
  if (std::isinf(field.min)) return fmt::format("be at most {}", number_text(field.max));
  return fmt::format("lie between {} and {}", number_text(field.min), number_text(field.max));
}

}  // namespace llavakd
