// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// Why an entry with this key (and a value that isn't null) can't be used, as a part of a sentence; or nothing.
std::optional<std::string> entry_key_fault(std::string_view key);

/// Whether a key of an entry, or of a turn, is neither read nor without effect by the table
/// (core/model_spec/config_keys.h).
bool is_passed_over(std::string_view key, bool of_turn = false);

/// What of a data file is passed over although its entries are used: keys that nothing reads and first turns that
/// aren't human.
class PassedOver {
 public:
  /// A key of an entry that nothing reads, or "conversations[].KEY" of a turn.
  void key(std::string_view key);
  /// A first turn that was dropped; `from` as the file writes it.
  void first_turn(std::string_view from, int64_t line, std::string_view id);

  /// Sentences for people, each whole.
  std::vector<std::string> notes() const;

 private:
  std::map<std::string, int64_t, std::less<>> keys_;
  int64_t first_turns_ = 0;
  std::string first_of_turns_;
};

}  // namespace llavakd
