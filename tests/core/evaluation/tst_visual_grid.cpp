// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "core/evaluation/visual_grid.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;

namespace {

double value_at(const at::Tensor& values, int64_t row, int64_t column) {
  return values[row][column].item<double>();
}

}  // namespace

class TestVisualGrid : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tokensKnowTheirPatches() {
    ModelConfig config = tiny_config();  // 2 × 2 patches, of which the first is dropped
    const VisualGrid grid = visual_grid(config);
    QVERIFY(grid.rows == 2 && grid.columns == 2 && grid.first_patch == 1 && grid.tokens_per_patch == 1);
    config.connector_type = "qformer";
    QCOMPARE(visual_grid(config).rows, int64_t{0});
  }

  void valuesGoWhereTheirTokensAre() {
    const at::Tensor dropped = on_grid({2, 2, 1, 1}, at::tensor({1.0, 2.0, 3.0}));
    QVERIFY(std::isnan(value_at(dropped, 0, 0)));
    QVERIFY(value_at(dropped, 0, 1) == 1 && value_at(dropped, 1, 0) == 2 && value_at(dropped, 1, 1) == 3);
    // A class token in front has no patch.
    const at::Tensor with_class = on_grid({1, 2, -1, 1}, at::tensor({9.0, 1.0, 2.0}));
    QVERIFY(value_at(with_class, 0, 0) == 1 && value_at(with_class, 0, 1) == 2);
    // Two towers' tokens take turns.
    const at::Tensor two = on_grid({1, 2, 0, 2}, at::tensor({1.0, 10.0, 2.0, -2.0}));
    QVERIFY(value_at(two, 0, 0) == 11 && value_at(two, 0, 1) == 0);
    QVERIFY(on_grid({}, at::tensor({1.0, 2.0})).sizes() == at::IntArrayRef{2});
  }
};

QTEST_APPLESS_MAIN(TestVisualGrid)
#include "tst_visual_grid.moc"
