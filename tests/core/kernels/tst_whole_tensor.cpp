// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <QtTest/QTest>
#include <limits>

#include "core/kernels/whole_tensor.h"

using namespace llavakd;

class TestWholeTensor : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void one_number_that_is_not_finite_is_found_data() {
    QTest::addColumn<int>("type");
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf, at::kDouble, at::kFloat8_e5m2})
      QTest::newRow(at::toString(type)) << static_cast<int>(type);
  }
  void one_number_that_is_not_finite_is_found() {
    QFETCH(int, type);
    const auto kind = static_cast<at::ScalarType>(type);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const int64_t count : {1, 15, 70'000, 200'001}) {
      const at::Tensor x = at::linspace(-400, 400, count);
      QVERIFY(all_finite(x.to(kind)));
      for (const double wrong : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()})
        for (const int64_t place : {int64_t{0}, count / 2, count - 1}) {
          const at::Tensor bad = x.clone();
          bad[place] = wrong;
          QVERIFY(!all_finite(bad.to(kind)));
        }
    }
  }

  void the_largest_numbers_are_finite() {
    QVERIFY(all_finite(at::full({40}, std::numeric_limits<float>::max())));
    QVERIFY(all_finite(at::full({40}, 65504.0, at::kHalf)));
    QVERIFY(all_finite(at::full({40}, 3.38e38, at::kBFloat16)));
    QVERIFY(all_finite(at::empty({0})));
    QVERIFY(!all_finite(at::tensor({1.0F, INFINITY, 2.0F, 3.0F}).view({2, 2}).t()));
  }

  void the_same_numbers_data() {
    QTest::addColumn<int>("type");
    QTest::newRow("float") << static_cast<int>(at::kFloat);
    QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16);
  }
  void the_same_numbers() {
    QFETCH(int, type);
    const at::Tensor a = at::randn({300, 701}).to(static_cast<at::ScalarType>(type));
    QVERIFY(same_numbers(a, a.clone()));
    QVERIFY(same_numbers(a, a.t().contiguous().t()));
    for (const int64_t place : {int64_t{0}, int64_t{150'000}, a.numel() - 1}) {
      const at::Tensor b = a.clone();
      b.view(-1)[place].add_(1);
      QVERIFY(!same_numbers(a, b));
    }
    QVERIFY(!same_numbers(a, a.view({701, 300})));
    QVERIFY(!same_numbers(a, a.to(at::kDouble)));
    QVERIFY(same_numbers(at::zeros({9}), -at::zeros({9})));
  }
};

QTEST_GUILESS_MAIN(TestWholeTensor)
#include "tst_whole_tensor.moc"
