// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "app/command_line.h"
#include "app/commands/new_project.h"
#include "core/base/byte_size.h"
#include "core/base/duration.h"
#include "core/base/errors.h"
#include "core/bench/measure_stages.h"
#include "core/checkpoint/model_template.h"
#include "core/data/data_check.h"
#include "core/data/emoji/make_emoji_data.h"
#include "core/data/student_texts.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/load_tokenizer.h"
#include "core/preflight/cache_advice.h"
#include "core/preflight/preflight.h"
#include "core/preflight/project_models.h"
#include "core/preflight/stage_estimate.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct NewOptions {
  std::string name, folder;
  bool list = false, json = false;
};

int list_templates(bool json) {
  Json list = Json::array();
  for (const auto& entry : catalog::project_templates())
    list.push_back({{"name", entry.name}, {"label", entry.label}, {"help", entry.help}});
  if (json)
    print_json(list);
  else
    for (const auto& entry : catalog::project_templates())
      std::cout << fmt::format("{:<24} {}\n", entry.name, entry.help);
  return exit_done;
}

int run_new(const NewOptions& options) {
  if (options.list) return list_templates(options.json);
  if (options.name.empty() || options.folder.empty())
    throw UserError("Give a template and a folder: llavakd new emoji-quick FOLDER. --list shows the templates.");
  ProgressLine progress;
  const auto file = new_project(options.name, options.folder, [&](std::string_view what, int done, int total) {
    progress.show(fmt::format("  {} {}/{}", what, done, total));
  });
  progress.show("");
  if (options.json)
    print_json({{"project", file.string()}});
  else
    std::cout << file.string() << std::endl;
  return exit_done;
}

struct CheckOptions {
  std::string file;
  bool from_stdin = false, probe = false, json = false;
  int64_t steps = 10;
};

/// How long a stage will take, and by what that is known.
std::string time_text(const StageEstimate& estimate) {
  if (!estimate.seconds) return "time not measured yet (after a first run, or by --probe)";
  const std::string about = "about " + duration_text(*estimate.seconds);
  if (!estimate.measured) return about + " (by another stage's rate)";
  return about +
         (estimate.measured->run.empty() ? " (by a probe)" : fmt::format(" (by the run {})", estimate.measured->run));
}

void print_estimates(const std::vector<StageEstimate>& estimates) {
  for (const StageEstimate& estimate : estimates)
    std::cout << fmt::format("{:<25} {}: {} steps, {}, {} memory, {} disk\n", "", estimate.stage, estimate.steps,
                             time_text(estimate), size_text(estimate.memory_bytes), size_text(estimate.disk_bytes()));
}

/// Does some steps of each stage, and keeps what they took.
void measure(const Project& project, const CheckOptions& options, const std::vector<StageEstimate>& estimates) {
  refuse_red(project, options.file, device_fault);
  ProgressLine progress;
  add_measurements(options.file,
                   measure_stages(project, options.file, estimates, options.steps, [&](const std::string& stage) {
                     progress.show(fmt::format("  {}: {} steps", stage, options.steps));
                   }));
  progress.show("");
}

int run_check(const CheckOptions& options) {
  const std::string& file = options.file;
  const Project project = options.from_stdin ? project_from_text(standard_input(), file) : load_project(file);
  std::vector<StageEstimate> estimates;
  auto items = preflight(project, file, device_fault, &estimates);
  if (options.probe) {
    measure(project, options, estimates);
    items = preflight(project, file, device_fault, &estimates);
  }
  const NewestRun run = read_newest_run(file);
  const auto caches = cache_advice(project, file, run);
  Json result = to_json(items);
  result["caches"] = to_json(caches);
  result["estimates"] = to_json(estimates, run);
  if (options.json) {
    print_json(result);
  } else {
    for (const auto& item : items) {
      std::cout << fmt::format("{:<6} {:<18} {}\n", name_of(item.level), item.name, item.finding);
      if (!item.remedy.empty()) std::cout << fmt::format("{:<25} -> {}\n", "", item.remedy);
    }
    for (const auto& cache : caches)
      std::cout << fmt::format("{:<6} {:<18} {}\n", cache.on ? "on" : "off", cache.option, cache.sentence);
    print_estimates(estimates);
  }
  return result["level"] == "red" ? exit_wrong_input : exit_done;
}

