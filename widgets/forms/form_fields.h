// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// What one field of an options struct can hold. Lists of structs and nested structs have forms of their own.
using FieldValue = std::variant<std::string, double, int64_t, std::vector<std::string>>;

/// A field as describe() tells it, with its present value.
struct FormField {
  Field field;
  FieldValue value;
};

namespace form_detail {

template <class T>
constexpr bool isPlain = std::is_same_v<T, std::string> || std::is_same_v<T, double> || std::is_same_v<T, int64_t> ||
                         std::is_same_v<T, std::vector<std::string>>;

struct Collector {
  std::vector<FormField>& fields;
  template <class T>
  void operator()(T& value, const Field& field) {
    if constexpr (isPlain<T>) {
      // In place: GCC 12 fears for the other kinds of value when a whole one is moved.
      FormField& added = fields.emplace_back();
      added.field = field;
      added.value.template emplace<T>(value);
    }
  }
};

struct Assigner {
  std::string_view name;
  const FieldValue& value;
  bool done = false;
  template <class T>
  void operator()(T& target, const Field& field) {
    if constexpr (isPlain<T>)
      if (field.name == name && std::holds_alternative<T>(value)) {
        target = std::get<T>(value);
        done = true;
      }
  }
};

}  // namespace form_detail

/// The plain fields of an options struct in the order of describe().
template <class Options>
std::vector<FormField> formFields(const Options& options) {
  std::vector<FormField> fields;
  form_detail::Collector collector{fields};
  Options copy = options;
  describe(copy, collector);
  return fields;
}

/// Sets the field of this name; false when there is none of that name and type.
template <class Options>
bool assignField(Options& options, std::string_view name, const FieldValue& value) {
  form_detail::Assigner assigner{name, value};
  describe(options, assigner);
  return assigner.done;
}

}  // namespace llavakd
