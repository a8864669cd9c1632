// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/data_disagreement.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/io/mapped_file.h"
#include "core/run/ablation_result.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// A sum of one divergence over a segment's rows.
using DisagreementSum = double Disagreement::*;

SegmentDisagreement disagreement_on(const LoadedModel& teacher, const LoadedModel& student,
                                    const PreparedSample& sample, AspectRatio aspect, double temperature) {
  if (sample.sequence.skipped) throw UserError(*sample.sequence.skipped);
  const at::Tensor of_student = load_pixels(student, sample.images, aspect);
  const at::Tensor of_teacher =
      teacher.processor == student.processor ? of_student : load_pixels(teacher, sample.images, aspect);
  const PairHidden hidden = hidden_of_pair(teacher.model, student.model, sample.sequence, of_student, of_teacher);
  return segment_disagreement(teacher.model, student.model, hidden, sample.sequence, temperature);
}

double per_token(const Disagreement& sums, DisagreementSum of) {
  return sums.*of / static_cast<double>(sums.rows);
}

Json spread_json(const std::vector<double>& numbers) {
  const Spread of_all = spread(numbers);
  return {{"mean", numbers.empty() ? Json() : Json(of_all.mean)}, {"sd", of_all.sd ? Json(*of_all.sd) : Json()}};
}

/// The samples that have such a segment.
std::vector<const SampleDisagreement*> samples_with(const DataDisagreement& all, SegmentKind kind) {
  std::vector<const SampleDisagreement*> found;
  for (const SampleDisagreement& sample : all.samples)
    if (sample.sums.of(kind).rows > 0) found.push_back(&sample);
  return found;
}

Json divergence_json(const std::vector<const SampleDisagreement*>& samples, SegmentKind kind, DisagreementSum of) {
  std::vector<double> sums, each;
  for (const SampleDisagreement* sample : samples) {
    sums.push_back(sample->sums.of(kind).*of);
    each.push_back(per_token(sample->sums.of(kind), of));
  }
  return {{"sum", spread_json(sums)}, {"per_token", spread_json(each)}};
}

Json most_json(std::vector<const SampleDisagreement*> samples, SegmentKind kind, int64_t most) {
  const auto each = [kind](const SampleDisagreement* sample) {
    return per_token(sample->sums.of(kind), &Disagreement::forward_kl);
  };
  std::ranges::stable_sort(samples, std::ranges::greater{}, each);
  samples.resize(std::min(samples.size(), static_cast<size_t>(most)));
  Json list = Json::array();
  for (const SampleDisagreement* sample : samples)
    list.push_back({{"id", sample->id},
                    {"rows", sample->sums.of(kind).rows},
                    {"per_token", each(sample)},
                    {"sum", sample->sums.of(kind).forward_kl}});
  return list;
}

}  // namespace

DataDisagreement data_disagreement(const LoadedModel& teacher, const LoadedModel& student, const Dataset& dataset,
                                   PreparationOptions how, int64_t limit, double temperature,
                                   const DisagreementProgress& progress) {
  refuse_mismatch(teacher, student);
  refuse_wrong_temperature(temperature);
  how.needs_pixels = [](const ImageRef&) {
    return false;
  };
  DataDisagreement result{.temperature = temperature};
  for (const DataFault& fault : dataset.faults()) result.left_out.push_back(fault.message());
  result.asked = limit > 0 ? std::min(limit, dataset.size()) : dataset.size();
  for (int64_t i = 0; i < result.asked; ++i) {
    if (progress && !progress(i, result.asked)) {
      result.stopped = true;
      break;
    }
    const auto sample = dataset.sample(i);
    try {
      const PreparedSample prepared = prepare_sample(*sample, i, student.tokenizer, how);
      result.samples.push_back({sample->id, disagreement_on(teacher, student, prepared, how.aspect, temperature)});
    } catch (const UserError& error) {
      result.left_out.push_back(fmt::format("{}: {}", sample->id, reason_of(error)));
    }
  }
  refuse_changed_mappings();
  if (progress && !result.stopped) progress(result.asked, result.asked);
  return result;
}

Json data_disagreement_json(const DataDisagreement& disagreement, int64_t most) {
  Json json{{"temperature", disagreement.temperature},
            {"asked", disagreement.asked},
            {"samples", disagreement.samples.size()},
            {"stopped", disagreement.stopped},
            {"left_out", disagreement.left_out}};
  for (const SegmentKind kind : segment_kinds) {
    const auto samples = samples_with(disagreement, kind);
    int64_t rows = 0;
    for (const SampleDisagreement* sample : samples) rows += sample->sums.of(kind).rows;
    json["segments"][std::string(name(kind))] = {
        {"samples", samples.size()},
        {"rows", rows},
        {"forward_kl", divergence_json(samples, kind, &Disagreement::forward_kl)},
        {"reverse_kl", divergence_json(samples, kind, &Disagreement::reverse_kl)},
        {"jsd", divergence_json(samples, kind, &Disagreement::jsd)},
        {"most", most_json(samples, kind, most)}};
  }
  return json;
}

}  // namespace llavakd
