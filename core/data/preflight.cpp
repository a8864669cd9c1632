// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/data/conversation_file.h"
#include "core/image/processor_text.h"
#include "core/io/machine.h"
#include "core/project/errors.h"
#include "core/project/project_file.h"
#include "core/text/conversation.h"
#include "core/text/tokenizer.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

constexpr double gib = 1024.0 * 1024 * 1024;

bool needs_teacher(const std::vector<StageOptions>& stages) {
  return std::ranges::any_of(stages, [](const StageOptions& stage) {
    return std::ranges::any_of(stage.terms,
                               [](const TermOptions& term) { return term.term != "ce" && term.weight > 0; });
  });
}

bool has_student(const Project& project) {
  return !project.student.checkpoint.empty() ||
         (!project.student.language_model.empty() && !project.student.vision_tower.empty());
}

/// Fills in how the model's pictures are prepared; what keeps that from being known is a fault.
void look_at_processor(ModelFacts& facts) {
  if (facts.tower.type.empty()) return;
  try {
    facts.processor = processor_text(processor_beside(facts.pictures_from, facts.tower.type, facts.tower.image_size));
  } catch (const UserError& error) {
    facts.faults.emplace_back(error.what());
  }
}

fs::path tokenizer_folder(const Project& project, const fs::path& file) {
  return resolve(file,
                 project.student.checkpoint.empty() ? project.student.language_model : project.student.checkpoint);
}

/// What opening the model passes over or fills in.
void add_warnings(const char* name, const ModelFacts& facts, Items& items) {
  for (const std::string& warning : facts.warnings)
    items.push_back({name, MatchLevel::amber, warning, "The run goes on as it is said here."});
}

/// A checkpoint that was trained on pictures of another shape than the project makes.
void add_aspect(const char* name, const ModelFacts& facts, const Project& project, Items& items) {
  const std::string& asked = project.image.aspect_ratio;
  if (facts.aspect_ratio.empty() || facts.aspect_ratio == asked) return;
  items.push_back({name, MatchLevel::amber,
                   fmt::format("{}: image_aspect_ratio is \"{}\", but the project's image.aspect_ratio is \"{}\", so "
                               "that pictures would have another shape than in its training.",
                               (facts.path / "config.json").string(), facts.aspect_ratio, asked),
                   fmt::format("Set image.aspect_ratio to {}, unless the change is meant.", facts.aspect_ratio)});
}

void check_models(const Project& project, const fs::path& file, bool distils, ModelFacts student, Items& items) {
  look_at_processor(student);
  add_warnings("Student", student, items);
  add_aspect("Student", student, project, items);
  if (!distils) {
    for (const auto& fault : student.faults)
      items.push_back({"Student", MatchLevel::red, fault, "Choose another checkpoint or repair this one."});
    return;
  }
  if (project.teacher.checkpoint.empty()) {
    items.push_back({"Teacher", MatchLevel::red, "A stage distils, but no teacher is chosen.",
                     "Choose the teacher's checkpoint folder."});
    return;
  }
  ModelFacts teacher = read_model_facts(resolve(file, project.teacher.checkpoint));
  look_at_processor(teacher);
  add_warnings("Teacher", teacher, items);
  add_aspect("Teacher", teacher, project, items);
  for (const MatchFact& fact : compare_models(teacher, student)) {
    const std::string finding =
        fact.teacher == fact.student ? fact.teacher : fmt::format("teacher {}, student {}", fact.teacher, fact.student);
    items.push_back({fact.name, fact.level, finding, fact.remedy});
  }
}

void check_template(const Project& project, const fs::path& file, Items& items) {
  try {
    const Tokenizer tokenizer = Tokenizer::load(tokenizer_folder(project, file));
    const auto fault = template_fault(tokenizer, conversation_template(project.conversation_template));
    items.push_back({"Template of the project", fault ? MatchLevel::amber : MatchLevel::green,
                     fault ? *fault : fmt::format("{} fits the tokenizer", project.conversation_template),
                     fault ? "Choose the template that the language model's tokenizer was made for." : ""});
  } catch (const UserError& error) {
    items.push_back(
        {"Tokenizer", MatchLevel::red, error.what(), "Put the tokenizer's files beside the language model."});
  }
}

