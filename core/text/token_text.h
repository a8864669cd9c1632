// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "core/text/tokenizer.h"

namespace llavakd {

/// The text of one token as it stands in a sentence, its space in front included; a piece of a character is U+FFFD, an
/// id outside the vocabulary empty.
std::string token_text(const Tokenizer& tokenizer, int64_t id);

}  // namespace llavakd
