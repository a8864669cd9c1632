// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSettings>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "fed_charts.h"
#include "made_run.h"
#include "widgets/charts/chart_items.h"
#include "widgets/charts/line_graph.h"
#include "widgets/charts/step_chart.h"
#include "widgets/charts/value_card.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class ChartDrawingTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
  }

  void init() { QSettings().clear(); }

  /// A run with two hundred checkpoints: their marks are no chain that hides the names of the stages.
  void leavesOutMarksThatWouldHideEachOther() {
    QCustomPlot plot;
    plot.resize(600, 200);
    auto* item = new StageBandsItem(&plot, [](double step) { return step; });  // owned by the plot
    plot.xAxis->setRange(0, 1000);
    plot.replot();
    item->setBands({{QStringLiteral("DPT"), 0, 500.0}, {QStringLiteral("SFT"), 500, std::nullopt}});
    std::vector<StepMark> marks;
    for (int step = 5; step <= 1000; step += 5) {
      marks.push_back({double(step), QStringLiteral("checkpoint")});
      if (step == 505) marks.push_back({505, QStringLiteral("spike"), MarkKind::alert});
    }
    item->setMarks(marks);
    const std::vector<bool> drawn = item->drawnMarks();
    QCOMPARE(drawn.size(), marks.size());
    QVERIFY(drawn.back());
    int checkpoints = 0;
    double before = -1e9;
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const double x = item->markPosition(i).x();
      if (marks[i].kind == MarkKind::alert) QVERIFY(drawn[i]);
      if (marks[i].kind == MarkKind::alert || !drawn[i]) continue;
      ++checkpoints;
      QVERIFY(x - before >= 20);
      before = x;
      for (const double begin : {0.0, 500.0}) {
        const double name = plot.xAxis->coordToPixel(begin);
        QVERIFY2(x < name - 4 || x > name + 20, qPrintable(QString::number(x - name)));
      }
    }
    QVERIFY2(checkpoints >= 10, qPrintable(QString::number(checkpoints)));
    // Nor do they lie under a score.
    item->setMarks({{300, QStringLiteral("checkpoint")},
                    {440, QStringLiteral("checkpoint")},
                    {500, QStringLiteral("checkpoint")},
                    {500, QStringLiteral("score 58.3 %"), MarkKind::evaluation, QStringLiteral("58.3 %")},
                    {900, QStringLiteral("checkpoint")}});
    QCOMPARE(item->drawnMarks(), (std::vector<bool>{true, false, true, true, true}));
    item->setMarks({{10, QStringLiteral("checkpoint")}, {900, QStringLiteral("checkpoint")}});
    QCOMPARE(item->drawnMarks(), (std::vector<bool>{true, true}));
  }

  /// A panel that is off costs nothing while the run goes on; what it shows later is the newest.
  void drawsAPanelWhenItIsShown() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    QTest::qWait(50);
    charts.feed(made_events({.steps_done = 100}));
    QTest::qWait(50);
    const StepChart* memory = charts.panelChart(QStringLiteral("memory"));
    QVERIFY(memory->drawnPoints(0, false).empty());
    QTest::mouseClick(charts.panelSwitch(QStringLiteral("memory")), Qt::LeftButton);
    QTRY_COMPARE(memory->drawnPoints(0, false).size(), std::size_t(101));  // a gap between two stages
    QTest::mouseClick(charts.panelSwitch(QStringLiteral("memory")), Qt::LeftButton);
    charts.forget();
    charts.feed(made_events({}));
    QTest::qWait(50);
    QCOMPARE(memory->drawnPoints(0, false).size(), std::size_t(101));
    QTest::mouseClick(charts.panelSwitch(QStringLiteral("memory")), Qt::LeftButton);
    QTRY_COMPARE(memory->drawnPoints(0, false).size(), std::size_t(202));
  }

  /// Of a long noisy run each column of pixels has one stroke, from its least to its most: none is darker than others.
  void aDenseLineHasOneStrokeAColumn() {
    auto steps = std::make_shared<StepHistory>();
    for (int64_t i = 1; i <= 50000; ++i)
      steps->add({double(i), "DPT", i, i, StepEvent{.total = i == 30011 ? 9.0 : 1 + double(i * 7919 % 100) / 100}});
    RunCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.setSteps(steps);
    QTRY_VERIFY(charts.chart()->drawnPoints(0, false).size() > 500);
    QTest::qWait(50);
    const auto [low, high] = charts.chart()->shownSteps();
    const double width = charts.chart()->plotArea().width();
    double most = 0;
    std::map<int, int> points;
    for (const QPointF& point : charts.chart()->drawnPoints(0, false)) {
      ++points[int(std::floor((point.x() - low) / (high - low) * width))];
      most = std::max(most, point.y());
    }
    QCOMPARE(most, 9.0);
    for (const auto& [column, count] : points)
      QVERIFY2(count <= 2, qPrintable(QStringLiteral("%1 at %2").arg(count).arg(column)));
  }

  /// The first step of a run, and the only value above zero of a logarithmic axis: there is no line yet, but a value.
  void aPointByItselfIsADot() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    const StepChart* rate = charts.panelChart(QStringLiteral("learning_rate"));
    charts.feed({{0, "DPT", 0, 0, StageStartedEvent{}}, {1, "DPT", 1, 1, StepEvent{.total = 3, .learning_rate = 0}}});
    QTRY_COMPARE(charts.chart()->drawnDots(0), (std::vector<QPointF>{{1, 3}}));
    charts.feed({{2, "DPT", 2, 2, StepEvent{.total = 2, .learning_rate = 0.25}}});
    QTRY_COMPARE(charts.chart()->drawnDots(0), std::vector<QPointF>());
    QTRY_COMPARE(rate->drawnDots(0), (std::vector<QPointF>{{2, 0.25}}));
    charts.feed({{3, "DPT", 3, 3, StepEvent{.total = 1, .learning_rate = 0.5}}});
    QTRY_COMPARE(rate->drawnDots(0), std::vector<QPointF>());
  }

  /// A layout of the page draws no chart, or it would take as long as all of them: each is drawn in a call of its own.
  void aLayoutDrawsNothing() {
    FedCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.feed(made_events({}));
    QTest::qWait(50);
    int drawn = 0;
    for (const auto* chart : charts.findChildren<StepChart*>())
      connect(chart, &StepChart::drawn, this, [&drawn] { ++drawn; });
    const double before = charts.chart()->plotArea().width();
    charts.resize(900, 700);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    QCOMPARE(drawn, 0);
    QCOMPARE(charts.chart()->plotArea().width(), before - 100);  // places are known at once
    QTRY_VERIFY(drawn >= 3);
  }

  /// A thick line of many points is drawn another way than Qt's own, which takes long; both have as much ink.
  void aThickLineOfManyPointsIsAsThick() {
    const auto ink = [](bool ours, Qt::PenStyle style, double slope) {
      QCustomPlot plot;
      plot.axisRect()->setAutoMargins(QCP::msNone);
      plot.axisRect()->setMargins(QMargins());
      for (auto* axis : {plot.xAxis, plot.yAxis}) {
        axis->setVisible(false);
        axis->grid()->setVisible(false);
      }
      auto* graph = ours ? new LineGraph(plot.xAxis, plot.yAxis) : plot.addGraph();  // owned by the plot
      graph->setAdaptiveSampling(false);
      graph->setPen(QPen(Qt::black, 2, style, Qt::FlatCap));
      for (int i = 0; i < 1000; ++i) graph->addData(i, i / 100 == 4 ? NAN : 100 + slope * i);
      plot.xAxis->setRange(0, 1000);
      plot.yAxis->setRange(0, 300);
      const QImage image = plot.toPixmap(500, 150).toImage();
      double sum = 0;
      for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) sum += 255 - qGray(image.pixel(x, y));
      return sum / 255;
    };
    const double solid = ink(true, Qt::SolidLine, 0), wanted = 2 * 450;  // two pixels thick, with a gap
    QVERIFY2(solid > 0.75 * wanted && solid < 1.1 * wanted, qPrintable(QString::number(solid)));
    for (const auto style : {Qt::SolidLine, Qt::DashLine, Qt::DotLine})
      for (const double slope : {0.0, 0.15}) {
        const double ratio = ink(true, style, slope) / ink(false, style, slope);
        QVERIFY2(ratio > 0.6 && ratio < 1.4, qPrintable(QStringLiteral("%1 of %2").arg(ratio).arg(int(style))));
      }
  }

  /// A smoothed chart says which of its lines are averages, and at the crosshair which number is which.
  void tellsValuesFromAverages() {
    FedCharts charts;
    charts.resize(1000, 700);
    charts.show();
    charts.feed(made_events({}));
    StepChart* chart = charts.chart();
    const auto* card = chart->findChild<ValueCard*>();
    const CrosshairItem* crosshair = nullptr;
    auto* plot = chart->findChild<QCustomPlot*>();
    for (int i = 0; i < plot->itemCount(); ++i)
      if (const auto* found = dynamic_cast<const CrosshairItem*>(plot->item(i))) crosshair = found;
    QVERIFY(card && crosshair);
    QCOMPARE(chart->shownTitle(), QStringLiteral("Loss, raw values; thick: average"));
    chart->setFocus();
    QTest::keyClick(chart, Qt::Key_Left);
    QCOMPARE(card->columnTitles(), (QStringList{QStringLiteral("value"), QStringLiteral("average")}));
    QVERIFY(!crosshair->dots().empty());
    const std::size_t row = chart->series(0).size() - 1;
    QCOMPARE(crosshair->dots().front().value, chart->series(0).value(row));
    QCOMPARE(crosshair->dots().front().average, chart->series(0).smoothedAt(row, chart->smoothing()));
    const StepChart* rate = charts.panelChart(QStringLiteral("learning_rate"));
    QCOMPARE(rate->shownTitle(), rate->valueTitle());  // which is never smoothed
    auto* slider = charts.findChild<QSlider*>();
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_Home);
    QCOMPARE(chart->shownTitle(), QStringLiteral("Loss, raw values"));
    chart->setFocus();
    QTest::keyClick(chart, Qt::Key_Left);
    QCOMPARE(card->columnTitles(), QStringList());
    QVERIFY(std::isnan(crosshair->dots().front().average));
  }

 private:
  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::ChartDrawingTest)
#include "tst_chart_drawing.moc"
