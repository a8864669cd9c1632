// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llavakd {

/// Bytes of each token and its rank, which is its id too, in the order of the file.
using TiktokenRanks = std::vector<std::pair<std::string, int32_t>>;

/// Reads a tiktoken file: a line for each token, its bytes in base64 (RFC 4648), a space and its rank. Throws UserError
/// naming file and line.
TiktokenRanks read_tiktoken(const std::filesystem::path& path);

/// Whether a text looks like such a file (tokenizer.model of Llama 3 is one).
bool looks_like_tiktoken(std::string_view text);

/// What a tiktoken file doesn't say about itself: the family is known by the file's name.
struct TiktokenFamily {
  std::string_view pre_tokenizer;    ///< A name that PreTokenizer::named knows.
  bool nfc = false;                  ///< Texts are normalised first.
  std::vector<std::string> special;  ///< Behind the ranks, in the order of their ids.
  std::string_view bos, eos;
};

/// Pattern and special tokens of Qwen are those of tokenization_qwen.py in Qwen/Qwen-7B; of Llama 3 those of
/// llama/tokenizer.py in meta-llama/llama3 (its main branch, commit a0940f9), where 256 special tokens follow the
/// ranks. Throws UserError with the known names for a file of another name.
TiktokenFamily tiktoken_family(const std::filesystem::path& path);

}  // namespace llavakd
