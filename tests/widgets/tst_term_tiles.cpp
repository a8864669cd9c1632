// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <memory>

#include "fed_charts.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/score_tile.h"
#include "widgets/pages/train/term_lines.h"
#include "widgets/pages/train/term_tile.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class TermTilesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
  }

  void init() { QSettings().clear(); }

  /// Of a long noisy run a tile has the line of its means, no saw-tooth between extremes; and a spike is in its band.
  void aNoisyCourseIsALineInItsBand() {
    auto steps = std::make_shared<StepHistory>();
    for (int64_t i = 1; i <= 20000; ++i)
      steps->add({double(i), "DPT", i, i, StepEvent{.total = i == 7777 ? 9.0 : double(1 + i % 2)}});
    FedCharts charts;
    charts.setSteps(steps);
    const TermTile* total = charts.tiles()[0];
    QCOMPARE(total->course().size(), std::size_t(100));
    QCOMPARE(total->ranges().size(), std::size_t(100));
    double most = 0;
    for (const auto& [least, highest] : total->ranges()) {
      QCOMPARE(least, 1.0);
      most = std::max(most, highest);
    }
    QCOMPARE(most, 9.0);
    for (const double mean : total->course()) QVERIFY(std::abs(mean - 1.5) < 0.05);
    QVERIFY(std::isnan(charts.tiles()[1]->course().front()));  // a term that the run hasn't
  }

  /// What a tile shows belongs to the present stage: no change across a joint, no value of a term that it lacks.
  void tilesKeepToTheirStage() {
    FedCharts charts;
    const auto step = [](const char* stage, int at, double total, NamedNumbers terms) {
      return Event{double(at), stage, at, at, StepEvent{.terms = std::move(terms), .total = total}};
    };
    std::vector<Event> events{{0, "DPT", 0, 0, StageStartedEvent{}}};
    for (int i = 1; i <= 20; ++i) events.push_back(step("DPT", i, 0.4, {{"ce", 0.2}, {"rdist", 0.2}}));
    charts.feed(events);
    TermTile *total = charts.tiles()[0], *rdist = charts.tiles()[4];
    QCOMPARE(rdist->valueText(), QStringLiteral("0.2000"));
    events = {{0, "DPT", 20, 20, StageFinishedEvent{}}, {0, "SFT", 0, 20, StageStartedEvent{}}};
    charts.feed(events);
    QCOMPARE(total->valueText(), QStringLiteral("–"));  // SFT has no value yet
    events.clear();
    for (int i = 21; i <= 30; ++i) events.push_back(step("SFT", i, 2.6 - 0.1 * i, {{"ce", 1.0}}));
    charts.feed(events);
    QVERIFY2(total->trendText().startsWith(QStringLiteral("↓")), qPrintable(total->trendText()));
    QCOMPARE(rdist->valueText(), QStringLiteral("–"));
    QCOMPARE(rdist->trendText(), QStringLiteral("not in SFT"));
    // A run that goes on from a checkpoint of the stage before is in that stage again.
    charts.feed({step("DPT", 16, 0.3, {{"ce", 0.1}, {"rdist", 0.1}})});
    QCOMPARE(rdist->valueText(), QStringLiteral("0.1000"));
  }

  /// A change never runs into the value next to it.
  void aNarrowTileShowsTheArrowAlone() {
    TermTile tile(QStringLiteral("rdist"), QStringLiteral("RDist"));
    auto history = std::make_shared<StepHistory>();
    for (int step = 1; step <= 40; ++step) history->add_row(step, 0, {{"terms.rdist", 1.0 / step}});
    tile.setSeries(HistorySeries(history, {.key = "terms.rdist"}), QStringLiteral("DPT"));
    QVERIFY(tile.trendText().size() > 3);
    QCOMPARE(tile.shownTrend(1000), tile.trendText());
    QCOMPARE(tile.shownTrend(20), QStringLiteral("↓"));
    QCOMPARE(tile.shownTrend(0), QString());
  }

  /// Where all digits don't fit, fewer do; and two terms of one family are told apart.
  void aNarrowTileSaysWhatItCan() {
    TermTile response(QStringLiteral("mdist_response"), QStringLiteral("MDist response")),
        visual(QStringLiteral("mdist_visual"), QStringLiteral("MDist visual"));
    auto history = std::make_shared<StepHistory>();
    for (int step = 1; step <= 40; ++step) history->add_row(step, 0, {{"terms.mdist_response", 1.0 / step}});
    response.setSeries(HistorySeries(history, {.key = "terms.mdist_response"}), QStringLiteral("DPT"));
    const QFontMetrics numbers(theme::numberFont(theme::Size::caption)), words(theme::font(theme::Size::caption));
    const int room = numbers.horizontalAdvance(response.trendText()) - 1;
    const QString shown = response.shownTrend(room);
    QVERIFY2(shown.size() > 2 && shown.startsWith(QStringLiteral("↓ ")), qPrintable(shown));
    QVERIFY(numbers.horizontalAdvance(shown) <= room);
    QCOMPARE(response.shownLabel(1000), QStringLiteral("MDist response"));
    const int narrow = words.horizontalAdvance(QStringLiteral("visual"));
    QCOMPARE(visual.shownLabel(narrow), QStringLiteral("visual"));
    QVERIFY2(response.shownLabel(narrow).startsWith(QStringLiteral("res")), qPrintable(response.shownLabel(narrow)));
  }

  void showsTheScoreInWords() {
    FedCharts charts;
    charts.resize(1200, 700);
    charts.show();
    QVERIFY(!charts.score()->isVisible());
    const auto evaluated = [](int64_t step, nlohmann::ordered_json result) {
      return Event{0, "DFT", step - 150, step, EvaluationEvent{.result = task_result_from_json(result)}};
    };
    charts.feed({evaluated(160, {{"task", "exact_match"},
                                 {"file", "questions.json"},
                                 {"score", 58.333333333333336},
                                 {"types", {{"colour", 100.0}, {"relation", 16.666666666666668}}},
                                 {"questions", 300},
                                 {"skipped", {"a", "b"}}})});
    QVERIFY(charts.score()->isVisible());
    QCOMPARE(charts.score()->valueText(), QStringLiteral("58.3\u202f%"));
    QCOMPARE(charts.score()->meaningText(), QStringLiteral("mean over 2 types"));
    QCOMPARE(charts.score()->breakdownText(), QStringLiteral("colour 100 · relation 16.67"));
    for (const char* part : {"questions.json", "after DFT, step 160", "300 questions", "2 left out"})
      QVERIFY2(charts.score()->toolTip().contains(QString::fromLatin1(part)), part);
    takePicture(&charts, QStringLiteral("train-score"));
    // No question, no score.
    charts.feed(
        {evaluated(170, {{"task", "exact_match"}, {"file", "questions.json"}, {"score", 0}, {"questions", 0}})});
    QCOMPARE(charts.score()->valueText(), QStringLiteral("–"));
    charts.feed({evaluated(175, {{"task", "exact_match"},
                                 {"file", "questions.json"},
                                 {"score", nullptr},
                                 {"no_score", "0 of 3 questions could be asked"},
                                 {"questions", 0}})});
    QCOMPARE(charts.score()->meaningText(), QStringLiteral("0 of 3 questions could be asked"));
    // A second evaluation is told from the first by its file.
    QVERIFY(charts.score()->othersText().isEmpty());
    charts.feed(
        {evaluated(175, {{"task", "exact_match"}, {"file", "data/more.json"}, {"score", 12}, {"questions", 3}})});
    QVERIFY2(charts.score()->othersText().endsWith(QStringLiteral("more.json 12.0\u202f%")),
             qPrintable(charts.score()->othersText()));
    charts.feed({evaluated(180, {{"task", 7}, {"types", "x"}, {"score", "much"}, {"skipped", 3}})});
    charts.forget();
    QVERIFY(!charts.score()->isVisible());
  }

  /// A click on a tile shows its line alone, another click all of them; the space bar does the same.
  void aTileShowsItsTermAlone() {
    FedCharts charts;
    charts.resize(1200, 800);
    charts.show();
    QVERIFY(QTest::qWaitForWindowExposed(&charts));
    charts.feed(made_events({}));
    const StepChart* chart = charts.chart();
    TermTile *total = charts.tiles()[0], *rdist = charts.tiles()[4];
    QTest::mouseClick(rdist, Qt::LeftButton);
    QCOMPARE(shownLines(charts), std::vector<int>{4});
    QVERIFY(rdist->isChecked() && !total->isChecked());
    QCOMPARE(shownEntries(charts), QStringList{QStringLiteral("RDist")});
    takePicture(&charts, QStringLiteral("train-term-alone"));
    QTest::mouseClick(total, Qt::LeftButton);  // from one to another
    QCOMPARE(shownLines(charts), std::vector<int>{0});
    QVERIFY(total->isChecked() && !rdist->isChecked());
    const auto [low, high] = chart->shownValues();
    QVERIFY(low > 0 && high >= 6.5);
    QTest::mouseClick(total, Qt::LeftButton);
    QCOMPARE(shownLines(charts), (std::vector<int>{0, 1, 2, 3, 4}));
    QVERIFY(!total->isChecked());
    rdist->setFocus();
    QTest::keyClick(rdist, Qt::Key_Space);
    QCOMPARE(shownLines(charts), std::vector<int>{4});
    QTest::keyClick(rdist, Qt::Key_Space);
    QCOMPARE(shownLines(charts), (std::vector<int>{0, 1, 2, 3, 4}));
    QVERIFY(rdist->focusPolicy() & Qt::TabFocus);
  }

  /// Whoever looks closer at some steps keeps them; the values follow the line that is left.
  void aTileKeepsTheShownSteps() {
    FedCharts charts;
    charts.resize(1200, 800);
    charts.show();
    charts.feed(made_events({}));
    charts.chart()->showSteps(20, 60);
    charts.chart()->showValues(5, 6);
    QTest::mouseClick(charts.tiles()[1], Qt::LeftButton);
    QCOMPARE(charts.chart()->shownSteps(), std::pair(20.0, 60.0));
    const auto [low, high] = charts.chart()->shownValues();
    const HistorySeries& ce = charts.chart()->series(1);
    const auto [first, last] = ce.indicesIn(20, 60);
    const auto extremes = ce.extremes(first, last);
    QVERIFY(extremes && low <= extremes->first && extremes->second <= high);
  }

  /// In shares the total is the upper edge and no line: alone, it is its parts.
  void theTotalAloneIsItsParts() {
    FedCharts charts;
    charts.resize(1200, 800);
    charts.show();
    charts.feed(made_events({}));
    QTest::mouseClick(charts.tiles()[0], Qt::LeftButton);
    for (auto* box : charts.findChildren<QComboBox*>())
      if (box->accessibleName().startsWith(QStringLiteral("What is shown"))) {
        box->setFocus();
        QTest::keyClick(box, Qt::Key_End);
      }
    const auto shares = termLine(LossView::share, 0);
    QCOMPARE(shownLines(charts), (std::vector<int>{shares + 1, shares + 2, shares + 3, shares + 4}));
    QTest::mouseClick(charts.tiles()[2], Qt::LeftButton);
    QCOMPARE(shownLines(charts), std::vector<int>{shares + 2});
  }

 private:
  static std::vector<int> shownLines(const RunCharts& charts) {
    std::vector<int> shown;
    for (int line = 0; line < charts.chart()->lineCount(); ++line)
      if (charts.chart()->isLineVisible(line)) shown.push_back(line);
    return shown;
  }
  static QStringList shownEntries(const RunCharts& charts) {
    QStringList names;
    for (const auto* entry : charts.findChildren<LegendEntry*>())
      if (entry->isChecked()) names << entry->text();
    return names;
  }

  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::TermTilesTest)
#include "tst_term_tiles.moc"
