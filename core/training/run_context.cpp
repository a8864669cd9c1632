// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/run_context.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/errors.h"
#include "core/distributed/single_process.h"
#include "core/project/project_file.h"

namespace llavakd {

RunContext::RunContext(const Project& of_project, std::filesystem::path of_file, const RunFolder& in_folder,
                       EventSink to, RunControl& by, const TrainOptions& with)
    : project(of_project),
      project_file(std::move(of_file)),
      stages(scheduled_stages(of_project)),
      folder(in_folder),
      sink(std::move(to)),
      control(by),
      options(with),
      communicator(with.communicator ? with.communicator : std::make_shared<SingleProcess>()),
      early_warnings(with.warnings) {}

std::shared_ptr<const Dataset> RunContext::dataset_of(const StageOptions& of_stage) {
  const auto file = resolve(project_file, of_stage.data);
  if (file.empty()) throw UserError(fmt::format("Stage {} has no data file: choose one.", of_stage.name));
  auto& dataset = datasets[file];
  if (!dataset) dataset = open_dataset(file);
  return dataset;
}

void RunContext::enter_next_stage() {
  TrainProgress& progress = state.progress;
  ++progress.stage_index;
  progress.stage = stages[progress.stage_index].name;
  progress.stage_step = 0;
  progress.stage_done = false;
  progress.learnt = false;
  progress.roll_backs = 0;
  progress.rate_factor = 1;
  progress.gate_before.clear();
}

void RunContext::emit(EventBody body) {
  if (record) record->emit(std::move(body), state.progress);
}

}  // namespace llavakd
