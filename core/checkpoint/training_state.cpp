// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/training_state.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLatest = "latest";
constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kState = "state.json";

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
  write_checkpoint_sums(building.partial());
  building.commit();
  write_file_atomically(checkpoints / kLatest, folder.filename().string() + "\n");
  prune(checkpoints, folder, keep);
  return folder;
}

TrainingState read_training_state(const fs::path& checkpoint) {
  return {read_tensors(checkpoint / kOptimizer), read_json(checkpoint / kState)};
}

}  // namespace llavakd
