// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/observers/probe_recorder.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/base/errors.h"
#include "core/evaluation/probe.h"
#include "core/project/project_file.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

Sequence sequence_of(const ProbeOptions& probe, const LoadedModel& student, const std::string& template_name) {
  const Conversation conversation{.id = probe.image,
                                  .turns = {{Speaker::human, fmt::format("{}\n{}", image_placeholder, probe.question)}},
                                  .images = 1};
  try {
    return make_prompt(student.tokenizer, conversation_template(template_name), conversation,
                       student.model.config().visual_tokens());
  } catch (const UserError& error) {
    throw UserError(fmt::format("The probe with {}: {}", probe.image, error.what()));
  }
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

void ProbeRecorder::after_step(const Trained& trained, bool stage_done) {
  const int64_t probe_every = run_.project.probe_every;
  if (stage_done || (probe_every > 0 && run_.state.progress.step % probe_every == 0)) record(trained.student);
}

const NamedNumbers& ProbeRecorder::means(const MultimodalModel& student) {
  if (step_ != run_.state.progress.step) look(student, {});
  return means_;
}

void ProbeRecorder::record(const MultimodalModel& trained) {
  if (run_.project.probes.empty()) return;
  const auto folder = run_.folder.probes() / fmt::format("{}-{}", run_.state.progress.stage, run_.state.progress.step);
  std::filesystem::create_directories(folder);
  std::vector<ProbeValues> values = look(trained, folder);
  if (values.empty()) return;
  run_.emit(ProbeEvent{
      .folder = fmt::format("probes/{}", folder.filename().string()), .means = means_, .probes = std::move(values)});
}

std::vector<ProbeValues> ProbeRecorder::look(const MultimodalModel& trained, const std::filesystem::path& folder) {
  const AspectRatio aspect = aspect_ratio_from_name(run_.project.image.aspect_ratio);
  std::vector<ProbeValues> values;
  const std::vector<std::string> terms = probed_terms();
  for (size_t i = 0; i < run_.project.probes.size(); ++i) {
    const ProbeOptions& options = run_.project.probes[i];
    at::Tensor pixels;
    try {
      pixels = load_pixels(*run_.models.student, {resolve(run_.project_file, options.image)}, aspect);
    } catch (const UserError& error) {
      // It could be read as the run began: a look less is no reason to lose the run.
      run_.warn(fmt::format("Probe {} isn't looked at in step {}: {}", i + 1, run_.state.progress.step, error.what()));
      continue;
    }
    Probe probe = run_probe(run_.models.teacher ? &run_.models.teacher->model : nullptr, trained,
                            sequence_of(options, *run_.models.student, run_.project.conversation_template), pixels);
    probe.image = options.image;
    probe.question = options.question;
    if (!folder.empty()) write_probe(probe, folder / fmt::format("{}.safetensors", i));
    ProbeValues value{.index = static_cast<int64_t>(i)};
    for (const std::string& term : terms)
      if (const auto found = probe.terms[term]) value.terms.emplace_back(term, *found);
    values.push_back(std::move(value));
  }
  step_ = run_.state.progress.step;
  means_.clear();
  for (const std::string& term : terms) means_.emplace_back(term, mean(values, term));
  return values;
}

}  // namespace llavakd
