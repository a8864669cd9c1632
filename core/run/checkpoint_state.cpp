// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/checkpoint_state.h"

#include <fmt/format.h>

#include <system_error>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"

namespace llavakd {

CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint) {
  const std::filesystem::path file = checkpoint / "state.json", optimizer = checkpoint / "optimizer.safetensors";
  // Opening a pipe would wait for a writer.
  std::error_code error;
  for (const auto& each : {file, optimizer})
    if (!std::filesystem::is_regular_file(each, error))
      throw UserError(fmt::format("{} is missing, or not an ordinary file.", each.string()));
  CheckpointState state{.json = read_json(file), .progress = {}};
  state.progress = read_train_progress(state.json, file);
  const TrainProgress& at = state.progress;
  if (checkpoint.filename() != fmt::format("{}-{}", at.stage, at.step))
    throw UserError(fmt::format("{} is damaged: it says stage {}, step {}.", file.string(), at.stage, at.step));
  // Only within a stage there is an optimizer to go on with.
  if (at.stage_done != open_safetensors(optimizer).tensors.empty())
    throw UserError(
        fmt::format("{} is damaged: it says that the stage {} done, but {} optimizer's state is next to it.",
                    file.string(), at.stage_done ? "is" : "isn't", at.stage_done ? "an" : "no"));
  return state;
}

}  // namespace llavakd
