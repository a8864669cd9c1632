// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/foreign_file.h"
#include "core/io/json_file.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kMaxHeader = 100'000'000;
static_assert(std::endian::native == std::endian::little,
              "weights are used where they lie, so in the file's byte order");

uint64_t read_u64(const std::byte* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// One tensor while the header is being checked: where its bytes are after the header.
struct Placed {
  StoredTensor tensor;
  uint64_t begin, end;
};

/// The sizes or offsets of a header entry: whole numbers, not negative.
std::vector<uint64_t> sizes_or_offsets(const Json& entry, const char* key, const std::string& where, size_t most) {
  const auto found = entry.find(key);
  if (found == entry.end() || !found->is_array()) throw UserError(fmt::format("{} has no list \"{}\".", where, key));
  if (found->size() > most) throw UserError(fmt::format("{} has {} numbers in \"{}\".", where, found->size(), key));
  std::vector<uint64_t> numbers;
  for (const Json& number : *found) {
    if (!number.is_number_unsigned()) {
      throw UserError(fmt::format("{} has {} in \"{}\", where only whole numbers from 0 on are possible.", where,
                                  number.dump(), key));
    }
    numbers.push_back(number.get<uint64_t>());
  }
  return numbers;
}

Placed read_entry(const std::string& name, const Json& entry, const std::filesystem::path& path, uint64_t data_bytes) {
  const std::string where = fmt::format("{}: the tensor {}", path.string(), name);
  if (!entry.is_object()) throw UserError(where + " is not described by an object.");
  const auto type = entry.find("dtype");
  if (type == entry.end() || !type->is_string()) throw UserError(where + " has no \"dtype\".");
  const auto dtype = dtype_named(type->get_ref<const std::string&>());
  if (!dtype) throw UserError(fmt::format("{} has the unknown type {}.", where, type->get_ref<const std::string&>()));

  Placed placed{{name, *dtype, {}, {}, nullptr, nullptr}, 0, 0};
  for (const uint64_t size : sizes_or_offsets(entry, "shape", where, kMaxDimensions)) {
    if (size > static_cast<uint64_t>(INT64_MAX)) throw UserError(where + " has a size beyond 63 bits.");
    placed.tensor.shape.push_back(static_cast<int64_t>(size));
  }
  const int64_t elements = checked_elements(placed.tensor.shape);
  uint64_t bytes = 0;
  if (elements < 0 || __builtin_mul_overflow(static_cast<uint64_t>(elements), size_of(*dtype), &bytes)) {
    throw UserError(fmt::format("{} has the shape {}, whose size overflows.", where, shape_text(placed.tensor.shape)));
  }
  placed.tensor.strides = contiguous_strides(placed.tensor.shape);

  const auto offsets = sizes_or_offsets(entry, "data_offsets", where, 2);
  if (offsets.size() != 2) throw UserError(where + " needs two \"data_offsets\".");
  placed.begin = offsets[0];
  placed.end = offsets[1];
  if (placed.end < placed.begin) {
    throw UserError(fmt::format("{} ends at byte {} before it begins at {}.", where, placed.end, placed.begin));
  }
  if (placed.end > data_bytes) {
    throw UserError(
        fmt::format("{} ends at byte {} of the data, but the file has only {}: it is truncated or damaged; "
                    "fetch it again.",
                    where, placed.end, data_bytes));
  }
  if (placed.end - placed.begin != bytes) {
    throw UserError(fmt::format("{} of type {} and shape {} needs {} bytes, but its offsets give {}.", where,
                                name_of(*dtype), shape_text(placed.tensor.shape), bytes, placed.end - placed.begin));
  }
  return placed;
}

/// Data must follow each other without overlap or hole, as the format demands.
void check_coverage(std::vector<Placed>& placed, const std::filesystem::path& path, uint64_t data_bytes) {
  std::vector<const Placed*> order;
  for (const Placed& p : placed) order.push_back(&p);
  std::sort(order.begin(), order.end(),
            [](const Placed* a, const Placed* b) { return std::pair(a->begin, a->end) < std::pair(b->begin, b->end); });
  uint64_t reached = 0;
  for (const Placed* p : order) {
    if (p->begin < reached) {
      throw UserError(fmt::format("{}: the tensor {} overlaps the one before it.", path.string(), p->tensor.name));
    }
    if (p->begin > reached) {
      throw UserError(fmt::format("{}: there is a hole of {} bytes before the tensor {}.", path.string(),
                                  p->begin - reached, p->tensor.name));
    }
    reached = p->end;
  }
  if (reached != data_bytes) {
    throw UserError(fmt::format("{}: {} bytes at the end belong to no tensor.", path.string(), data_bytes - reached));
  }
}

std::string_view header_text(const MappedFile& file) {
  const std::string name = file.path().string();
  const auto bytes = file.bytes();
  if (bytes.empty()) throw UserError(fmt::format("{} is empty: fetch it again.", name));
  // Where the header would begin, nothing else has this character.
  if (bytes.size() < 9 || file.text()[8] != '{') refuse_foreign_file(file.path(), file.text());
  if (bytes.size() < 8) {
    throw UserError(fmt::format("{} has {} bytes, too few for a safetensors header.", name, bytes.size()));
  }
  const uint64_t length = read_u64(bytes.data());
  if (length > kMaxHeader) {
    throw UserError(
        fmt::format("{}: a header of {} bytes is more than the format allows; this is not a safetensors "
                    "file, or a damaged one.",
                    name, length));
  }
  if (length > bytes.size() - 8) {
    throw UserError(
        fmt::format("{}: the header should have {} bytes, but the file ends after {}: it is truncated; "
                    "fetch it again.",
                    name, length, bytes.size() - 8));
  }
  const std::string_view header = file.text().substr(8, length);
  if (!header.starts_with('{')) throw UserError(fmt::format("{}: the header is not a JSON object.", name));
  return header;
}

}  // namespace

