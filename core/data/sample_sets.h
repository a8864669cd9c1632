// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
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
  std::vector<ProbeOptions> probes;
  bool operator==(const SampleSet&) const = default;
};

/// The sets of a project: its stages, its evaluations and, where there are any, its probes. Throws UserError for an
/// unknown template.
std::vector<SampleSet> sample_sets(const Project& project, const std::filesystem::path& project_file);

/// The samples of a set; a file in which all entries are faulty gives none. Probes end with their question. Throws
/// UserError like open_dataset_to_check, and where no file is chosen.
std::shared_ptr<const Dataset> open_samples(const SampleSet& set);

}  // namespace llavakd
