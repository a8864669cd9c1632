// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "tests/app/engine.h"

using namespace llavakd;

class TestAblateCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;
  Outcome first_;

  QStringList arguments() const {
    return {"ablate", text(file_), "--arms", "DPT-SFT,DPT-DFT", "--seeds", "0,1", "--json"};
  }
  fs::path runs() const { return file_.parent_path() / "runs"; }

 private Q_SLOTS:
  void initTestCase() {
    file_ = write_small_project(dir_.path().toStdString());
    first_ = run_engine(arguments());
    QVERIFY2(first_.code == 0, first_.err);
  }

  void printsTheTableOfTheDesign() {
    const Json result = first_.json();
    QVERIFY(result.is_object());
    QCOMPARE(result["seeds"].dump(), std::string("[0,1]"));
    QCOMPARE(result["arms"].size(), size_t{2});
    for (const char* arm : {"DPT-SFT", "DPT-DFT"}) {
      QCOMPARE(result["arms"][arm]["scores"].size(), size_t{2});
      for (const auto& score : result["arms"][arm]["scores"])
        QVERIFY(score.get<double>() >= 0 && score.get<double>() <= 100);
    }
    QCOMPARE(result["differences"].size(), size_t{1});
    QCOMPARE(result["differences"][0]["scores"].size(), size_t{2});
  }

  /// Six runs, not eight: each seed's DPT is made once.
  void equalBeginningsRunOnce() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(runs())) names.insert(entry.path().filename().string());
    QCOMPARE(names, (std::set<std::string>{"ablate-DPT-s0", "ablate-DPT-s1", "ablate-DPT-SFT-s0", "ablate-DPT-SFT-s1",
                                           "ablate-DPT-DFT-s0", "ablate-DPT-DFT-s1"}));
    for (const auto& name : names)
      for (const Event& event : events_of(runs() / name / "events.jsonl"))
        if (event.is<StepEvent>())
          QCOMPARE(event.stage, name.substr(0, name.rfind('-')).substr(name.substr(0, name.rfind('-')).rfind('-') + 1));
  }

  void runningItAgainDoesNothing() {
    std::map<std::string, uintmax_t> before;
    for (const auto& entry : fs::directory_iterator(runs()))
      before[entry.path().string()] = fs::file_size(entry.path() / "events.jsonl");
    const Outcome again = run_engine(arguments());
    QCOMPARE(again.code, 0);
    QCOMPARE(again.json().dump(), first_.json().dump());
    for (const auto& entry : fs::directory_iterator(runs()))
      QCOMPARE(fs::file_size(entry.path() / "events.jsonl"), before.at(entry.path().string()));
  }

  void peopleGetMarkdown() {
    QStringList plain = arguments();
    plain.removeLast();
    const Outcome table = run_engine(plain);
    QCOMPARE(table.code, 0);
    QVERIFY2(table.out.contains("| DPT-SFT") && table.out.contains("|--"), table.out);
  }

  /// Afterwards the runs themselves tell it, against any arm.
  void theRunsKeepTheTable() {
    const Outcome kept = run_engine({"runs", "ablation", text(file_), "--baseline", "DPT-SFT", "--json"});
    QVERIFY2(kept.code == 0, kept.err);
    const Json list = kept.json(), first = first_.json();
    QCOMPARE(list.size(), size_t{1});
    QCOMPARE(list[0]["runs"].get<int>(), 6);
    for (const char* arm : {"DPT-SFT", "DPT-DFT"}) QCOMPARE(list[0]["arms"][arm].dump(), first["arms"][arm].dump());
    QCOMPARE(list[0]["differences"][0]["minus"].get<std::string>(), std::string("DPT-SFT"));
    QCOMPARE(list[0]["differences"][0]["interval"].size(), size_t{2});
    const Outcome table = run_engine({"runs", "ablation", text(file_)});
    QVERIFY2(table.code == 0 && table.out.contains("DPT-SFT − DPT-DFT") && table.out.contains("6 runs"), table.out);
    const Outcome wrong = run_engine({"runs", "ablation", text(file_), "--baseline", "SFT"});
    QVERIFY2(wrong.code == 2 && wrong.err.contains("DPT-DFT"), wrong.err);
  }

  void unknownStagesAreRefused() {
    const Outcome wrong = run_engine({"ablate", text(file_), "--arms", "DPT-XYZ", "--json"});
    QCOMPARE(wrong.code, 2);
    QVERIFY(wrong.err.contains("XYZ") && wrong.err.count('\n') == 1);
  }
};

QTEST_GUILESS_MAIN(TestAblateCommand)
#include "tst_ablate_command.moc"
