// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/losses/cross_entropy.h"

class TestCrossEntropy : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void literalValues() {
    // softmax of (0, ln 3) is (1/4, 3/4); of equal logits 1/3 each.
    const at::Tensor logits = at::tensor({0.0, std::log(3.0), -1e9, 5.0, 5.0, 5.0}).view({2, 3});
    const at::Tensor rows = llavakd::cross_entropy_rows(logits, at::tensor({1, 2}, at::kLong));
    QVERIFY(std::abs(rows[0].item<double>() - std::log(4.0 / 3.0)) < 1e-12);
    QVERIFY(std::abs(rows[1].item<double>() - std::log(3.0)) < 1e-12);
  }
};

QTEST_APPLESS_MAIN(TestCrossEntropy)
#include "tst_cross_entropy.moc"
