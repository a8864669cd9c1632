// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/report/answers_section.h"
#include "core/run/kept_answers.h"
#include "tests/core/report/made_report.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestReportAnswers : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;
  int tests_ = 0;

  std::string page_of(const RunFolder& run, const ReportOptions& options = {}) const {
    return content_of(write_report({run}, root_ / "out", options).page);
  }

  /// So many answers, of which the first is wrong.
  static void keep_answers(const RunFolder& run, int count, const std::string& question) {
    AnswerSet set{.model = "model", .task = "exact_match", .file = "/home/somebody/test.json", .images = "images"};
    for (int i = 0; i < count; ++i)
      set.answers.push_back({.id = fmt::format("s{}", i),
                             .question = question,
                             .type = "cell",
                             .reference = "a \"cat\"",
                             .answer = i == 0 ? "a <b>dog</b>" : "a \"cat\"",
                             .right = i > 0});
    fs::create_directories(run.answers() / "DFT-4");
    write_answers(run.answers() / "DFT-4" / "test-1234.jsonl", set);
  }

 private Q_SLOTS:
  void init() {
    root_ = fs::path(dir_.path().toStdString()) / std::to_string(tests_++);
    fs::create_directories(root_);
  }

  void wrongOnesComeFirst() {
    const RunFolder run = make_run(root_, "one");
    keep_answers(run, 4, "What is <this>?");
    const std::string page = page_of(run);
    QVERIFY(page.find("Answers of DFT-4 to test.json: 3 of 4 right, 75.0 % [30.1, 95.4]") != std::string::npos);
    const size_t wrong = page.find("a &lt;b&gt;dog&lt;/b&gt;"), right = page.find("a &quot;cat&quot;</td><td>✓");
    QVERIFY(wrong != std::string::npos && right != std::string::npos && wrong < right);
    QVERIFY(page.find("What is &lt;this&gt;?") != std::string::npos);
    const std::string csv = content_of(root_ / "out" / "answers" / "run-1" / "DFT-4-test-1234.csv");
    QVERIFY2(csv.find("s0,cell,What is <this>?,\"a \"\"cat\"\"\",a <b>dog</b>,0\n") != std::string::npos, csv.c_str());
  }

  void manyAreBounded() {
    const RunFolder run = make_run(root_, "one");
    keep_answers(run, 150, "What?");
    const std::string page = page_of(run);
    QVERIFY(page.find("100 of 150 answers are shown") != std::string::npos);
  }

  void aDamagedFileIsLeftOutByName() {
    const RunFolder run = make_run(root_, "one");
    keep_answers(run, 1, "What?");
    write_file_atomically(run.answers() / "DFT-4" / "broken.jsonl", "{");
    const std::string page = page_of(run);
    QVERIFY(page.find("Left out: ") != std::string::npos && page.find("broken.jsonl") != std::string::npos);
    QVERIFY(page.find("0 of 1 right") != std::string::npos);
  }

  void namesAreTakenOut() {
    const RunFolder run = make_run(root_, "one");
    keep_answers(run, 2, "Is it /home/somebody/a.png?");
    page_of(run, {.redact = true});
    for (const auto& [name, content] : files_in(root_ / "out"))
      QVERIFY2(content.find("/home/somebody") == std::string::npos, name.c_str());
  }
};

QTEST_APPLESS_MAIN(TestReportAnswers)
#include "tst_report_answers.moc"
