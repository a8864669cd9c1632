// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>

#include "core/model_spec/matching.h"

using namespace llavakd;

namespace {

ModelFacts model() {
  ModelFacts facts;
  facts.layout = "tinyllava_hf";
  facts.family = "qwen2";
  facts.layers = 24;
  facts.hidden_size = 896;
  facts.vocabulary = 9;
  facts.connector = "mlp2x_gelu";
  facts.select_strategy = "patch";
  facts.tower = {"siglip_vision_model", 384, 14, 27, 1152, {}};
  facts.visual_tokens = feature_tokens(facts.tower, "patch");
  facts.processor = "384 × 384; stretched; bicubic; mean 0.5 0.5 0.5; std 0.5 0.5 0.5";
  facts.tokenizer.entries = 3;
  facts.tokenizer.files = {"tokenizer.json"};
  return facts;
}

MatchFact row(const ModelFacts& teacher, const ModelFacts& student, const std::string& name) {
  const std::vector<MatchFact> rows = compare_models(teacher, student);
  const auto found = std::ranges::find(rows, name, &MatchFact::name);
  return found == rows.end() ? MatchFact{} : *found;
}

bool mentions(const MatchFact& fact, const char* part) {
  return fact.remedy.find(part) != std::string::npos;
}

}  // namespace

/// Each red cell gives its reason and a remedy.
class TestMatching : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tokensOfTowers() {
    const TowerFacts siglip{"siglip_vision_model", 384, 14, 27, 1152, {}};
    QCOMPARE(feature_tokens(siglip, "patch"), 728);
    QCOMPARE(feature_tokens(siglip, "full"), 729);
    const TowerFacts clip{"clip_vision_model", 336, 14, 24, 1024, {}};
    QCOMPARE(feature_tokens(clip, "default"), 576);
    QCOMPARE(feature_tokens(clip, "cls_patch"), 577);
    const TowerFacts mixture{"clip_vision_model", 224, 14, 24, 1024, "dinov2"};
    QCOMPARE(feature_tokens(mixture, "patch"), 512);
    QCOMPARE(feature_tokens({}, "patch"), 0);
  }

  /// Of a folder that isn't there nothing is known: one row says so, and nothing gets a tick for "0 × 0".
  void aMissingFolderIsOneRow() {
    ModelFacts teacher;
    teacher.path = "models/gone";
    teacher.missing = {teacher.path};
    teacher.faults = {"models/gone is not a folder."};
    const auto rows = compare_models(teacher, model());
    QCOMPARE(rows.size(), size_t(1));
    QCOMPARE(rows[0].teacher, std::string("not found"));
    QCOMPARE(rows[0].level, MatchLevel::red);
    QVERIFY(mentions(rows[0], "models/gone"));
  }

  void visualTokensNameTheCause() {
    ModelFacts student = model();
    student.select_strategy = "full";
    student.visual_tokens = 729;
    const MatchFact strategy = row(model(), student, "Visual tokens");
    QVERIFY(strategy.level == MatchLevel::red && mentions(strategy, "vision_feature_select_strategy"));
    QCOMPARE(row(model(), student, "Select strategy").level, MatchLevel::amber);

    ModelFacts queries = model();
    queries.connector = "resampler";
    queries.visual_tokens = 128;
    QVERIFY(mentions(row(queries, model(), "Visual tokens"), "num_queries 128"));
    QVERIFY(mentions(row(model(), queries, "Visual tokens"), "num_queries 728"));

    ModelFacts tower = model();
    tower.tower.patch_size = 16;
    tower.visual_tokens = 575;
    QVERIFY(mentions(row(model(), tower, "Visual tokens"), "same image and patch size"));

    ModelFacts unknown = model();
    unknown.visual_tokens = 0;
    QVERIFY(mentions(row(model(), unknown, "Visual tokens"), "How many the student makes is unknown"));
    QCOMPARE(row(model(), model(), "Visual tokens").level, MatchLevel::green);
    QCOMPARE(row(model(), model(), "Select strategy").level, MatchLevel::green);
  }

  void processorsDifferInWords() {
    ModelFacts student = model();
    QCOMPARE(row(model(), student, "Image processor").level, MatchLevel::green);
    student.processor = "384 × 384; short side 384, centre cut out; bicubic; mean 0.4 0.5 0.5; std 0.5 0.5 0.5";
    const MatchFact fact = row(model(), student, "Image processor");
    QCOMPARE(fact.level, MatchLevel::red);
    QVERIFY2(mentions(fact,
                      "the teacher's are stretched, mean 0.5 0.5 0.5 and the student's short side 384, centre cut "
                      "out, mean 0.4 0.5 0.5"),
             fact.remedy.c_str());
    QVERIFY(mentions(fact, "preprocessor_config.json"));
    // Where nobody looked there is no row.
    student.processor.clear();
    QVERIFY(row(model(), student, "Image processor").name.empty());
  }

  void everyRedCellHasARemedy() {
    ModelFacts student = model();
    student.faults = {"broken.safetensors ends early."};
    student.tower = {"clip_vision_model", 224, 14, 24, 1024, {}};
    student.visual_tokens = 256;
    student.processor = "224 × 224; stretched; bicubic; mean 0 0 0; std 1 1 1";
    student.tokenizer = {};
    int red = 0;
    for (const MatchFact& fact : compare_models(model(), student)) {
      QVERIFY2((fact.level == MatchLevel::green) == fact.remedy.empty(), fact.name.c_str());
      red += fact.level == MatchLevel::red;
    }
    QCOMPARE(red, 5);
  }
};

QTEST_APPLESS_MAIN(TestMatching)
#include "tst_matching.moc"
