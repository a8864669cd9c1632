// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <cmath>

#include "core/losses/distillation_loss.h"
#include "core/losses/head_gram.h"
#include "core/losses/relation.h"

using namespace llavakd;

class TestRelation : public QObject {
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

  void everyWayEqualsThePlainForm_data() {
    QTest::addColumn<int>("vocabulary");
    QTest::addColumn<bool>("known");
    QTest::addColumn<bool>("biased");
    for (const bool biased : {false, true}) {
      QTest::addRow("few words, bias %d", biased) << 3 << false << biased;
      QTest::addRow("many words, bias %d", biased) << 400 << false << biased;
      QTest::addRow("several blocks, bias %d", biased) << 9000 << false << biased;
      QTest::addRow("known gram, bias %d", biased) << 400 << true << biased;
    }
  }
  void everyWayEqualsThePlainForm() {
    QFETCH(const int, vocabulary);
    QFETCH(const bool, known);
    QFETCH(const bool, biased);
    at::manual_seed(2);
    ModelOutput model{at::randn({2, 6, 4}, at::kDouble).requires_grad_(),
                      at::randn({vocabulary + 5, 4}, at::kDouble).requires_grad_(!known)};
    if (biased) model.head_bias = at::randn({vocabulary + 5}, at::kDouble).requires_grad_();
    const at::Tensor weights = at::randn({2, 6, 6}, at::kDouble);
    const auto outcome = [&](const auto& relate) {
      for (const at::Tensor& leaf : {model.hidden, model.head_weight, model.head_bias})
        if (leaf.defined()) leaf.mutable_grad().reset();
      const at::Tensor relation = relate();
      (relation * weights).sum().backward();
      return std::vector{relation.detach(), model.hidden.grad(), model.head_weight.grad(),
                         biased ? model.head_bias.grad() : at::Tensor()};
    };
    const auto plain = outcome([&] {
      const at::Tensor logits = at::matmul(model.hidden, model.head_weight.narrow(0, 0, vocabulary).t());
      return relation_matrix(biased ? logits + model.head_bias.narrow(0, 0, vocabulary) : logits);
    });
    if (known) model.head_gram = head_gram(model.head_weight, vocabulary);
    for (const RelationMethod way : {RelationMethod::logits, RelationMethod::gram}) {
      const auto own = outcome([&] { return relation_of_logits(way, model.hidden, model, vocabulary); });
      for (size_t i = 0; i < plain.size(); ++i) {
        QCOMPARE(own[i].defined(), plain[i].defined());
        if (own[i].defined()) QVERIFY2(at::allclose(own[i], plain[i], 1e-8, 1e-9), name(way).data());
      }
    }
  }

  void theCheaperWayIsTaken() {
    const ModelOutput model{{}, at::randn({400, 64}).requires_grad_()};
    const auto way = [&](int64_t rows, const ModelOutput& of) {
      return cheaper_relation(at::randn({1, rows, 64}).requires_grad_(), of, 400);
    };
    QCOMPARE(way(5, model), RelationMethod::logits);
    QCOMPARE(way(100, model), RelationMethod::gram);
    ModelOutput known = model;
    known.head_gram = head_gram(model.head_weight, 400);
    QCOMPARE(way(50, known), RelationMethod::gram);
    // What many micro-batches share costs each of them little.
    ModelOutput shared = model;
    shared.step_gram = std::make_shared<HeadGram>(model.head_weight, 400, 16);
    QCOMPARE(way(5, shared), RelationMethod::gram);
  }

