// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/published_models.h"
#include "core/preflight/checks.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

/// What opening the model passes over or fills in.
void add_warnings(const char* name, const ModelFacts& facts, Items& items) {
  for (const std::string& warning : facts.warnings)
    items.push_back({name, MatchLevel::amber, warning, "The run goes on as it is said here."});
}

/// A checkpoint that was trained on pictures of another shape than the project makes.
void add_aspect(const char* name, const ModelFacts& facts, const Project& project, Items& items) {
  const std::string& asked = project.image.aspect_ratio;
  if (facts.aspect_ratio.empty() || facts.aspect_ratio == asked) return;
  items.push_back({name,
                   MatchLevel::amber,
                   fmt::format("{}: image_aspect_ratio is \"{}\", but the project's image.aspect_ratio is \"{}\", so "
                               "that pictures would have another shape than in its training.",
                               (facts.path / "config.json").string(), facts.aspect_ratio, asked),
                   fmt::format("Set image.aspect_ratio to {}, unless the change is meant.", facts.aspect_ratio),
                   {set_fix("Set to " + facts.aspect_ratio, {"image.aspect_ratio=" + facts.aspect_ratio})}});
}

/// A teacher that was trained with another template than it will be asked with: what it says would teach nothing.
void add_template(const ModelFacts& teacher, const Project& project, Items& items) {
  const std::string &own = teacher.own_template, &asked = project.conversation_template;
  if (own.empty() || !contains(catalog::conversation_templates(), asked)) return;
  if (write_alike(conversation_template(own), conversation_template(asked))) return;
  items.push_back({"Teacher",
                   MatchLevel::amber,
                   fmt::format("{} says that it was trained with the template {}, but the project's is {}, in which it "
                               "may answer wrongly.",
                               (teacher.path / "config.json").string(), own, asked),
                   fmt::format("Set template to {}, unless the change is meant.", own),
                   {set_fix("Use " + own, {"template=" + own})}});
}

/// An option that names a model's folder, and what to call the item about it.
struct ModelOption {
  const char* name;
  const char* key;
  const std::string* path;
};

/// Adds an item for each of the folders that isn't there; true if there is one.
bool add_missing(const CheckedProject& checked, const ModelFacts& facts, const std::vector<ModelOption>& options,
                 Items& items) {
  for (const ModelOption& option : options) {
    const fs::path folder = resolve(checked.file, *option.path);
    if (std::ranges::count(facts.missing, folder) == 0) continue;
    const std::string_view published = published_name(folder);
    PreflightItem item{option.name, MatchLevel::red, fmt::format("Not found: {}", folder.string()),
                       published.empty()
                           ? "Put the model there, or choose another folder."
                           : fmt::format("Fetch {} from Hugging Face into that folder, or choose another.", published)};
    item.fixes.push_back(choose_fix("Choose…", option.key));
    if (!published.empty()) item.fixes.push_back(copy_fix("Copy the name", std::string(published)));
    items.push_back(std::move(item));
  }
  return !facts.missing.empty();
}

bool is_of_parts(const Project& project) {
  return project.student.checkpoint.empty();
}

std::vector<ModelOption> student_options(const Project& project) {
  const StudentOptions& student = project.student;
  if (!is_of_parts(project)) return {{"Student", "student.checkpoint", &student.checkpoint}};
  return {{"Language model", "student.language_model", &student.language_model},
          {"Vision tower", "student.vision_tower", &student.vision_tower}};
}

/// What mends a fact in which the two models differ, as far as one option does.
std::vector<PreflightFix> fixes_of(const MatchFact& fact, const Project& project, const ModelFacts& teacher,
                                   const ModelFacts& student) {
  const bool may_swap = !is_of_parts(project) && student.is_whole_model() && student.faults.empty();
  if (fact.name == "Parameters" && fact.level == MatchLevel::amber && may_swap)
    return {set_fix("Swap them", {"teacher.checkpoint=" + project.student.checkpoint,
                                  "student.checkpoint=" + project.teacher.checkpoint})};
  if (fact.level != MatchLevel::red) return {};
  if (fact.name == "Tokenizer") {
    if (teacher.tokenizer.entries == 0) return {show_fix(teacher.path)};
    if (student.tokenizer.entries == 0) return {show_fix(student.path)};
    return {choose_fix("Choose a teacher…", "teacher.checkpoint")};
  }
  if (fact.name == "Visual tokens" && has_queries(student.connector) && is_of_parts(project) &&
      teacher.visual_tokens > 0)
    return {set_fix(fmt::format("Set to {} queries", teacher.visual_tokens),
                    {fmt::format("student.num_queries={}", teacher.visual_tokens)})};
  const bool of_tower = fact.name == "Image size" || fact.name == "Image processor" || fact.name == "Visual tokens";
  if (of_tower && is_of_parts(project) && teacher.is_whole_model() && teacher.faults.empty() &&
      project.student.vision_tower != project.teacher.checkpoint)
    return {set_fix("Use the teacher's tower", {"student.vision_tower=" + project.teacher.checkpoint})};
  if (fact.name != "Files") return {};
  std::vector<PreflightFix> fixes;
  if (!teacher.faults.empty() || !teacher.is_whole_model())
    fixes.push_back(choose_fix("Choose a teacher…", "teacher.checkpoint"));
  if (!is_of_parts(project) && (!student.faults.empty() || !student.is_whole_model()))
    fixes.push_back(choose_fix("Choose a student…", "student.checkpoint"));
  return fixes;
}

}  // namespace

void check_models(const CheckedProject& checked, ModelFacts student, Items& items) {
  const Project& project = checked.project;
  bool missing = add_missing(checked, student, student_options(project), items);
  if (!missing) add_processor(student);
  add_warnings("Student", student, items);
  add_aspect("Student", student, project, items);
  if (!opens_teacher(project)) {
    if (missing) return;
    const std::vector choose{choose_fix("Choose a student…", "student.checkpoint")};
    for (const auto& fault : student.faults)
      items.push_back({"Student", MatchLevel::red, fault, "Choose another checkpoint or repair this one.", choose});
    if (student.faults.empty() && !student.is_whole_model())
      items.push_back({"Student", MatchLevel::red, fmt::format("It is a bare {}.", student.layout),
                       "Choose a whole LLaVA-type model, or build the student from parts.", choose});
    return;
  }
  if (project.teacher.checkpoint.empty()) {
    items.push_back({"Teacher",
                     MatchLevel::red,
                     "A stage distils, but no teacher is chosen.",
                     "Choose the teacher's checkpoint folder.",
                     {choose_fix("Choose a teacher…", "teacher.checkpoint")}});
    return;
  }
  ModelFacts teacher = teacher_facts(project, checked.file);
  missing |= add_missing(checked, teacher, {{"Teacher", "teacher.checkpoint", &project.teacher.checkpoint}}, items);
  if (missing) return;
  add_processor(teacher);
  add_warnings("Teacher", teacher, items);
  add_aspect("Teacher", teacher, project, items);
  add_template(teacher, project, items);
  for (const MatchFact& fact : compare_models(teacher, student)) {
    const std::string finding =
        fact.teacher == fact.student ? fact.teacher : fmt::format("teacher {}, student {}", fact.teacher, fact.student);
    items.push_back({fact.name, fact.level, finding, fact.remedy, fixes_of(fact, project, teacher, student)});
  }
}

}  // namespace llavakd
