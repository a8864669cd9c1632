// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/divergences.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace llavakd {

namespace {

using Tensor = at::Tensor;
using Kind = LogitDivergence::Kind;

// λ of the released distill_loss_utils.py.
constexpr double symmetric_lambda = 0.9, js_lambda = 0.9, skew_lambda = 0.1;
constexpr auto symmetric_float = static_cast<float>(symmetric_lambda), js_float = static_cast<float>(js_lambda),
               skew_float = static_cast<float>(skew_lambda);

/// Σ a log(a/b) over the vocabulary.
Tensor kl(const Tensor& a, const Tensor& log_a, const Tensor& log_b) {
  return (a * (log_a - log_b)).sum(-1);
}

/// The chain rule of the softmax: with a = q ∂f/∂q, the derivative by the logits is a - q Σa.
Tensor by_logits(Tensor a, const Tensor& q) {
  const Tensor total = a.sum(-1, /*keepdim=*/true);
  return a.addcmul_(q, total, -1);
}

/// m = λ p + (1 - λ) q; overwrites nothing.
Tensor mixture_of(const Tensor& p, const Tensor& q, double weight_p) {
  return (p * weight_p).add_(q, 1 - weight_p);
}

/// log(λ p + (1 - λ) q), differentiable.
Tensor log_mixture(const Tensor& p, const Tensor& q, double weight_p) {
  return (weight_p * p + (1 - weight_p) * q).log();
}

/// log(β p + (1 - β) q), also where both are too small for their type.
Tensor log_mixed(const Tensor& log_p, const Tensor& log_q, double beta) {
  return at::logaddexp(log_p + std::log(beta), log_q + std::log1p(-beta));
}

/// Σ p log(p/q)
constexpr Divergence forward_kl{
    .name = "forward_kl",
    .value = [](const Tensor& log_p, const Tensor& log_q, double) { return kl(log_p.exp(), log_p, log_q); },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool wants_gradient, double) {
          const Tensor p = log_p.exp();
          // In place on what nobody reads again: the passes over [rows, V] are what this costs.
          DivergenceRows rows;
          rows.values = log_p.sub_(log_q).mul_(p).sum(-1);
          if (wants_gradient) rows.gradient = log_q.exp_().sub_(p);
          return rows;
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{.kind = Kind::forward_kl, .weight_p = 1};
        }};

/// Σ q log(q/p)
constexpr Divergence reverse_kl{
    .name = "reverse_kl",
    .value = [](const Tensor& log_p, const Tensor& log_q, double) { return kl(log_q.exp(), log_q, log_p); },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool, double) {
          const Tensor q = log_q.exp(), a = q * (log_q - log_p);
          return DivergenceRows{a.sum(-1), by_logits(a.clone(), q)};
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{.kind = Kind::weighted_kl, .weight_q = 1};
        }};

/// 0.1 Σ p log(p/q) + 0.9 Σ q log(q/p)
constexpr Divergence symmetric_kl{
    .name = "symmetric_kl",
    .value =
        [](const Tensor& log_p, const Tensor& log_q, double) {
          return (1 - symmetric_lambda) * kl(log_p.exp(), log_p, log_q) +
                 symmetric_lambda * kl(log_q.exp(), log_q, log_p);
        },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool, double) {
          const Tensor p = log_p.exp(), q = log_q.exp(), a = q * (log_q - log_p);
          const Tensor values = kl(p, log_p, log_q) * (1 - symmetric_lambda) + a.sum(-1) * symmetric_lambda;
          return DivergenceRows{values, (q - p) * (1 - symmetric_lambda) + by_logits(a * symmetric_lambda, q)};
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{
              .kind = Kind::weighted_kl, .weight_p = 1 - symmetric_float, .weight_q = symmetric_float};
        }};

/// 0.9 Σ q log(q/m) + 0.1 Σ p log(p/m) with m = 0.1 p + 0.9 q
constexpr Divergence js_distance{
    .name = "js_distance",
    .value =
        [](const Tensor& log_p, const Tensor& log_q, double) {
          const Tensor p = log_p.exp(), q = log_q.exp(), log_m = log_mixture(p, q, 1 - js_lambda);
          return js_lambda * kl(q, log_q, log_m) + (1 - js_lambda) * kl(p, log_p, log_m);
        },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool, double) {
          const Tensor p = log_p.exp(), q = log_q.exp(), log_m = mixture_of(p, q, 1 - js_lambda).log_();
          const Tensor a = q * (log_q - log_m);
          const Tensor values = a.sum(-1) * js_lambda + kl(p, log_p, log_m) * (1 - js_lambda);
          return DivergenceRows{values, by_logits(a * js_lambda, q)};
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{
              .kind = Kind::mixture_kl, .weight_p = 1 - js_float, .weight_q = js_float, .alpha = 1 - js_float};
        }};

