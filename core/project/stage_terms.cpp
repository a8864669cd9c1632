// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/stage_terms.h"

#include <algorithm>

#include "core/project/project_file.h"

namespace llavakd {

bool is_on(const TermOptions& term) {
  return term.weight > 0;
}

bool needs_teacher(const TermOptions& term) {
  const TermInfo* info = term_info(term.term);
  return !info || info->needs_teacher;
}

bool has_loss(const StageOptions& stage) {
  return std::ranges::any_of(stage.terms, is_on);
}

bool distils(const StageOptions& stage) {
  return std::ranges::any_of(stage.terms, [](const TermOptions& term) { return is_on(term) && needs_teacher(term); });
}

bool distils(const std::vector<StageOptions>& stages) {
  return std::ranges::any_of(stages, [](const StageOptions& stage) { return distils(stage); });
}

bool opens_teacher(const Project& project) {
  return distils(scheduled_stages(project)) || (!project.probes.empty() && !project.teacher.checkpoint.empty());
}

}  // namespace llavakd
