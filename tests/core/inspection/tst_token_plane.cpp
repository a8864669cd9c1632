// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <filesystem>

#include "core/base/errors.h"
#include "core/inspection/token_plane.h"

using namespace llavakd;

class TestTokenPlane : public QObject {
  Q_OBJECT

  static ModelConfig config_of(const char* name) {
    return read_model_config(std::filesystem::path(LLAVAKD_TEST_DATA_DIR) / "models" / name);
  }
  static TokenPlane whole(int64_t side) {
    TokenPlane plane{side, side, {}};
    for (int64_t i = 0; i < side * side; ++i) plane.patches.push_back(i);
    return plane;
  }

 private Q_SLOTS:
  void tokensKnowTheirPatches() {
    const TokenPlane plane = plane_of(config_of("tied"), RelationKind::logits);  // 3 × 3, the first is dropped
    QCOMPARE(plane.tokens(), 8);
    QCOMPARE(plane.row_of(0), 0);
    QCOMPARE(plane.column_of(0), 1);
    QCOMPARE(plane.row_of(7), 2);
    QCOMPARE(plane.column_of(7), 2);
    QCOMPARE(plane.distance(0, 7), 2);
    QCOMPARE(plane.distance(3, 3), 0);
  }

  void aClassTokenAndQueriesHaveNoPlace() {
    const TokenPlane whole_tower = plane_of(config_of("gemma_clip_full"), RelationKind::tower);
    QCOMPARE(whole_tower.patches, (std::vector<int64_t>{-1, 0, 1, 2, 3}));
    QCOMPARE(whole_tower.row_of(0), -1);
    QVERIFY(whole_tower.distance(0, 1) > 1000);
    const TokenPlane queries = plane_of(config_of("llama_qformer"), RelationKind::connector);
    QVERIFY(!queries.has_places());
    QCOMPARE(queries.patches, std::vector<int64_t>(5, -1));
    // The tower behind them has places.
    QCOMPARE(plane_of(config_of("llama_qformer"), RelationKind::tower).patches, (std::vector<int64_t>{1, 2, 3}));
  }

  /// Two towers: one after the other before the connector, in turns behind it.
  void twoTowersTakeTurnsBehindTheConnector() {
    const ModelConfig config = config_of("llama_mof");
    const TokenPlane before = plane_of(config, RelationKind::tower), behind = plane_of(config, RelationKind::hidden);
    QCOMPARE(before.tokens(), 32);
    QCOMPARE(behind.tokens(), 32);
    QCOMPARE(before.patches[1], 1);
    QCOMPARE(before.patches[16], 0);
    QCOMPARE(behind.patches[1], 0);
    QCOMPARE(behind.patches[2], 1);
    QCOMPARE(behind.distance(0, 1), 0);
  }

  void averagingWeighsBySharedArea() {
    // 3 × 3 onto 2 × 2: the upper left patch takes one whole patch, two halves and a quarter: areas 4, 2, 2, 1 of 9.
    const TokenPlane fine = whole(3), coarse = whole(2);
    QVERIFY(common_plane(fine, coarse) == coarse);
    const at::Tensor average = averaging(fine, coarse);
    QVERIFY(average.sizes() == (at::IntArrayRef{4, 9}));
    const double first[] = {4, 2, 0, 2, 1, 0, 0, 0, 0};
    for (int i = 0; i < 9; ++i) QVERIFY(std::abs(average[0][i].item<double>() - first[i] / 9) < 1e-12);
    QVERIFY(at::allclose(average.sum(1), at::ones({4}, at::kDouble)));
    QVERIFY(at::equal(averaging(coarse, coarse), at::eye(4, at::kDouble)));
  }

  /// Without a first patch the mean is that of the patches that are there; a cell that nothing covers is left out.
  void whatIsMissingCountsForNothing() {
    TokenPlane fine = whole(4), coarse = whole(2);
    fine.patches.erase(fine.patches.begin());
    coarse.patches.erase(coarse.patches.begin());
    const TokenPlane common = common_plane(fine, coarse);
    QCOMPARE(common.patches, (std::vector<int64_t>{1, 2, 3}));
    fine.patches = whole(4).patches;
    coarse = whole(2);
    fine.patches.erase(fine.patches.begin());
    QCOMPARE(common_plane(fine, coarse).tokens(), 4);
    const at::Tensor average = averaging(fine, coarse);  // patches 1, 4 and 5 of the upper left four
    QVERIFY(std::abs(average[0][0].item<double>() - 1.0 / 3) < 1e-12);
    QVERIFY(std::abs(average[0][3].item<double>() - 1.0 / 3) < 1e-12);
  }

  void queriesCantBeBroughtOntoAPlane() {
    const TokenPlane queries{0, 0, {-1, -1}};
    try {
      common_plane(whole(2), queries);
      QFAIL("queries were given a place");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains("learned queries") && QString(error.what()).contains("student 2"),
               error.what());
    }
  }
};

QTEST_APPLESS_MAIN(TestTokenPlane)
#include "tst_token_plane.moc"
