// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/loss_spike.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

/// The upper one of two in the middle; 0 of none.
double middle_of(const std::deque<double>& values) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace

LossSpikes::LossSpikes(const std::string& stage, const TensorMap& parameters) {
  finder_.begin_stage(stage, 0);
  for (const auto& [name, tensor] : parameters) tensors_.push_back(name);
}

std::optional<std::string> LossSpikes::look_at(int64_t step, const StepEvent& event, const HeaviestSample& sample,
                                               const SteepestTensor& tensor) {
  const size_t known = finder_.alerts().size();
  finder_.add(step, event.total, event.learning_rate);
  std::optional<std::string> told;
  if (finder_.alerts().size() > known && finder_.alerts()[known].kind == Alert::Kind::spike)
    told = text_of(finder_.alerts()[known], event, sample, tensor);
  remember(event.weighted);
  return told;
}

void LossSpikes::remember(const NamedNumbers& weighted) {
  for (const auto& [name, value] : weighted) weighted_.try_emplace(name, steps_, 0.0);
  for (auto& [name, values] : weighted_) {
    const double value = number_of(weighted, name);
    values.push_back(std::isnan(value) ? 0 : value);
    if (values.size() > AlertFinder::spike_window) values.pop_front();
  }
  steps_ = std::min(steps_ + 1, AlertFinder::spike_window);
}

std::string LossSpikes::text_of(const Alert& spike, const StepEvent& event, const HeaviestSample& sample,
                                const SteepestTensor& tensor) const {
  std::string risen;
  double most = 0;
  for (const auto& [name, value] : event.weighted) {
    const auto before = weighted_.find(name);
    const double rise = value - (before == weighted_.end() ? 0 : middle_of(before->second));
    if (rise > most) most = rise, risen = name;
  }
  std::string text = fmt::format("Step {}: the loss is {:.4g}, usually {:.4g} (robust z-score {:.1f}).", spike.step,
                                 spike.value, spike.usual, spike.score);
  if (!risen.empty()) text += fmt::format(" {} has risen most, by {:.4g} with its weight.", risen, most);
  if (!sample.id.empty()) text += fmt::format(" Sample “{}” has the highest loss, {:.4g}.", sample.id, sample.loss);
  if (tensor.share > 0 && tensor.index < tensors_.size())
    text += fmt::format(" {} has {:.0f} % of the squared gradient.", tensors_[tensor.index], 100 * tensor.share);
  return text + " The training goes on.";
}

}  // namespace llavakd
