// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace llavakd {

struct TokenizerData;

/// A text that always becomes one id, whatever the text around it (Hugging Face's AddedToken).
struct AddedToken {
  int64_t id = 0;
  std::string content;
  bool single_word = false;  ///< Only where no word character touches it.
  bool lstrip = false;       ///< Takes the white space before it.
  bool rstrip = false;       ///< Takes the white space after it.
  bool normalized = false;   ///< Looked for in the normalised text instead of the raw one.
  bool special = false;      ///< Left out by decode(ids, true).
};

/// A named special token: its text and its id.
struct SpecialToken {
  std::string text;
  int64_t id = 0;
};

/// What a tokenizer is made of where it doesn't come in files of its own: GGUF's metadata, key by key.
struct TokenizerParts {
  std::string where;          ///< Named in errors: the file.
  std::string model;          ///< tokenizer.ggml.model: "gpt2" (byte-level BPE) or "llama" (SentencePiece BPE).
  std::string pre_tokenizer;  ///< tokenizer.ggml.pre: "qwen2", "gpt-2", "smollm", "llama-bpe" …; unused by "llama".
  std::vector<std::string> tokens;  ///< tokenizer.ggml.tokens: the id is the place.
  /// tokenizer.ggml.token_type, as long as tokens, or empty: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused,
  /// 6 byte.
  std::vector<int32_t> types;
  std::vector<std::string> merges;            ///< tokenizer.ggml.merges, "a b" each; for "gpt2".
  std::vector<float> scores;                  ///< tokenizer.ggml.scores, as long as tokens; for "llama".
  std::optional<int64_t> bos, eos, pad, unk;  ///< tokenizer.ggml.{bos,eos,padding,unknown}_token_id.
  std::optional<bool> adds_bos;               ///< tokenizer.ggml.add_bos_token; absent: by model and pre-tokenizer.
  std::optional<bool> adds_space_prefix;      ///< tokenizer.ggml.add_space_prefix; absent: true for "llama".
};

/// A tokenizer as Hugging Face's `tokenizers` runs it: byte-level BPE, SentencePiece-style BPE, Unigram, and models of
/// SentencePiece and tiktoken. Normaliser, split pattern, added tokens, vocabulary and merges all come from the
/// folder's files. Copies share their data; all const functions may be called from several threads.
class Tokenizer {
 public:
  /// Reads tokenizer.json; where it is absent vocab.json + merges.txt (with added_tokens.json), tokenizer.model
  /// (SentencePiece, or tiktoken as Llama 3 has it) or qwen.tiktoken; and the special tokens from tokenizer_config.json
  /// and special_tokens_map.json. Throws UserError naming file and key for anything that is broken or of a kind that
  /// would need another algorithm (WordPiece, WordLevel, a compiled table of characters).
  static Tokenizer load(const std::filesystem::path& folder);
  /// The same from parts. Throws UserError naming `parts.where` and the key for lists of unequal length, ids out of
  /// range, merges of unknown tokens, and models or pre-tokenizers that aren't known.
  static Tokenizer from_parts(const TokenizerParts& parts);

  /// Ids of a text, without BOS or EOS. Added tokens written in the text become their ids. Bytes that aren't UTF-8
  /// count as U+FFFD.
  std::vector<int64_t> encode(std::string_view text) const;
  /// encode(), with BOS in front where the checkpoint's tokenizer adds it (`adds_bos`).
  std::vector<int64_t> encode_with_bos(std::string_view text) const;
  /// Text of ids; ids outside the vocabulary are left out, incomplete UTF-8 becomes U+FFFD.
  std::string decode(std::span<const int64_t> ids, bool skip_special = false) const;

  /// Number of tokens, added tokens included (Hugging Face's len(tokenizer)).
  int64_t size() const;
  /// Greatest id in use: an embedding needs max_id() + 1 rows.
  int64_t max_id() const;
  /// All tokens with their ids, in the order of the ids.
  std::vector<std::pair<int64_t, std::string>> vocabulary() const;
  /// The token as the vocabulary writes it ("Ġthe"), or nothing for an unknown id.
  std::optional<std::string> token(int64_t id) const;
  /// Id of a token as the vocabulary writes it, or nothing.
  std::optional<int64_t> id(std::string_view token) const;

  const std::optional<SpecialToken>& bos() const;
  const std::optional<SpecialToken>& eos() const;
  const std::optional<SpecialToken>& pad() const;
  const std::optional<SpecialToken>& unk() const;
  bool adds_bos() const;
  /// LlamaTokenizer's `legacy`: a prefix space also after special tokens. The label rules of `llama` depend on it.
  bool legacy() const;
  const std::vector<AddedToken>& added_tokens() const;

 private:
  explicit Tokenizer(std::shared_ptr<const TokenizerData> data);
  std::shared_ptr<const TokenizerData> data_;
};

/// First token text to which the two give different ids, or nothing when every id means the same in both. Distilling
/// on logits makes sense only then; a longer vocabulary on one side is no difference.
std::optional<std::string> first_difference(const Tokenizer& teacher, const Tokenizer& student);

}  // namespace llavakd
