// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/data/data_check.h"
#include "core/data/image_file.h"
#include "core/image/decode.h"
#include "core/preflight/checks.h"
#include "core/preflight/published_data.h"
#include "core/project/project_file.h"
#include "core/text/label_reason.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

/// A data file, and where and how it is read.
struct DataUse {
  fs::path file;
  fs::path images;
  std::optional<TextRules> texts;
  std::string key;          ///< Of the options that name them: "stages[0]", "evaluations[0]".
  const char* file_option;  ///< Of these the one that names the file.

  std::vector<PreflightFix> choose_file() const {
    return {choose_fix("Choose a file…", fmt::format("{}.{}", key, file_option))};
  }
  std::vector<PreflightFix> choose_images() const { return {choose_fix("Choose the folder…", key + ".images")}; }
};

/// Where it comes from, if it is a published one; and what can be done at a click.
void add_source(const DataUse& use, PreflightItem& item, bool pictures_alone) {
  const PublishedData* known = published_data(use.file);
  if (!known) return;
  item.remedy = pictures_alone ? known->how_to_fetch_pictures(use.images) + " " + item.remedy
                               : known->how_to_fetch(use.images) + " Or choose another file.";
  item.fixes.push_back(copy_fix("Copy the name", std::string(known->data_set)));
}

/// What makes samples usable that are too long; empty where their texts can't be used for another reason.
std::string text_remedy(const std::string& reason) {
  return reason.find("longer than max_length") == std::string::npos ? "" : "Raise max_length. ";
}

/// Why the picture can't be read, or nothing; `cut_short` where it is used as far as it goes.
std::optional<std::string> image_fault(const fs::path& file, bool& cut_short) {
  try {
    read_image(file, &cut_short);
    return std::nullopt;
  } catch (const UserError& error) {
    return reason_of(error);
  }
}

/// Why a run would leave the sample out, or nothing.
struct Reason {
  std::string text;
  bool of_image = false;
};
std::optional<Reason> sample_reason(const DataUse& use, const Sample& sample) {
  if (use.texts) {
    if (auto reason = text_reason(sample, *use.texts)) return Reason{std::move(*reason), false};
  }
  try {
    for (const ImageRef& image : sample.images) read_image(find_image(use.images, image));
    return std::nullopt;
  } catch (const UserError& error) {
    return Reason{reason_of(error), true};
  }
}

/// The samples for which that is asked, spread evenly over the file until one can be used: none.
std::optional<Reason> none_usable(const DataUse& use, const Dataset& dataset, bool with_image) {
  constexpr size_t most_tried = 1000;
  std::vector<int64_t> asked;
  for (int64_t i = 0; i < dataset.size(); ++i)
    if (!with_image || !dataset.sample(i)->images.empty()) asked.push_back(i);
  const size_t tried = std::min(most_tried, asked.size());
  std::optional<Reason> first;
  for (size_t i = 0; i < tried; ++i) {
    const auto sample = dataset.sample(asked[i * asked.size() / tried]);
    const auto reason = sample_reason(use, *sample);
    if (!reason) return std::nullopt;
    if (!first) first = Reason{DataFault{sample->line, sample->id, reason->text}.message(), reason->of_image};
  }
  if (!first) return std::nullopt;
  const std::string which = tried == asked.size() ? fmt::format("of its {}", tried) : fmt::format("of {} tried", tried);
  first->text = fmt::format("none {} samples{} can be used, the first: {}", which, with_image ? " with a picture" : "",
                            first->text);
  return first;
}

/// What of a file's samples can't be used, and what is used although it isn't whole.
DataReport report_of(const CheckedProject& checked, const DataUse& use, const Dataset& dataset) {
  // So many texts take seconds, so many images some; `data check` looks at all.
  constexpr int64_t most_texts = 20'000, most_images = 2'000;
  if (checked.every_image)
    return check_data(
        dataset,
        {.images_folder = use.images, .texts = use.texts, .most_texts = most_texts, .most_images = most_images});
  return {.entries = dataset.entries(), .faults = dataset.faults(), .notes = dataset.notes()};
}