  /// WᵀW once for several micro-batches, and one product for the head's gradient, against autograd of each.
  void theGramOfAStep_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<bool>("before");
    for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16})
      for (const bool before : {false, true})
        QTest::addRow("type %d, gradient before %d", static_cast<int>(type), before)
            << static_cast<int>(type) << before;
  }
  void theGramOfAStep() {
    QFETCH(const int, type);
    QFETCH(const bool, before);
    const auto scalar = static_cast<at::ScalarType>(type);
    at::manual_seed(4);
    const int64_t vocabulary = 300;
    const at::Tensor head = at::randn({vocabulary + 7, 8}, at::kDouble).to(scalar).requires_grad_();
    const at::Tensor there = at::randn({vocabulary + 7, 8}, at::kDouble).to(scalar);
    std::vector<at::Tensor> hidden, weights;
    for (int i = 0; i < 3; ++i) {
      hidden.push_back(at::randn({1, 40, 8}, at::kDouble).to(scalar).requires_grad_());
      weights.push_back(at::randn({1, 40, 40}, at::kDouble).mul_(1e-2));
    }
    const auto accumulate = [&](const std::shared_ptr<HeadGram>& step) {
      head.mutable_grad() = before ? there.clone() : at::Tensor();
      std::vector<at::Tensor> found;
      for (size_t i = 0; i < hidden.size(); ++i) {
        hidden[i].mutable_grad().reset();
        const ModelOutput model{hidden[i], head, {}, {}, step};
        const at::Tensor relation = relation_of_logits(RelationMethod::gram, hidden[i], model, vocabulary);
        (relation * weights[i].to(relation.scalar_type())).sum().backward();
        found.push_back(hidden[i].grad());
      }
      if (step) step->flush_gradient(head.mutable_grad());
      found.push_back(head.grad().clone());
      return found;
    };
    const auto step = std::make_shared<HeadGram>(head, vocabulary, 3);
    const auto plain = accumulate(nullptr), own = accumulate(step);
    QVERIFY(!step->known());
    const double tolerance = scalar == at::kBFloat16 ? 2e-2 : scalar == at::kFloat ? 1e-5 : 1e-10;
    for (size_t i = 0; i < plain.size(); ++i)
      QVERIFY((own[i] - plain[i]).abs().max().item<double>() <= tolerance * plain[i].abs().max().item<double>());
    step->flush_gradient(head.mutable_grad());  // Nothing more to add.
    QVERIFY(at::equal(head.grad(), own.back()));
  }

  /// Blocks of the Gram matrix add up also when there are several.
  void gramOfManyWords() {
    const at::Tensor head = at::randn({20000, 3}, at::kDouble);
    QVERIFY(at::allclose(head_gram(head, 19999), at::mm(head.narrow(0, 0, 19999).t(), head.narrow(0, 0, 19999))));
  }

  /// bfloat16 products of bfloat16 numbers lose nothing that float32 would keep.
  void gramOfHalfTypesIsAsExactAsFloat() {
    at::manual_seed(5);
    const at::Tensor head = (at::randn({20000, 200}) + 0.3).to(at::kBFloat16), wide = head.to(at::kDouble);
    const at::Tensor exact = at::mm(wide.t(), wide), found = head_gram(head, 20000);
    QVERIFY(found.scalar_type() == at::kFloat);
    QVERIFY(((found - exact).abs() / exact.abs().clamp_min(100)).max().item<double>() < 2e-5);
    QVERIFY(at::equal(found, found.t()));
  }

  /// 1 - cos near equality keeps its digits although logits are stored in bfloat16.
  void halfTypesComputeInFloat() {
    at::manual_seed(3);
    const at::Tensor hidden = at::randn({1, 40, 8}), head = at::randn({300, 8}).to(at::kBFloat16);
    const at::Tensor rough = hidden.to(at::kBFloat16),
                     close = (hidden * 1.01 + 0.01 * at::randn_like(hidden)).to(at::kBFloat16);
    const auto distance = [&](at::ScalarType type) {
      const auto relation = [&](const at::Tensor& h) {
        return relation_of_logits(RelationMethod::gram, h.to(type), ModelOutput{{}, head.to(type)}, 300);
      };
      return relation_distance(relation(rough), relation(close)).item<double>();
    };
    QVERIFY(std::abs(distance(at::kBFloat16) / distance(at::kDouble) - 1) < 1e-2);
  }
};

QTEST_APPLESS_MAIN(TestRelation)
#include "tst_relation.moc"
