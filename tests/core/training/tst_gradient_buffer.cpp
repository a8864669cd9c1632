// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/gradient_buffer.h"

#include <ATen/ATen.h>

#include <QTest>
#include <cmath>

using namespace llavakd;

class TestGradientBuffer : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void microBatchesAddUp_data() {
    QTest::addColumn<int>("type");
    QTest::newRow("float32") << static_cast<int>(at::kFloat);
    QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16);
  }
  /// 256 + 1 is 256 in bfloat16: the sum is float32.
  void microBatchesAddUp() {
    QFETCH(const int, type);
    const at::Tensor weight = at::ones({1, 2}).to(static_cast<at::ScalarType>(type)).requires_grad_();
    GradientBuffer gradients({{"w", weight}});
    for (const float part : {256.F, 1.F, 1.F}) {
      (weight * part).sum().backward();
      gradients.finish_micro_batch();
    }
    QVERIFY(at::equal(gradients.sum(0), at::full({1, 2}, 258.F)));
    QCOMPARE(gradients.norm(), std::sqrt(2.0) * 258);
    gradients.clear();
    QVERIFY(!gradients.sum(0).defined() && !weight.grad().defined());
    QCOMPARE(gradients.norm(), 0.0);
  }

  /// One micro-batch needs no sum, and a float32 gradient is never copied.
  void gradientsAreNotCopied() {
    const at::Tensor half = at::ones({2}, at::kBFloat16).requires_grad_(), full = at::ones({2}).requires_grad_();
    GradientBuffer gradients({{"a", half}, {"b", full}});
    (half.sum() + full.sum()).backward();
    const void *of_half = half.grad().data_ptr(), *of_full = full.grad().data_ptr();
    gradients.finish_micro_batch();
    QVERIFY(gradients.sum(0).data_ptr() == of_half && gradients.sum(1).data_ptr() == of_full);
    (half.sum() + full.sum()).backward();
    gradients.finish_micro_batch();
    QVERIFY(gradients.sum(1).data_ptr() == of_full);
    QVERIFY(at::equal(gradients.sum(1), at::full({2}, 2.F)));
  }

  void embeddingsRowsAreAdded_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<bool>("tied");
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
      for (const bool tied : {false, true})
        QTest::addRow("type %d, tied %d", static_cast<int>(type), tied) << static_cast<int>(type) << tied;
  }
  /// Over two micro-batches: what embedding_lookup() collects against autograd's own.
  void embeddingsRowsAreAdded() {
    QFETCH(const int, type);
    QFETCH(const bool, tied);
    at::manual_seed(1);
    const at::Tensor table = at::randn({20, 6}).to(static_cast<at::ScalarType>(type)).requires_grad_();
    const at::Tensor ids = at::randint(0, 20, {2, 9}, at::kLong);
    const auto step_gradient = [&](bool collect) {
      GradientBuffer gradients({{"table", table}});
      for (int64_t i = 0; i < 2; ++i) {
        const at::Tensor hidden =
            embedding_lookup(table, ids[i], collect ? gradients.row_gradients() : nullptr).square();
        (tied ? at::linear(hidden, table) : hidden).sum().backward();
        gradients.finish_micro_batch();
      }
      const at::Tensor sum = gradients.sum(0).to(at::kFloat).clone();
      gradients.clear();
      return sum;
    };
    const at::Tensor own = step_gradient(true), plain = step_gradient(false);
    const double tolerance = type == static_cast<int>(at::kBFloat16) ? 2e-2 : 1e-5;
    QVERIFY((own - plain).abs().max().item<double>() <= tolerance * plain.abs().max().item<double>());
  }

  void whatIsAddedByHandCounts() {
    const at::Tensor weight = at::ones({2}).requires_grad_(), other = at::ones({2}).requires_grad_();
    GradientBuffer gradients({{"w", weight}});
    (weight * 3).sum().backward();
    gradients.of_micro_batch(weight).add_(1);
    gradients.finish_micro_batch();
    QVERIFY(at::equal(gradients.sum(0), at::full({2}, 4.F)));
    QVERIFY_THROWS_EXCEPTION(c10::Error, gradients.of_micro_batch(other));
  }

  void unfinishedMicroBatchesAreNoticed() {
    const at::Tensor table = at::ones({3, 2}).requires_grad_();
    GradientBuffer gradients({{"table", table}});
    embedding_lookup(table, at::tensor({1}, at::kLong), gradients.row_gradients()).sum().backward();
    QVERIFY_THROWS_EXCEPTION(c10::Error, gradients.norm());
    gradients.finish_micro_batch();
    QCOMPARE(gradients.norm(), std::sqrt(2.0));
  }

  void onlyLeavesThatLearn() { QVERIFY_THROWS_EXCEPTION(c10::Error, GradientBuffer({{"w", at::ones({2})}})); }
};

QTEST_APPLESS_MAIN(TestGradientBuffer)
#include "tst_gradient_buffer.moc"
