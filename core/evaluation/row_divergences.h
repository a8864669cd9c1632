// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd {

/// The rows of a sequence's output at which two models are compared, as the losses count them: those at the visual
/// positions, not shifted; those that predict a labelled token (i - 1 for a label at position i); and those of the
/// prompt that do not. A row may be visual and of the response (a caption's first token). Where an answer ends, the row
/// predicts nothing of it and belongs nowhere.
struct ComparedRows {
  std::vector<int64_t> visual, prompt, response;
};
ComparedRows compared_rows(const Sequence& sequence);

/// Final hidden states of both models for one sequence, each [T, W of that model].
struct PairHidden {
  at::Tensor teacher, student;
};

/// Runs both models. pixel_values [images, 3, H, W] or undefined; teacher_pixels where the teacher's image processor is
/// another one. Without a graph.
PairHidden hidden_of_pair(const MultimodalModel& teacher, const MultimodalModel& student, const Sequence& sequence,
                          const at::Tensor& pixel_values, const at::Tensor& teacher_pixels = {});

/// Three divergences between the teacher's p and the student's q for the next token, float32 [rows] on the CPU.
struct RowDivergences {
  at::Tensor forward_kl;  ///< Σ p log(p/q)
  at::Tensor reverse_kl;  ///< Σ q log(q/p)
  at::Tensor jsd;         ///< Jensen–Shannon: ½ Σ p log(p/m) + ½ Σ q log(q/m) with m = ½ (p + q)
};

/// Both models at these rows of one sequence. As in the losses: softmax of the first min(V) logits, divided by the
/// temperature, and the result times its square (core/losses/divergences.h).
RowDivergences row_divergences(const MultimodalModel& teacher, const MultimodalModel& student, const PairHidden& hidden,
                               const std::vector<int64_t>& rows, double temperature);

/// Throws UserError for a temperature that isn't a number above 0.
void refuse_wrong_temperature(double temperature);

/// Sums of divergences over rows.
struct Disagreement {
  int64_t rows = 0;
  double forward_kl = 0, reverse_kl = 0, jsd = 0;
};

/// The sums over compared_rows().
struct SegmentDisagreement {
  Disagreement visual, prompt, response;
  const Disagreement& of(SegmentKind kind) const;
};

Disagreement sum_of(const RowDivergences& divergences);

/// The sums of one sequence, each row counted where compared_rows() has it.
SegmentDisagreement segment_disagreement(const MultimodalModel& teacher, const MultimodalModel& student,
                                         const PairHidden& hidden, const Sequence& sequence, double temperature);

/// {"visual": {"rows", "forward_kl", "reverse_kl", "jsd"}, "prompt": …, "response": …}: sums.
nlohmann::ordered_json segment_disagreement_json(const SegmentDisagreement& sums);

/// The kinds of segments in the order in which results list them.
inline constexpr SegmentKind segment_kinds[] = {SegmentKind::visual, SegmentKind::prompt, SegmentKind::response};

}  // namespace llavakd
