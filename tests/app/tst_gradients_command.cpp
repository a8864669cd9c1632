// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/project/term_catalog.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// `llavakd gradients`: norms, cosines and shares of the terms of a stage.
class TestGradientsCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path project_;

  Outcome gradients(const QStringList& more) const {
    return run_engine(QStringList{"gradients", text(project_), "--stage", "DFT", "--samples", "2"} + more);
  }

 private Q_SLOTS:
  void initTestCase() { project_ = write_small_project(fs::path(dir_.path().toStdString()) / "small"); }

  void tellsSharesForPrograms() {
    const Outcome outcome = gradients({"--json", "--progress"});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json json = outcome.json();
    const size_t count = term_catalog().size();
    QCOMPARE(json["terms"].size(), count);
    QCOMPARE(json["samples"].size(), size_t{2});
    double sum = 0;
    for (const Json& share : json["total"]["shares"]) sum += share.get<double>();
    QVERIFY(std::abs(sum - 1) < 1e-9);
    for (size_t t = 0; t < count; ++t) {
      QVERIFY(json["total"]["norms"][t].get<double>() > 0);
      QVERIFY(std::abs(json["total"]["cosines"][t][t].get<double>() - 1) < 1e-9);
    }
    QVERIFY(json["parts"].size() >= 3);
    QVERIFY2(outcome.err.contains("progress 8 8\n"), outcome.err);
  }

  void tellsThemForPeople() {
    const Outcome outcome = gradients({});
    QVERIFY2(outcome.code == 0, outcome.err);
    QVERIFY2(outcome.out.startsWith("DFT: the first 2 samples (seed "), outcome.out);
    for (const TermInfo& term : term_catalog()) QVERIFY2(outcome.out.contains(term.name.data()), outcome.out);
    for (const char* word : {"cosine between", "share by part", "connector", "embedding and head"})
      QVERIFY2(outcome.out.contains(word), outcome.out);
  }

  /// Other weights change the shares, and nothing else.
  void otherWeightsGiveOtherShares() {
    const std::string last(term_catalog().back().name);
    const Json before = gradients({"--json"}).json();
    const Outcome outcome = gradients({"--json", "--weight", QString::fromStdString(last + "=4")});
    QVERIFY2(outcome.code == 0, outcome.err);
    const Json after = outcome.json();
    QVERIFY(after["total"]["products"] == before["total"]["products"]);
    QCOMPARE(after["terms"].back()["weight"].get<double>(), 4.0);
    QVERIFY(after["total"]["shares"] != before["total"]["shares"]);
  }

  void saysWhatIsWrong() {
    const std::pair<QStringList, const char*> wrong[] = {{{"--weight", "nothing=1"}, "no term"},
                                                         {{"--weight", "ce"}, "0 to 1000"},
                                                         {{"--weight", "ce=-1"}, "0 to 1000"},
                                                         {{"--student", "/nowhere"}, "/nowhere"}};
    for (const auto& [arguments, word] : wrong) {
      const Outcome outcome = gradients(arguments);
      QVERIFY2(outcome.code == 2 && outcome.out.isEmpty() && outcome.err.contains(word), outcome.err);
    }
    const Outcome stage = run_engine({"gradients", text(project_), "--stage", "XYZ"});
    QVERIFY2(stage.code == 2 && stage.err.contains("XYZ") && stage.err.contains("DFT"), stage.err);
  }
};

QTEST_GUILESS_MAIN(TestGradientsCommand)
#include "tst_gradients_command.moc"
