// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace llavakd {

/// How deep normalizers, pre-tokenizers and decoders may hold sequences of others; deeper ones are refused.
inline constexpr int deepest_sequence = 4;

// Reading keys of a tokenizer's JSON; each throws UserError naming `where` and the key.

const nlohmann::ordered_json& required_key(const nlohmann::ordered_json& json, const char* key,
                                           const std::string& where);
std::string text_at(const nlohmann::ordered_json& json, const char* key, const std::string& where);
/// `fallback` where the key is absent or null.
bool flag_at(const nlohmann::ordered_json& json, const char* key, bool fallback, const std::string& where);
/// A token id: an integer from 0 to 2^31 - 1.
int32_t token_id_of(const nlohmann::ordered_json& value, const std::string& where);

}  // namespace llavakd
