// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <utility>

#include "app/command_line.h"
#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/data/data_check.h"
#include "core/data/image_file.h"
#include "core/data/model_input.h"
#include "core/data/sample_tokens.h"
#include "core/image/decode.h"
#include "core/image/processor_text.h"
#include "core/preflight/project_models.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct ShowSampleOptions {
  std::string project, stage, sample;
  bool ids = false, json = false;
};

/// What a model of the project reads with, or why that isn't known.
struct KnownInput {
  std::optional<ModelInput> input;
  std::string fault;
};

template <class Read>
KnownInput known_input(const Read& read) {
  try {
    return {read(), {}};
  } catch (const UserError& error) {
    return {std::nullopt, error.what()};
  }
}

KnownInput input_of_student(const Project& project, const fs::path& file) {
  return known_input([&] { return student_input(project, file, student_facts(project, file)); });
}

KnownInput input_of_teacher(const Project& project, const fs::path& file) {
  return known_input(
      [&] { return teacher_input(project, file, read_model_facts(resolve(file, project.teacher.checkpoint))); });
}

/// A text on one line, as JSON writes it; pieces of characters become U+FFFD.
std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json segments_json(const SampleTokens& tokens, const Tokenizer& tokenizer) {
  Json list = Json::array();
  for (const TokenRun& run : tokens.runs) {
    const std::span ids = std::span(tokens.input_ids).subspan(size_t(run.begin), size_t(run.size()));
    Json segment{{"use", name(run.use)}, {"begin", run.begin}, {"end", run.end}};
    if (ids.front() != image_token_index) segment["text"] = tokenizer.decode(ids);
    list.push_back(std::move(segment));
  }
  return list;
}

/// What the model gets of each image, or why it gets none.
Json images_json(const Sample& sample, const SampleSet& set, const ModelInput& input) {
  Json list = Json::array();
  for (const ImageRef& named : sample.images) {
    Json image_json{{"image", named.key()}};
    try {
      const Image image = read_image(find_image(set.images_folder, named));
      image_json["size"] = {image.width, image.height};
      if (input.processor) {
        const Image prepared = prepare(image, *input.processor, input.aspect);
        image_json["prepared_size"] = {prepared.width, prepared.height};
      }
      image_json["visual_tokens"] = input.texts.rules.visual_tokens;
    } catch (const UserError& error) {
      image_json["fault"] = error.what();
    }
    list.push_back(std::move(image_json));
  }
  return list;
}

Json model_json(const Sample& sample, const SampleSet& set, const KnownInput& known) {
  if (!known.input) return {{"fault", known.fault}};
  const ModelInput& input = *known.input;
  const SampleTokens tokens = sample_tokens(sample, rules_of(input, set));
  Json json{{"length", tokens.length()}, {"max_length", input.texts.rules.max_length}};
  if (tokens.sequence.skipped) json["left_out"] = *tokens.sequence.skipped;
  for (const TokenUse use : {TokenUse::visual, TokenUse::prompt, TokenUse::response, TokenUse::ignored})
    json[std::string(name(use))] = tokens.count(use);
  json["segments"] = segments_json(tokens, input.texts.tokenizer);
  json["input_ids"] = tokens.input_ids;
  json["labels"] = tokens.sequence.labels;
  json["image_processor"] = input.processor ? processor_text(*input.processor) : input.processor_fault;
  json["images"] = images_json(sample, set, input);
  return json;
}

/// What each term of the stage reads of the student's sequence.
Json terms_read_json(const Sample& sample, const SampleSet& set, const KnownInput& student) {
  Json list = Json::array();
  if (!student.input) return list;
  const Sequence sequence = sample_tokens(sample, rules_of(*student.input, set)).sequence;
  for (const TermOptions& term : set.terms) {
    const TermInfo* info = term_info(term.term);
    if (!info) continue;
    Json positions = Json::array();
    int64_t count = 0;
    for (const Segment& read : positions_read(sequence, info->reads)) {
      positions.push_back({read.begin, read.end});
      count += read.size();
    }
    list.push_back({{"term", term.term}, {"weight", term.weight}, {"count", count}, {"positions", positions}});
  }
  return list;
}