/// The faults of a data file; `each_picture` also looks whether every picture is there.
std::vector<DataFault> faults_of(const fs::path& data, const fs::path& images, const SampleSet& samples,
                                 bool each_picture) {
  return each_picture ? check_samples(data, images) : samples.faults;
}

void check_data(const StageOptions& stage, const fs::path& file, bool each_picture, Items& items) {
  const std::string name = "Data of " + stage.name;
  try {
    if (stage.data.empty()) throw UserError("No data file is chosen.");
    const fs::path data = resolve(file, stage.data);
    const auto images = stage.images.empty() ? data.parent_path() : resolve(file, stage.images);
    const SampleSet set = read_samples(data);
    const auto faults = faults_of(data, images, set, each_picture);
    const auto samples = static_cast<int64_t>(set.samples.size());
    const std::string finding = fmt::format("{} samples, {} steps", samples, stage_steps(stage, samples));
    if (faults.empty()) return items.push_back({name, MatchLevel::green, finding, ""});
    items.push_back({name, MatchLevel::amber,
                     fmt::format("{}; {} can't be used, the first: {}", finding, faults.size(), faults[0].sentence()),
                     fmt::format("They will be left out. `llavakd data check {}` lists them all.", data.string())});
  } catch (const UserError& error) {
    items.push_back({name, MatchLevel::red, error.what(), "Choose the stage's data file."});
  }
}

void check_probes(const Project& project, const fs::path& file, Items& items) {
  if (project.probes.empty()) return;
  for (const auto& probe : project.probes) {
    std::error_code error;
    const fs::path image = resolve(file, probe.image);
    if (fs::is_regular_file(image, error)) continue;
    items.push_back({"Probes", MatchLevel::red, fmt::format("{}: there is no such picture", image.string()),
                     "Choose another picture for the probe, or remove it."});
    return;
  }
  items.push_back({"Probes", MatchLevel::green, fmt::format("{} pictures", project.probes.size()), ""});
}

void check_evaluations(const Project& project, const fs::path& file, bool each_picture, Items& items) {
  for (const auto& evaluation : project.evaluations) {
    const fs::path questions = resolve(file, evaluation.file);
    try {
      if (questions.empty()) throw UserError("No file with questions is chosen.");
      const auto images = evaluation.images.empty() ? questions.parent_path() : resolve(file, evaluation.images);
      const SampleSet set = read_samples(questions);
      const auto faults = faults_of(questions, images, set, each_picture);
      const std::string finding = fmt::format("{}: {} questions", questions.filename().string(), set.samples.size());
      if (faults.empty())
        items.push_back({"Evaluation", MatchLevel::green, finding, ""});
      else
        items.push_back(
            {"Evaluation", MatchLevel::amber,
             fmt::format("{}; {} can't be used, the first: {}", finding, faults.size(), faults[0].sentence()),
             fmt::format("They will be left out. `llavakd data check {}` lists them all.", questions.string())});
    } catch (const UserError& error) {
      items.push_back({"Evaluation", MatchLevel::red, error.what(),
                       "Choose the file with the questions, or remove the evaluation."});
    }
  }
}

/// Weights, gradients and AdamW's state of both models: what any run needs at least.
double least_memory(const Project& project, const ModelFacts& student, const ModelFacts* teacher) {
  const double bytes = project.run.precision == "bf16" ? 2 : 4;
  double memory = static_cast<double>(student.total_parameters) * (2 * bytes + 12);
  if (teacher) memory += static_cast<double>(teacher->total_parameters) * bytes;
  return memory;
}

