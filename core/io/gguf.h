// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/mapped_file.h"
#include "core/io/stored_tensor.h"

namespace llavakd {

/// A GGUF file's header (ggml docs/gguf.md, versions 2 and 3): typed metadata and a table of tensors. Metadata stays in
/// the mapping and is read when asked for; opening allocates no more than the file is long.
class GgufFile {
 public:
  /// Throws UserError that names file and entry: no GGUF, other versions or byte order, counts, lengths, sizes or
  /// offsets that the file can't hold, unknown types, names twice, tensors that overlap.
  static GgufFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_->path(); }
  uint32_t version() const { return version_; }
  /// Shapes as PyTorch has them (rows first). Quantised tensors have the type F32 and `blocks`.
  const std::vector<StoredTensor>& tensors() const { return tensors_; }

  /// A metadata value; nothing when the key is absent. Throws UserError when it has another type.
  std::optional<int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  /// Elements of an array; empty when the key is absent.
  std::vector<std::string> texts(std::string_view key) const;
  std::vector<int32_t> integers(std::string_view key) const;
  std::vector<float> numbers(std::string_view key) const;
  bool has(std::string_view key) const { return values_.contains(key); }
  /// All keys, and a value as JSON; a list longer than 16, and bytes that are no text, as words about them.
  std::vector<std::string> keys() const;
  nlohmann::ordered_json value(std::string_view key) const;

  /// A GGUF file of the metadata alone, without tensors: what keeps the tokenizer of a model that is saved in another
  /// layout.
  std::string metadata_file() const;

 private:
  struct Value {
    uint32_t type = 0;  ///< gguf_metadata_value_type; of an array's elements.
    bool is_array = false;
    uint64_t count = 1;
    std::span<const std::byte> bytes;
  };
  friend class GgufReader;

  const Value* find(std::string_view key, bool array) const;
  [[noreturn]] void refuse(std::string_view key, std::string_view expected) const;

  std::shared_ptr<const MappedFile> file_;
  uint32_t version_ = 0;
  std::map<std::string_view, Value> values_;
  std::string_view metadata_;  ///< All entries as they are in the file.
  std::vector<StoredTensor> tensors_;
};

}  // namespace llavakd