struct MakeOptions {
  std::string what, folder;
  uint64_t seed = 1;
  bool teacher = false;
};

int run_make(const MakeOptions& options) {
  if (options.what != "emoji") throw UserError(fmt::format("Unknown data \"{}\"; known is emoji.", options.what));
  EmojiDataOptions data;
  data.seed = options.seed;
  data.teacher = options.teacher;
  ProgressLine progress;
  make_emoji_data(options.folder, data, [&](std::string_view what, int done, int total) {
    progress.show(fmt::format("  {} {}/{}", what, done, total));
  });
  return exit_done;
}

struct CheckDataOptions {
  std::string file, images, project, student, conversation_template;
  int64_t max_length = 0;
  bool json = false;
};

/// The stage of the project that reads the file, if one does.
const StageOptions* stage_of(const Project& project, const fs::path& project_file, const fs::path& data) {
  std::error_code error;
  const auto found = std::ranges::find_if(project.stages, [&](const StageOptions& stage) {
    return !stage.data.empty() && fs::equivalent(resolve(project_file, stage.data), data, error);
  });
  return found == project.stages.end() ? nullptr : &*found;
}

/// What decides which texts are left out; nothing where no tokenizer is known.
std::optional<StudentTexts> known_texts(const CheckDataOptions& options, const std::optional<Project>& project,
                                        const StageOptions* stage) {
  std::optional<StudentTexts> texts;
  std::string form = options.conversation_template;
  if (project) {
    texts = student_texts(*project, options.project, student_facts(*project, options.project));
    if (form.empty()) form = stage ? template_of(*project, *stage).name : project->conversation_template;
  } else if (!options.student.empty()) {
    const fs::path student = model_folder_of(options.student);
    const ModelFacts facts = read_model_facts(student);
    texts = StudentTexts{load_tokenizer(tokenizer_folder(student)), {.visual_tokens = facts.visual_tokens}};
    if (form.empty()) form = facts.own_template;
    if (form.empty()) form = template_of_run(student);
    if (form.empty() && !facts.template_guess.empty()) {
      form = facts.template_guess;
      std::cerr << fmt::format(
          "llavakd: the texts go through the template {}, a guess by the model's family; give "
          "another with --template.\n",
          form);
    }
    if (form.empty())
      throw UserError("Which template the texts go through isn't known of this model: give --template.");
  } else {
    return texts;
  }
  if (options.max_length > 0) texts->rules.max_length = options.max_length;
  texts->rules.conversation_template = &conversation_template(form);
  return texts;
}

fs::path images_of(const CheckDataOptions& options, const StageOptions* stage) {
  if (options.images.empty() && stage) return images_folder(options.project, stage->data, stage->images);
  return images_folder(options.file, options.images);
}

/// `images` is the folder that was looked into where none was named: a line for each picture that isn't there would
/// hide the others.
void print_faults(const std::vector<DataFault>& faults, const std::optional<fs::path>& images) {
  const auto is_missing = [](const DataFault& fault) {
    return fault.reason.ends_with("there is no such picture");
  };
  const auto missing = std::ranges::count_if(faults, is_missing);
  const bool together = images && missing > 5;
  for (const auto& fault : faults)
    if (!together || !is_missing(fault)) std::cout << fault.message() << '\n';
  if (together)
    std::cout << fmt::format("{} samples name pictures that aren't in {}: give --images or --project.\n", missing,
                             images->string());
}

void print_report(const DataReport& report, bool texts, const std::optional<fs::path>& images) {
  print_faults(report.faults, images);
  for (const auto& note : report.notes) std::cout << "Note: " << note << '\n';
  if (!texts)
    std::cout
        << "The texts' lengths and tokens weren't looked at: give --project or --student, so that the tokenizer is "
           "known.\n";
  const size_t faults = report.faults.size();
  std::cout << (faults == 0 ? fmt::format("No faults in {} samples.", report.entries)
                            : fmt::format("{} of {} samples can't be used.", faults, report.entries))
            << std::endl;
}

