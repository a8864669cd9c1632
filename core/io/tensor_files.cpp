// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/io/foreign_weights.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"
#include "core/io/torch_archive.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr std::array kNames{"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                            "pytorch_model.bin.index.json"};

std::vector<StoredTensor> open_one(const fs::path& path) {
  if (path.extension() == ".safetensors") return open_safetensors(path).tensors;
  return open_torch_archive(path);
}

/// Names come from files and people: one that no file can have (too long) is one that isn't there.
bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// What other_weights() says of a folder whose weights don't open, behind another sentence.
std::string unfinished(const fs::path& folder) {
  const std::string other = other_weights(folder);
  return other.find("unfinished") == std::string::npos ? std::string() : " " + other;
}

/// The shards an index names: plain file names in the index's own folder, all present.
std::map<std::string, std::set<std::string>> tensors_of_shards(const fs::path& index) {
  const auto json = read_json(index);
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (!json.is_object() || map == json.end() || !map->is_object() || map->empty()) {
    throw UserError(fmt::format("{} has no \"weight_map\".", index.string()));
  }
  std::map<std::string, std::set<std::string>> shards;
  for (const auto& [tensor, shard] : map->items()) {
    if (!shard.is_string()) throw UserError(fmt::format("{}: the shard of {} is not text.", index.string(), tensor));
    const auto& name = shard.get_ref<const std::string&>();
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string::npos ||
        name.find('\0') != std::string::npos) {
      throw UserError(
          fmt::format("{}: the shard \"{}\" of {} leaves the checkpoint folder; shards must be next to the "
                      "index.",
                      index.string(), name, tensor));
    }
    shards[name].insert(tensor);
  }
  std::vector<std::string> missing;
  for (const auto& [name, tensors] : shards) {
    if (!is_file(index.parent_path() / name)) missing.push_back(name);
  }
  if (!missing.empty()) {
    throw UserError(fmt::format("{} names shards that are not there: {}. Fetch them again.{}", index.string(),
                                name_list(missing), unfinished(index.parent_path())));
  }
  return shards;
}

void add_file(TensorFiles& files, const fs::path& path, std::vector<StoredTensor> tensors) {
  files.files.push_back(path);
  files.bytes += fs::file_size(path);
  files.format = path.extension() == ".safetensors" ? "safetensors" : "pytorch_bin";
  std::move(tensors.begin(), tensors.end(), std::back_inserter(files.tensors));
}

void add_shards(TensorFiles& files, const fs::path& index) {
  for (const auto& [shard, expected] : tensors_of_shards(index)) {
    const fs::path path = index.parent_path() / shard;
    auto tensors = open_one(path);
    std::set<std::string> found;
    for (const StoredTensor& tensor : tensors) found.insert(tensor.name);
    for (const std::string& name : expected) {
      if (!found.contains(name)) {
        throw UserError(fmt::format("{} should hold {} according to {}, but doesn't.", path.string(), name,
                                    index.filename().string()));
      }
    }
    add_file(files, path, std::move(tensors));
  }
}

}  // namespace

bool has_tensor_files(const fs::path& folder) {
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) { return is_file(folder / name); });
}

TensorFiles open_tensor_files(const fs::path& path) {
  TensorFiles files;
  if (is_file(path)) {
    if (path.extension() == ".json") {
      add_shards(files, path);
    } else {
      add_file(files, path, open_one(path));
    }
  } else {
    const auto* name =
        std::find_if(kNames.begin(), kNames.end(), [&](const char* candidate) { return is_file(path / candidate); });
    if (name == kNames.end()) {
      const std::string other = other_weights(path);
      throw UserError(fmt::format("{} holds no weights that open: looked for {}.{}{}", path.string(),
                                  fmt::join(kNames, ", "), other.empty() ? "" : " ", other));
    }
    files = open_tensor_files(path / *name);
  }
  std::sort(files.tensors.begin(), files.tensors.end(),
            [](const StoredTensor& a, const StoredTensor& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(files.tensors.begin(), files.tensors.end(),
                                        [](const StoredTensor& a, const StoredTensor& b) { return a.name == b.name; });
  if (twice != files.tensors.end()) {
    throw UserError(fmt::format("{}: the tensor {} stands in two shards.", path.string(), twice->name));
  }
  return files;
}

}  // namespace llavakd
