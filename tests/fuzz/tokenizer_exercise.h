// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

#include "core/text/tokenizer.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {

/// Encodes and decodes texts of many kinds. A finding when an id has no token.
inline void exercise(const Tokenizer& tokenizer) {
  for (const std::string_view text :
       {"", " ", "Hello  world\r\n\t<s>12345", "\xFF\xC3 broken",
        "\u00e9e\u0301 \u4e2d\u6587 \U0001F600\u200d don't \u1100\u1161\u11a8", "aaaaaaaaaaaaaaaaaaaaaaaa"}) {
    const auto ids = tokenizer.encode_with_bos(text);
    for (const int64_t id : ids)
      if (!tokenizer.token(id)) finding("an id of a text has no token");
    tokenizer.decode(ids);
    tokenizer.decode(ids, true);
  }
}

}  // namespace llavakd::fuzz
