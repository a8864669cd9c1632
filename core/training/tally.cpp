// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/tally.h"

#include <fmt/format.h>

#include <cmath>

#include "core/base/errors.h"

namespace llavakd {

Tally::Tally(std::vector<Term> terms, const StepBatch& batch)
    : terms_(std::move(terms)), samples_(batch.samples), skipped_(static_cast<int64_t>(batch.skipped.size())) {}

void Tally::add(const MicroBatch& batch, const LossResult& loss) {
  for (size_t i = 0; i < loss.samples.size(); ++i)
    for (const Term& term : terms_) {
      const std::optional<double> value = loss.samples[i][term.kind];
      if (!value) continue;
      if (!std::isfinite(*value))
        throw RunError(
            fmt::format("{} is not a number for sample “{}”. Look at that sample, or lower the learning rate; "
                        "the last checkpoint is still good.",
                        name(term.kind), batch.sequences[i].id));
      sums_[static_cast<size_t>(term.kind)] += *value;
      seen_[static_cast<size_t>(term.kind)] = true;
    }
  tokens_ += batch.tokens();
}

StepEvent Tally::event() const {
  StepEvent event{.total = 0, .tokens = tokens_, .samples = samples_, .skipped = skipped_};
  for (const Term& term : terms_) {
    const auto kind = static_cast<size_t>(term.kind);
    if (!seen_[kind]) continue;
    const double mean = sums_[kind] / static_cast<double>(samples_);
    event.terms.emplace_back(name(term.kind), mean);
    event.weighted.emplace_back(name(term.kind), term.weight * mean);
    event.total += term.weight * mean;
  }
  return event;
}

}  // namespace llavakd
