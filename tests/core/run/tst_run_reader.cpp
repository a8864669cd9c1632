// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>
#include <fstream>

#include "core/run/run_reader.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

Event step_of(const char* stage, int64_t stage_step, int64_t step) {
  return {static_cast<double>(step), stage, stage_step, step, StepEvent{.total = static_cast<double>(step)}};
}

size_t steps_in(const std::vector<Event>& events) {
  return static_cast<size_t>(std::ranges::count_if(events, [](const Event& event) { return event.is<StepEvent>(); }));
}

/// Reads to the end, as a window does.
std::vector<Event> read_all(RunReader& reader) {
  while (reader.read_some()) {
  }
  return reader.take_events();
}

}  // namespace

class TestRunReader : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  fs::path log() const { return fs::path(m_folder.path().toStdString()) / "events.jsonl"; }

  /// A log of more than 16 MiB: long enough for an index and a glance.
  int64_t writeLongLog(const std::string& first_line = {}) const {
    std::string text = first_line;
    text += to_line({.body = RunStartedEvent{}}) + '\n';
    text += to_line({.stage = "DPT", .body = StageStartedEvent{.steps = 99999}}) + '\n';
    // A line as to_line() writes it, without its cost.
    const std::string line = to_line(step_of("DPT", 1, 1)), rest = line.substr(line.find(",\"terms\"")) + '\n';
    int64_t step = 0;
    while (text.size() < size_t{18} << 20) {
      const std::string number = std::to_string(++step);
      text += "{\"type\":\"step\",\"time\":" + number + ".0,\"stage\":\"DPT\",\"stage_step\":" + number +
              ",\"step\":" + number + rest;
      if (step % 10000 == 0) text += to_line({.stage = "DPT", .step = step, .body = ProbeEvent{.folder = "p"}}) + '\n';
    }
    std::ofstream(log(), std::ios::binary) << text;
    return step;
  }

 private Q_SLOTS:
  void init() {
    fs::remove(log());
    fs::remove(columns_file(log()));
  }

  void keepsTheNewestStepsOfEachStage() {
    RecentEvents recent;
    recent.add({.body = RunStartedEvent{}});
    for (int64_t i = 1; i <= 200; ++i) {
      recent.add(step_of("DPT", i, i));
      if (i == 150) recent.add({.step = 150, .body = ProbeEvent{}});
    }
    recent.add({.stage = "SFT", .body = StageStartedEvent{}});
    for (int64_t i = 1; i <= 3; ++i) recent.add(step_of("SFT", i, 200 + i));
    const auto events = recent.take();
    QCOMPARE(events.size(), 1 + RecentEvents::kept_steps + 1 + 1 + 3);
    QVERIFY(events.front().is<RunStartedEvent>());
    QCOMPARE(events[1].step, int64_t{200 - 63});
    QVERIFY(std::ranges::is_sorted(events.begin() + 1, events.begin() + 66, {}, &Event::step));
    QVERIFY(events[66].is<StageStartedEvent>());
    QCOMPARE(events.back().step, int64_t{203});
    QVERIFY(recent.is_empty() && recent.take().empty());
  }

  void readsAGrowingLog() {
    RunReader reader(log());
    QVERIFY(!reader.glance() && read_all(reader).empty());
    EventLog written(log());
    written.append({.body = RunStartedEvent{}});
    written.append(step_of("DPT", 1, 1));
    QCOMPARE(read_all(reader).size(), size_t{2});
    QCOMPARE(reader.steps().size(), size_t{1});
    written.append(step_of("DPT", 2, 2));
    QCOMPARE(read_all(reader).size(), size_t{1});
    QCOMPARE(reader.steps().size(), size_t{2});
    QCOMPARE(reader.share(), 1.0);
    QVERIFY(!reader.take_index());  // so short a log needs none
    std::ofstream(log()) << to_line(step_of("SFT", 1, 1)) << '\n';
    reader.read_some();
    QVERIFY(reader.restarted());
    QCOMPARE(reader.take_events().size(), size_t{1});
    QCOMPARE(reader.steps().size(), size_t{1});
    std::ofstream(log(), std::ios::trunc).flush();
    reader.read_some();
    QVERIFY(reader.restarted() && reader.steps().is_empty());
  }

  void aLongLogIsSeenFromItsEnd() {
    const int64_t steps = writeLongLog();
    RunReader reader(log());
    const auto seen = reader.glance();
    QVERIFY(seen.has_value());
    QVERIFY(seen->steps.size() > 1000 && seen->steps.size() < static_cast<size_t>(steps) / 2);
    QCOMPARE(seen->steps.step(seen->steps.size() - 1), static_cast<double>(steps));
    QCOMPARE(seen->events.back().step, steps);
    QCOMPARE(seen->steps.spans().size(), size_t{1});
    QCOMPARE(seen->steps.spans()[0].begin_step, 0.0);
    QVERIFY(reader.read_some());
    QVERIFY(reader.share() > 0.2 && reader.share() < 0.8);
    read_all(reader);
    QCOMPARE(reader.steps().size(), static_cast<size_t>(steps));
  }

  /// What the index gives is what the log gives.
  void theIndexSavesTheReading() {
    const int64_t steps = writeLongLog();
    RunReader reader(log());
    const auto events = read_all(reader);
    QCOMPARE(steps_in(events), RecentEvents::kept_steps);
    const auto index = reader.take_index();
    QVERIFY(index && !reader.take_index());
    QVERIFY(write_columns(log(), *index));
    EventLog(log()).append(step_of("DPT", steps + 1, steps + 1));
    RunReader again(log());
    QVERIFY(!again.glance());
    const auto known = read_all(again);
    QCOMPARE(again.steps().size(), static_cast<size_t>(steps) + 1);
    QCOMPARE(again.steps().range(0, 0, 99).sum, reader.steps().range(0, 0, 99).sum);
    QVERIFY(!again.take_index());  // it lacks next to nothing
    // The others are all there, and of steps the newest.
    QCOMPARE(known.size(), events.size());
    QCOMPARE(to_line(known[2]), to_line(events[2]));
    QCOMPARE(known.back().step, steps + 1);
    QCOMPARE(read_steps(log())->size(), static_cast<size_t>(steps) + 1);
  }

  void whatIsLeftOutIsNamedEachTime() {
    writeLongLog("{\"type\":\"merged\"}\n");
    RunReader reader(log());
    read_all(reader);
    QCOMPARE(reader.take_warnings().size(), size_t{1});
    QVERIFY(!reader.take_index());
    QVERIFY(read_steps(log())->size() > 0 && !fs::exists(columns_file(log())));
  }

  void nothingOfANewerFormatIsShown() {
    writeLongLog("{\"type\":\"run_resumed\",\"format\":99}\n");
    // The run_started behind it is of this format, so its steps count; a glance can't know that.
    QVERIFY(!RunReader(log()).glance());
  }

  void aFolderThatCannotBeWrittenIsRead() {
    const int64_t steps = writeLongLog();
    fs::permissions(log().parent_path(), fs::perms::owner_read | fs::perms::owner_exec);
    const auto read = read_steps(log());
    fs::permissions(log().parent_path(), fs::perms::owner_all);
    QCOMPARE(read->size(), static_cast<size_t>(steps));
  }
};

QTEST_APPLESS_MAIN(TestRunReader)
#include "tst_run_reader.moc"
