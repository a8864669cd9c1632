// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/io/foreign_file.h"
#include "core/io/gguf.h"
#include "core/io/gguf_types.h"

namespace llavakd {

using namespace gguf;

namespace {

constexpr uint64_t kMaxGgufEntries = 1 << 16, kMaxGgufTensors = 1 << 17, kMaxGgufName = 1 << 16;
constexpr uint32_t kMaxGgufDimensions = 4;
constexpr uint64_t kMaxAlignment = 1 << 20;

/// Unquantised ggml types that a weight can have.
std::optional<DType> plain_type(uint32_t number) {
  constexpr std::array<std::pair<uint32_t, DType>, 8> types{{{0, DType::F32},
                                                             {1, DType::F16},
                                                             {30, DType::BF16},
                                                             {28, DType::F64},
                                                             {24, DType::I8},
                                                             {25, DType::I16},
                                                             {26, DType::I32},
                                                             {27, DType::I64}}};
  for (const auto& [candidate, type] : types) {
    if (candidate == number) return type;
  }
  return std::nullopt;
}

}  // namespace

/// Reads the header front to back; every length is compared with what is left of the file first.
class GgufReader {
 public:
  explicit GgufReader(const std::filesystem::path& path) {
    result_.file_ = MappedFile::open(path);
    bytes_ = result_.file_->bytes();
  }

  GgufFile read() {
    const std::string name = result_.path().string();
    if (!result_.file_->text().starts_with("GGUF")) {
      refuse_foreign_file(result_.path(), result_.file_->text());
      throw UserError(fmt::format("{} is not a GGUF file.", name));
    }
    at_ = 4;
    result_.version_ = number<uint32_t>("the version");
    if (result_.version_ == 0x02000000 || result_.version_ == 0x03000000)
      refuse("it is in big-endian byte order, which is not supported; convert it, or fetch the little-endian file");
    if (result_.version_ != 2 && result_.version_ != 3)
      refuse(fmt::format("GGUF version {} is not supported; known: 2 and 3", result_.version_));
    const auto tensors = number<uint64_t>("the number of tensors");
    const auto entries = number<uint64_t>("the number of metadata entries");
    require_count(tensors, kMaxGgufTensors, 24, "tensors");
    require_count(entries, kMaxGgufEntries, 13, "metadata entries");
    const uint64_t begin = at_;
    for (uint64_t i = 0; i < entries; ++i) read_entry();
    result_.metadata_ = result_.file_->text().substr(begin, at_ - begin);
    read_tensors(tensors);
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw UserError(fmt::format("{}: {}.", result_.path().string(), reason));
  }

  uint64_t left() const { return bytes_.size() - at_; }

  std::span<const std::byte> take(uint64_t size, std::string_view what) {
    if (size > left()) {
      refuse(
          fmt::format("{} needs {} bytes at {}, but the file has only {}: it is truncated or damaged; fetch it again",
                      what, size, at_, bytes_.size()));
    }
    const auto taken = bytes_.subspan(at_, size);
    at_ += size;
    return taken;
  }

  template <typename T>
  T number(std::string_view what) {
    return load<T>(take(sizeof(T), what).data());
  }