int run_check_data(const CheckDataOptions& options) {
  std::optional<Project> project;
  if (!options.project.empty()) project = load_project(options.project);
  const StageOptions* stage = project ? stage_of(*project, options.project, options.file) : nullptr;
  const std::optional<StudentTexts> texts = known_texts(options, project, stage);
  DataCheck check{.images_folder = images_of(options, stage), .texts = {}};
  if (texts) check.texts = rules_of(*texts);
  const DataReport report = check_data(options.file, check);
  if (options.json) {
    Json list = Json::array();
    for (const auto& fault : report.faults)
      list.push_back({{"line", fault.line}, {"id", fault.id}, {"reason", fault.reason}});
    print_json({{"file", options.file},
                {"samples", report.entries},
                {"faults", list},
                {"notes", report.notes},
                {"texts", check.texts.has_value()}});
  } else {
    const bool guessed = options.images.empty() && !project;
    print_report(report, check.texts.has_value(), guessed ? std::optional(check.images_folder) : std::nullopt);
  }
  return report.faults.empty() ? exit_done : exit_wrong_input;
}

}  // namespace

void add_project_commands(CommandLine& line) {
  auto made = std::make_shared<NewOptions>();
  CLI::App* command = line.add("new", "Makes a ready project with the models and data that it needs.",
                               [made] { return run_new(*made); });
  command->add_option("template", made->name, "One of those that --list shows.");
  command->add_option("folder", made->folder, "Where to make it.");
  command->add_flag("--list", made->list, "Shows the templates.");
  command->add_flag("--json", made->json, "Machine-readable output.");

  auto checked = std::make_shared<CheckOptions>();
  command = line.add(
      "check", "Looks at everything a run needs before it starts: models, tokenizer, template, data, disk, memory.",
      [checked] { return run_check(*checked); });
  command->add_option("project", checked->file, "Project file.")->required();
  command->add_flag("--stdin", checked->from_stdin, "Checks the text on standard input as if it stood in that file.");
  command->add_flag("--probe", checked->probe,
                    "Does ten steps of each stage and forgets them: time and memory are then measured, not only "
                    "computed. Kept next to the runs.");
  command->add_option("--steps", checked->steps, "So many steps for --probe.")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--json", checked->json, "Machine-readable output.");

  CLI::App* data =
      line.add_group("data", "Makes sample data, checks data files and shows samples as the models see them.");
  auto make = std::make_shared<MakeOptions>();
  command = line.add_to(data, "make", "Makes the sample data: pictures, captions and questions.",
                        [make] { return run_make(*make); });
  command->add_option("what", make->what, "emoji")->required();
  command->add_option("folder", make->folder, "Where to make it.")->required();
  command->add_option("--seed", make->seed, "Decides the scenes.")->capture_default_str();
  command->add_flag("--teacher", make->teacher,
                    "Also what the teacher is trained on: 25,806 pictures instead of 3,406.");

  auto file = std::make_shared<CheckDataOptions>();
  command =
      line.add_to(data, "check", "All faults of a conversation file, by line: what a run would leave out, and why.",
                  [file] { return run_check_data(*file); });
  command->add_option("file", file->file, "Conversation file.")->required();
  command->add_option("--images", file->images,
                      "Folder of its image paths; otherwise the stage's in --project, or the file's own.");
  command->add_option("--project", file->project, "Project whose tokenizer, template and max_length decide on texts.");
  command->add_option("--student", file->student, "Model whose tokenizer decides on texts; in place of --project.");
  command->add_option("--template", file->conversation_template, "Prompt format; otherwise the project's or model's.");
  command->add_option("--max-length", file->max_length, "Longest sequence; otherwise the project's, or 2048.")
      ->check(CLI::Range(1, 1 << 24));
  command->add_flag("--json", file->json, "Machine-readable output.");
  add_sample_command(line, data);
}

}  // namespace llavakd
