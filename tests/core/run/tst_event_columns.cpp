// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <random>

#include "core/run/event_columns.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_bytes(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// A log of `steps` steps and what its index holds.
ReadLog write_log(const fs::path& file, int64_t steps) {
  fs::remove(file);
  EventLog log(file);
  ReadLog read;
  const auto add = [&](const Event& event) {
    log.append(event);
    read.steps.add(event);
    if (!event.is<StepEvent>()) read.events.push_back(event);
  };
  add({1, "", 0, 0, RunStartedEvent{.stages = {{"DPT", steps}}}});
  add({2, "DPT", 0, 0, StageStartedEvent{.steps = steps}});
  for (int64_t i = 1; i <= steps; ++i) {
    StepEvent step{.terms = {{"ce", 1.0 / static_cast<double>(i)}}, .total = static_cast<double>(i), .samples = 4};
    if (i % 3) step.terms.emplace_back("rdist", 0.5);
    add({static_cast<double>(i), "DPT", i, i, step});
  }
  add({9, "DPT", steps, steps, CheckpointEvent{.path = "checkpoints/DPT"}});
  read.position = {static_cast<int64_t>(fs::file_size(file)), steps + 3};
  return read;
}

bool are_equal(const ReadLog& a, const ReadLog& b) {
  if (a.position.bytes != b.position.bytes || a.position.lines != b.position.lines) return false;
  if (a.events.size() != b.events.size() || a.steps.size() != b.steps.size()) return false;
  for (size_t i = 0; i < a.events.size(); ++i)
    if (to_line(a.events[i]) != to_line(b.events[i])) return false;
  if (a.steps.keys() != b.steps.keys() || a.steps.spans().size() != b.steps.spans().size()) return false;
  for (size_t i = 0; i < a.steps.spans().size(); ++i) {
    const StageSpan &one = a.steps.spans()[i], &other = b.steps.spans()[i];
    if (one.name != other.name || one.first_row != other.first_row || one.begin_step != other.begin_step ||
        one.planned_steps != other.planned_steps)
      return false;
  }
  for (size_t row = 0; row < a.steps.size(); ++row) {
    if (a.steps.step(row) != b.steps.step(row) || a.steps.time(row) != b.steps.time(row)) return false;
    if (a.steps.x(StepAxis::samples, row) != b.steps.x(StepAxis::samples, row)) return false;
    for (size_t key = 0; key < a.steps.keys().size(); ++key) {
      const double one = a.steps.value(key, row), other = b.steps.value(key, row);
      if (one != other && !(std::isnan(one) && std::isnan(other))) return false;
    }
  }
  return true;
}

}  // namespace

class TestEventColumns : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  fs::path log() const { return fs::path(m_folder.path().toStdString()) / "events.jsonl"; }

 private Q_SLOTS:
  void init() {
    fs::remove(log());
    fs::remove(columns_file(log()));
  }

  void whatIsWrittenIsRead() {
    for (const int64_t steps : {int64_t{0}, int64_t{1}, int64_t{4096}, int64_t{9000}}) {
      const ReadLog written = write_log(log(), steps);
      QVERIFY(write_columns(log(), written));
      QCOMPARE(columns_file(log()).filename().string(), std::string("events.columns"));
      const auto read = read_columns(log());
      QVERIFY(read.has_value());
      QVERIFY(are_equal(*read, written));
    }
  }

  /// The log grows after the index was written; then the index still holds its beginning.
  void aLongerLogKeepsItsIndex() {
    QVERIFY(write_columns(log(), write_log(log(), 50)));
    EventLog(log()).append({.body = WarningEvent{.message = "more"}});
    QVERIFY(read_columns(log()).has_value());
  }

  void anotherLogHasNoIndex() {
    QVERIFY(!read_columns(log()));
    const ReadLog written = write_log(log(), 50);
    QVERIFY(write_columns(log(), written));
    const std::string text = bytes_of(log());
    write_bytes(log(), text.substr(0, text.size() - 1));
    QVERIFY(!read_columns(log()));  // shorter
    std::string other = text;
    other[other.size() - 20] = 'x';
    write_bytes(log(), other + text);
    QVERIFY(!read_columns(log()));  // another end
    other = text;
    other[9] = 'x';
    write_bytes(log(), other);
    QVERIFY(!read_columns(log()));  // another begin
    write_bytes(log(), text);
    QVERIFY(read_columns(log()).has_value());
    fs::remove(log());
    QVERIFY(!read_columns(log()));
    QVERIFY(!write_columns(log(), written));
  }

  /// Each byte of the file counts, above all of its begin: none may be changed, missing or too many.
  void aDamagedIndexIsNotRead() {
    QVERIFY(write_columns(log(), write_log(log(), 40)));
    const std::string whole = bytes_of(columns_file(log()));
    std::mt19937 random(1);
    for (size_t i = 0; i < whole.size(); i += 1 + i / 200) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << random() % 8));
      write_bytes(columns_file(log()), damaged);
      QVERIFY2(!read_columns(log()), qPrintable(QString::number(i)));
    }
    for (size_t size = 0; size < whole.size(); size += 23) {
      write_bytes(columns_file(log()), whole.substr(0, size));
      QVERIFY(!read_columns(log()));
    }
    write_bytes(columns_file(log()), whole + '\0');
    QVERIFY(!read_columns(log()));
    write_bytes(columns_file(log()), whole);
    QVERIFY(read_columns(log()).has_value());
  }

  void onlyAnOrdinaryFileIsAnIndex() {
    const ReadLog written = write_log(log(), 4);
    fs::create_directory(columns_file(log()));
    QVERIFY(!read_columns(log()));
    QVERIFY(!write_columns(log(), written));
    fs::remove(columns_file(log()));
    QCOMPARE(mkfifo(columns_file(log()).c_str(), 0600), 0);
    QVERIFY(!read_columns(log()));
  }
};

QTEST_APPLESS_MAIN(TestEventColumns)
#include "tst_event_columns.moc"