void check_machine(const Project& project, const fs::path& file, const ModelFacts& student, bool distils,
                   Items& items) {
  std::error_code error;
  const double free = static_cast<double>(fs::space(fs::absolute(file).parent_path(), error).available);
  const double checkpoint =
      static_cast<double>(student.total_parameters) * 16;  // weights in fp32 and AdamW's three copies
  const double wanted = checkpoint * static_cast<double>(project.run.keep_checkpoints +
                                                         static_cast<int64_t>(scheduled_stages(project).size()));
  const bool fits = error || wanted < free;
  items.push_back({"Disk", fits ? MatchLevel::green : MatchLevel::red,
                   fmt::format("checkpoints take {:.2f} GiB, {:.1f} GiB are free", wanted / gib, free / gib),
                   fits ? "" : "Free some space, or lower run.keep_checkpoints."});
  std::optional<ModelFacts> teacher;
  if (distils && !project.teacher.checkpoint.empty())
    teacher = read_model_facts(resolve(file, project.teacher.checkpoint));
  const double memory = least_memory(project, student, teacher ? &*teacher : nullptr);
  const auto available = static_cast<double>(machine_memory().available_bytes);
  const bool enough = memory < available;
  items.push_back({"Memory", enough ? MatchLevel::green : MatchLevel::red,
                   fmt::format("models and optimizer take {:.2f} GiB before activations, {:.1f} GiB are available",
                               memory / gib, available / gib),
                   enough ? "" : "Use precision bf16, a smaller student, or a machine with more memory."});
}

/// Everything but the machine.
Items check_inputs(const Project& project, const fs::path& project_file, bool each_picture) {
  Items items;
  const auto stages = scheduled_stages(project);
  const bool distils = needs_teacher(stages);
  if (!has_student(project)) {
    items.push_back({"Student", MatchLevel::red, "No student is chosen.",
                     "Choose a checkpoint, or a language model and a vision tower."});
    return items;
  }
  const ModelFacts student = student_facts(project, project_file);
  check_models(project, project_file, distils, student, items);
  check_template(project, project_file, items);
  std::set<std::string> seen;
  for (const auto& stage : stages)
    if (seen.insert(stage.name).second) check_data(stage, project_file, each_picture, items);
  check_probes(project, project_file, items);
  check_evaluations(project, project_file, each_picture, items);
  return items;
}

/// The item as one sentence or two.
std::string sentence(const PreflightItem& item) {
  if (item.name == "Files") return item.remedy;  // says whose files and what is wrong with them
  const bool ended = item.finding.ends_with('.');
  return fmt::format("{}: {}{} {}", item.name, item.finding, ended ? "" : ".", item.remedy);
}

}  // namespace

ModelFacts student_facts(const Project& project, const fs::path& file) {
  const StudentOptions& student = project.student;
  if (!student.checkpoint.empty()) return read_model_facts(resolve(file, student.checkpoint));
  return combine_parts(read_model_facts(resolve(file, student.language_model)),
                       read_model_facts(resolve(file, student.vision_tower)),
                       student.connector.empty() ? "mlp2x_gelu" : student.connector, student.num_queries);
}

Items preflight(const Project& project, const fs::path& project_file) {
  Items items = check_inputs(project, project_file, true);
  if (has_student(project))
    check_machine(project, project_file, student_facts(project, project_file), needs_teacher(scheduled_stages(project)),
                  items);
  return items;
}

void refuse_red(const Project& project, const fs::path& project_file) {
  for (const auto& item : check_inputs(project, project_file, false))
    if (item.level == MatchLevel::red) throw UserError(sentence(item));
}

nlohmann::ordered_json to_json(const Items& items) {
  nlohmann::ordered_json json;
  MatchLevel worst = MatchLevel::green;
  json["level"] = "";
  json["items"] = nlohmann::ordered_json::array();
  for (const auto& item : items) {
    worst = std::max(worst, item.level);
    json["items"].push_back(
        {{"name", item.name}, {"level", name_of(item.level)}, {"finding", item.finding}, {"remedy", item.remedy}});
  }
  json["level"] = name_of(worst);
  return json;
}

}  // namespace llavakd