SafetensorsFile open_safetensors(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  const std::string_view header = header_text(*file);
  const Json json = parse_json(header, fmt::format("{} (header)", path.string()), {kMaxHeader, 8});
  const uint64_t data_bytes = file->bytes().size() - 8 - header.size();
  const std::byte* data = file->bytes().data() + 8 + header.size();

  SafetensorsFile result;
  std::vector<Placed> placed;
  for (const auto& [name, entry] : json.items()) {
    if (name == "__metadata__") {
      if (entry.is_null()) continue;
      if (!entry.is_object()) throw UserError(fmt::format("{}: __metadata__ must be an object.", path.string()));
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) throw UserError(fmt::format("{}: __metadata__ {} must be text.", path.string(), key));
        result.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    placed.push_back(read_entry(name, entry, path, data_bytes));
  }
  check_coverage(placed, path, data_bytes);
  for (Placed& p : placed) {
    p.tensor.data = data + p.begin;
    p.tensor.file = file;
    result.tensors.push_back(std::move(p.tensor));
  }
  return result;
}

void write_safetensors(const std::filesystem::path& path, std::vector<TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorToWrite& a, const TensorToWrite& b) {
    if (size_of(a.dtype) != size_of(b.dtype)) return size_of(a.dtype) > size_of(b.dtype);
    return a.name < b.name;
  });
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const TensorToWrite& tensor : tensors) {
    const int64_t elements = checked_elements(tensor.shape);
    if (elements < 0) throw RunError(fmt::format("The tensor {} is too large to be written.", tensor.name));
    const uint64_t end = offset + static_cast<uint64_t>(elements) * size_of(tensor.dtype);
    header[tensor.name] = {{"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  AtomicFile file(path);
  const uint64_t length = text.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(text);
  for (const TensorToWrite& tensor : tensors) {
    const auto bytes = tensor.bytes();
    if (bytes.size() != static_cast<size_t>(checked_elements(tensor.shape)) * size_of(tensor.dtype)) {
      throw RunError(fmt::format("The tensor {} gave {} bytes, which don't fit its shape.", tensor.name, bytes.size()));
    }
    file.write(bytes);
  }
  refuse_changed_mappings();  // which it may have been written from
  file.commit();
}

}  // namespace llavakd
