// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torch_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/base/errors.h"
#include "core/io/foreign_file.h"
#include "core/io/pickle_machine.h"
#include "core/io/zip_directory.h"

namespace llavakd {

namespace {

using Kind = PickleValue::Kind;

constexpr size_t kMaxTensors = 200'000;

/// The archive's entries below its one top folder, whose name is the file's at the time of saving.
struct Archive {
  std::shared_ptr<const MappedFile> file;
  ZipDirectory entries;
  std::string root;

  std::string name() const { return file->path().string(); }
};

[[noreturn]] void refuse_format(const MappedFile& file) {
  const std::string name = file.path().string();
  if (file.bytes().empty()) throw UserError(fmt::format("{} is empty: fetch it again.", name));
  refuse_foreign_file(file.path(), file.text());
  if (file.text().starts_with('\x80')) {
    throw UserError(fmt::format(
        "{} is a bare pickle, as torch.save wrote it before version 1.6; such files are not opened. Load it "
        "where you trust it and save it again, best as safetensors.",
        name));
  }
  throw UserError(fmt::format("{} is not a file of torch.save (a zip archive).", name));
}

Archive open_archive(const std::filesystem::path& path) {
  Archive archive{MappedFile::open(path), {}, {}};
  if (!archive.file->text().starts_with("PK\x03\x04")) refuse_format(*archive.file);
  archive.entries = read_zip_directory(*archive.file);
  int pickles = 0;
  for (const auto& [name, bytes] : archive.entries) {
    if (name != "data.pkl" && !name.ends_with("/data.pkl")) continue;
    if (++pickles > 1) throw UserError(fmt::format("{} holds two data.pkl.", archive.name()));
    archive.root = name.substr(0, name.size() - std::string_view("data.pkl").size());
  }
  if (pickles == 0) throw UserError(fmt::format("{} holds no data.pkl: torch.save didn't write it.", archive.name()));
  const auto order = archive.entries.find(archive.root + "byteorder");
  if (order != archive.entries.end()) {
    const std::string_view text(reinterpret_cast<const char*>(order->second.data()), order->second.size());
    if (text != "little")
      throw UserError(fmt::format("{} is in another byte order than this machine's.", archive.name()));
  }
  return archive;
}

/// Sizes or strides: a tuple of whole numbers from 0 on.
std::vector<int64_t> sizes_or_strides(const PickleMachine& machine, const PickleValue& tuple, const std::string& where,
                                      const char* what) {
  if (tuple.kind != Kind::tuple || machine.items(tuple).size() > kMaxDimensions) {
    throw UserError(fmt::format("{} has no usable {}.", where, what));
  }
  std::vector<int64_t> numbers;
  for (const uint32_t index : machine.items(tuple)) {
    const PickleValue& number = machine.value(index);
    if (number.kind != Kind::integer || number.integer < 0) {
      throw UserError(fmt::format("{} has a {} that isn't a whole number from 0 on.", where, what));
    }
    numbers.push_back(number.integer);
  }
  return numbers;
}

/// Elements from the first to the last one that the strides reach, plus one; -1 if that leaves 63 bits.
int64_t reach(const std::vector<int64_t>& shape, const std::vector<int64_t>& strides) {
  int64_t last = 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t step = 0;
    if (__builtin_mul_overflow(shape[i] - 1, strides[i], &step) || __builtin_add_overflow(last, step, &last)) return -1;
  }
  return last == INT64_MAX ? -1 : last + 1;
}

struct Storage {
  DType dtype;
  std::span<const std::byte> bytes;
  int64_t elements;
};

Storage find_storage(const Archive& archive, const PickleMachine& machine, const PickleValue& value,
                     const std::string& where) {
  if (value.kind != Kind::storage) throw UserError(where + " has no storage.");
  const auto& items = machine.items(value);
  const DType dtype = *dtype_of_storage(machine.value(items[1]).text.substr(std::string_view("torch.").size()));
  const std::string_view key = machine.value(items[2]).text;
  const int64_t elements = machine.value(items[4]).integer;
  const auto entry = archive.entries.find(fmt::format("{}data/{}", archive.root, key));
  if (entry == archive.entries.end()) {
    throw UserError(fmt::format("{} lies in the storage {}, which is not in the archive.", where, key));
  }
  const auto size = static_cast<int64_t>(size_of(dtype));
  if (elements < 0 || elements > static_cast<int64_t>(entry->second.size()) / size) {
    throw UserError(fmt::format("{} lies in a storage of {} elements, but the archive holds only {} bytes of it.",
                                where, elements, entry->second.size()));
  }
  return {dtype, entry->second, elements};
}

StoredTensor read_tensor(const Archive& archive, const PickleMachine& machine, std::string_view name,
                         const PickleValue& value) {
  const std::string where = fmt::format("{}: the tensor {}", archive.name(), name);
  const auto& arguments = machine.items(value);
  const Storage storage = find_storage(archive, machine, machine.value(arguments[0]), where);
  const PickleValue& offset = machine.value(arguments[1]);
  if (offset.kind != Kind::integer || offset.integer < 0) {
    throw UserError(fmt::format("{} begins at {}, before its storage.", where, offset.integer));
  }

  StoredTensor tensor{std::string(name), storage.dtype, {}, {}, nullptr, archive.file};
  tensor.shape = sizes_or_strides(machine, machine.value(arguments[2]), where, "shape");
  tensor.strides = sizes_or_strides(machine, machine.value(arguments[3]), where, "stride");
  if (tensor.shape.size() != tensor.strides.size())
    throw UserError(where + " has another number of strides than sizes.");
  const int64_t elements = tensor.elements();
  // More elements than the storage has would mean strides of 0: 2^40 elements out of one number.
  if (elements < 0 || elements > storage.elements) {
    throw UserError(fmt::format("{} of shape {} needs more than the {} elements of its storage.", where,
                                shape_text(tensor.shape), storage.elements));
  }
  if (elements > 0) {
    const int64_t reached = reach(tensor.shape, tensor.strides);
    if (reached < 0 || offset.integer > storage.elements - reached) {
      throw UserError(
          fmt::format("{} of shape {} and strides {} from element {} on reaches outside its storage of {} "
                      "elements.",
                      where, shape_text(tensor.shape), shape_text(tensor.strides), offset.integer, storage.elements));
    }
    tensor.data = storage.bytes.data() + static_cast<size_t>(offset.integer) * size_of(storage.dtype);
  } else {
    tensor.data = storage.bytes.data();
  }
  return tensor;
}

}  // namespace

