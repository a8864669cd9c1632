// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/preflight/checks.h"
#include "core/project/project_file.h"
#include "core/project/stage_gate.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

using Items = std::vector<PreflightItem>;

/// Its folders are called "<name>-<step>", a name may have 255 bytes, and the rest is for the step and what is being
/// written.
constexpr size_t longest_name = 200;

std::string item_name(const StageOptions& stage) {
  return "Stage " + (stage.name.size() <= longest_name ? stage.name : stage.name.substr(0, 20) + "…");
}

bool has_weights(const ModelFacts& student, const std::string& part) {
  const auto found = student.parameters.find(part);
  return found != student.parameters.end() && found->second > 0;
}

/// What of a stage alone keeps it from learning.
void check_options(const Project& project, const StageOptions& stage, const ModelFacts* student, Items& items) {
  const auto red = [&](const std::string& finding, const std::string& remedy, const char* field) {
    items.push_back({item_name(stage), MatchLevel::red, finding, remedy, {edit_fix(stage_key(project, stage, field))}});
  };
  if (stage.name.size() > longest_name)
    red(fmt::format("its name has {} letters, and folders are called after it", stage.name.size()),
        fmt::format("Give it a name of at most {} letters.", longest_name), "name");
  if (!has_loss(stage))
    red("no term of its loss has a weight above 0, so there is nothing to learn from",
        "Give it a term, or one of its terms a weight.", "terms");
  if (stage.train.empty())
    red("it trains nothing", "Choose at least one part of the model under \"train\" (Learns, in the window).", "train");
  else if (student && student->faults.empty() &&
           std::ranges::none_of(stage.train, [&](const std::string& part) { return has_weights(*student, part); }))
    red(fmt::format("it trains the {} only, which has no weights in this student", fmt::join(stage.train, " and ")),
        "Choose another part of the model under \"train\" (Learns, in the window).", "train");
  if (stage.learning_rate == 0)
    red("its learning rate is 0, so nothing would be learnt", "Give it a learning rate above 0.", "learning_rate");
}

/// Why a stage learns from samples with an image alone, or an empty text.
std::string image_reason(const StageOptions& stage) {
  if (std::ranges::count(stage.train, "language_model") == 0)
    return fmt::format("it trains the {} only", fmt::join(stage.train, " and "));
  const bool visual = std::ranges::all_of(stage.terms, [](const TermOptions& term) {
    const TermInfo* info = term_info(term.term);
    return !is_on(term) || (info && info->reads == TermPositions::visual);
  });
  return visual ? "its terms compare visual tokens only" : "";
}

/// A stage that learns from images alone needs samples that have one.
void check_images(const CheckedProject& checked, const StageOptions& stage, Items& items) {
  const std::string reason = image_reason(stage);
  if (reason.empty() || stage.data.empty() || !has_loss(stage) || stage.train.empty()) return;
  try {
    const Dataset& dataset = checked.data.at(resolve(checked.file, stage.data));
    int64_t with_image = 0;
    for (int64_t i = 0; i < dataset.size(); ++i) with_image += dataset.sample(i)->images.empty() ? 0 : 1;
    const int64_t without = dataset.size() - with_image;
    if (without == 0) return;
    items.push_back({item_name(stage),
                     with_image == 0 ? MatchLevel::red : MatchLevel::amber,
                     fmt::format("{}, but {} of its {} samples have no picture", reason, without, dataset.size()),
                     with_image == 0 ? "Nothing would be learnt: choose data with pictures, or train another part."
                                     : "Nothing is learnt from those.",
                     {choose_fix("Choose other data…", stage_key(checked.project, stage, "data"))}});
  } catch (const UserError&) {
    // The item of the data says it.
  }
}

/// A limit whose number can't be known is never met. One that is met or not whatever is learnt may be meant so.
void check_gate(const CheckedProject& checked, const StageOptions& stage, Items& items) {
  for (const LimitOptions& limit : stage.gate) {
    if (const auto fault = limit_fault(limit, stage, checked.project))
      items.push_back({item_name(stage),
                       limit.unmet == "tell" ? MatchLevel::amber : MatchLevel::red,
                       fmt::format("its gate can't know the {}: {}", limit_subject_text(limit), *fault),
                       "Choose another number for the limit, add what it lacks, or remove it.",
                       {edit_fix(stage_key(checked.project, stage, "gate"))}});
    else if (const auto idle = idle_limit(limit, checked.project))
      items.push_back({item_name(stage),
                       MatchLevel::amber,
                       fmt::format("its gate's limit \"{}\": {}", limit_text(limit), *idle),
                       "Choose a limit that tells one student from another, or remove it.",
                       {edit_fix(stage_key(checked.project, stage, "gate"))}});
  }
}

/// A warm-up begins at 0, so that a stage of one step may consist of that alone.
void check_warmup(const CheckedProject& checked, const StageOptions& stage, Items& items) {
  if (stage.data.empty() || stage.warmup_ratio == 0 || steps_of(checked, stage) != 1) return;
  items.push_back({item_name(stage),
                   MatchLevel::amber,
                   "its only step is the warm-up's first, whose learning rate is 0: nothing is learnt",
                   "Set warmup_ratio to 0, or give it more steps.",
                   {set_fix("Set the warm-up to 0", {stage_key(checked.project, stage, "warmup_ratio") + "=0"})}});
}

}  // namespace

void check_stages(const CheckedProject& checked, const ModelFacts& student, Items& items) {
  if (checked.stages.empty()) {
    items.push_back({"Stages",
                     MatchLevel::red,
                     "the project has no stages, so there is nothing to train",
                     "Add one under \"stages\", or begin with a template: `llavakd new --list` shows them.",
                     {edit_fix("stages")}});
    return;
  }
  const size_t before = items.size();
  const bool known = has_student(checked.project) && student.missing.empty();
  for (const StageOptions& stage : checked.stages) {
    check_options(checked.project, stage, known ? &student : nullptr, items);
    check_images(checked, stage, items);
    check_warmup(checked, stage, items);
    check_gate(checked, stage, items);
  }
  if (items.size() > before) return;
  std::vector<std::string> names;
  for (const StageOptions& stage : checked.stages) names.push_back(stage.name);
  items.push_back({"Stages", MatchLevel::green, fmt::format("{}", fmt::join(names, ", ")), ""});
}

}  // namespace llavakd
