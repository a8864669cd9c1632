// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/base/errors.h"
#include "core/inspection/relation_source.h"

using namespace llavakd;

class TestRelationSource : public QObject {
  Q_OBJECT

  static QString refusal_of(const std::string& text, std::optional<int64_t> layer = {},
                            std::optional<int64_t> head = {}) {
    try {
      return "accepted: " + QString::fromStdString(source_text(read_relation_source(text, layer, head)));
    } catch (const UserError& error) {
      return error.what();
    }
  }

 private Q_SLOTS:
  void namesAreReadAndWritten() {
    for (const char* text : {"logits", "hidden:0", "hidden:24", "connector", "tower", "attention:3", "attention:3:0"})
      QCOMPARE(source_text(read_relation_source(text)), std::string(text));
    QVERIFY(read_relation_source("hidden", 3) == (RelationSource{RelationKind::hidden, 3, {}}));
    QVERIFY(read_relation_source("attention", 2, 5) == (RelationSource{RelationKind::attention, 2, 5}));
    QVERIFY(read_relation_source("attention:2", {}, 5) == read_relation_source("attention:2:5"));
  }

  void whatIsNoSourceIsRefused() {
    for (const char* text : {"", "logit", "hidden:1:2", "logits:1", "attention:1:2:3", "hidden;1"})
      QVERIFY2(refusal_of(text).contains("known are logits"), text);
    QVERIFY(refusal_of("hidden").contains("needs a layer"));
    QVERIFY(refusal_of("attention").contains("needs a layer"));
    for (const char* text : {"hidden:", "hidden:x", "hidden:-1", "hidden:1x", "hidden:99999999999999999999"})
      QVERIFY2(refusal_of(text).contains("whole number"), text);
    QVERIFY(refusal_of("hidden:1", 2).contains("already"));
    QVERIFY(refusal_of("attention:1:1", {}, 2).contains("already"));
    QVERIFY(refusal_of("tower", 2).contains("no layers"));
    QVERIFY(refusal_of("hidden", 2, 1).contains("no heads"));
    QVERIFY(refusal_of("hidden", -2).contains("negative"));
  }

  void layersAndHeadsMustBeThere() {
    refuse_absent(read_relation_source("hidden:0"), 4, 2);
    refuse_absent(read_relation_source("hidden:4"), 4, 2);
    refuse_absent(read_relation_source("attention:4:1"), 4, 2);
    QVERIFY_THROWS_EXCEPTION(UserError, refuse_absent(read_relation_source("hidden:5"), 4, 2));
    QVERIFY_THROWS_EXCEPTION(UserError, refuse_absent(read_relation_source("attention:0"), 4, 2));
    QVERIFY_THROWS_EXCEPTION(UserError, refuse_absent(read_relation_source("attention:1:2"), 4, 2));
  }

  /// 24 layers beside 36: the same share of the depth.
  void layersAreMatchedByDepth() {
    QCOMPARE(matched_layer(0, 24, 36), 0);
    QCOMPARE(matched_layer(24, 24, 36), 36);
    QCOMPARE(matched_layer(12, 24, 36), 18);
    QCOMPARE(matched_layer(1, 24, 36), 2);  // 1.5, a half up
    QCOMPARE(matched_layer(5, 24, 36), 8);  // 7.5
    QCOMPARE(matched_layer(1, 36, 24), 1);  // 0.67
    QCOMPARE(matched_layer(1, 40, 4), 1);   // 0.1, but no layer becomes the input
    QCOMPARE(matched_layer(7, 7, 7), 7);
  }

  void wordsSayWhichLayer() {
    QCOMPARE(source_in_words(read_relation_source("hidden:3"), 24), std::string("the states after layer 3 of 24"));
    QCOMPARE(source_in_words(read_relation_source("hidden:24"), 24),
             std::string("the states after layer 24 of 24 and the final norm"));
    QCOMPARE(source_in_words(read_relation_source("attention:3"), 24),
             std::string("attention in layer 3 of 24, the mean over its heads"));
  }
};

QTEST_APPLESS_MAIN(TestRelationSource)
#include "tst_relation_source.moc"