std::vector<StoredTensor> open_torch_archive(const std::filesystem::path& path) {
  const Archive archive = open_archive(path);
  const std::string where = fmt::format("{} (data.pkl)", archive.name());
  const PickleMachine machine(archive.entries.at(archive.root + "data.pkl"), where);
  const PickleValue& state_dict = machine.result();
  if (state_dict.kind != Kind::dict) throw UserError(where + " is not a dictionary of tensors.");
  const auto& items = machine.items(state_dict);
  if (items.size() / 2 > kMaxTensors) throw UserError(where + " holds too many tensors.");

  constexpr int most_shared = 4;
  double bytes = 0;
  std::vector<StoredTensor> tensors;
  std::unordered_set<std::string_view> names;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    const PickleValue& name = machine.value(items[i]);
    const PickleValue& value = machine.value(items[i + 1]);
    if (name.kind != Kind::text) throw UserError(where + " is not a dictionary of tensors: a key isn't text.");
    constexpr std::array<std::string_view, 4> of_training{"state_dict", "model", "module", "model_state_dict"};
    if (value.kind == Kind::dict && std::find(of_training.begin(), of_training.end(), name.text) != of_training.end())
      throw UserError(
          fmt::format("{} is a checkpoint of a training program, with the weights under \"{}\". Save that "
                      "dictionary alone.",
                      archive.name(), name.text));
    if (value.kind != Kind::tensor) {
      throw UserError(fmt::format("{} is not a dictionary of tensors: {} is something else.", where, name.text));
    }
    if (!names.insert(name.text).second) throw UserError(fmt::format("{} holds {} twice.", where, name.text));
    tensors.push_back(read_tensor(archive, machine, name.text, value));
    // Tied weights share their bytes; thousands of names for the same bytes would fill the memory.
    bytes += static_cast<double>(tensors.back().elements()) * static_cast<double>(size_of(tensors.back().dtype));
    if (bytes > most_shared * static_cast<double>(archive.file->bytes().size()))
      throw UserError(fmt::format("{}: its tensors share their bytes more than {} times.", where, most_shared));
  }
  return tensors;
}

}  // namespace llavakd
