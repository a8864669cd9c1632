// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>

#include "app/command_line.h"
#include "app/commands/model_pair.h"
#include "app/commands/output_file.h"
#include "app/commands/stop_signal.h"
#include "app/commands/template_note.h"
#include "app/commands/words_tables.h"
#include "core/base/duration.h"
#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/evaluation/answered_question.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct WordsOptions {
  PairSource pair;
  std::string image, question, reference, answer, word, out, data, images;
  double temperature = 1;
  int64_t max_new_tokens = 128, tile = 0, limit = 0, most = 10, max_length = 0;
  bool json = false;
};

/// A line on stderr with what is done and the time that is left.
class WorkProgress {
 public:
  explicit WorkProgress(std::string what) : what_(std::move(what)) {}
  void show(int64_t done, int64_t total) {
    if (done == total) return line_.show("");
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const std::string left = done == 0 ? ""
                                       : fmt::format(", {} left", duration_text(seconds / static_cast<double>(done) *
                                                                                static_cast<double>(total - done)));
    line_.show(fmt::format("  {} of {} {}{}", done, total, what_, left));
  }

 private:
  std::string what_;
  Clock::time_point begin_ = Clock::now();
  ProgressLine line_;
};

/// The answer that both models are made to read.
struct ReadAnswer {
  std::string from;  ///< "reference", "teacher" or "student"
  Sequence sequence;
};

ReadAnswer read_answer(const WordsOptions& options, const ModelPair& pair, const Question& question) {
  if (!options.reference.empty())
    return {"reference", question_with_reference(pair.student, question, options.reference)};
  const LoadedModel& who = options.answer == "teacher" ? pair.teacher : pair.student;
  const Answer given = answer(who, question, options.max_new_tokens);
  return {options.answer, question_with_answer(pair.student, question, given)};
}

WordAttribution attribution_of(const LoadedModel& model, const char* who, const Question& question,
                               const Sequence& sequence, const WordTarget& target, int64_t tile) {
  WorkProgress progress(fmt::format("tiles blanked for the {}", who));
  return word_attribution(model.model, sequence, pixels_of(model, question), target,
                          tile > 0 ? tile : default_tile(model.model.config()), [&](int64_t done, int64_t total) {
                            progress.show(done, total);
                            return true;
                          });
}

/// A word of the answer, and what it depends on in each model.
struct WordMaps {
  std::string text;
  Segment tokens;  ///< Of the answer.
  WordAttribution teacher, student;
};

WordMaps maps_of_word(const WordsOptions& options, const ModelPair& pair, const Question& question,
                      const TokenAgreement& agreement) {
  WordMaps maps;
  maps.tokens = word_tokens(pair.student.tokenizer, agreement.ids, options.word);
  const WordTarget target = word_target(agreement, maps.tokens);
  maps.text = pair.student.tokenizer.decode(target.ids);
  maps.teacher = attribution_of(pair.teacher, "teacher", question, agreement.sequence, target, options.tile);
  maps.student = attribution_of(pair.student, "student", question, agreement.sequence, target, options.tile);
  return maps;
}

Json word_json(const WordMaps& maps) {
  return {{"text", maps.text},
          {"begin", maps.tokens.begin},
          {"end", maps.tokens.end},
          {"teacher", word_attribution_json(maps.teacher)},
          {"student", word_attribution_json(maps.student)}};
}

void print_word(const WordMaps& maps) {
  const int64_t first = maps.tokens.begin, last = maps.tokens.end - 1;
  const std::string tokens =
      first == last ? fmt::format("token {}", first) : fmt::format("tokens {} to {}", first, last);
  std::cout << fmt::format("\n{}, {}: probability {:.4g} % for the teacher, {:.4g} % for the student\n\n",
                           in_quotes(maps.text), tokens, 100 * std::exp(maps.teacher.log_probability),
                           100 * std::exp(maps.student.log_probability))
            << attribution_table(maps.teacher, maps.student);
}

int words_of_question(const WordsOptions& options, const ModelPair& pair) {
  Question question;
  question.text = options.question;
  question.conversation_template = pair.used.name;
  question.aspect_ratio = pair.aspect;
  if (!options.image.empty()) question.image = options.image;
  const Tokenizer& tokenizer = pair.student.tokenizer;
  const ReadAnswer read = read_answer(options, pair, question);
  const TokenAgreement agreement =
      agreement_on(pair.teacher, pair.student, question, read.sequence, options.temperature);
  std::optional<WordMaps> maps;
  if (!options.word.empty()) maps = maps_of_word(options, pair, question, agreement);
  if (maps && !options.out.empty()) write_word_attribution(maps->teacher, maps->student, maps->text, options.out);
  const std::string text = tokenizer.decode(agreement.ids);
  if (options.json) {
    Json result{{"answer", text}, {"answer_of", read.from}};
    add_template(result, pair.used);
    result.update(token_agreement_json(agreement, tokenizer));
    if (maps) result["word"] = word_json(*maps);
    print_json(result);
  } else {
    std::cout << fmt::format("{} ({})\n\n", in_quotes(text),
                             read.from == "reference" ? "the reference" : "the " + read.from + "'s answer")
              << agreement_table(agreement, tokenizer);
    if (maps) print_word(*maps);
  }
  say_doubts(pair.used, pair.student.folder);
  return exit_done;
}

