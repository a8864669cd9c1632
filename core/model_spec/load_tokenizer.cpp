// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/load_tokenizer.h"

#include <string>
#include <utility>

#include "core/io/gguf.h"
#include "core/model_spec/gguf_model.h"

namespace llavakd {
namespace {

/// Keys of ggml's docs/gguf.md, "Tokenizer".
TokenizerParts parts_of(const GgufFile& file) {
  const std::string prefix = "tokenizer.ggml.";
  TokenizerParts parts;
  parts.where = file.path().string();
  parts.model = file.text(prefix + "model").value_or("");
  parts.pre_tokenizer = file.text(prefix + "pre").value_or("");
  parts.tokens = file.texts(prefix + "tokens");
  parts.types = file.integers(prefix + "token_type");
  parts.merges = file.texts(prefix + "merges");
  parts.scores = file.numbers(prefix + "scores");
  parts.bos = file.integer(prefix + "bos_token_id");
  parts.eos = file.integer(prefix + "eos_token_id");
  parts.pad = file.integer(prefix + "padding_token_id");
  parts.unk = file.integer(prefix + "unknown_token_id");
  parts.adds_bos = file.boolean(prefix + "add_bos_token");
  parts.adds_space_prefix = file.boolean(prefix + "add_space_prefix");
  return parts;
}

}  // namespace

std::filesystem::path gguf_of_tokenizer(const std::filesystem::path& model) {
  std::error_code error;
  auto gguf = gguf_file(model);
  if (gguf.empty() && std::filesystem::is_regular_file(model / kGgufTokenizer, error)) gguf = model / kGgufTokenizer;
  return gguf;
}

Tokenizer load_tokenizer(const std::filesystem::path& model) {
  const auto gguf = gguf_of_tokenizer(model);
  return gguf.empty() ? Tokenizer::load(model) : Tokenizer::from_parts(parts_of(GgufFile::open(gguf)));
}

}  // namespace llavakd
