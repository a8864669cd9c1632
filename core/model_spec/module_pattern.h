// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace llavakd {

/// A key of an adapter's rank_pattern or alpha_pattern: a regular expression that a module's name must end with, behind
/// nothing or a dot. The adapter library asks `re.match(r"(.*\.)?(KEY)$", name)` (peft/utils/other.py,
/// get_pattern_key); PCRE2 reads such patterns as Python does.
class ModulePattern {
 public:
  /// Throws UserError with `where` if the key is no regular expression.
  ModulePattern(const std::string& key, std::string where);

  /// Throws UserError when matching takes unreasonably long.
  bool matches(std::string_view module) const;

 private:
  std::shared_ptr<const void> code_;
  std::string where_;
};

}  // namespace llavakd
