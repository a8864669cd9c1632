// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/step_metrics.h"

#include <fmt/format.h>

#include <cmath>

#include "core/io/mapped_file.h"
#include "core/training/sample_error.h"

namespace llavakd {

StepMetrics::StepMetrics(std::vector<Term> terms, const StepBatch& batch)
    : terms_(std::move(terms)), samples_(batch.samples), skipped_(static_cast<int64_t>(batch.skipped.size())) {}

void StepMetrics::add(const MicroBatch& batch, const LossResult& loss) {
  for (size_t i = 0; i < loss.samples.size(); ++i) {
    double of_sample = 0;
    for (const Term& term : terms_) {
      const std::string name(term.kind->name);
      const std::optional<double> value = loss.samples[i][name];
      if (!value) continue;
      if (std::isfinite(*value)) {
        sums_[name] += *value;
        of_sample += term.weight * *value;
        continue;
      }
      refuse_changed_mappings();  // the weights rather than the sample
      throw SampleError(fmt::format("{} is not a number for sample “{}”", name, batch.sequences[i].id),
                        batch.sequences[i].id);
    }
    if (of_sample > heaviest_.loss) heaviest_ = {.id = batch.sequences[i].id, .loss = of_sample};
  }
  tokens_ += batch.tokens();
}

void StepMetrics::sum_over_ranks(Communicator& communicator) {
  if (communicator.world_size() > 1) heaviest_ = {};
  std::vector<double> numbers;
  for (const int64_t count : {samples_, skipped_, tokens_}) numbers.push_back(static_cast<double>(count));
  for (const Term& term : terms_) {
    const auto sum = sums_.find(std::string(term.kind->name));
    numbers.push_back(sum == sums_.end() ? 0 : 1);  // whether the term applied to any sample
    numbers.push_back(sum == sums_.end() ? 0 : sum->second);
  }
  communicator.sum(numbers);
  size_t at = 0;
  for (int64_t* count : {&samples_, &skipped_, &tokens_}) *count = static_cast<int64_t>(numbers[at++]);
  for (const Term& term : terms_) {
    if (numbers[at] > 0) sums_[std::string(term.kind->name)] = numbers[at + 1];
    at += 2;
  }
}

StepEvent StepMetrics::event() const {
  StepEvent event{.total = 0, .tokens = tokens_, .samples = samples_, .skipped = skipped_};
  for (const Term& term : terms_) {
    const std::string name(term.kind->name);
    const auto sum = sums_.find(name);
    if (sum == sums_.end()) continue;
    const double mean = sum->second / static_cast<double>(samples_);
    event.terms.emplace_back(name, mean);
    event.weighted.emplace_back(name, term.weight * mean);
    event.total += term.weight * mean;
  }
  return event;
}

}  // namespace llavakd
