// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What a run shows of its student while it trains and when it is done.
#include <fmt/format.h>

#include <cmath>

#include "core/base/errors.h"
#include "core/evaluation/evaluation_task.h"
#include "core/evaluation/probe.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/text/conversation.h"
#include "core/training/training_run.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

Sequence sequence_of(const ProbeOptions& probe, const LoadedModel& student, const std::string& template_name) {
  const Conversation conversation{.id = probe.image,
                                  .turns = {{Speaker::human, fmt::format("{}\n{}", image_placeholder, probe.question)}},
                                  .images = 1};
  return make_prompt(student.tokenizer, conversation_template(template_name), conversation,
                     student.model.config().visual_tokens());
}

// A probe has a question but no answer, so that only the visual terms say something of it.
std::vector<std::string> probed_terms() {
  std::vector<std::string> names;
  for (const TermInfo& term : term_catalog())
    if (term.reads == TermPositions::visual) names.emplace_back(term.name);
  return names;
}

/// Mean of the probes' values of a term; NaN where none has one.
double mean(const std::vector<ProbeValues>& probes, std::string_view term) {
  double sum = 0;
  int count = 0;
  for (const ProbeValues& probe : probes)
    if (const double value = number_of(probe.terms, term); !std::isnan(value)) sum += value, ++count;
  return count > 0 ? sum / count : NAN;
}

}  // namespace

void TrainingRun::look_at_probes(const MultimodalModel& trained) {
  if (project.probes.empty()) return;
  const auto folder = run_.probes() / fmt::format("{}-{}", position.stage, position.step);
  std::filesystem::create_directories(folder);
  const AspectRatio aspect = aspect_ratio_from_name(project.image.aspect_ratio);
  std::vector<ProbeValues> values;
  for (size_t i = 0; i < project.probes.size(); ++i) {
    const ProbeOptions& options = project.probes[i];
    at::Tensor pixels;
    try {
      pixels = load_pixels(*student, {resolve(project_file, options.image)}, aspect);
    } catch (const UserError& error) {
      // It could be read as the run began: a look less is no reason to lose the run.
      warn(fmt::format("Probe {} isn't looked at in step {}: {}", i + 1, position.step, error.what()));
      continue;
    }
    Probe probe = look(teacher ? &teacher->model : nullptr, trained,
                       sequence_of(options, *student, project.conversation_template), pixels);
    probe.image = options.image;
    probe.question = options.question;
    write_probe(probe, folder / fmt::format("{}.safetensors", i));
    ProbeValues value{.index = static_cast<int64_t>(i)};
    for (const std::string& term : probed_terms())
      if (const auto found = probe.terms[term]) value.terms.emplace_back(term, *found);
    values.push_back(std::move(value));
  }
  if (values.empty()) return;
  ProbeEvent event{.folder = fmt::format("probes/{}", folder.filename().string())};
  for (const std::string& term : probed_terms()) event.means.emplace_back(term, mean(values, term));
  event.probes = std::move(values);
  emit(std::move(event));
}

void TrainingRun::evaluate() {
  if (project.evaluations.empty()) return;
  Json results = Json::array();
  for (const EvaluationOptions& options : project.evaluations) {
    const auto file = resolve(project_file, options.file);
    const ScoringOptions how{.file = file,
                             .images = images_folder(project_file, options.file, options.images),
                             .conversation_template = project.conversation_template,
                             .aspect_ratio = project.image.aspect_ratio,
                             .max_length = project.max_length};
    const auto go_on = [&](int64_t, int64_t) {
      return control_.keep_going();
    };
    Json result;
    try {
      result = score(*student, options.task, how, go_on);
    } catch (const RunError&) {
      if (control_.state() != RunControl::State::stopping) throw;
      stopped_ = true;
      return;
    }
    result["file"] = options.file;
    results.push_back(result);
    if (result["score"].is_null()) warn(score_text(result));
    emit(EvaluationEvent{.result = std::move(result)});
  }
  write_json(run_.evaluations() / fmt::format("{}-{}.json", position.stage, position.step), results);
}

}  // namespace llavakd
