// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/mdist.h"

#include <ATen/ATen.h>

#include <cmath>

namespace llavakd {

namespace {

// λ of the released distill_loss_utils.py.
constexpr double symmetric_lambda = 0.9, js_lambda = 0.9, skew_lambda = 0.1;

/// The generalised Jensen–Shannon divergence is another one at its ends.
Divergence without_ends(Divergence divergence, double beta) {
  if (divergence != Divergence::jsd || (beta > 0 && beta < 1)) return divergence;
  return beta <= 0 ? Divergence::forward_kl : Divergence::reverse_kl;
}

/// Σ a log(a/b) over the vocabulary.
at::Tensor kl(const at::Tensor& a, const at::Tensor& log_a, const at::Tensor& log_b) {
  return (a * (log_a - log_b)).sum(-1);
}

/// The chain rule through softmax: with a = q ∂f/∂q, the derivative by the logits is a - q Σa.
at::Tensor through_softmax(at::Tensor a, const at::Tensor& q) {
  const at::Tensor total = a.sum(-1, /*keepdim=*/true);
  return a.addcmul_(q, total, -1);
}

DivergenceRows forward_kl(const at::Tensor& log_p, const at::Tensor& log_q, bool with_gradient) {
  const at::Tensor p = log_p.exp();
  // In place on what nobody reads again: the passes over [rows, vocab] are what this costs.
  DivergenceRows rows;
  rows.values = log_p.sub_(log_q).mul_(p).sum(-1);
  if (with_gradient) rows.gradient = log_q.exp_().sub_(p);
  return rows;
}

/// log(β p + (1 - β) q), also where both are too small for their type.
at::Tensor log_mixed(const at::Tensor& log_p, const at::Tensor& log_q, double beta) {
  return at::logaddexp(log_p + std::log(beta), log_q + std::log1p(-beta));
}

DivergenceRows general(Divergence divergence, const at::Tensor& log_p, const at::Tensor& log_q, double beta) {
  const at::Tensor p = log_p.exp(), q = log_q.exp();
  const auto mixture = [&](double of_p) {
    return (p * of_p).add_(q, 1 - of_p);
  };
  switch (divergence) {
    case Divergence::reverse_kl: {
      const at::Tensor a = q * (log_q - log_p);
      return {a.sum(-1), through_softmax(a.clone(), q)};
    }
    case Divergence::symmetric_kl: {
      const at::Tensor a = q * (log_q - log_p);
      const at::Tensor values = kl(p, log_p, log_q) * (1 - symmetric_lambda) + a.sum(-1) * symmetric_lambda;
      return {values, (q - p) * (1 - symmetric_lambda) + through_softmax(a * symmetric_lambda, q)};
    }
    case Divergence::js_distance: {
      const at::Tensor log_m = mixture(1 - js_lambda).log_();
      const at::Tensor a = q * (log_q - log_m);
      const at::Tensor values = a.sum(-1) * js_lambda + kl(p, log_p, log_m) * (1 - js_lambda);
      return {values, through_softmax(a * js_lambda, q)};
    }
    case Divergence::tv_distance: {
      const at::Tensor difference = q - p;
      return {difference.abs().sum(-1) * 0.5, through_softmax(q * difference.sign() * 0.5, q)};
    }
    case Divergence::skewed_forward_kl: {
      const at::Tensor m = mixture(skew_lambda);
      return {kl(p, log_p, m.log()), through_softmax(q * p / m * (skew_lambda - 1), q)};
    }
    case Divergence::skewed_reverse_kl: {
      const at::Tensor m = mixture(1 - skew_lambda);
      const at::Tensor a = q * (log_q - m.log());
      return {a.sum(-1), through_softmax(a - q * q / m * skew_lambda, q)};
    }
    case Divergence::jsd: {
      const at::Tensor log_m = log_mixed(log_p, log_q, beta);
      const at::Tensor a = q * (log_q - log_m);
      return {a.sum(-1) * (1 - beta) + kl(p, log_p, log_m) * beta, through_softmax(a * (1 - beta), q)};
    }
    case Divergence::forward_kl:
      break;
  }
  TORCH_CHECK(false, "no such divergence");
}

}  // namespace

at::Tensor divergence_rows(Divergence divergence, const at::Tensor& teacher_logits, const at::Tensor& student_logits,
                           double temperature, double beta) {
  const at::Tensor log_p = at::log_softmax(teacher_logits / temperature, -1);
  const at::Tensor log_q = at::log_softmax(student_logits / temperature, -1);
  const at::Tensor p = log_p.exp(), q = log_q.exp();
  const auto log_mixture = [&](double of_p) {
    return (of_p * p + (1 - of_p) * q).log();
  };
  const auto value = [&]() -> at::Tensor {
    switch (without_ends(divergence, beta)) {
      case Divergence::forward_kl:
        return kl(p, log_p, log_q);
      case Divergence::reverse_kl:
        return kl(q, log_q, log_p);
      case Divergence::symmetric_kl:
        return (1 - symmetric_lambda) * kl(p, log_p, log_q) + symmetric_lambda * kl(q, log_q, log_p);
      case Divergence::js_distance: {
        const at::Tensor log_m = log_mixture(1 - js_lambda);
        return js_lambda * kl(q, log_q, log_m) + (1 - js_lambda) * kl(p, log_p, log_m);
      }
      case Divergence::tv_distance:
        return 0.5 * (p - q).abs().sum(-1);
      case Divergence::skewed_forward_kl:
        return kl(p, log_p, log_mixture(skew_lambda));
      case Divergence::skewed_reverse_kl:
        return kl(q, log_q, log_mixture(1 - skew_lambda));
      case Divergence::jsd: {
        const at::Tensor log_m = log_mixed(log_p, log_q, beta);
        return beta * kl(p, log_p, log_m) + (1 - beta) * kl(q, log_q, log_m);
      }
    }
    TORCH_CHECK(false, "no such divergence");
  };
  return value() * (temperature * temperature);
}

LogitDivergence loop_form(Divergence divergence, double beta) {
  using enum LogitDivergence::Form;
  constexpr auto symmetric = static_cast<float>(symmetric_lambda), js = static_cast<float>(js_lambda),
                 skew = static_cast<float>(skew_lambda);
  switch (without_ends(divergence, beta)) {
    case Divergence::forward_kl:
      return {.form = forward, .of_p = 1};
    case Divergence::reverse_kl:
      return {.form = both, .of_q = 1};
    case Divergence::symmetric_kl:
      return {.form = both, .of_p = 1 - symmetric, .of_q = symmetric};
    case Divergence::js_distance:
      return {.form = mixture, .of_p = 1 - js, .of_q = js, .alpha = 1 - js};
    case Divergence::tv_distance:
      return {.form = variation};
    case Divergence::skewed_forward_kl:
      return {.form = mixture, .of_p = 1, .alpha = skew};
    case Divergence::skewed_reverse_kl:
      return {.form = mixture, .of_q = 1, .alpha = 1 - skew};
    case Divergence::jsd: {
      const auto share = static_cast<float>(beta);
      return {.form = mixture, .of_p = share, .of_q = 1 - share, .alpha = share};
    }
  }
  TORCH_CHECK(false, "no such divergence");
}

DivergenceRows divergence_with_gradient(Divergence divergence, at::Tensor log_p, at::Tensor log_q, bool with_gradient,
                                        double beta) {
  const Divergence inner = without_ends(divergence, beta);
  if (inner == Divergence::forward_kl) return forward_kl(log_p, log_q, with_gradient);
  return general(inner, log_p, log_q, beta);
}

}  // namespace llavakd
