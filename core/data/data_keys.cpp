// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/data_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/model_spec/config_keys.h"

namespace llavakd {
namespace {

const ConfigKey* row_of(KeyPlace place, std::string_view key) {
  for (const ConfigKey& row : data_file_keys())
    if (row.place == place && row.key == key) return &row;
  return nullptr;
}

// A data file with thousands of different keys is broken; its first ones are enough.
constexpr size_t most_keys = 200;

}  // namespace

std::optional<std::string> entry_key_fault(std::string_view key) {
  const ConfigKey* row = row_of(KeyPlace::data_entry, key);
  return row && row->fate == KeyFate::refused ? std::optional<std::string>(row->description) : std::nullopt;
}

bool is_passed_over(std::string_view key, bool of_turn) {
  const ConfigKey* row = row_of(of_turn ? KeyPlace::data_turn : KeyPlace::data_entry, key);
  return row == nullptr || row->fate == KeyFate::warned;
}

void PassedOver::key(std::string_view key) {
  const auto known = keys_.find(key);
  if (known != keys_.end()) {
    ++known->second;
  } else if (keys_.size() < most_keys) {
    keys_.emplace(key, 1);
  }
}

void PassedOver::first_turn(std::string_view from, int64_t line, std::string_view id) {
  if (first_turns_++ > 0) return;
  first_of_turns_ = fmt::format("line {}, sample '{}', from '{}'", line, printable(id, 60), printable(from, 60));
}

std::vector<std::string> PassedOver::notes() const {
  std::vector<std::string> notes;
  if (first_turns_ > 0) {
    notes.push_back(
        fmt::format("In {} sample{} the first turn isn't human and is dropped, as the released code does (the first: "
                    "{}).",
                    first_turns_, first_turns_ == 1 ? "" : "s", first_of_turns_));
  }
  if (keys_.empty()) return notes;
  std::vector<std::pair<int64_t, std::string>> by_count;
  for (const auto& [key, count] : keys_) by_count.emplace_back(count, key);
  std::ranges::stable_sort(by_count, std::greater{}, &std::pair<int64_t, std::string>::first);
  std::vector<std::string> names;
  for (const auto& [count, key] : by_count) names.push_back(fmt::format("\"{}\" ({})", printable(key, 60), count));
  notes.push_back(fmt::format("Keys that nothing reads are passed over: {}.", name_list(names)));
  return notes;
}

}  // namespace llavakd
