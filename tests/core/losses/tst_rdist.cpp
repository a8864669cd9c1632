// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <cmath>

#include "core/losses/distillation_loss.h"
#include "core/losses/rdist.h"

using namespace llavakd;

class TestRdist : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void literalValue() {
    // Z Zᵀ of (1,0),(0,1) is the identity, of (1,0),(1,0) all ones: cos = 2 / (√2 · 2).
    const at::Tensor a = at::eye(2, at::kDouble), b = at::tensor({1.0, 0.0, 1.0, 0.0}).view({2, 2});
    const double value = relation_distance(relation_matrix(a), relation_matrix(b)).item<double>();
    QVERIFY(std::abs(value - (1 - 1 / std::sqrt(2.0))) < 1e-12);
  }

  void scaleDoesNotMatterAndNothingIsFar() {
    const at::Tensor z = at::randn({3, 5, 4}, at::kDouble);
    QVERIFY(relation_distance(relation_matrix(z), relation_matrix(z * 7)).abs().max().item<double>() < 1e-12);
    const at::Tensor none = at::zeros({5, 4}, at::kDouble).requires_grad_();
    const at::Tensor value = relation_distance(relation_matrix(none), relation_matrix(z[0]));
    QCOMPARE(value.item<double>(), 1.0);
    value.backward();
    QVERIFY(none.grad().isfinite().all().item<bool>());
  }

  void gramFormEqualsPlainForm_data() {
    QTest::addColumn<int>("vocabulary");
    QTest::addColumn<bool>("known");
    QTest::newRow("cheap logits") << 3 << false;
    QTest::newRow("gram") << 400 << false;
    QTest::newRow("known gram") << 400 << true;
  }
  void gramFormEqualsPlainForm() {
    QFETCH(const int, vocabulary);
    QFETCH(const bool, known);
    at::manual_seed(2);
    const at::Tensor hidden = at::randn({2, 6, 4}, at::kDouble).requires_grad_();
    const at::Tensor head = at::randn({vocabulary + 5, 4}, at::kDouble).requires_grad_(!known);
    QCOMPARE(relation_cost_plain(2, 6, 4, vocabulary) < relation_cost_gram(2, 6, 4, vocabulary, known),
             vocabulary == 3);
    const at::Tensor weights = at::randn({2, 6, 6}, at::kDouble);
    const at::Tensor plain = relation_matrix(at::matmul(hidden, head.narrow(0, 0, vocabulary).t()));
    (plain * weights).sum().backward();
    const at::Tensor dHidden = hidden.grad().clone(), dHead = known ? at::Tensor() : head.grad().clone();
    hidden.mutable_grad().zero_();
    if (!known) head.mutable_grad().zero_();
    const at::Tensor gram = known ? head_gram(head, vocabulary) : at::Tensor();
    const at::Tensor relation = relation_of_logits(hidden, head, gram, vocabulary);
    (relation * weights).sum().backward();
    QVERIFY(at::allclose(relation, plain, 1e-10));
    QVERIFY(at::allclose(hidden.grad(), dHidden, 1e-9));
    if (!known) QVERIFY(at::allclose(head.grad(), dHead, 1e-9));
  }

  /// Blocks of the Gram matrix add up also when there are several.
  void gramOfManyWords() {
    const at::Tensor head = at::randn({20000, 3}, at::kDouble);
    QVERIFY(at::allclose(head_gram(head, 19999), at::mm(head.narrow(0, 0, 19999).t(), head.narrow(0, 0, 19999))));
  }

  /// 1 - cos near equality keeps its digits although logits are stored in bfloat16.
  void halfTypesComputeInFloat() {
    at::manual_seed(3);
    const at::Tensor hidden = at::randn({1, 40, 8}), head = at::randn({300, 8}).to(at::kBFloat16);
    const at::Tensor rough = hidden.to(at::kBFloat16),
                     close = (hidden * 1.01 + 0.01 * at::randn_like(hidden)).to(at::kBFloat16);
    const auto distance = [&](at::ScalarType type) {
      return relation_distance(relation_of_logits(rough.to(type), head.to(type), {}, 300),
                               relation_of_logits(close.to(type), head.to(type), {}, 300))
          .item<double>();
    };
    QVERIFY(std::abs(distance(at::kBFloat16) / distance(at::kDouble) - 1) < 1e-2);
  }
};

QTEST_APPLESS_MAIN(TestRdist)
#include "tst_rdist.moc"
