// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/command_line.h"
#include "app/commands/template_note.h"
#include "core/base/errors.h"
#include "core/evaluation/answer.h"
#include "core/model_spec/model_facts.h"
#include "core/project/project_file.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// Whether a fact is unknown or of a part that isn't there: a language model alone has no tower.
bool says_nothing(const Json& value) {
  if (value.is_string()) return value.get<std::string>().empty();
  if (value.is_number()) return value == 0;
  return value.is_null() || (value.is_structured() && std::all_of(value.begin(), value.end(), says_nothing));
}

/// Facts as an indented list; empty ones are left out.
void print_facts(const Json& facts, int indent) {
  for (const auto& [key, value] : facts.items()) {
    if (says_nothing(value)) continue;
    std::string label = key;
    std::ranges::replace(label, '_', ' ');
    std::cout << std::string(static_cast<size_t>(indent), ' ');
    if (value.is_object()) {
      std::cout << label << '\n';
      print_facts(value, indent + 2);
    } else if (value.is_array()) {
      std::cout << label << '\n';
      for (const auto& element : value)
        std::cout << std::string(static_cast<size_t>(indent) + 2, ' ')
                  << (element.is_string() ? element.get<std::string>() : element.dump()) << '\n';
    } else {
      std::cout << fmt::format("{:<22} {}\n", label, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

int run_show(const std::string& checkpoint, bool json) {
  if (std::error_code error; !std::filesystem::exists(checkpoint, error))
    throw UserError(fmt::format("{} doesn't exist; give the folder of a model.", checkpoint));
  const ModelFacts facts = read_model_facts(model_folder_of(checkpoint));
  if (facts.layout.empty() && !facts.faults.empty()) throw UserError(facts.faults.front());
  if (json)
    print_json(to_json(facts));
  else
    print_facts(to_json(facts), 0);
  return facts.faults.empty() ? exit_done : exit_wrong_input;
}

struct AnswerOptions {
  std::string checkpoint, question, conversation_template, aspect;
  std::vector<std::string> images;
  int64_t max_new_tokens = 128;
  Sampling sampling;
  bool json = false;
};

int run_answer(const AnswerOptions& options) {
  const LoadedModel model = load_for_text(model_folder_of(options.checkpoint));
  const ModelTemplate used = template_of_model(model, options.conversation_template);
  Question question{std::nullopt, options.question, used.name, options.aspect};
  if (!options.images.empty()) {
    question.image = options.images.front();
    question.more_images.assign(options.images.begin() + 1, options.images.end());
  }
  const Answer given = answer(model, question, options.max_new_tokens, {.sampling = options.sampling});
  if (options.json) {
    Json result{{"text", given.text}, {"ids", given.ids}};
    add_template(result, used);
    print_json(result);
  } else {
    std::cout << given.text << std::endl;
  }
  say_doubts(used, model.folder);
  return exit_done;
}

}  // namespace

void add_model_commands(CommandLine& line) {
  auto shown = std::make_shared<std::pair<std::string, bool>>();
  CLI::App* command = line.add("show", "What a checkpoint folder is, from its headers alone, and every fault in it.",
                               [shown] { return run_show(shown->first, shown->second); });
  command
      ->add_option("checkpoint", shown->first,
                   "Folder of a model, a language model or a vision tower; a run's checkpoint; a GGUF file.")
      ->required();
  command->add_flag("--json", shown->second, "Machine-readable output.");

  auto asked = std::make_shared<AnswerOptions>();
  command = line.add("answer", "One answer: the likeliest words, or drawn by temperature and seed.",
                     [asked] { return run_answer(*asked); });
  command
      ->add_option(
          "checkpoint", asked->checkpoint,
          "Folder of a model or of a run's checkpoint; for text alone also a bare language model or a GGUF file.")
      ->required();
  command->add_option("--image", asked->images, "A picture; may be given several times.")->allow_extra_args(false);
  command->add_option("--question", asked->question, "What is asked.")->required();
  command->add_option("--template", asked->conversation_template,
                      "Prompt format; otherwise as the model's config or its run says.");
  command->add_option("--aspect", asked->aspect, "square or pad; otherwise as the model's config says.");
  command->add_option("--max-new-tokens", asked->max_new_tokens, "Longest answer.")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--temperature", asked->sampling.temperature, "0: the likeliest token, always; more: bolder.")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 100.0));
  command
      ->add_option("--top-p", asked->sampling.top_p,
                   "Draws among the likeliest tokens that reach this probability together; 1: among all.")
      ->capture_default_str();
  command->add_option("--seed", asked->sampling.seed, "Of what is drawn: the same seed, the same answer.")
      ->capture_default_str();
  command->add_flag("--json", asked->json, "Machine-readable output: text and ids.");
}

}  // namespace llavakd
