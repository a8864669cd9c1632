// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/project/options.h"
#include "core/text/conversation.h"

namespace llavakd {

enum class SampleSetKind { stage, evaluation, probes };

/// Samples that a project names, and how they are read.
struct SampleSet {
  SampleSetKind kind = SampleSetKind::stage;
  std::string name;                     ///< The stage's; the file name of an evaluation; "probes".
  std::filesystem::path file;           ///< Empty where none is chosen, and of probes.
  std::filesystem::path images_folder;  ///< The root of probes, whose images are whole paths.
  const ConversationTemplate* conversation_template = nullptr;
  std::vector<TermOptions> terms;  ///< Those of the stage that are on.
  std::string sampler;             ///< Of the stage.
  int64_t batch_size = 0;
  std::optional<uint64_t> seed;  ///< Of its order; nothing where the stage doesn't run.
  std::vector<ProbeOptions> probes;
  bool operator==(const SampleSet&) const = default;
};

/// The sets of a project: its stages, its evaluations and, where there are any, its probes. Throws UserError for an
/// unknown template.
std::vector<SampleSet> sample_sets(const Project& project, const std::filesystem::path& project_file);

/// The samples of the first step that a run of the stage makes, in its order, by their place in the dataset; none where
/// the stage doesn't run. `go_on` is asked before each sample of which the length is needed, and ends it by false.
std::vector<int64_t> first_batch(const SampleSet& set, const Dataset& dataset, const std::function<bool()>& go_on = {});

/// The samples of a set; a file in which all entries are faulty gives none. Probes end with their question. Throws
/// UserError like open_dataset_to_check, and where no file is chosen.
std::shared_ptr<const Dataset> open_samples(const SampleSet& set);

}  // namespace llavakd
