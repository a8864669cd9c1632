// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/gguf_keys.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/model_spec/config_keys.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kArchitecture = "{arch}";

/// The key as the table has it; as it is where the table has none like it.
std::string key_of_table(std::string key, const std::string& architecture) {
  if (!architecture.empty() && key.starts_with(architecture + ".")) key.replace(0, architecture.size(), kArchitecture);
  for (const ConfigKey& row : gguf_keys()) {
    if (row.key.ends_with('*') && key.starts_with(row.key.substr(0, row.key.size() - 1))) return std::string(row.key);
  }
  return key;
}

/// The metadata as an object of the table's keys; of many keys behind one * the last.
Json metadata_of(const GgufFile& file, const std::string& architecture) {
  Json object = Json::object();
  for (const std::string& key : file.keys()) object[key_of_table(key, architecture)] = file.value(key);
  return object;
}

/// Sentences name the key as the file has it.
std::string with_architecture(std::string sentence, const std::string& architecture) {
  for (size_t at = 0; (at = sentence.find(kArchitecture, at)) != std::string::npos; at += architecture.size())
    sentence.replace(at, kArchitecture.size(), architecture);
  return sentence;
}

KeyHolder holder_of(const GgufFile& file, const std::string& architecture) {
  return {{KeyPlace::gguf}, architecture, file.path().string()};
}

}  // namespace

void refuse_gguf_keys(const GgufFile& file) {
  const std::string architecture = file.text("general.architecture").value_or("");
  try {
    refuse_keys(metadata_of(file, architecture), holder_of(file, architecture));
  } catch (const UserError& error) {
    throw UserError(with_architecture(error.what(), architecture));
  }
}

std::vector<std::string> gguf_passed_over(const GgufFile& file) {
  const std::string architecture = file.text("general.architecture").value_or("");
  std::vector<std::string> sentences = passed_over(metadata_of(file, architecture), holder_of(file, architecture));
  for (std::string& sentence : sentences) sentence = with_architecture(std::move(sentence), architecture);
  return sentences;
}

}  // namespace llavakd