void print_model(const char* who, const Json& model) {
  if (model.contains("fault")) {
    std::cout << fmt::format("{}: {}\n", who, model["fault"].get<std::string>());
    return;
  }
  std::cout << fmt::format("{}: {} tokens, max_length {}; {} visual, {} prompt, {} response, {} ignored\n", who,
                           model["length"].get<int64_t>(), model["max_length"].get<int64_t>(),
                           model["visual"].get<int64_t>(), model["prompt"].get<int64_t>(),
                           model["response"].get<int64_t>(), model["ignored"].get<int64_t>());
  if (model.contains("left_out")) std::cout << fmt::format("  left out: {}.\n", model["left_out"].get<std::string>());
  for (const Json& segment : model["segments"])
    std::cout << fmt::format("  {:<9} {:>6} to {:>6}  {}\n", segment["use"].get<std::string>(),
                             segment["begin"].get<int64_t>(), segment["end"].get<int64_t>() - 1,
                             segment.contains("text") ? quoted(segment["text"].get<std::string>()) : "an image");
  for (const Json& image_json : model["images"]) {
    std::string text = image_json["image"].get<std::string>();
    if (image_json.contains("fault"))
      text = image_json["fault"].get<std::string>();
    else
      text += fmt::format(", {} × {}; {} visual tokens", image_json["size"][0].get<int>(),
                          image_json["size"][1].get<int>(), image_json["visual_tokens"].get<int64_t>());
    std::cout << "  image     " << text << '\n';
  }
  std::cout << fmt::format("  processor {}\n", model["image_processor"].get<std::string>());
}

void print_sample(const Json& result) {
  std::cout << fmt::format("Sample {} of {}, line {}\n", quoted(result["id"].get<std::string>()),
                           result["set"].get<std::string>(), result["line"].get<int64_t>());
  print_model("Student", result["student"]);
  for (const Json& term : result["terms"]) {
    std::string places;
    for (const Json& range : term["positions"])
      places +=
          fmt::format("{}{} to {}", places.empty() ? "" : ", ", range[0].get<int64_t>(), range[1].get<int64_t>() - 1);
    std::cout << fmt::format("  {} with weight {} reads {} positions{}{}\n", term["term"].get<std::string>(),
                             term["weight"].get<double>(), term["count"].get<int64_t>(), places.empty() ? "" : ": ",
                             places);
  }
  if (result.contains("same_input") && result["same_input"] == true)
    std::cout << "Teacher: the same tokens and images\n";
  else if (result.contains("teacher"))
    print_model("Teacher", result["teacher"]);
}

/// The sample as both models get it.
Json shown_sample_json(const Project& project, const fs::path& file, const SampleSet& set, const Sample& sample) {
  Json result{{"set", set.name}, {"file", set.file.string()}, {"line", sample.line}, {"id", sample.id}};
  const KnownInput student = input_of_student(project, file);
  result["student"] = model_json(sample, set, student);
  result["terms"] = terms_read_json(sample, set, student);
  if (project.teacher.checkpoint.empty()) return result;
  const KnownInput teacher = input_of_teacher(project, file);
  result["teacher"] = model_json(sample, set, teacher);
  result["same_input"] = result["teacher"] == result["student"];
  return result;
}

std::vector<SampleSet> chosen_sets(const Project& project, const ShowSampleOptions& options) {
  std::vector<SampleSet> sets = sample_sets(project, options.project);
  if (options.stage.empty()) return sets;
  std::string known;
  std::vector<SampleSet> chosen;
  for (SampleSet& set : sets) {
    known += (known.empty() ? "" : ", ") + set.name;
    if (set.name == options.stage) chosen.push_back(std::move(set));
  }
  if (chosen.empty())
    throw UserError(fmt::format("The project has no samples called \"{}\"; it has those of {}.", options.stage, known));
  return chosen;
}

int show_sample(const Project& project, const ShowSampleOptions& options) {
  for (const SampleSet& set : chosen_sets(project, options)) {
    if (options.stage.empty() && set.kind != SampleSetKind::probes && set.file.empty()) continue;
    const auto dataset = open_samples(set);
    for (int64_t i = 0; i < dataset->size(); ++i) {
      const auto sample = dataset->sample(i);
      if (sample->id != options.sample) continue;
      const Json result = shown_sample_json(project, options.project, set, *sample);
      options.json ? print_json(result) : print_sample(result);
      return exit_done;
    }
    const auto fault = std::ranges::find(dataset->faults(), options.sample, &DataFault::id);
    if (fault != dataset->faults().end()) throw UserError(fmt::format("{}: {}", set.file.string(), fault->message()));
  }
  throw UserError(
      fmt::format("There is no sample \"{}\" in the data of {}. `llavakd data show {} --ids{}` lists the ids.",
                  printable(options.sample, 60), options.stage.empty() ? "the project" : options.stage,
                  shell_word(options.project), options.stage.empty() ? "" : " --stage " + shell_word(options.stage)));
}

