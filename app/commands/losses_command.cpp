// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

#include "app/command_line.h"
#include "app/commands/model_pair.h"
#include "app/commands/template_note.h"
#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/data/loader.h"
#include "core/evaluation/sample_losses.h"
#include "core/run/run_checkpoints.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct LossesOptions {
  std::string teacher, student, sample, images, conversation_template, aspect, weights = "paper";
  int64_t max_length = 0;
  bool gradients = false, json = false;
};

std::vector<Term> terms_with(const std::string& weights) {
  std::vector<Term> terms;
  for (const LossTerm& term : loss_terms())
    terms.push_back({.kind = &term, .weight = preset_weight(*term.info, weights)});
  return terms;
}

at::Tensor pixel_tensor(const PreparedSample& sample, const ImageProcessor& processor) {
  std::vector<at::Tensor> images;
  for (const auto& values : sample.pixel_values)
    images.push_back(at::tensor(values, at::kFloat).view({3, processor.height, processor.width}));
  return images.empty() ? at::Tensor() : at::stack(images);
}

/// The pixels that `model` wants when its processor isn't the one that `sample` was prepared with.
at::Tensor pixels_for(const LoadedModel& model, const LoadedModel& student, const PreparedSample& sample,
                      AspectRatio aspect) {
  if (model.processor == student.processor) return pixel_tensor(sample, student.processor);
  return load_pixels(model, sample.images, aspect);
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

/// "no_labels" for a sequence in which none is left, or the reason; for programs.
Json skipped_json(const Sequence& sequence) {
  if (!sequence.skipped) return nullptr;
  const bool labelled = std::any_of(sequence.labels.begin() + (sequence.labels.empty() ? 0 : 1), sequence.labels.end(),
                                    [](int64_t label) { return label != ignore_index; });
  return sequence.input_ids.empty() || labelled ? Json(*sequence.skipped) : Json("no_labels");
}

Json sample_json(const Sequence& sequence, const SampleLosses& losses) {
  Json json;
  json["id"] = sequence.id;
  json["prompt"] = sequence.prompt;
  json["input_ids"] = sequence.input_ids;
  json["labels"] = sequence.labels;
  json["segments"] = Json::array();
  for (const auto& segment : sequence.segments)
    json["segments"].push_back({{"kind", name(segment.kind)}, {"begin", segment.begin}, {"end", segment.end}});
  json["skipped"] = skipped_json(sequence);
  json["reason"] = sequence.skipped ? Json(*sequence.skipped) : Json();
  json["tokenization_mismatch"] = sequence.tokenization_mismatch;
  json["terms"] = terms_json(losses.terms);
  json["total"] = number_or_null(losses.total);
  if (losses.gradients)
    json["gradient_norm"] = {{"connector", losses.gradients->connector},
                             {"language_model", losses.gradients->language_model}};
  return json;
}

/// Mean over the samples that count; a term that doesn't apply to one of them adds 0 to it.
Json mean_json(const std::vector<SampleLosses>& all) {
  std::map<std::string_view, double> sums;
  double total = 0;
  int64_t counted = 0;
  for (const auto& losses : all) {
    if (!losses.total) continue;
    for (const TermInfo& term : term_catalog()) sums[term.name] += losses.terms[term.name].value_or(0);
    total += *losses.total;
    ++counted;
  }
  Json json;
  for (const TermInfo& term : term_catalog())
    json[std::string(term.name)] = counted > 0 ? Json(sums[term.name] / static_cast<double>(counted)) : Json();
  json["total"] = counted > 0 ? Json(total / static_cast<double>(counted)) : Json();
  return json;
}

/// Wide enough for a number and for the longest name of a term.
size_t column_width() {
  size_t width = 14;
  for (const TermInfo& term : term_catalog()) width = std::max(width, term.name.size() + 2);
  return width;
}

bool lacks_picture(const Json& sample) {
  return sample["reason"].is_string() && sample["reason"].get<std::string>().ends_with("there is no such picture");
}

/// `images` is the folder that was looked into where none was named: a row for each picture that isn't there would hide
/// the others.
void print_table(const Json& result, const std::optional<fs::path>& images) {
  const size_t width = column_width();
  const auto cell = [width](const Json& value) {
    if (!value.is_number()) return fmt::format("{:>{}}", "-", width);
    const double number = value.get<double>();
    // A difference of equal numbers, but for the last bits of its sums.
    return fmt::format("{:>{}.6g}", std::abs(number) < 1e-12 ? 0.0 : number, width);
  };
  const Json& samples = result["samples"];
  const auto missing = std::count_if(samples.begin(), samples.end(), lacks_picture);
  const bool together = images && missing > 5;
  std::cout << fmt::format("{:<16}", "sample");
  for (const TermInfo& term : term_catalog()) std::cout << fmt::format("{:>{}}", term.name, width);
  std::cout << fmt::format("{:>{}}\n", "total", width);
  const auto row = [&](const std::string& label, const Json& terms, const Json& total) {
    std::cout << fmt::format("{:<16}", label);
    for (const TermInfo& term : term_catalog()) std::cout << cell(terms[std::string(term.name)]);
    std::cout << cell(total);
  };
  for (const auto& sample : samples) {
    if (together && lacks_picture(sample)) continue;
    row(sample["id"], sample["terms"], sample["total"]);
    std::cout << (sample["reason"].is_null() ? "" : "  left out: " + sample["reason"].get<std::string>()) << '\n';
  }
  row("mean", result["mean"], result["mean"]["total"]);
  std::cout << '\n';
  if (together)
    std::cout << fmt::format("{} samples name pictures that aren't in {}: give --images.\n", missing, images->string());
}

int run_losses(const LossesOptions& options) {
  if (options.weights != "paper" && options.weights != "code")
    throw UserError(fmt::format("Unknown weights \"{}\"; known are paper and code.", options.weights));
  const LoadedModel teacher = load_model(model_folder_of(options.teacher));
  const LoadedModel student = load_model(model_folder_of(options.student));
  refuse_mismatch(teacher, student);
  const auto terms = terms_with(options.weights);
  const auto dataset = open_dataset(options.sample);
  const ModelTemplate used = template_of_pair(options.conversation_template, nullptr, teacher, student);
  const PreparationOptions how =
      preparation_for(student, used, options.sample, options.images, options.aspect, options.max_length);
  const MultimodalModel learner = options.gradients ? with_gradients(student.model) : student.model;

  Json result = {{"samples", Json::array()}};
  std::vector<SampleLosses> all;
  for (const auto& fault : dataset->faults()) {
    std::cerr << "llavakd: " << options.sample << ", " << fault.message() << '\n';
    Sequence sequence;
    sequence.id = fault.id;
    sequence.skipped = fault.reason;
    result["samples"].push_back(sample_json(sequence, {}));
  }
  for (int64_t i = 0; i < dataset->size(); ++i) {
    const PreparedSample sample = prepare_sample(*dataset->sample(i), i, student.tokenizer, how);
    SampleLosses losses;
    if (!sample.sequence.skipped)
      losses = sample_losses(teacher.model, learner, sample.sequence, pixels_for(teacher, student, sample, how.aspect),
                             pixel_tensor(sample, student.processor), terms, options.gradients);
    result["samples"].push_back(sample_json(sample.sequence, losses));
    all.push_back(losses);
  }
  result["mean"] = mean_json(all);
  add_template(result, used);
  if (options.json)
    print_json(result);
  else
    print_table(result, options.images.empty() ? std::optional(how.images_folder) : std::nullopt);
  say_doubts(used, student.folder);
  return exit_done;
}

}  // namespace

void add_losses_command(CommandLine& line) {
  auto options = std::make_shared<LossesOptions>();
  CLI::App* command =
      line.add("losses", "Every term of the loss on given samples.", [options] { return run_losses(*options); });
  command->add_option("--teacher", options->teacher, "Folder of the teacher.")->required();
  command->add_option("--student", options->student, "Folder of the student.")->required();
  command->add_option("--sample", options->sample, "Conversation file.")->required();
  command->add_option("--images", options->images, "Folder of its image paths; otherwise the file's own.");
  command->add_option("--template", options->conversation_template,
                      "Prompt format; otherwise as the student's or the teacher's config or run says.");
  command->add_option("--aspect", options->aspect, "square or pad; otherwise as the student's config says.");
  command->add_option("--max-length", options->max_length, "Longest sequence; otherwise as the student's config says.")
      ->check(CLI::Range(1, 1 << 24));
  command->add_option("--weights", options->weights, fmt::format("paper ({}) or code (all 1).", paper_weights()))
      ->capture_default_str();
  command->add_flag("--gradients", options->gradients, "Also the norms of the total's gradient.");
  command->add_flag("--json", options->json, "Machine-readable output.");
}

}  // namespace llavakd
