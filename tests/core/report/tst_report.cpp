// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <sstream>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/report/html_text.h"
#include "core/run/run_notes.h"
#include "core/run/run_verification.h"
#include "tests/core/report/made_report.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

bool holds(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

/// What is between the two.
std::string_view part_of(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t from = std::min(text.find(begin), text.size());
  return text.substr(from, text.find(end, from) - from);
}

/// Elements that are opened and not closed, or closed and not opened; the page is written by hand.
std::string unbalanced(std::string_view page) {
  static constexpr std::string_view open_ended[] = {"meta", "img", "input", "br", "!doctype"};
  std::vector<std::string> open;
  for (size_t place = page.find('<'); place != std::string_view::npos; place = page.find('<', place)) {
    const size_t end = page.find('>', place);
    if (end == std::string_view::npos) return "<";
    const std::string_view tag = page.substr(place + 1, end - place - 1);
    const bool closes = tag.starts_with('/');
    const std::string name(tag.substr(closes ? 1 : 0, tag.find_first_of(" \n/", closes ? 1 : 0) - (closes ? 1 : 0)));
    place = end;
    if (name == "style" || name == "script") {
      if (!closes) place = page.find(name == "style" ? "</style" : "</script", end);
      if (!closes) open.push_back(name);
      if (!closes) continue;
    }
    if (std::ranges::count(open_ended, name) > 0 || tag.ends_with('/')) continue;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return fmt::format("</{}> after <{}>", name, open.empty() ? "" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? std::string() : open.back();
}

}  // namespace

class TestReport : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_, out_;
  int tests_ = 0;

  std::string page_of(const std::vector<RunFolder>& runs, const ReportOptions& options = {}) const {
    return content_of(write_report(runs, out_, options).page);
  }

  std::string refusal_of(const std::vector<RunFolder>& runs, const fs::path& out) const {
    try {
      write_report(runs, out);
      return {};
    } catch (const UserError& error) {
      return error.what();
    }
  }

 private Q_SLOTS:
  void init() {
    root_ = fs::path(dir_.path().toStdString()) / std::to_string(tests_++);
    out_ = root_ / "out";
    fs::create_directories(root_);
  }

  void aPageHoldsAllOfARun() {
    const RunFolder run = make_run(root_, "2026-11-24-101500", {.probes = 1});
    const WrittenReport written = write_report({run}, out_);
    const std::string page = content_of(written.page);
    QCOMPARE(unbalanced(page), std::string());
    for (const char* part :
         {"Summary", "Scores", "Curves", "Relation maps", "Warnings and gates", "Configuration", "Provenance", "Files"})
      QVERIFY2(holds(page, fmt::format("\">{}</h2>", part)), part);
    QVERIFY(holds(page, "<h1>2026-11-24-101500</h1>"));
    QVERIFY(holds(page, "finished") && holds(page, "not verified"));
    QVERIFY(holds(page, "models/teacher"));
    QCOMPARE(static_cast<size_t>(written.files), files_in(out_).size());
    // Nothing is loaded from anywhere.
    for (const char* outside : {"src=\"http", "href=\"http", "url(", "@import", "<link", "<iframe"})
      QVERIFY2(!holds(page, outside), outside);
    QVERIFY(holds(page, "default-src 'none'"));
  }

  void numbersAreThoseOfTheRun() {
    const RunFolder run = make_run(root_, "one", {.totals = {4, 3, 2.5, 2.25}, .score = 80, .questions = 50});
    const std::string page = page_of({run});
    const std::string_view losses = part_of(page, "Total loss and its weighted terms</caption>", "</table>");
    QVERIFY2(
        holds(
            losses,
            "Total</th><td>DFT</td><td class=\"number\">4</td><td class=\"number\">4</td><td class=\"number\">2.25</td>"
            "<td class=\"number\">2.938</td><td class=\"number\">2.25</td><td class=\"number\">4</td>"),
        std::string(losses).c_str());
    QVERIFY(holds(losses, "RDist</th><td>DFT</td><td class=\"number\">4</td><td class=\"number\">1</td>"));
    const std::string_view scores = part_of(page, "Scores in percent</caption>", "</table>");
    QVERIFY(holds(scores, "80.00") && holds(scores, "66.96 – 88.76") && holds(scores, ">50<"));
    QVERIFY(holds(page, "1,234"));  // trained parameters
    // Every step is in the table next to the page.
    std::istringstream lines(content_of(out_ / "curves" / "run-1.csv"));
    std::vector<std::string> rows;
    for (std::string line; std::getline(lines, line);) rows.push_back(line);
    QCOMPARE(rows.size(), size_t{5});
    QVERIFY2(rows[4].starts_with("4,DFT,4,2.25,1.6875,1.125,1.6875,0.5625,1.5,0.002,2"), rows[4].c_str());
    QVERIFY(holds(content_of(out_ / "scores.csv"), "\"one\",\"exact_match\",\"data/test.json\",score,80,"));
    QVERIFY(holds(content_of(out_ / "charts" / "losses.svg"), "<svg xmlns"));
  }

  void whatComesFromOutsideIsText() {
    const std::string evil = "</script><script>alert(1)</script><img src=x onerror=\"alert(2)\">&'\xe2\x80\xae\x01";
    MadeRun made{.stage = "a<b>&\"'", .question = evil, .warning = evil, .task = evil, .file = evil, .probes = 1};
    const RunFolder run = make_run(root_, "one", made);
    RunInfo info = read_run_info(run);
    info.project["name"] = "<i>name</i>";
    info.versions["<b>"] = "<u>";
    info.inputs["<s>.json"] = {{"sha256", "<tt>"}, {"bytes", 5}, {"modified", 1}};
    write_run_info(run, info);
    write_run_notes(run, {.text = "<em>note</em>\n</section>", .tags = {"<h1>"}});
    write_verification(
        run, {.time = 1, .version = "<v>", .checkpoint = "<c>", .parts = {{.what = "<w>", .faults = {evil}}}});
    const std::string page = page_of({run});
    QCOMPARE(unbalanced(page), std::string());
    for (const char* markup :
         {"<script>alert", "<img src=x", "<i>name", "<b>&", "<u>", "<s>", "<tt>", "<em>", "<h1><", "<v>", "<c>", "<w>"})
      QVERIFY2(!holds(page, markup), markup);
    QVERIFY(holds(page, html_text(evil)));
    QVERIFY(holds(page, "&lt;em&gt;note&lt;/em&gt;"));
    for (const auto& [name, content] : files_in(out_ / "charts")) QVERIFY2(!holds(content, "<script"), name.c_str());
    for (const auto& [name, content] : files_in(out_))
      QVERIFY2(name.find_first_of("<>\"'&\\") == std::string::npos, name.c_str());
  }

  void theSameRunsGiveTheSameBytes() {
    const RunFolder one = make_run(root_, "one", {.probes = 1});
    write_report({one}, out_);
    write_report({one}, root_ / "again");
    QVERIFY(files_in(out_) == files_in(root_ / "again"));
  }

  void differencesOfRunsComeFirst() {
    const RunFolder one = make_run(root_, "one"),
                    two = make_run(root_, "two", {.totals = {5, 4}, .score = 60, .probes = 1});
    RunInfo info = read_run_info(two);
    info.project["stages"][0]["learning_rate"] = 0.004;
    write_run_info(two, info);
    const std::string page = page_of({one, two});
    QCOMPARE(unbalanced(page), std::string());
    QVERIFY(holds(page, "<h1>2 runs compared</h1>"));
    const std::string_view differing = part_of(page, "Options that differ</caption>", "</table>");
    QVERIFY(holds(differing, "learning_rate") && holds(differing, "0.002") && holds(differing, "0.004"));
    QVERIFY(!holds(differing, "weight_decay"));
    const std::string_view scores = part_of(page, "Scores in percent</caption>", "</table>");
    QVERIFY(holds(scores, "80.00") && holds(scores, "60.00"));
    QVERIFY(fs::exists(out_ / "curves" / "run-2.csv") && fs::exists(out_ / "maps" / "run-2"));
  }

  void optionsThatWereSetAreMarked() {
    const RunFolder run = make_run(root_, "one");
    const std::string page = page_of({run});
    const std::string_view changed = part_of(page, "Options that were set</caption>", "</table>");
    QVERIFY2(holds(changed, "learning_rate") && holds(changed, "terms.rdist.weight"), std::string(changed).c_str());
    QVERIFY(!holds(changed, "weight_decay"));
    QVERIFY(holds(part_of(page, "Options as a new project has them</caption>", "</table>"), "weight_decay"));
  }

  void emptyAndStrangeRunsAreTold() {
    const RunFolder run = make_run(root_, "one", {.totals = {}, .is_scored = false});
    std::string page = page_of({run});
    for (const char* told : {"No step has been done.", "No evaluation has been done.", "No probe has been looked at."})
      QVERIFY2(holds(page, told), told);
    fs::remove(run.events());
    write_run_info(run, {});
    page = page_of({run});
    QCOMPARE(unbalanced(page), std::string());
    QVERIFY(holds(page, "The run has noted no inputs."));
    write_file_atomically(run.events(), "{\"type\": \"step\", \"terms\": 5}\nnothing\n{}\n");
    QCOMPARE(unbalanced(page_of({run})), std::string());
    write_file_atomically(run.info(), "{");
    QVERIFY(holds(refusal_of({run}, root_ / "other"), "run.json"));
    QVERIFY(!fs::exists(root_ / "other"));
  }

  void whatIsNoNumberIsAGap() {
    const std::string page = page_of({make_run(root_, "one", {.totals = {4, NAN, 3, INFINITY, 2}})});
    QVERIFY(holds(page, "2 of 5 steps have no finite total"));
    const std::string svg = content_of(out_ / "charts" / "losses.svg");
    QVERIFY(!holds(svg, "nan") && !holds(svg, "inf"));
    QVERIFY(holds(part_of(page, "Warnings, gates and alerts</caption>", "</table>"), "Not a number"));
  }

  void aVerifiedRunSaysWhen() {
    const RunFolder run = make_run(root_, "one");
    write_verification(run, {.time = 1'700'000'000,
                             .version = "0.1.0",
                             .checkpoint = "DFT-4",
                             .parts = {{.what = "checkpoint", .name = "DFT-4", .found = "5 files"}}});
    const std::string page = page_of({run});
    QVERIFY(holds(page, "verified before it went on</span> on 2023-11-14 22:13 UTC"));  // its checkpoint is gone
    write_verification(run, {.time = 1, .parts = {{.what = "checkpoint", .name = "DFT-4", .faults = {"a is lost"}}}});
    QVERIFY(holds(page_of({run}), "✗ a is lost"));
  }

  void namesAndPlacesAreTakenOut() {
    MadeRun made{.question = "Is this /home/somebody/secret?",
                 .warning = "/home/somebody/data/a.png is broken; HAL9000 said so.",
                 .probes = 1};
    const RunFolder run = make_run(root_ / "somebody", "one", made);
    RunInfo info = read_run_info(run);
    info.pid = 1;  // the host is known while a process is at work on it
    info.host = "HAL9000";
    info.project["teacher"]["checkpoint"] = "/home/somebody/models/teacher";
    info.inputs["/home/somebody/models/teacher/config.json"] = {{"sha256", "00"}, {"bytes", 5}, {"modified", 1}};
    write_run_info(run, info);
    write_file_atomically(run.probes() / "DFT-1" / "0.safetensors", "damaged");
    QVERIFY(holds(page_of({run}), "HAL9000"));
    page_of({run}, {.redact = true});
    for (const auto& [name, content] : files_in(out_))
      for (const std::string& hidden : {std::string("HAL9000"), std::string("/home/somebody"), root_.string()})
        QVERIFY2(!holds(content, hidden), (name + " holds " + hidden).c_str());
    QVERIFY(holds(content_of(out_ / "index.html"), "HOST said so"));
    QVERIFY(holds(content_of(out_ / "index.html"), "/redacted/"));
  }

  void onlyAnEarlierReportIsReplaced() {
    const RunFolder run = make_run(root_, "one", {.probes = 2}), smaller = make_run(root_, "two", {.probes = 1});
    write_report({run}, out_);
    write_report({smaller}, out_);
    QVERIFY(!fs::exists(out_ / "maps" / "run-1" / "probe-2"));
    write_file_atomically(out_ / "mine.txt", "mine");
    QVERIFY(holds(refusal_of({run}, out_), "holds mine.txt"));
    fs::create_directories(root_ / "folder");
    QCOMPARE(refusal_of({run}, root_ / "folder"), std::string());
    fs::create_directories(root_ / "other");
    write_file_atomically(root_ / "other" / "a.txt", "a");
    QVERIFY(holds(refusal_of({run}, root_ / "other"), "holds no report"));
    write_file_atomically(root_ / "other" / "report.json", "{\"format\": \"x\", \"files\": []}");
    QVERIFY(holds(refusal_of({run}, root_ / "other"), "another program"));
    write_file_atomically(root_ / "other" / "report.json", "{");
    QVERIFY(holds(refusal_of({run}, root_ / "other"), "damaged report.json"));
    QVERIFY(holds(refusal_of({run}, root_ / "other" / "a.txt"), "is no folder"));
    QVERIFY(holds(refusal_of({run}, run.path / "report"), "in the folder of the run"));
    QVERIFY(holds(refusal_of({}, out_), "1 to 12 runs"));
    QCOMPARE(content_of(root_ / "other" / "a.txt"), std::string("a"));
  }

  void aLongRunIsABoundedPage() {
    MadeRun made{.totals = std::vector<double>(20'000, 1.0)};
    made.totals[12'345] = 321;
    const std::string page = page_of({make_run(root_, "one", made)});
    QVERIFY2(page.size() < 1'000'000, std::to_string(page.size()).c_str());
    QVERIFY(holds(page, "The line is the mean of 42 steps at a time"));
    QVERIFY(holds(part_of(page, "Total loss and its weighted terms</caption>", "</table>"), ">321<"));
  }

  /// Asked to end, it leaves what was there. The last test: nobody takes the request back.
  void nothingHalfWrittenIsLeft() {
    const RunFolder run = make_run(root_, "one");
    write_report({run}, out_);
    const auto before = files_in(out_);
    ReportOptions options;
    options.progress = [](const std::string& what) {
      if (what.starts_with("writing")) interrupt_half_made();
    };
    QVERIFY_THROWS_EXCEPTION(Interrupted, write_report({run}, out_, options));
    QVERIFY(files_in(out_) == before);
    QVERIFY(!fs::exists(out_.string() + ".partial"));
  }
};

QTEST_APPLESS_MAIN(TestReport)
#include "tst_report.moc"
