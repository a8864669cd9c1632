// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <cmath>

#include "core/losses/mdist.h"

using namespace llavakd;

namespace {

const std::vector<Divergence> everyDivergence = {
    Divergence::forward_kl,  Divergence::reverse_kl,        Divergence::symmetric_kl,     Divergence::js_distance,
    Divergence::tv_distance, Divergence::skewed_forward_kl, Divergence::skewed_reverse_kl};

/// The divergence of p = (1/2, 1/2) from q = (1/4, 3/4), as computed with pencil and paper.
double literal(Divergence divergence) {
  const double p[] = {0.5, 0.5}, q[] = {0.25, 0.75};
  const auto kl = [](const double* a, const double* b) {
    return a[0] * std::log(a[0] / b[0]) + a[1] * std::log(a[1] / b[1]);
  };
  const double mostlyQ[] = {0.275, 0.725}, mostlyP[] = {0.475, 0.525};
  switch (divergence) {
    case Divergence::forward_kl:
      return kl(p, q);
    case Divergence::reverse_kl:
      return kl(q, p);
    case Divergence::symmetric_kl:
      return 0.1 * kl(p, q) + 0.9 * kl(q, p);
    case Divergence::js_distance:
      return 0.9 * kl(q, mostlyQ) + 0.1 * kl(p, mostlyQ);
    case Divergence::tv_distance:
      return 0.25;
    case Divergence::skewed_forward_kl:
      return kl(p, mostlyQ);
    case Divergence::skewed_reverse_kl:
      return kl(q, mostlyP);
  }
  return NAN;
}

}  // namespace

class TestMdist : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void literalValues() {
    const at::Tensor teacher = at::tensor({7.0, 7.0}).view({1, 2}),
                     student = at::tensor({0.0, std::log(3.0)}).view({1, 2});
    for (const Divergence divergence : everyDivergence) {
      const double value = divergence_rows(divergence, teacher, student).item<double>();
      QVERIFY2(std::abs(value - literal(divergence)) < 1e-12, name(divergence).data());
    }
  }

  void temperatureDividesLogitsAndMultipliesBySquare() {
    const at::Tensor teacher = at::tensor({7.0, 7.0}).view({1, 2}),
                     student = at::tensor({0.0, 2 * std::log(3.0)}).view({1, 2});
    const double value = divergence_rows(Divergence::forward_kl, teacher, student, 2).item<double>();
    QVERIFY(std::abs(value - 4 * literal(Divergence::forward_kl)) < 1e-12);
  }

  void equalDistributionsHaveNone() {
    const at::Tensor logits = at::randn({4, 9}, at::kDouble);
    for (const Divergence divergence : everyDivergence)
      QVERIFY(divergence_rows(divergence, logits, logits + 3).abs().max().item<double>() < 1e-12);
  }

  /// The closed-form gradient against autograd of the plain form.
  void gradients() {
    at::manual_seed(1);
    const at::Tensor teacher = at::randn({5, 11}, at::kDouble) * 3;
    for (const Divergence divergence : everyDivergence) {
      const at::Tensor student = (at::randn({5, 11}, at::kDouble) * 3).requires_grad_();
      const at::Tensor plain = divergence_rows(divergence, teacher, student);
      plain.sum().backward();
      const at::NoGradGuard noGrad;
      const DivergenceRows rows = divergence_with_gradient(divergence, at::log_softmax(teacher, -1),
                                                           at::log_softmax(student.detach(), -1), true);
      QVERIFY2(at::allclose(rows.values, plain, 1e-10, 1e-12), name(divergence).data());
      QVERIFY2(at::allclose(rows.gradient, student.grad(), 1e-9, 1e-12), name(divergence).data());
    }
  }

  void namesAreReadBack() {
    for (const Divergence divergence : everyDivergence) QVERIFY(divergence_named(name(divergence)) == divergence);
    for (const TermKind kind : all_terms) QVERIFY(term_named(name(kind)) == kind);
    QVERIFY(!divergence_named("kl") && !term_named(""));
  }
};

QTEST_APPLESS_MAIN(TestMdist)
#include "tst_mdist.moc"
