// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/models/tensor_map.h"
#include "core/run/alerts.h"
#include "core/run/event_types.h"
#include "core/training/training_step.h"

namespace llavakd {

/// Finds the steps of a stage whose loss is far above what it was, by the robust z-score of core/run/alerts, and says
/// what they have to do with: the term that has risen most, the sample with the highest loss, the tensor with most of
/// the gradient. It knows the steps that it was shown: none of those before a resume.
class LossSpikes {
 public:
  /// `parameters` are those that the stage trains.
  LossSpikes(const std::string& stage, const TensorMap& parameters);

  /// Takes in a step of the run; sentences where it is a spike.
  std::optional<std::string> look_at(int64_t step, const StepEvent& event, const HeaviestSample& sample,
                                     const SteepestTensor& tensor);

 private:
  void remember(const NamedNumbers& weighted);
  std::string text_of(const Alert& spike, const StepEvent& event, const HeaviestSample& sample,
                      const SteepestTensor& tensor) const;

  AlertFinder finder_;
  std::vector<std::string> tensors_;
  /// What each term added to the loss in the newest steps: 0 where it applied to no sample.
  std::map<std::string, std::deque<double>> weighted_;
  size_t steps_ = 0;  ///< How many those are.
};

}  // namespace llavakd