/// ½ Σ |p - q|
constexpr Divergence tv_distance{
    .name = "tv_distance",
    .value = [](const Tensor& log_p, const Tensor& log_q,
                double) { return 0.5 * (log_p.exp() - log_q.exp()).abs().sum(-1); },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool, double) {
          const Tensor p = log_p.exp(), q = log_q.exp(), difference = q - p;
          return DivergenceRows{difference.abs().sum(-1) * 0.5, by_logits(q * difference.sign() * 0.5, q)};
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{.kind = Kind::total_variation};
        }};

/// Σ p log(p/m) with m = 0.1 p + 0.9 q
constexpr Divergence skewed_forward_kl{
    .name = "skewed_forward_kl",
    .value =
        [](const Tensor& log_p, const Tensor& log_q, double) {
          const Tensor p = log_p.exp();
          return kl(p, log_p, log_mixture(p, log_q.exp(), skew_lambda));
        },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool, double) {
          const Tensor p = log_p.exp(), q = log_q.exp(), m = mixture_of(p, q, skew_lambda);
          return DivergenceRows{kl(p, log_p, m.log()), by_logits(q * p / m * (skew_lambda - 1), q)};
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{.kind = Kind::mixture_kl, .weight_p = 1, .alpha = skew_float};
        }};

/// Σ q log(q/m) with m = 0.9 p + 0.1 q
constexpr Divergence skewed_reverse_kl{
    .name = "skewed_reverse_kl",
    .value =
        [](const Tensor& log_p, const Tensor& log_q, double) {
          const Tensor q = log_q.exp();
          return kl(q, log_q, log_mixture(log_p.exp(), q, 1 - skew_lambda));
        },
    .with_gradient =
        [](Tensor log_p, Tensor log_q, bool, double) {
          const Tensor p = log_p.exp(), q = log_q.exp(), m = mixture_of(p, q, 1 - skew_lambda);
          const Tensor a = q * (log_q - m.log());
          return DivergenceRows{a.sum(-1), by_logits(a - q * q / m * skew_lambda, q)};
        },
    .logit_divergence =
        [](double) {
          return LogitDivergence{.kind = Kind::mixture_kl, .weight_q = 1, .alpha = 1 - skew_float};
        }};

/// At β 0 and 1 the formula of jsd gives 0: forward and reverse KL take its place.
const Divergence* end_of_jsd(double beta) {
  if (beta > 0 && beta < 1) return nullptr;
  return beta <= 0 ? &forward_kl : &reverse_kl;
}

/// β Σ p log(p/m) + (1 - β) Σ q log(q/m) with m = β p + (1 - β) q: the generalised Jensen–Shannon divergence of GKD
/// (arXiv 2306.13649, equation 1), as TRL 1.16's GKDTrainer and ms-swift define it.
constexpr Divergence jsd{
    .name = "jsd",
    .value = [](const Tensor& log_p, const Tensor& log_q, double beta) -> Tensor {
      if (const Divergence* end = end_of_jsd(beta)) return end->value(log_p, log_q, beta);
      const Tensor log_m = log_mixed(log_p, log_q, beta);
      return beta * kl(log_p.exp(), log_p, log_m) + (1 - beta) * kl(log_q.exp(), log_q, log_m);
    },
    .with_gradient = [](Tensor log_p, Tensor log_q, bool wants_gradient, double beta) -> DivergenceRows {
      if (const Divergence* end = end_of_jsd(beta))
        return end->with_gradient(std::move(log_p), std::move(log_q), wants_gradient, beta);
      const Tensor p = log_p.exp(), q = log_q.exp(), log_m = log_mixed(log_p, log_q, beta);
      const Tensor a = q * (log_q - log_m);
      return {a.sum(-1) * (1 - beta) + kl(p, log_p, log_m) * beta, by_logits(a * (1 - beta), q)};
    },
    .logit_divergence = [](double beta) -> LogitDivergence {
      if (const Divergence* end = end_of_jsd(beta)) return end->logit_divergence(beta);
      const auto share = static_cast<float>(beta);
      return {.kind = Kind::mixture_kl, .weight_p = share, .weight_q = 1 - share, .alpha = share};
    }};

// The released forward and skewed forward forms leave out the teacher's entropy, a constant without gradient; here
// every divergence is 0 at equality.
constexpr Divergence table_of_divergences[] = {forward_kl,  reverse_kl,        symmetric_kl,      js_distance,
                                               tv_distance, skewed_forward_kl, skewed_reverse_kl, jsd};

}  // namespace

std::span<const Divergence> divergences() {
  return table_of_divergences;
}

const Divergence* divergence_named(std::string_view name) {
  const auto found = std::ranges::find(divergences(), name, &Divergence::name);
  return found == divergences().end() ? nullptr : &*found;
}

at::Tensor divergence_rows(const Divergence& divergence, const at::Tensor& teacher_logits,
                           const at::Tensor& student_logits, double temperature, double beta) {
  const at::Tensor log_p = at::log_softmax(teacher_logits / temperature, -1);
  const at::Tensor log_q = at::log_softmax(student_logits / temperature, -1);
  return divergence.value(log_p, log_q, beta) * (temperature * temperature);
}

}  // namespace llavakd
