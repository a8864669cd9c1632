// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// Why libsentencepiece must not be given the bytes of a tokenizer.model, or nothing. The library trusts
/// - the normaliser's table: a double-array trie of Darts, preceded by its size, and the texts that its values point
///   into. A broken one makes it read outside, and so does one with more than 32 rules that begin alike;
/// - that no more than 64 user-defined symbols begin alike;
/// - by way of protobuf, the lengths that a message's parts claim.
/// (sentencepiece_model.proto; normalizer.cc, NormalizePrefix and PrefixMatch; Darts-clone's commonPrefixSearch.)
/// `symbols` is given its user-defined symbols, as the library can't be asked for them; they are views into `model`.
std::optional<std::string> sentencepiece_fault(std::string_view model,
                                               std::vector<std::string_view>* symbols = nullptr);

}  // namespace llavakd
