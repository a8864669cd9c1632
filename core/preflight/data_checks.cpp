// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "core/image/decode.h"
#include "core/io/printable.h"
#include "core/preflight/checks.h"
#include "core/project/errors.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

/// A data file, and where and how it is read.
struct DataUse {
  fs::path file;
  fs::path images;
  std::string conversation_template;
};

/// What of a file's samples can be used.
struct Usable {
  std::vector<DataFault> faults;       ///< One for each sample that can't.
  std::optional<std::string> nothing;  ///< Why the whole is as good as nothing; of which samples that is so.
};

std::optional<std::string> picture_fault(const fs::path& file) {
  try {
    read_image(file);
    return std::nullopt;
  } catch (const UserError& error) {
    return error.what();
  }
}

/// Why a run would leave the sample out, or nothing.
std::optional<std::string> sample_reason(const CheckedProject& checked, const DataUse& use, const Sample& sample) {
  try {
    if (checked.tokenizer) {
      const auto& form =
          conversation_template(sample.template_name.empty() ? use.conversation_template : sample.template_name);
      const Sequence sequence = make_sequence(*checked.tokenizer, form, sample.conversation(), checked.visual_tokens,
                                              checked.project.max_length);
      if (sequence.skipped) return sequence.skipped;
    }
    for (const std::string& image : sample.images) read_image(image_path(use.images, image));
    return std::nullopt;
  } catch (const UserError& error) {
    return error.what();
  }
}

/// The samples for which that is asked, spread evenly over the file until one can be used: none.
std::optional<std::string> none_usable(const CheckedProject& checked, const DataUse& use,
                                       const std::vector<Sample>& samples, bool with_picture) {
  constexpr size_t most_tried = 1000;
  std::vector<const Sample*> asked;
  for (const Sample& sample : samples)
    if (!with_picture || !sample.images.empty()) asked.push_back(&sample);
  const size_t tried = std::min(most_tried, asked.size());
  std::optional<std::string> first;
  for (size_t i = 0; i < tried; ++i) {
    const Sample& sample = *asked[i * asked.size() / tried];
    const auto reason = sample_reason(checked, use, sample);
    if (!reason) return std::nullopt;
    if (!first) first = DataFault{sample.line, sample.id, *reason}.sentence();
  }
  if (!first) return std::nullopt;
  const std::string which = tried == asked.size() ? fmt::format("of its {}", tried) : fmt::format("of {} tried", tried);
  return fmt::format("none {} samples{} can be used, the first: {}", which, with_picture ? " with a picture" : "",
                     *first);
}

Usable usable(const CheckedProject& checked, const DataUse& use, const SampleSet& set) {
  Usable result;
  result.nothing = none_usable(checked, use, set.samples, true);
  if (!result.nothing) result.nothing = none_usable(checked, use, set.samples, false);
  if (result.nothing) return result;
  result.faults = checked.every_picture ? check_samples(use.file, use.images, picture_fault) : set.faults;
  // A sample with two faults is left out once.
  const auto rest = std::ranges::unique(result.faults, {}, &DataFault::line);
  result.faults.erase(rest.begin(), rest.end());
  return result;
}

/// Adds what a data file is fit for; `finding` says what it holds, `choose` what to choose where it can't be used.
void add_data_item(const CheckedProject& checked, const std::string& name, const DataUse& use,
                   const std::function<std::string(int64_t samples)>& finding, const std::string& choose,
                   Items& items) {
  try {
    const SampleSet& set = checked.data.at(use.file);
    const Usable found = usable(checked, use, set);
    const std::string holds = finding(std::ssize(set.samples));
    const std::string command = fmt::format("`llavakd data check {} --images {}` lists them all.",
                                            shell_word(use.file.string()), shell_word(use.images.string()));
    if (found.nothing)
      items.push_back({name, MatchLevel::red, fmt::format("{}; {}", holds, *found.nothing),
                       fmt::format("Is {} the folder of its pictures? {}", use.images.string(), command)});
    else if (found.faults.empty())
      items.push_back({name, MatchLevel::green, holds, ""});
    else
      items.push_back(
          {name, MatchLevel::amber,
           fmt::format("{}; {} can't be used, the first: {}", holds, found.faults.size(), found.faults[0].sentence()),
           "They will be left out. " + command});
  } catch (const UserError& error) {
    items.push_back({name, MatchLevel::red, error.what(), choose});
  }
}

void check_probes(const CheckedProject& checked, Items& items) {
  const Project& project = checked.project;
  if (project.probes.empty()) return;
  for (const auto& probe : project.probes) {
    const auto fault = probe.image.empty() ? std::optional<std::string>("A probe has no picture.")
                                           : picture_fault(resolve(checked.file, probe.image));
    if (!fault) continue;
    items.push_back({"Probes", MatchLevel::red, *fault, "Choose another picture for the probe, or remove it."});
    return;
  }
  items.push_back({"Probes", MatchLevel::green, fmt::format("{} pictures", project.probes.size()), ""});
}

}  // namespace

const SampleSet& DataFiles::at(const fs::path& file) {
  const auto [found, is_new] = results_.try_emplace(file);
  Result& result = found->second;
  if (is_new) try {
      result.samples = read_samples(file);
    } catch (const UserError& error) {
      result.error = error.what();
    }
  if (!result.error.empty()) throw UserError(result.error);
  return result.samples;
}

int64_t steps_of(const CheckedProject& checked, const StageOptions& stage) {
  try {
    return stage_steps(stage, std::ssize(checked.data.at(resolve(checked.file, stage.data)).samples));
  } catch (const UserError&) {
    return 0;
  }
}

void check_stage_data(const CheckedProject& checked, Items& items) {
  for (const StageOptions& stage : checked.stages) {
    const std::string name = "Data of " + stage.name;
    if (stage.data.empty()) {
      items.push_back({name, MatchLevel::red, "No data file is chosen.", "Choose the stage's data file."});
      continue;
    }
    const auto finding = [&](int64_t samples) {
      return fmt::format("{} samples, {} steps", samples, stage_steps(stage, samples));
    };
    add_data_item(
        checked, name,
        {resolve(checked.file, stage.data), images_folder(checked.file, stage.data, stage.images),
         stage.conversation_template.empty() ? checked.project.conversation_template : stage.conversation_template},
        finding, "Choose the stage's data file.", items);
  }
}

void check_questions(const CheckedProject& checked, Items& items) {
  check_probes(checked, items);
  for (const auto& evaluation : checked.project.evaluations) {
    const std::string choose = "Choose the file with the questions, or remove the evaluation.";
    const fs::path file = resolve(checked.file, evaluation.file);
    if (file.empty()) {
      items.push_back({"Evaluation", MatchLevel::red, "No file with questions is chosen.", choose});
      continue;
    }
    const auto finding = [&](int64_t samples) {
      return fmt::format("{}: {} questions", file.filename().string(), samples);
    };
    add_data_item(
        checked, "Evaluation",
        {file, images_folder(checked.file, evaluation.file, evaluation.images), checked.project.conversation_template},
        finding, choose, items);
  }
}

}  // namespace llavakd