  std::string_view text(std::string_view what) {
    const auto size = number<uint64_t>(what);
    const auto taken = take(size, what);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  std::string_view name(std::string_view what) {
    const std::string_view name = text(what);
    if (name.size() > kMaxGgufName || name.find('\0') != std::string_view::npos || !is_utf8(name))
      refuse(fmt::format("{} at {} is no name", what, at_));
    return name;
  }

  void require_count(uint64_t count, uint64_t most, uint64_t least_bytes, std::string_view what) const {
    if (count > most || count > left() / least_bytes)
      refuse(fmt::format("{} {} can't be in a file of {} bytes: it is damaged; fetch it again", count, what,
                         bytes_.size()));
  }

  void read_entry() {
    const std::string_view key = name("a metadata key");
    const std::string what = fmt::format("the metadata entry {}", key);
    GgufFile::Value value;
    value.type = number<uint32_t>(what);
    if (value.type == array_) {
      value.is_array = true;
      value.type = number<uint32_t>(what);
      value.count = number<uint64_t>(what);
    }
    if (value.type >= type_count || value.type == array_)
      refuse(fmt::format("{} has the unknown type {}", what, value.type));
    if (value.count > left() / kSizes[value.type])
      refuse(fmt::format("{} should have {} elements, more than the file holds", what, value.count));
    const uint64_t begin = at_;
    if (value.type == string_) {
      for (uint64_t i = 0; i < value.count; ++i) text(what);
    } else {
      take(value.count * kSizes[value.type], what);
    }
    value.bytes = bytes_.subspan(begin, at_ - begin);
    if (!result_.values_.emplace(key, value).second) refuse(fmt::format("{} stands twice", what));
  }

  struct Placed {
    uint64_t offset = 0, bytes = 0;
  };

  Placed read_tensor_info() {
    StoredTensor tensor;
    tensor.name = std::string(name("a tensor's name"));
    const std::string what = fmt::format("the tensor {}", tensor.name);
    const auto dimensions = number<uint32_t>(what);
    if (dimensions > kMaxGgufDimensions)
      refuse(fmt::format("{} has {} dimensions; GGUF has at most {}", what, dimensions, kMaxGgufDimensions));
    for (uint32_t i = 0; i < dimensions; ++i) {
      const auto size = number<uint64_t>(what);
      if (size > static_cast<uint64_t>(INT64_MAX)) refuse(fmt::format("{} has a size beyond 63 bits", what));
      tensor.shape.insert(tensor.shape.begin(), static_cast<int64_t>(size));  // the fastest comes first in the file
    }
    tensor.strides = contiguous_strides_checked(tensor.shape, what);
    const auto type = number<uint32_t>(what);
    const Placed placed{number<uint64_t>(what), bytes_of(tensor, type, what)};
    tensor.file = result_.file_;
    result_.tensors_.push_back(std::move(tensor));
    return placed;
  }

  std::vector<int64_t> contiguous_strides_checked(const std::vector<int64_t>& shape, const std::string& what) const {
    if (checked_elements(shape) < 0)
      refuse(fmt::format("{} has the shape {}, whose size overflows", what, shape_text(shape)));
    return contiguous_strides(shape);
  }

  uint64_t bytes_of(StoredTensor& tensor, uint32_t type, const std::string& what) {
    const auto elements = static_cast<uint64_t>(tensor.elements());
    BlockSize size{1, 1};
    if (const auto plain = plain_type(type)) {
      tensor.dtype = *plain;
      size.bytes = size_of(*plain);
    } else if (const auto block = block_type_numbered(type)) {
      tensor.dtype = DType::F32;
      tensor.blocks = block;
      size = size_of(*block);
    } else {
      // All are read first: one message says how many there are.
      unread_[type].push_back(tensor.name);
      return 0;
    }
    const uint64_t row = tensor.shape.empty() ? 1 : static_cast<uint64_t>(tensor.shape.back());
    if (row % size.elements != 0)
      refuse(fmt::format("{} has rows of {}, which are no whole blocks of {}", what, row, size.elements));
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(elements / size.elements, size.bytes, &bytes))
      refuse(fmt::format("{} has the shape {}, whose size overflows", what, shape_text(tensor.shape)));
    return bytes;
  }

  void refuse_unread_types() const {
    if (unread_.empty()) return;
    const auto& [type, names] = *unread_.begin();
    const std::string_view others = unread_.size() > 1 ? " (others are of further such types)" : "";
    refuse(fmt::format("{} tensor{} of the type {}, which can't be read{}: {}. Choose a file of another quantisation",
                       names.size(), names.size() == 1 ? " is" : "s are", name_of_unread_type(type), others,
                       name_list(names)));
  }

  void read_tensors(uint64_t count) {
    std::vector<Placed> placed;
    for (uint64_t i = 0; i < count; ++i) placed.push_back(read_tensor_info());
    refuse_unread_types();
    const auto alignment = static_cast<uint64_t>(result_.integer("general.alignment").value_or(32));
    if (!std::has_single_bit(alignment) || alignment > kMaxAlignment)
      refuse(fmt::format("general.alignment is {}, not a power of two up to {}", alignment, kMaxAlignment));
    const uint64_t begin = (at_ + alignment - 1) / alignment * alignment;
    for (uint64_t i = 0; i < count; ++i) place(result_.tensors_[i], placed[i], begin, alignment);
    check_overlap(placed);
    std::vector<std::string_view> names;
    for (const StoredTensor& tensor : result_.tensors_) names.push_back(tensor.name);
    std::sort(names.begin(), names.end());
    if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
      refuse(fmt::format("the tensor {} stands twice", *twice));
  }

  void place(StoredTensor& tensor, const Placed& placed, uint64_t begin, uint64_t alignment) const {
    if (placed.offset % alignment != 0)
      refuse(fmt::format("the tensor {} begins at {}, which is not a multiple of {}", tensor.name, placed.offset,
                         alignment));
    if (begin > bytes_.size() || placed.offset > bytes_.size() - begin ||
        placed.bytes > bytes_.size() - begin - placed.offset) {
      refuse(
          fmt::format("the tensor {} needs {} bytes at {}, but the file has only {}: it is truncated or damaged; fetch "
                      "it again",
                      tensor.name, placed.bytes, placed.offset, bytes_.size()));
    }
    tensor.data = bytes_.data() + begin + placed.offset;
  }

  /// Many tensors on the same bytes would make a small file large in memory.
  void check_overlap(std::vector<Placed>& placed) const {
    std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
      return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
    });
    for (size_t i = 1; i < placed.size(); ++i) {
      if (placed[i].offset < placed[i - 1].offset + placed[i - 1].bytes)
        refuse(fmt::format("two tensors overlap at {}", placed[i].offset));
    }
  }

  GgufFile result_;
  std::span<const std::byte> bytes_;
  uint64_t at_ = 0;
  std::map<uint32_t, std::vector<std::string>> unread_;  ///< Tensors whose type nothing here reads.
};

GgufFile GgufFile::open(const std::filesystem::path& path) {
  return GgufReader(path).read();
}

}  // namespace llavakd
