// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"
#include "core/run/compared_log.h"
#include "core/run/event_log.h"

using namespace llavakd;
namespace fs = std::filesystem;

using Lines = std::vector<std::string>;
using Edit = std::function<void(Lines&)>;
Q_DECLARE_METATYPE(Edit)

/// A log next to its checksums: what was lost, changed, or put there by somebody else.
class TestEventSums : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  LogMark at_checkpoint_;  ///< Before the checkpoint's own event.
  LogMark at_end_;

  fs::path log() const { return fs::path(dir_.path().toStdString()) / "events.jsonl"; }
  std::string text() const { return std::string(MappedFile::open(log())->text()); }
  Lines lines() const {
    Lines found;
    std::ifstream stream(log());
    for (std::string line; std::getline(stream, line);) found.push_back(line);
    return found;
  }
  void edit(const Edit& change) const {
    Lines all = lines();
    change(all);
    std::string joined;
    for (const std::string& line : all) joined += line + '\n';
    write_file_atomically(log(), joined);
  }
  std::string faults(const std::optional<LogMark>& saved) const {
    std::string joined;
    for (const std::string& fault : compare_log(log(), saved).faults) joined += fault + '|';
    return joined;
  }
  static Event step(int64_t number) { return {.time = 1, .stage = "DPT", .step = number, .body = StepEvent{}}; }

 private Q_SLOTS:
  /// 1 begin, 2 and 3 steps, 4 checkpoint, 5 and 6 steps.
  void init() {
    fs::remove(log());
    fs::remove(sums_file(log()));
    EventLog written(log());
    written.append({.time = 1, .body = RunStartedEvent{.run = "one"}});
    for (const int64_t number : {1, 2}) written.append(step(number));
    at_checkpoint_ = written.mark();
    written.append({.time = 1, .stage = "DPT", .step = 2, .body = CheckpointEvent{.path = "checkpoints/DPT-2"}});
    for (const int64_t number : {3, 4}) written.append(step(number));
    at_end_ = written.mark();
  }

  void marksComeBack() {
    for (const LogMark& mark : {LogMark{}, at_checkpoint_, at_end_}) QVERIFY(log_mark_from_text(to_text(mark)) == mark);
    for (const char* none :
         {"", "5", "5.", ".5", "-1.00000000", "5.0000000", "5.000000000", "5.0000000g", "x.00000000"})
      QVERIFY2(!log_mark_from_text(none), none);
    QCOMPARE(at_end_.lines, int64_t{6});
  }

  void aWholeLogHasNoFault() {
    QCOMPARE(faults(at_end_), std::string());
    QCOMPARE(faults(at_checkpoint_), std::string());
    QCOMPARE(faults(std::nullopt), std::string());
    EventLog(log()).append(step(5));  // by the next process
    QCOMPARE(faults(at_end_), std::string());
    QCOMPARE(compare_log(log(), at_end_).lines, int64_t{7});
  }

  void damageIsNamed_data() {
    QTest::addColumn<Edit>("change");
    QTest::addColumn<QString>("fault");
    const auto row = [](const char* name, const char* fault, Edit change) {
      QTest::newRow(name) << std::move(change) << QString(fault);
    };
    row("changed", "events.jsonl, line 3, isn't what was written.|", [](Lines& all) { all[2][20] ^= 1; });
    row("several changed", "events.jsonl, each of the lines 2 to 3 isn't what was written.|", [](Lines& all) {
      all[1] = "{}";
      all[2].clear();
    });
    row("a line lost", "events.jsonl lacks a line before line 3.|", [](Lines& all) { all.erase(all.begin() + 2); });
    row("the beginning lost", "events.jsonl lacks 2 lines before line 1.|",
        [](Lines& all) { all.erase(all.begin(), all.begin() + 2); });
    row("the end lost", "events.jsonl lacks 2 lines at its end.|", [](Lines& all) { all.resize(4); });
    row("emptied", "events.jsonl is gone or empty: it had 6 lines.|", [](Lines& all) { all.clear(); });
    row("a foreign line", "events.jsonl, line 3, isn't the run's: another program or an earlier version wrote it.|",
        [](Lines& all) { all.insert(all.begin() + 2, to_line(step(2)) + " "); });
    row("a line twice", "events.jsonl, line 4, is there twice, or out of order.|",
        [](Lines& all) { all.insert(all.begin() + 3, all[1]); });
    row("another run's log",
        "events.jsonl, each of the lines 1 to 2 isn't what was written.|events.jsonl lacks 4 lines at its end.|",
        [](Lines& all) {
          all = {"{\"type\":\"run_started\"}", "{\"type\":\"step\"}"};
        });
  }

  void damageIsNamed() {
    QFETCH(Edit, change);
    QFETCH(QString, fault);
    edit(change);
    QCOMPARE(QString::fromStdString(faults(at_end_)), fault);
    QCOMPARE(QString::fromStdString(faults(at_checkpoint_)), fault);
  }

  void aLogThatIsGoneIsTold() {
    fs::remove(log());
    QCOMPARE(faults(at_checkpoint_), std::string("events.jsonl is gone or empty: it had 6 lines.|"));
    EventLog(log()).append(step(5));
    QCOMPARE(faults(at_end_), std::string("events.jsonl lacks 6 lines before line 1.|"));
  }

  /// A kill may come at any moment.
  void whatAKillLeavesIsNoFault() {
    std::ofstream(log(), std::ios::app) << to_line(step(5)) << '\n' << "{\"type\":\"st";
    QCOMPARE(faults(at_end_), std::string());
  }

  void checksumsThatAreGoneOrDamagedAreTold() {
    const std::string sums(MappedFile::open(sums_file(log()))->text());
    std::string damaged = sums;
    damaged[40] ^= 1;
    write_file_atomically(sums_file(log()), damaged);
    QCOMPARE(faults(at_end_), std::string("events.sums is damaged in line 3.|"));
    write_file_atomically(sums_file(log()), sums.substr(0, sums.size() / 2));
    QVERIFY(faults(at_end_).starts_with("events.sums isn't that of this run, or lacks its end: the log had 6 lines.|"));
    fs::remove(sums_file(log()));
    QCOMPARE(faults(at_end_), std::string("events.sums is gone, so what events.jsonl has lost can't be told.|"));
  }

  /// What the disk doesn't give isn't taken for the end of a file.
  void whatCanNotBeReadIsNotLost() {
    const fs::path unreadable("/proc/self/mem");  // no memory is at its beginning: an I/O error
    if (!fs::is_regular_file(unreadable)) QSKIP("no file here fails to be read");
    for (const fs::path& file : {sums_file(log()), log()}) {
      init();
      fs::remove(file);
      fs::create_symlink(unreadable, file);
      QVERIFY_THROWS_EXCEPTION(UserError, compare_log(log(), at_end_));
    }
  }

  void logsOfEarlierVersionsAreOpened() {
    fs::remove(sums_file(log()));
    QVERIFY(!compare_log(log(), std::nullopt).has_sums);
    QCOMPARE(faults(std::nullopt), std::string());
    EventLog written(log());
    QCOMPARE(written.mark(), at_end_);
    written.append(step(5));
    QVERIFY(compare_log(log(), at_end_).has_sums);
    QCOMPARE(faults(written.mark()), std::string());
  }

  void aResumeCutsBoth() {
    cut_log(log(), 2, at_checkpoint_);
    QCOMPARE(lines().size(), size_t{4});
    QCOMPARE(faults(at_checkpoint_), std::string());
    EventLog written(log());
    QCOMPARE(written.mark().lines, int64_t{4});
    written.append(step(3));
    QCOMPARE(faults(written.mark()), std::string());
    QVERIFY(!faults(at_end_).empty());  // its steps 3 and 4 were done again
  }

  /// What is lost stays lost, however often the run goes on.
  void aResumeForgetsNoLoss() {
    edit([](Lines& all) {
      all.insert(all.begin() + 1, "{\"type\":\"step\",\"step\":1}");
      all.erase(all.begin() + 3);
    });
    cut_log(log(), 2, at_checkpoint_);
    QCOMPARE(lines().size(), size_t{3});  // without the foreign one
    QCOMPARE(faults(at_checkpoint_), std::string("events.jsonl lacks a line before line 3.|"));
    edit([](Lines& all) { all.clear(); });
    cut_log(log(), 2, at_checkpoint_);
    EventLog(log()).append(step(3));
    QCOMPARE(faults(at_checkpoint_), std::string("events.jsonl lacks 3 lines before line 1.|"));
  }

  void aResumeWithoutMarkTakesTheLogAsItIs() {
    edit([](Lines& all) { all.erase(all.begin() + 1); });
    cut_log(log(), 2, std::nullopt);
    QCOMPARE(lines().size(), size_t{3});
    QCOMPARE(faults(std::nullopt), std::string());
  }
};

QTEST_GUILESS_MAIN(TestEventSums)
#include "tst_event_sums.moc"
