// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <array>
#include <cmath>
#include <map>

#include "core/losses/divergences.h"

using namespace llavakd;

namespace {

/// The divergence of p = (1/2, 1/2) from q = (1/4, 3/4), as computed with pencil and paper.
std::map<std::string_view, double> literals() {
  const double p[] = {0.5, 0.5}, q[] = {0.25, 0.75};
  const auto kl = [](const double* a, const double* b) {
    return a[0] * std::log(a[0] / b[0]) + a[1] * std::log(a[1] / b[1]);
  };
  const double mostlyQ[] = {0.275, 0.725}, mostlyP[] = {0.475, 0.525}, half[] = {0.375, 0.625};
  return {{"forward_kl", kl(p, q)},
          {"reverse_kl", kl(q, p)},
          {"symmetric_kl", 0.1 * kl(p, q) + 0.9 * kl(q, p)},
          {"js_distance", 0.9 * kl(q, mostlyQ) + 0.1 * kl(p, mostlyQ)},
          {"tv_distance", 0.25},
          {"skewed_forward_kl", kl(p, mostlyQ)},
          {"skewed_reverse_kl", kl(q, mostlyP)},
          {"jsd", 0.5 * kl(p, half) + 0.5 * kl(q, half)}};
}

const Divergence& named(std::string_view name) {
  return *divergence_named(name);
}

}  // namespace

class TestDivergences : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void literalValues() {
    const at::Tensor teacher = at::tensor({7.0, 7.0}).view({1, 2}),
                     student = at::tensor({0.0, std::log(3.0)}).view({1, 2});
    const auto known = literals();
    for (const Divergence& divergence : divergences()) {
      const double value = divergence_rows(divergence, teacher, student).item<double>();
      QVERIFY2(known.contains(divergence.name), divergence.name.data());
      QVERIFY2(std::abs(value - known.at(divergence.name)) < 1e-12, divergence.name.data());
    }
  }

  void temperatureDividesLogitsAndMultipliesBySquare() {
    const at::Tensor teacher = at::tensor({7.0, 7.0}).view({1, 2}),
                     student = at::tensor({0.0, 2 * std::log(3.0)}).view({1, 2});
    const double value = divergence_rows(named("forward_kl"), teacher, student, 2).item<double>();
    QVERIFY(std::abs(value - 4 * literals().at("forward_kl")) < 1e-12);
  }

  /// GKDTrainer.generalized_jsd_loss of TRL 1.16.0 with reduction "none", summed over the vocabulary.
  void betaIsThatOfTrl() {
    const at::Tensor teacher = at::tensor({2.0, -1.0, 0.5, 0.0, 1.0, 1.5, -2.0, 0.25}, at::kDouble).view({2, 4}),
                     student = at::tensor({0.0, 1.0, -0.5, 3.0, 1.0, 1.0, 1.0, 1.0}, at::kDouble).view({2, 4});
    constexpr std::array<std::array<double, 4>, 7> values{{{0.0, 1.0, 2.072289862083311, 0.3334338306123294},
                                                           {1.0, 1.0, 1.7317643723606084, 0.5802131797977013},
                                                           {0.5, 1.0, 0.3828435411671708, 0.09479733384784876},
                                                           {0.1, 1.0, 0.16303276991911184, 0.030510044275542565},
                                                           {0.9, 1.0, 0.14620240105255677, 0.04460102605141289},
                                                           {0.5, 2.0, 0.1306614568218803, 0.03827248744569275},
                                                           {0.0, 2.0, 0.5672181208063125, 0.1399140520271031}}};
    for (const auto& [beta, temperature, first, second] : values) {
      const at::Tensor rows =
          divergence_rows(named("jsd"), teacher, student, temperature, beta) / (temperature * temperature);
      const at::Tensor expected = at::tensor({first, second}, at::kDouble);
      QVERIFY2(at::allclose(rows, expected, 1e-12, 1e-14), qPrintable(QString::number(beta)));
    }
  }

  /// Where both distributions are too small for float32, nothing becomes NaN.
  void jsdOfFarLogitsIsFinite() {
    const at::Tensor teacher = at::tensor({0.0F, -300.0F, -400.0F}).view({1, 3}), student = teacher * 0.9;
    const DivergenceRows rows =
        named("jsd").with_gradient(at::log_softmax(teacher, -1), at::log_softmax(student, -1), true, 0.3);
    QVERIFY(at::isfinite(rows.values).all().item<bool>() && at::isfinite(rows.gradient).all().item<bool>());
  }

  void equalDistributionsHaveNone() {
    const at::Tensor logits = at::randn({4, 9}, at::kDouble);
    for (const Divergence& divergence : divergences())
      QVERIFY(divergence_rows(divergence, logits, logits + 3).abs().max().item<double>() < 1e-12);
  }

  /// The closed-form gradient against autograd of the plain form.
  void gradients() {
    at::manual_seed(1);
    const at::Tensor teacher = at::randn({5, 11}, at::kDouble) * 3;
    for (const Divergence& divergence : divergences()) {
      const at::Tensor student = (at::randn({5, 11}, at::kDouble) * 3).requires_grad_();
      const at::Tensor plain = divergence_rows(divergence, teacher, student);
      plain.sum().backward();
      const at::NoGradGuard noGrad;
      const DivergenceRows rows =
          divergence.with_gradient(at::log_softmax(teacher, -1), at::log_softmax(student.detach(), -1), true, 0.5);
      QVERIFY2(at::allclose(rows.values, plain, 1e-10, 1e-12), divergence.name.data());
      QVERIFY2(at::allclose(rows.gradient, student.grad(), 1e-9, 1e-12), divergence.name.data());
    }
  }

  void gradientsOfEachBeta() {
    at::manual_seed(2);
    const at::Tensor teacher = at::randn({5, 11}, at::kDouble) * 3;
    for (const double beta : {0.0, 0.01, 0.3, 0.9, 1.0}) {
      const at::Tensor student = (at::randn({5, 11}, at::kDouble) * 3).requires_grad_();
      divergence_rows(named("jsd"), teacher, student, 1, beta).sum().backward();
      const at::NoGradGuard noGrad;
      const auto value = [&](const at::Tensor& logits) {
        return named("jsd").with_gradient(at::log_softmax(teacher, -1), at::log_softmax(logits, -1), true, beta);
      };
      const at::Tensor gradient = value(student.detach()).gradient;
      QVERIFY(at::allclose(gradient, student.grad(), 1e-9, 1e-12));
      const at::Tensor step = at::zeros_like(teacher);
      step[2][7] = 1e-5;
      const at::Tensor slope = (value(student.detach() + step).values - value(student.detach() - step).values) / 2e-5;
      QVERIFY(std::abs((slope[2] - gradient[2][7]).item<double>()) < 1e-8);
    }
  }

  void namesAreReadBack() {
    for (const Divergence& divergence : divergences()) QCOMPARE(divergence_named(divergence.name), &divergence);
    for (const LossTerm& term : loss_terms()) QCOMPARE(term_named(term.name), &term);
    QVERIFY(!divergence_named("kl") && !term_named(""));
  }
};

QTEST_APPLESS_MAIN(TestDivergences)
#include "tst_divergences.moc"