/// Adds what a data file is fit for; `finding` says what it holds, `choose` what to choose where it can't be used.
void add_data_item(const CheckedProject& checked, const std::string& name, const DataUse& use,
                   const std::function<std::string(int64_t samples)>& finding, const std::string& choose,
                   Items& items) {
  try {
    const Dataset& dataset = checked.data.at(use.file);
    auto nothing = none_usable(use, dataset, true);
    if (!nothing) nothing = none_usable(use, dataset, false);
    std::string holds = finding(dataset.size());
    const std::string command =
        fmt::format("`llavakd data check {} --images {} --project {}` lists them all.", shell_word(use.file.string()),
                    shell_word(use.images.string()), shell_word(fs::absolute(checked.file).string()));
    // What the template masks is said of the template.
    const bool masked = nothing && !nothing->of_image &&
                        template_fault(*use.texts->tokenizer, *use.texts->conversation_template).has_value();
    if (nothing && !masked) {
      const std::string first = nothing->of_image
                                    ? fmt::format("Is {} the folder of its pictures? ", use.images.string())
                                    : text_remedy(nothing->text);
      const bool too_long = !nothing->of_image && !first.empty();
      items.push_back({name, MatchLevel::red, fmt::format("{}; {}", holds, nothing->text), first + command,
                       nothing->of_image ? use.choose_images()
                       : too_long        ? std::vector{edit_fix("max_length")}
                                         : use.choose_file()});
      if (nothing->of_image) add_source(use, items.back(), true);
      return;
    }
    const DataReport report = report_of(checked, use, dataset);
    if (!report.faults.empty())
      holds += fmt::format("; {} can't be used: {}", report.faults.size(), first_faults(report.faults));
    for (const std::string& note : report.notes) holds += (holds.ends_with('.') ? " " : ". ") + note;
    // A template that masks all answers leaves a stage nothing to learn from; questions need none.
    const bool none = masked && use.file_option == std::string_view("data");
    const std::string remedy = none                    ? "No sample is left to learn from: choose another template. "
                               : report.faults.empty() ? "They are used as far as they go. "
                                                       : "They will be left out. ";
    const bool whole = report.faults.empty() && report.cut_short == 0 && !none;
    const MatchLevel level = none ? MatchLevel::red : whole ? MatchLevel::green : MatchLevel::amber;
    items.push_back({name, level, holds, whole ? "" : remedy + command,
                     report.faults.empty() ? std::vector<PreflightFix>() : std::vector{samples_fix(use.key)}});
  } catch (const UserError& error) {
    items.push_back({name, MatchLevel::red, error.what(), choose, use.choose_file()});
    if (std::error_code unseen; !fs::exists(use.file, unseen)) add_source(use, items.back(), false);
  }
}

std::optional<TextRules> rules_for(const CheckedProject& checked, const StageOptions* stage) {
  if (!checked.texts) return std::nullopt;
  return stage ? rules_of(*checked.texts, checked.project, *stage) : rules_of(*checked.texts);
}

void check_probes(const CheckedProject& checked, Items& items) {
  const Project& project = checked.project;
  if (project.probes.empty()) return;
  int cut_short = 0;
  for (size_t i = 0; i < project.probes.size(); ++i) {
    const ProbeOptions& probe = project.probes[i];
    bool is_cut = false;
    const auto fault = probe.image.empty() ? std::optional<std::string>("A probe has no picture.")
                                           : image_fault(resolve(checked.file, probe.image), is_cut);
    cut_short += is_cut ? 1 : 0;
    if (!fault) continue;
    items.push_back({"Probes",
                     MatchLevel::red,
                     *fault,
                     "Choose another picture for the probe, or remove it.",
                     {edit_fix(fmt::format("probes[{}]", i))}});
    return;
  }
  const std::string pictures =
      fmt::format("{} picture{}", project.probes.size(), project.probes.size() == 1 ? "" : "s");
  if (cut_short == 0)
    items.push_back({"Probes", MatchLevel::green, pictures, ""});
  else
    items.push_back({"Probes", MatchLevel::amber, fmt::format("{}, {} of them cut short", pictures, cut_short),
                     "They are looked at as far as they go."});
}

}  // namespace

const Dataset& DataFiles::at(const fs::path& file) {
  const auto [found, is_new] = results_.try_emplace(file);
  Result& result = found->second;
  if (is_new) try {
      result.dataset = open_dataset(file);
    } catch (const UserError& error) {
      result.error = error.what();
    }
  if (!result.error.empty()) throw UserError(result.error);
  return *result.dataset;
}

int64_t steps_of(const CheckedProject& checked, const StageOptions& stage) {
  try {
    return stage_steps(stage, checked.data.at(resolve(checked.file, stage.data)).size());
  } catch (const UserError&) {
    return 0;
  }
}

void check_stage_data(const CheckedProject& checked, Items& items) {
  for (const StageOptions& stage : checked.stages) {
    const std::string name = "Data of " + stage.name;
    if (stage.data.empty()) {
      items.push_back({name,
                       MatchLevel::red,
                       "No data file is chosen.",
                       "Choose the stage's data file.",
                       {choose_fix("Choose a file…", stage_key(checked.project, stage, "data"))}});
      continue;
    }
    const auto finding = [&](int64_t samples) {
      return fmt::format("{} samples, {} steps", samples, stage_steps(stage, samples));
    };
    add_data_item(checked, name,
                  {resolve(checked.file, stage.data), images_folder(checked.file, stage.data, stage.images),
                   rules_for(checked, &stage), stage_key(checked.project, stage), "data"},
                  finding, "Choose the stage's data file.", items);
  }
}

void check_questions(const CheckedProject& checked, Items& items) {
  check_probes(checked, items);
  for (size_t i = 0; i < checked.project.evaluations.size(); ++i) {
    const EvaluationOptions& evaluation = checked.project.evaluations[i];
    const std::string key = fmt::format("evaluations[{}]", i);
    const std::string choose = "Choose the file with the questions, or remove the evaluation.";
    const fs::path file = resolve(checked.file, evaluation.file);
    if (file.empty()) {
      items.push_back({"Evaluation",
                       MatchLevel::red,
                       "No file with questions is chosen.",
                       choose,
                       {choose_fix("Choose a file…", key + ".file")}});
      continue;
    }
    const auto finding = [&](int64_t samples) {
      return fmt::format("{}: {} questions", file.filename().string(), samples);
    };
    add_data_item(checked, "Evaluation",
                  {file, images_folder(checked.file, evaluation.file, evaluation.images), rules_for(checked, nullptr),
                   key, "file"},
                  finding, choose, items);
  }
}

}  // namespace llavakd
