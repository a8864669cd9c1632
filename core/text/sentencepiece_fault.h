// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace llavakd {

/// Why libsentencepiece must not be given the bytes of a tokenizer.model, or nothing. The library trusts the
/// normaliser's table: a double-array trie of Darts, preceded by its size, and the texts that its values point into; a
/// broken one makes it read outside. And protobuf trusts the lengths of a message's parts (sentencepiece_model.proto,
/// normalizer_spec.precompiled_charsmap; normalizer.cc).
std::optional<std::string> sentencepiece_fault(std::string_view model);

}  // namespace llavakd
