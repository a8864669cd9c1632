// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>
#include <random>

#include "core/run/step_history.h"

using namespace llavakd;

namespace {

Event step_event(const char* stage, int64_t stage_step, int64_t step, double total) {
  return {100.0 + static_cast<double>(step), stage, stage_step, step,
          StepEvent{.terms = {{"ce", total / 2}},
                    .weighted = {{"ce", total}},
                    .total = total,
                    .tokens = 10,
                    .samples = 2,
                    .seconds = 1800}};
}

/// Two stages of 10 and 20 steps; the total is the step.
StepHistory two_stages() {
  StepHistory history;
  history.add({0, "DPT", 0, 0, StageStartedEvent{.steps = 10}});
  for (int64_t i = 1; i <= 10; ++i) history.add(step_event("DPT", i, i, static_cast<double>(i)));
  history.add({0, "DPT", 10, 10, StageFinishedEvent{}});
  history.add({0, "SFT", 0, 10, StageStartedEvent{.steps = 40}});
  for (int64_t i = 1; i <= 20; ++i) history.add(step_event("SFT", i, 10 + i, static_cast<double>(10 + i)));
  return history;
}

}  // namespace

class TestStepHistory : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Any stretch has the least, most, sum and count that a loop over its numbers finds.
  void rangesAreThoseOfALoop() {
    std::mt19937 random(1);
    NumberColumn column;
    std::vector<float> values;
    for (int i = 0; i < 5000; ++i) {
      const float value = random() % 7 == 0 ? NAN : static_cast<float>(static_cast<int>(random() % 2001) - 1000);
      values.push_back(value);
      column.append(value);
    }
    column.truncate(4990);
    values.resize(4990);
    NumberColumn assigned;
    assigned.assign(values);
    for (int i = 0; i < 2000; ++i) {
      const size_t first = random() % 5100, last = first + random() % (i % 2 ? 5100 : 70);
      NumberRange wanted;
      std::optional<float> least_positive;
      for (size_t row = first; row < std::min(last, values.size()); ++row) {
        wanted.add(values[row]);
        if (values[row] > 0 && !(least_positive && *least_positive <= values[row])) least_positive = values[row];
      }
      for (const NumberColumn* each : {&column, &assigned}) {
        const NumberRange found = each->range(first, last);
        QCOMPARE(found.least, wanted.least);
        QCOMPARE(found.most, wanted.most);
        QCOMPARE(found.sum, wanted.sum);
        QCOMPARE(found.count, wanted.count);
        QCOMPARE(each->least_positive(first, last), least_positive);
      }
    }
    QVERIFY(std::isnan(column.at(9999)));
    column.append(1e300);
    QCOMPARE(column.at(4990), std::numeric_limits<float>::max());  // a spike stays one
    column.append(-INFINITY);
    QCOMPARE(column.at(4991), std::numeric_limits<float>::lowest());
  }

  void stepsBecomeColumns() {
    const StepHistory history = two_stages();
    QCOMPARE(history.size(), size_t{30});
    QCOMPARE(history.step(0), 1.0);
    QCOMPARE(history.time(29), 130.0);
    QCOMPARE(history.value(*history.find("total"), 11), 12.0);
    QCOMPARE(history.value(*history.find("terms.ce"), 11), 6.0);
    QCOMPARE(history.value(*history.find("weighted.ce"), 11), 12.0);
    QVERIFY(std::isnan(history.value(*history.find("grad_norm"), 0)));
    QVERIFY(!history.find("terms.rdist"));
    QCOMPARE(history.range(*history.find("total"), 5, 8).sum, 6.0 + 7 + 8);
    QCOMPARE(history.spans().size(), size_t{2});
    QCOMPARE(history.spans()[1].name, std::string("SFT"));
    QCOMPARE(history.rows_of(0), (std::pair<size_t, size_t>{0, 10}));
    QCOMPARE(history.rows_of(1), (std::pair<size_t, size_t>{10, 30}));
    QCOMPARE(history.span_of(9), std::optional<size_t>(0));
    QCOMPARE(history.span_of(10), std::optional<size_t>(1));
  }

  void aTermThatComesLateOrGoesLeavesGaps() {
    StepHistory history;
    for (int64_t i = 1; i <= 9000; ++i) {
      Event event = step_event("DPT", i, i, 1);
      if (i >= 5000 && i % 2) std::get<StepEvent>(event.body).terms.emplace_back("rdist", static_cast<double>(i));
      history.add(event);
    }
    const size_t key = *history.find("terms.rdist");
    QVERIFY(std::isnan(history.value(key, 100)));
    QCOMPARE(history.value(key, 5000), 5001.0);
    QVERIFY(std::isnan(history.value(key, 5001)));
    const NumberRange range = history.range(key, 0, 9000);
    QCOMPARE(range.count, size_t{2000});
    QCOMPARE(range.least, 5001.0f);
    QCOMPARE(range.most, 8999.0f);
    size_t rows = 0, seen = 0;
    history.for_each_stretch(key, 0, 9000, [&](size_t, std::span<const float> values) {
      rows += values.size();
      for (const float value : values) seen += std::isnan(value) ? 0 : 1;
    });
    QCOMPARE(seen, size_t{2000});
    QVERIFY(rows < 9000);  // the first block has no such column
  }

  /// A run that goes back to its checkpoint leaves behind what it did after it, across blocks and stages.
  void goesBackWithItsRun() {
    StepHistory history = two_stages();
    history.add(step_event("DPT", 6, 6, 60));
    QCOMPARE(history.size(), size_t{6});
    QCOMPARE(history.spans().size(), size_t{1});
    QCOMPARE(history.value(0, 5), 60.0);
    QCOMPARE(history.range(0, 0, 99).most, 60.0f);

    StepHistory longer;
    for (int64_t i = 1; i <= 10000; ++i) longer.add(step_event("DPT", i, i, static_cast<double>(i)));
    const StepHistory before = longer;
    longer.add(step_event("DPT", 4000, 4000, -1));
    QCOMPARE(longer.size(), size_t{4000});
    QCOMPARE(longer.range(0, 0, 4000).least, -1.0f);
    QCOMPARE(longer.x(StepAxis::samples, 3999), 8000.0);
    for (int64_t i = 4001; i <= 9000; ++i) longer.add(step_event("DPT", i, i, 0));
    QCOMPARE(longer.x(StepAxis::samples, 8999), 18000.0);
    // The copy shares blocks with it and has not changed.
    QCOMPARE(before.size(), size_t{10000});
    QCOMPARE(before.value(0, 3999), 4000.0);
    QCOMPARE(before.range(0, 0, 10000).sum, 10000.0 * 10001 / 2);
  }

  void aStageThatIsAnnouncedTwiceIsOne() {
    StepHistory history;
    history.add({0, "DPT", 0, 0, StageStartedEvent{}});
    history.add({0, "DPT", 0, 0, StageStartedEvent{.steps = 5}});
    history.add(step_event("DPT", 1, 1, 1));
    QCOMPARE(history.spans().size(), size_t{1});
    QCOMPARE(history.spans()[0].planned_steps, 5.0);
    // The same name again after its end is another one.
    history.add({0, "DPT", 1, 1, StageFinishedEvent{}});
    history.add({0, "DPT", 0, 1, StageStartedEvent{}});
    QCOMPARE(history.spans().size(), size_t{2});
    QCOMPARE(history.rows_of(1), (std::pair<size_t, size_t>{1, 1}));
  }

  void placesOnEachAxis() {
    const StepHistory history = two_stages();
    QCOMPARE(history.x(StepAxis::step, 12), 13.0);
    QCOMPARE(history.x(StepAxis::samples, 12), 26.0);
    QCOMPARE(history.x(StepAxis::tokens, 12), 130.0);
    QCOMPARE(history.x(StepAxis::hours, 12), 6.5);
    QCOMPARE(history.x(StepAxis::stage, 4), 0.5);
    QCOMPARE(history.x(StepAxis::stage, 29), 1.5);  // 20 of 40 planned steps
    for (const StepAxis axis :
         {StepAxis::step, StepAxis::stage, StepAxis::samples, StepAxis::tokens, StepAxis::hours}) {
      for (size_t row = 1; row < history.size(); ++row) QVERIFY(history.x(axis, row - 1) < history.x(axis, row));
      for (size_t row = 0; row < history.size(); ++row) {
        QCOMPARE(history.row_at(axis, history.x(axis, row), 0, history.size()), row);
        QCOMPARE(history.position(axis, history.step(row)), history.x(axis, row));
      }
      for (const double step : {-3.0, 0.5, 1.0, 9.75, 10.0, 10.25, 29.5, 30.0, 77.0}) {
        const double back = history.step_at(axis, history.position(axis, step));
        QVERIFY2(std::abs(back - step) < 1e-9, qPrintable(QString::number(back)));
      }
    }
    QCOMPARE(history.position(StepAxis::samples, 12.5), 25.0);
    QCOMPARE(StepHistory().position(StepAxis::hours, 7), 7.0);
    QCOMPARE(StepHistory().step_at(StepAxis::stage, 7), 7.0);
  }

  void takesAnyValues() {
    StepHistory history;
    history.add({NAN, "", INT64_MAX, INT64_MIN, StepEvent{.tokens = -5, .seconds = -INFINITY}});
    history.add({-1, "X", INT64_MIN, INT64_MAX, StepEvent{.total = INFINITY, .memory_bytes = -1}});
    history.add({.body = StageFinishedEvent{}});
    history.add({.stage = "Y", .body = StageStartedEvent{.steps = -4}});
    QCOMPARE(history.size(), size_t{2});
    QVERIFY(history.x(StepAxis::tokens, 0) == 0 && history.x(StepAxis::hours, 1) == 0);
    for (int i = 0; i < 500; ++i) history.add_row(i + 1e19, 0, {{"key " + std::to_string(i), 1}});
    QCOMPARE(history.keys().size(), StepHistory::most_keys);
  }

  /// Tables of other programs have keys of their own.
  void takesRowsOfOthers() {
    StepHistory history;
    history.add_row(1, 5, {{"loss", 0.5}, {"loss", 0.7}, {"lr", NAN}});
    history.add_row(2.5, 6, {{"loss", 0.25}, {"total", 1}});
    QCOMPARE(history.size(), size_t{2});
    QCOMPARE(history.step(1), 2.5);
    QCOMPARE(history.value(*history.find("loss"), 0), 0.5);
    QCOMPARE(history.value(*history.find("loss"), 1), 0.25);
    QVERIFY(!history.span_of(0));
  }
};

QTEST_APPLESS_MAIN(TestStepHistory)
#include "tst_step_history.moc"