int words_of_data(const WordsOptions& options, const ModelPair& pair) {
  const int64_t max_length = options.max_length > 0 || !pair.project ? options.max_length : pair.project->max_length;
  const PreparationOptions how =
      preparation_for(pair.student, pair.used, options.data, options.images, pair.aspect, max_length);
  const auto dataset = open_dataset(options.data);
  RunControl control;
  const StopSignal stop(control);
  WorkProgress progress("samples");
  const DataDisagreement result = data_disagreement(pair.teacher, pair.student, *dataset, how, options.limit,
                                                    options.temperature, [&](int64_t done, int64_t total) {
                                                      progress.show(done, total);
                                                      return control.keep_going();
                                                    });
  progress.show(result.asked, result.asked);
  if (options.json) {
    Json json = data_disagreement_json(result, options.most);
    add_template(json, pair.used);
    print_json(json);
  } else {
    std::cout << disagreement_table(result, options.most);
  }
  say_doubts(pair.used, pair.student.folder);
  if (result.stopped) {
    std::cerr << "llavakd: Stopped on request; the numbers are those of the samples before." << std::endl;
    return exit_stopped;
  }
  if (!result.samples.empty()) return exit_done;
  std::cerr << fmt::format("llavakd: {}: none of the samples could be used, the first because: {}", options.data,
                           result.left_out.front())
            << std::endl;
  return exit_wrong_input;
}

void refuse_unclear(const WordsOptions& options) {
  if (options.question.empty())
    throw UserError("Of what? Give --question (and --image), or --data with a file of samples.");
  if (options.reference.empty() == options.answer.empty())
    throw UserError(
        "Give the answer that both models are made to read: --reference TEXT, or --answer teacher or student.");
  if (!options.answer.empty() && options.answer != "teacher" && options.answer != "student")
    throw UserError(fmt::format("--answer is teacher or student, not \"{}\".", options.answer));
  if (options.word.empty() && !options.out.empty())
    throw UserError("--out takes the maps of a word: give --word as well.");
  if (!options.word.empty() && options.image.empty())
    throw UserError("A word's patches need a picture: give --image as well.");
}

int run_words(const WordsOptions& options) {
  if (options.data.empty()) refuse_unclear(options);
  refuse_wrong_temperature(options.temperature);
  if (!options.out.empty()) {
    std::vector<std::filesystem::path> inputs = files_of_project(options.pair.project);
    inputs.insert(inputs.end(), {options.image, options.pair.teacher, options.pair.student});
    refuse_output(options.out, inputs);
  }
  const ModelPair pair = open_pair(options.pair);
  return options.data.empty() ? words_of_question(options, pair) : words_of_data(options, pair);
}

}  // namespace

void add_words_command(CommandLine& line) {
  auto options = std::make_shared<WordsOptions>();
  CLI::App* command = line.add(
      "words", "Where teacher and student disagree, word by word; and which patches a word depends on in each.",
      [options] { return run_words(*options); });
  add_pair_options(*command, options->pair);
  CLI::Option* data = command->add_option("--data", options->data,
                                          "Conversation file: disagreement by segment over its samples, on their "
                                          "own answers.");
  CLI::Option* const of_question[] = {
      command->add_option("--image", options->image, "A picture."),
      command->add_option("--question", options->question, "What is asked."),
      command->add_option("--reference", options->reference, "The answer that both models are made to read."),
      command->add_option("--answer", options->answer, "teacher or student: that one's own greedy answer instead."),
      command->add_option("--max-new-tokens", options->max_new_tokens, "Longest answer of --answer.")
          ->capture_default_str()
          ->check(CLI::Range(1, 1 << 20)),
      command->add_option("--word", options->word,
                          "A token's number or a part of the answer: the patches that it depends on."),
      command
          ->add_option("--tile", options->tile,
                       "Patches on a side of what occlusion blanks at a time; otherwise at most 8 tiles a side.")
          ->check(CLI::Range(1, 1 << 16)),
      command->add_option("--out", options->out, "Safetensors file for the word's maps.")};
  for (CLI::Option* option : of_question) data->excludes(option);
  command->add_option("--images", options->images, "Folder of the image paths of --data; otherwise the file's own.")
      ->needs(data);
  command->add_option("--limit", options->limit, "The first so many samples of --data; otherwise all.")
      ->needs(data)
      ->check(CLI::Range(1, 1 << 30));
  command->add_option("--most", options->most, "Samples of each segment that are listed.")
      ->needs(data)
      ->capture_default_str()
      ->check(CLI::Range(0, 1 << 20));
  command
      ->add_option("--max-length", options->max_length,
                   "Longest sequence of --data; otherwise the project's, or as the student's config says.")
      ->needs(data)
      ->check(CLI::Range(1, 1 << 24));
  command
      ->add_option("--temperature", options->temperature,
                   "Of the divergences: logits are divided by it, and the result is multiplied by its square.")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Machine-readable output.");
}

}  // namespace llavakd
