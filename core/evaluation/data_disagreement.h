// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/checkpoint/loaded_model.h"
#include "core/data/dataset.h"
#include "core/data/loader.h"
#include "core/evaluation/row_divergences.h"

namespace llavakd {

/// How much teacher and student disagree on one sample.
struct SampleDisagreement {
  std::string id;
  SegmentDisagreement sums;
};

/// The same over a data set.
struct DataDisagreement {
  double temperature = 1;
  std::vector<SampleDisagreement> samples;  ///< In the file's order, without those that are left out.
  std::vector<std::string> left_out;        ///< "id: reason"
  int64_t asked = 0;                        ///< Samples to be looked at.
  bool stopped = false;                     ///< Ended by `progress`: what there is holds for the samples before.
};

/// Told how many of how many samples are done, before each and at the end; false ends the work.
using DisagreementProgress = std::function<bool(int64_t done, int64_t total)>;

/// Both models on the first `limit` samples (0: on all), each teacher-forced on its own answers. `how` prepares them
/// for the student, without pictures; each model gets those through its own processor. What can't be used is left out,
/// with the reason. Throws UserError where the models don't fit (refuse_mismatch) and for a temperature that isn't
/// above 0.
DataDisagreement data_disagreement(const LoadedModel& teacher, const LoadedModel& student, const Dataset& dataset,
                                   PreparationOptions how, int64_t limit, double temperature,
                                   const DisagreementProgress& progress = {});

/// {"temperature", "asked", "samples", "stopped", "left_out", "segments": {"visual": {"samples", "rows", "forward_kl":
/// {"sum": {"mean", "sd"}, "per_token": {"mean", "sd"}}, "reverse_kl", "jsd", "most": [{"id", "rows", "per_token",
/// "sum"}]}, "prompt", "response"}}. Spreads are those over the samples that have such a segment. "most": the `most`
/// samples with the greatest forward KL per token there.
nlohmann::ordered_json data_disagreement_json(const DataDisagreement& disagreement, int64_t most);

}  // namespace llavakd
