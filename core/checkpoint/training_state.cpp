// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/training_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLatest = "latest";
constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kState = "state.json";
constexpr const char* kSums = "SHA256SUMS";
constexpr size_t kSumLength = 64;

void require_plain_name(const std::string& stage) {
  if (stage.empty() || stage.front() == '.' || stage.find_first_of("/\\") != std::string::npos) {
    throw UserError(fmt::format("The stage name \"{}\" can't be part of a folder's name.", stage));
  }
}

void prune(const fs::path& checkpoints, const fs::path& newest, int64_t keep) {
  if (keep <= 0) return;
  std::vector<fs::path> all = list_training_checkpoints(checkpoints);
  std::erase(all, newest);
  const auto surplus = static_cast<int64_t>(all.size()) - (keep - 1);
  for (int64_t i = 0; i < surplus; ++i) remove_checkpoint(all[static_cast<size_t>(i)]);
}

void write_sums(const fs::path& checkpoint) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(checkpoint))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  std::string text;
  for (const fs::path& file : files)
    text += fmt::format("{}  {}\n", sha256_of_file(file), file.lexically_relative(checkpoint).string());
  write_file_atomically(checkpoint / kSums, text);
}

/// Throws UserError where the checkpoint contains a file without a checksum: SHA256SUMS is not whole, or the file
/// isn't the checkpoint's. What people and their file managers leave there doesn't matter.
void refuse_unlisted(const fs::path& checkpoint, const std::set<std::string>& listed) {
  for (const auto& entry : fs::recursive_directory_iterator(checkpoint)) {
    const fs::path name = entry.path().lexically_relative(checkpoint);
    const bool aside = name == kSums || name.filename().string().starts_with('.') || name.extension() == ".md";
    if (!aside && entry.is_regular_file() && !listed.contains(name.string()))
      throw UserError(fmt::format("{} is damaged or incomplete: it has no checksum of {}, which lies there.",
                                  (checkpoint / kSums).string(), name.string()));
  }
}

}  // namespace

fs::path save_training_checkpoint(const fs::path& checkpoints, const std::string& stage, int64_t step,
                                  const ModelWriter& write_model, const TrainingState& state, int64_t keep) {
  require_plain_name(stage);
  remove_leftovers(checkpoints);
  const fs::path folder = checkpoints / fmt::format("{}-{}", stage, step);
  AtomicFolder building(folder);
  fs::create_directory(building.partial() / "model");
  write_model(building.partial() / "model");
  write_tensors(building.partial() / kOptimizer, state.optimizer);
  write_json(building.partial() / kState, state.state);
  write_sums(building.partial());
  building.commit();
  write_file_atomically(checkpoints / kLatest, folder.filename().string() + "\n");
  prune(checkpoints, folder, keep);
  return folder;
}

bool verify_checkpoint(const fs::path& checkpoint) {
  const fs::path sums = checkpoint / kSums;
  std::error_code error;
  if (!fs::exists(sums, error)) return false;
  const auto mapped = MappedFile::open(sums);
  std::set<std::string> listed;
  for (std::string_view rest = mapped->text(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const fs::path name = line.size() > kSumLength + 2 ? fs::path(line.substr(kSumLength + 2)) : fs::path();
    if (name.empty() || name.is_absolute() || std::ranges::find(name, "..") != name.end())
      throw UserError(fmt::format("{} is damaged: \"{}\" is no checksum with a file.", sums.string(), line));
    if (sha256_of_file(checkpoint / name) != line.substr(0, kSumLength))
      throw UserError(fmt::format("{} is damaged: it isn't what {} says was written.", (checkpoint / name).string(),
                                  sums.filename().string()));
    listed.insert(name.string());
  }
  refuse_unlisted(checkpoint, listed);
  return true;
}

TrainingState read_training_state(const fs::path& checkpoint) {
  return {read_tensors(checkpoint / kOptimizer), read_json(checkpoint / kState)};
}

}  // namespace llavakd
