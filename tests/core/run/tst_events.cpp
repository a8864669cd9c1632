// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <sys/stat.h>

#include <fstream>

#include "core/base/errors.h"
#include "core/run/events.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestEvents : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  fs::path file() const { return fs::path(m_folder.path().toStdString()) / "events.jsonl"; }

 private Q_SLOTS:
  void init() { fs::remove(file()); }

  void aLineIsReadAsItWasWritten() {
    Event event{"step", 12.5, "DPT", 3, 103, {{"total", 1.25}, {"terms", {{"ce", 1.0}}}}};
    const auto read = parse_event(to_line(event));
    QVERIFY(read.has_value());
    QCOMPARE(read->type, "step");
    QCOMPARE(read->time, 12.5);
    QCOMPARE(read->stage, "DPT");
    QCOMPARE(read->stage_step, int64_t{3});
    QCOMPARE(read->step, int64_t{103});
    QCOMPARE(read->fields, event.fields);
  }

  void foreignLinesAreNoEvents() {
    for (const char* line : {"", "{", "3", "[]", "{}", "{\"type\":3}", "\xff"}) QVERIFY2(!parse_event(line), line);
    // A million brackets: copying such a value would be the end of the stack.
    const std::string deep =
        "{\"type\":\"step\",\"time\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
    QVERIFY(!parse_event(deep));
    QVERIFY(parse_event("{\"type\":\"step\",\"step\":\"three\"}").has_value());  // a wrong field is left at its default
  }

  void theReaderReturnsWhatWasCompletedSince() {
    EventReader reader(file());
    QVERIFY(reader.read().empty());
    EventLog log(file());
    log.append({"run_started"});
    log.append({"step"});
    QCOMPARE(reader.read().size(), size_t{2});
    QVERIFY(reader.read().empty());
    std::ofstream(file(), std::ios::app) << "{\"type\":\"st";
    QVERIFY(reader.read().empty());
    std::ofstream(file(), std::ios::app) << "ep\"}\n";
    QCOMPARE(reader.read().size(), size_t{1});
  }

  void aHalfWrittenLineDoesNotSpoilTheNext() {
    std::ofstream(file()) << "{\"type\":\"step\"}"
                          << "\n"
                          << "{\"type\":\"st";
    EventLog log(file());
    log.append({"resumed"});
    const auto events = EventReader(file()).read();
    QCOMPARE(events.size(), size_t{2});
    QCOMPARE(events[1].type, "resumed");
  }

  void onlyAnOrdinaryFileHoldsEvents() {
    fs::create_directory(file());
    QVERIFY(EventReader(file()).read().empty());
    QVERIFY_EXCEPTION_THROWN(EventLog{file()}, UserError);
    fs::remove(file());
    QCOMPARE(mkfifo(file().c_str(), 0600), 0);
    QVERIFY(EventReader(file()).read().empty());
    QVERIFY_EXCEPTION_THROWN(EventLog{file()}, UserError);
  }

  void aShorterFileIsReadFromItsStart() {
    std::ofstream(file()) << "{\"type\":\"step\"}"
                          << "\n"
                          << "{\"type\":\"step\"}"
                          << "\n";
    EventReader reader(file());
    QCOMPARE(reader.read().size(), size_t{2});
    std::ofstream(file(), std::ios::trunc) << "{\"type\":\"failed\"}"
                                           << "\n";
    QCOMPARE(reader.read().at(0).type, "failed");
    QVERIFY(reader.restarted());
  }
};

QTEST_APPLESS_MAIN(TestEvents)
#include "tst_events.moc"
