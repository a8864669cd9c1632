// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest/QTest>
#include <utility>

#include "core/models/embedding_lookup.h"

using namespace llavakd;

/// The embedding's own backward against autograd's.
class TestEmbeddingLookup : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void gradientsAreThoseOfAutograd_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<bool>("tied");
    QTest::addColumn<int>("microBatches");
    for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16})
      for (const bool tied : {false, true})
        for (const int microBatches : {1, 3})
          QTest::addRow("type %d, tied %d, %d micro-batches", static_cast<int>(type), tied, microBatches)
              << static_cast<int>(type) << tied << microBatches;
  }
  void gradientsAreThoseOfAutograd() {
    QFETCH(const int, type);
    QFETCH(const bool, tied);
    QFETCH(const int, microBatches);
    const auto scalar = static_cast<at::ScalarType>(type);
    at::manual_seed(1);
    const at::Tensor table = at::randn({20, 6}, at::kDouble).to(scalar).requires_grad_();
    const at::Tensor mix = at::randn({6, 6}, at::kDouble).to(scalar).requires_grad_();
    const at::Tensor ids = at::randint(0, 20, {3, 2, 9}, at::kLong);
    const auto collected = std::make_shared<RowGradients>();
    const auto gradients = [&](const auto& embed) {
      table.mutable_grad().reset();
      mix.mutable_grad().reset();
      for (int i = 0; i < microBatches; ++i) {
        const at::Tensor hidden = at::linear(embed(table, ids[i]), mix).tanh();
        (tied ? at::linear(hidden, table).square().mean() : hidden.square().sum()).backward();
        for (const RowGradient& row : std::exchange(*collected, {})) row.add_to(row.table.mutable_grad());
      }
      return std::pair{table.grad(), mix.grad()};
    };
    const auto own =
        gradients([&](const at::Tensor& t, const at::Tensor& i) { return embedding_lookup(t, i, collected); });
    const auto plain = gradients([](const at::Tensor& t, const at::Tensor& i) { return at::embedding(t, i); });
    const double tolerance = scalar == at::kBFloat16 ? 2e-2 : 1e-5;
    QVERIFY(own.first.scalar_type() == scalar);
    QVERIFY((own.first - plain.first).abs().max().item<double>() <= tolerance * plain.first.abs().max().item<double>());
    QVERIFY(at::allclose(own.second, plain.second, tolerance, tolerance));
  }

  /// Backward writes nothing into grad(): the rows are added when the caller says so, to what is there already.
  void rowsAreAddedByTheCaller() {
    const at::Tensor table = at::randn({5, 2}).requires_grad_();
    const auto collected = std::make_shared<RowGradients>();
    embedding_lookup(table, at::tensor({1, 3, 1}, at::kLong), collected).sum().backward();
    QVERIFY(!table.grad().defined());
    QCOMPARE(collected->size(), 1UL);
    at::Tensor gradient;
    collected->front().add_to(gradient);
    const at::Tensor kept = gradient;
    QVERIFY(at::equal(kept, at::tensor({0.F, 0.F, 2.F, 2.F, 0.F, 0.F, 1.F, 1.F, 0.F, 0.F}).view({5, 2})));
    embedding_lookup(table, at::tensor({0}, at::kLong), collected).sum().backward();
    collected->back().add_to(gradient);
    QCOMPARE(kept.sum().item<float>(), 8.F);
    QVERIFY(kept.is_same(gradient));
  }

  void whatDoesNotLearnIsPlain() {
    const at::Tensor ids = at::tensor({2, 0}, at::kLong);
    const at::Tensor frozen = at::randn({5, 2});
    QVERIFY(!embedding_lookup(frozen, ids).requires_grad());
    const at::Tensor learns = at::randn({5, 2}).requires_grad_();
    const auto collected = std::make_shared<RowGradients>();
    QVERIFY(at::equal(embedding_lookup(learns, ids, collected), at::embedding(learns, ids)));
    const at::Tensor computed = learns * 2;  // Keeps no gradient of its own.
    embedding_lookup(computed, ids, collected).sum().backward();
    QCOMPARE(learns.grad().sum().item<float>(), 8.F);
    embedding_lookup(learns, ids).sum().backward();  // Nowhere to leave rows.
    QCOMPARE(learns.grad().sum().item<float>(), 12.F);
    QVERIFY(collected->empty());
    const at::NoGradGuard noGrad;
    QVERIFY(!embedding_lookup(learns, ids, collected).requires_grad());
  }

  void noTokens() {
    const at::Tensor table = at::randn({5, 2}).requires_grad_();
    const auto collected = std::make_shared<RowGradients>();
    embedding_lookup(table, at::empty({0}, at::kLong), collected).sum().backward();
    at::Tensor gradient;
    collected->front().add_to(gradient);
    QCOMPARE(gradient.abs().sum().item<float>(), 0.F);
  }
};

QTEST_GUILESS_MAIN(TestEmbeddingLookup)
#include "tst_embedding_lookup.moc"
