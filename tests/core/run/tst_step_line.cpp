// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cstring>
#include <limits>
#include <random>

#include "core/run/step_line.h"

using namespace llavakd;

namespace {

/// Any number: mostly those of a run, some of any bits.
double some_number(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0: {
      const uint64_t bits = random();
      double value;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
    case 1:
      return NAN;
    case 2:
      return static_cast<double>(random() % 1000);
    case 3:
      return -0.0;
    default:
      return std::ldexp(static_cast<double>(random()), -static_cast<int>(random() % 90));
  }
}

NamedNumbers some_numbers(std::mt19937_64& random) {
  NamedNumbers numbers;
  for (const char* name : {"ce", "mdist_response", "a term of tomorrow", "x"})
    if (random() % 4) numbers.emplace_back(name, some_number(random));
  return numbers;
}

Event some_step(std::mt19937_64& random) {
  StepEvent step{.terms = some_numbers(random),
                 .weighted = some_numbers(random),
                 .total = some_number(random),
                 .tokens = static_cast<int64_t>(random() % 5000),
                 .samples = static_cast<int64_t>(random()),
                 .skipped = std::numeric_limits<int64_t>::min(),
                 .grad_norm = some_number(random),
                 .learning_rate = some_number(random),
                 .seconds = some_number(random),
                 .waiting_seconds = some_number(random),
                 .phases = some_numbers(random)};
  if (random() % 2) step.memory_bytes = static_cast<int64_t>(random());
  return {some_number(random), random() % 2 ? "DPT" : "", static_cast<int64_t>(random() % 9),
          static_cast<int64_t>(random()), std::move(step)};
}

}  // namespace

class TestStepLine : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// The fast way and the general one give the same event, bit for bit.
  void everyLineIsReadAsTheParserReadsIt() {
    std::mt19937_64 random(1);
    Event fast;  // the same one for all: nothing of a line before may stay
    int read = 0;
    for (int i = 0; i < 4000; ++i) {
      const std::string line = to_line(some_step(random));
      if (!read_step_line(line, fast)) continue;
      ++read;
      const auto general = parse_event(line);
      QVERIFY2(general.has_value(), line.c_str());
      QCOMPARE(to_line(fast), to_line(*general));
      QCOMPARE(to_line(fast), line);
    }
    QVERIFY(read > 3800);  // those of numbers below the smallest normal one may be left to the parser
  }

  /// Damage of any kind: what is taken is what the parser takes.
  void nothingElseIsTaken() {
    std::mt19937_64 random(2);
    Event fast;
    for (int i = 0; i < 10000; ++i) {
      std::string line = to_line(some_step(random));
      const size_t at = random() % line.size();
      switch (random() % 4) {
        case 0:
          line.erase(at, 1 + random() % 3);
          break;
        case 1:
          line.insert(at, 1, "0-.eE+,:{}[]\"\\ n\x01\x80"[random() % 19]);
          break;
        case 2:
          line[at] = static_cast<char>(random());
          break;
        default:
          line.resize(at);
      }
      if (!read_step_line(line, fast)) continue;
      std::optional<Event> general;
      try {
        general = parse_event(line);
      } catch (const std::exception&) {
      }
      QVERIFY2(general.has_value(), line.c_str());
      QCOMPARE(to_line(fast), to_line(*general));
    }
  }

  void otherLinesAreLeftToTheParser() {
    const std::string line = to_line({1, "DPT", 3, 103, StepEvent{.terms = {{"ce", 1.5}}, .total = 3}});
    Event event;
    QVERIFY(read_step_line(line, event));
    QVERIFY(event.is<StepEvent>());
    QVERIFY(std::isnan(event.as<StepEvent>()->seconds));
    for (const std::string& other : {std::string(), line + ' ', ' ' + line, line.substr(0, line.size() - 1),
                                     to_line({.body = ProbeEvent{}}), to_line({.stage = "“DPT”", .body = StepEvent{}}),
                                     to_line({.body = StepEvent{.terms = {{"ce", 1}, {"rdist", 1}, {"ce", 2}}}})})
      QVERIFY2(!read_step_line(other, event) || parse_event(other).has_value(), other.c_str());
    for (const char* wrong : {"01", "1.", ".5", "1e", "+1", "-", "--1", "inf", "nan", "0x1", "1e999", "-0", "[1]"}) {
      std::string damaged = line;
      damaged.replace(damaged.find("1.5"), 3, wrong);
      QVERIFY2(!read_step_line(damaged, event), damaged.c_str());
    }
    // Duplicate names are refused by the parser, so they must not be taken here.
    std::string twice = line;
    twice.replace(twice.find("\"ce\":1.5"), 8, "\"ce\":1.5,\"ce\":1.5");
    QVERIFY(!read_step_line(twice, event));
  }
};

QTEST_APPLESS_MAIN(TestStepLine)
#include "tst_step_line.moc"
