// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace llavakd {

// What a request to `serve` says. All throw UserError that names the key.

/// `otherwise` where the key is absent or null.
std::string text_of(const nlohmann::ordered_json& parameters, const char* key, const std::string& otherwise = {});
std::string required_text(const nlohmann::ordered_json& parameters, const char* key);
int64_t whole_number_of(const nlohmann::ordered_json& parameters, const char* key, int64_t otherwise, int64_t least,
                        int64_t most);
double number_of_key(const nlohmann::ordered_json& parameters, const char* key, double otherwise);
bool flag_of(const nlohmann::ordered_json& parameters, const char* key);
/// The objects of a list, at most so many; none where the key is absent or null.
std::vector<nlohmann::ordered_json> objects_of(const nlohmann::ordered_json& parameters, const char* key, size_t most);
std::vector<std::string> texts_of(const nlohmann::ordered_json& parameters, const char* key, size_t most);

}  // namespace llavakd
