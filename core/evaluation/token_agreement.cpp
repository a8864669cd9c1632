// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/token_agreement.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/text/token_text.h"

namespace llavakd {
namespace {

constexpr int64_t shown_tokens = 5;
constexpr int64_t expected_at_once = 64;

/// `ids` [rows]: the token that each row should predict.
TokenExpectation expectation(const MultimodalModel& model, const at::Tensor& hidden, const std::vector<int64_t>& rows,
                             const std::vector<int64_t>& ids) {
  std::vector<at::Tensor> top_ids, top_probabilities, probability, rank;
  const auto some_rows = at::tensor(rows, at::kLong).split(expected_at_once);
  const auto some_ids = at::tensor(ids, at::kLong).split(expected_at_once);
  for (size_t i = 0; i < some_rows.size(); ++i) {
    const at::Tensor states = hidden.index_select(0, some_rows[i].to(hidden.device()));
    const at::Tensor logits = model.logits(states).to(at::kFloat), p = logits.softmax(-1);
    const at::Tensor own = some_ids[i].to(p.device()).unsqueeze(1);
    const auto [values, indices] = p.topk(std::min(shown_tokens, p.size(1)));
    top_ids.push_back(indices);
    top_probabilities.push_back(values);
    probability.push_back(p.gather(1, own).squeeze(1));
    rank.push_back((logits > logits.gather(1, own)).sum(1) + 1);  // probabilities may be 0
  }
  return {at::cat(top_ids).cpu(), at::cat(top_probabilities).cpu(), at::cat(probability).cpu(), at::cat(rank).cpu()};
}

/// An id that only one of the models has is no token of the tokenizer.
void refuse_unknown_ids(const MultimodalModel& model, const char* who, const std::vector<int64_t>& ids) {
  const int64_t vocabulary = model.head_weight().size(0);
  const auto beyond = std::ranges::find_if(ids, [&](int64_t id) { return id < 0 || id >= vocabulary; });
  if (beyond != ids.end())
    throw UserError(
        fmt::format("The answer has the token {}, and the {} knows {} tokens only.", *beyond, who, vocabulary));
}

nlohmann::ordered_json expectation_json(const TokenExpectation& of, int64_t token, const Tokenizer& tokenizer) {
  nlohmann::ordered_json json{{"probability", of.probability[token].item<double>()},
                              {"rank", of.rank[token].item<int64_t>()}};
  json["top"] = nlohmann::ordered_json::array();
  for (int64_t k = 0; k < of.top_ids.size(1); ++k) {
    const auto id = of.top_ids[token][k].item<int64_t>();
    json["top"].push_back({{"id", id},
                           {"text", token_text(tokenizer, id)},
                           {"probability", of.top_probabilities[token][k].item<double>()}});
  }
  return json;
}

}  // namespace

TokenAgreement token_agreement(const MultimodalModel& teacher, const MultimodalModel& student, const Sequence& sequence,
                               const at::Tensor& pixel_values, const at::Tensor& teacher_pixels, double temperature) {
  if (!(temperature > 0) || !std::isfinite(temperature)) throw UserError("The temperature must be a number above 0.");
  const std::vector<int64_t> rows = response_positions(sequence);
  if (rows.empty())
    throw UserError(fmt::format("There is no answer to compare the models on: {}.",
                                sequence.skipped.value_or("nothing of the text is labelled")));
  const at::NoGradGuard no_grad;
  TokenAgreement result;
  result.sequence = sequence;
  result.temperature = temperature;
  result.compared_vocabulary = std::min(teacher.head_weight().size(0), student.head_weight().size(0));
  for (const int64_t row : rows) {
    result.positions.push_back(row + 1);
    result.ids.push_back(sequence.labels[static_cast<size_t>(row) + 1]);
  }
  refuse_unknown_ids(teacher, "teacher", result.ids);
  refuse_unknown_ids(student, "student", result.ids);
  const PairHidden hidden = hidden_of_pair(teacher, student, sequence, pixel_values, teacher_pixels);
  result.divergences = row_divergences(teacher, student, hidden, rows, temperature);
  result.teacher = expectation(teacher, hidden.teacher, rows, result.ids);
  result.student = expectation(student, hidden.student, rows, result.ids);
  result.segments = segment_disagreement(teacher, student, hidden, sequence, temperature);
  return result;
}

nlohmann::ordered_json token_agreement_json(const TokenAgreement& agreement, const Tokenizer& tokenizer) {
  nlohmann::ordered_json json{{"temperature", agreement.temperature},
                              {"compared_vocabulary", agreement.compared_vocabulary}};
  json["tokens"] = nlohmann::ordered_json::array();
  for (int64_t i = 0; i < std::ssize(agreement.ids); ++i) {
    const auto at = static_cast<size_t>(i);
    json["tokens"].push_back({{"index", i},
                              {"position", agreement.positions[at]},
                              {"id", agreement.ids[at]},
                              {"text", token_text(tokenizer, agreement.ids[at])},
                              {"forward_kl", agreement.divergences.forward_kl[i].item<double>()},
                              {"reverse_kl", agreement.divergences.reverse_kl[i].item<double>()},
                              {"jsd", agreement.divergences.jsd[i].item<double>()},
                              {"teacher", expectation_json(agreement.teacher, i, tokenizer)},
                              {"student", expectation_json(agreement.student, i, tokenizer)}});
  }
  json["segments"] = segment_disagreement_json(agreement.segments);
  return json;
}

}  // namespace llavakd
