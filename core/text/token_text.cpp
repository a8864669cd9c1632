// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/token_text.h"

#include <array>

namespace llavakd {

std::string token_text(const Tokenizer& tokenizer, int64_t id) {
  // Where a text begins, some tokenizers take the space away: the second of two has it.
  const std::string first = tokenizer.decode(std::array{id}), both = tokenizer.decode(std::array{id, id});
  return both.starts_with(first) ? both.substr(first.size()) : first;
}

}  // namespace llavakd
