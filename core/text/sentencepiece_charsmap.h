// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace llavakd {

/// Why the normaliser's table in a tokenizer.model would make libsentencepiece read outside it, or nothing. The library
/// trusts the table: a double-array trie of Darts, preceded by its size, and the texts that its values point into
/// (sentencepiece_model.proto, normalizer_spec.precompiled_charsmap; normalizer.cc).
std::optional<std::string> charsmap_fault(std::string_view model);

}  // namespace llavakd
