// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <optional>
#include <string>

#include "core/inspection/relation_comparison.h"
#include "core/project/options.h"

namespace llavakd {

/// Whether relations are the very numbers that a project's run is trained on.
struct TrainedNote {
  std::optional<bool> trained;  ///< Nothing where no project says.
  std::string why;              ///< In a sentence.
};

/// `project` may be null. `computed_in`: the type that the models were opened in.
TrainedNote trained_note(const RelationComparison& comparison, const Project* project, at::ScalarType computed_in);

}  // namespace llavakd