/// The ids of all samples that can be asked for, one a line; as JSON a list for each set.
int show_ids(const Project& project, const ShowSampleOptions& options) {
  Json sets = Json::array();
  for (const SampleSet& set : chosen_sets(project, options)) {
    if (options.stage.empty() && set.kind != SampleSetKind::probes && set.file.empty()) continue;
    const auto dataset = open_samples(set);
    Json ids = Json::array();
    for (int64_t i = 0; i < dataset->size(); ++i) {
      const auto sample = dataset->sample(i);
      if (options.json)
        ids.push_back(sample->id);
      else
        std::cout << set.name << "  " << printable(sample->id) << '\n';
    }
    sets.push_back({{"name", set.name}, {"ids", std::move(ids)}});
  }
  if (options.json) print_json({{"sets", std::move(sets)}});
  return exit_done;
}

/// What a set holds, and what of it is left out.
Json set_json(const SampleSet& set, const KnownInput& student) {
  constexpr const char* kinds[] = {"stage", "evaluation", "probes"};
  Json json{{"kind", kinds[static_cast<size_t>(set.kind)]}, {"name", set.name}, {"file", set.file.string()}};
  try {
    DataCheck check{.images_folder = set.images_folder, .texts = {}};
    if (student.input && set.kind != SampleSetKind::probes) check.texts = rules_of(*student.input, set);
    const DataReport report = check_data(*open_samples(set), check);
    json["samples"] = report.entries;
    json["faults"] = Json::array();
    for (const DataFault& fault : report.faults)
      json["faults"].push_back({{"line", fault.line}, {"id", fault.id}, {"reason", fault.reason}});
    json["notes"] = report.notes;
  } catch (const UserError& error) {
    json["fault"] = error.what();
  }
  return json;
}

void print_set(const Json& set) {
  const std::string kind = set["kind"].get<std::string>(), name = set["name"].get<std::string>();
  const std::string title = kind == name ? name : fmt::format("{} {}", kind, name);
  if (set.contains("fault")) {
    std::cout << fmt::format("{}: {}\n", title, set["fault"].get<std::string>());
    return;
  }
  std::cout << fmt::format("{}: {} samples, {} left out\n", title, set["samples"].get<int64_t>(), set["faults"].size());
  for (const Json& fault : set["faults"])
    std::cout << "  "
              << DataFault{fault["line"].get<int64_t>(), fault["id"].get<std::string>(),
                           fault["reason"].get<std::string>()}
                     .message()
              << '\n';
  for (const Json& note : set["notes"]) std::cout << "  Note: " << note.get<std::string>() << '\n';
}

int show_sets(const Project& project, const ShowSampleOptions& options) {
  const KnownInput student = input_of_student(project, options.project);
  Json sets = Json::array();
  for (const SampleSet& set : chosen_sets(project, options)) sets.push_back(set_json(set, student));
  if (options.json) {
    print_json({{"sets", sets}, {"student_fault", student.fault}});
    return exit_done;
  }
  for (const Json& set : sets) print_set(set);
  if (!student.input) std::cout << "The texts weren't looked at: " << student.fault << '\n';
  return exit_done;
}

}  // namespace

void add_sample_command(CommandLine& line, CLI::App* data) {
  auto options = std::make_shared<ShowSampleOptions>();
  CLI::App* command = line.add_to(
      data, "show", "A sample as the models see it, token by token; without one, what each stage's data leave out.",
      [options] {
        const Project project = load_project(options->project);
        if (options->ids) return show_ids(project, *options);
        return options->sample.empty() ? show_sets(project, *options) : show_sample(project, *options);
      });
  command->add_option("project", options->project, "Project file.")->required();
  command->add_option("--stage", options->stage, "The stage; or an evaluation's file, or probes. Otherwise all.");
  command->add_option("--sample", options->sample, "The sample's id.");
  command->add_flag("--ids", options->ids, "Lists the samples' ids instead.");
  command->add_flag("--json", options->json, "Machine-readable output.");
}

}  // namespace llavakd
