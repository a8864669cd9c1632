// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <optional>

#include "core/io/machine.h"
#include "core/preflight/checks.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

constexpr double gib = 1024.0 * 1024 * 1024;

/// Weights, gradients and AdamW's state of both models: what any run needs at least.
double least_memory(const Project& project, const ModelFacts& student, const ModelFacts* teacher) {
  const double bytes = project.run.precision == "bf16" ? 2 : 4;
  double memory = static_cast<double>(student.total_parameters) * (2 * bytes + 12);
  if (teacher) memory += static_cast<double>(teacher->total_parameters) * bytes;
  return memory;
}

}  // namespace

void check_machine(const CheckedProject& checked, const ModelFacts& student, Items& items) {
  const auto& [project, file, stages, every_picture] = checked;
  std::error_code error;
  const double free = static_cast<double>(fs::space(fs::absolute(file).parent_path(), error).available);
  const double checkpoint =
      static_cast<double>(student.total_parameters) * 16;  // weights in fp32 and AdamW's three copies
  const double wanted =
      checkpoint * static_cast<double>(project.run.keep_checkpoints + static_cast<int64_t>(stages.size()));
  const bool fits = error || wanted < free;
  items.push_back({"Disk", fits ? MatchLevel::green : MatchLevel::red,
                   fmt::format("checkpoints take {:.2f} GiB, {:.1f} GiB are free", wanted / gib, free / gib),
                   fits ? "" : "Free some space, or lower run.keep_checkpoints."});
  std::optional<ModelFacts> teacher;
  if (distils(stages) && !project.teacher.checkpoint.empty())
    teacher = read_model_facts(resolve(file, project.teacher.checkpoint));
  const double memory = least_memory(project, student, teacher ? &*teacher : nullptr);
  const auto available = static_cast<double>(machine_memory().available_bytes);
  const bool enough = memory < available;
  items.push_back({"Memory", enough ? MatchLevel::green : MatchLevel::red,
                   fmt::format("models and optimizer take {:.2f} GiB before activations, {:.1f} GiB are available",
                               memory / gib, available / gib),
                   enough ? "" : "Use precision bf16, a smaller student, or a machine with more memory."});
}

}  // namespace llavakd
