// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "fed_charts.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/chart_controls.h"
#include "widgets/shared/value_table_dialog.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class ValueTableTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
  }

  void init() { QSettings().clear(); }

  /// The key T opens what the chart shows: the steps in view, the lines that are shown, smoothed ones too.
  void aKeyOpensWhatTheChartShows() {
    Charts charts;
    StepChart* chart = charts.chart();
    chart->showSteps(20, 60);
    QTest::keyClick(chart, Qt::Key_T);
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog && dialog->isVisible());
    const ValueTableModel* model = dialog->model();
    QCOMPARE(model->rowCount(), 41);
    QCOMPARE(model->columnCount(), 1 + 2 * 5);
    QCOMPARE(dialog->rowsText(), QStringLiteral("Steps 20 to 60: 41 rows"));
    QCOMPARE(heading(model, 0), QStringLiteral("Step"));
    QCOMPARE(heading(model, 1), QStringLiteral("Total"));
    QCOMPARE(heading(model, 2), QStringLiteral("Total (smoothed)"));
    QCOMPARE(cell(model, 0, 0), QStringLiteral("20"));
    QCOMPARE(cell(model, 40, 0), QStringLiteral("60"));
    QCOMPARE(cell(model, 0, 1), theme::number(chart->series(0).value(19)));
    QCOMPARE(cell(model, 0, 2), theme::number(chart->series(0).exponentialAt(19, 0.6)));
    takePicture(dialog, QStringLiteral("train-table"));
    dialog->close();
  }

  /// The button next to the charts opens the table of each that is shown.
  void aButtonOpensTheTableOfEachChart() {
    Charts charts;
    QMenu* menu = charts.controls()->tableMenu();
    menu->popup(QPoint());
    QCOMPARE(menu->actions().size(), 3);  // the loss and the two panels that show first
    menu->actions().last()->trigger();
    menu->close();
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog);
    QCOMPARE(dialog->windowTitle(), QStringLiteral("Learning rate over the steps, as a table"));
    QCOMPARE(dialog->model()->columnCount(), 2);
    dialog->close();
  }

  /// A click on a heading sorts, another one turns it round; a stage's missing term comes last in both.
  void aHeadingSorts() {
    Charts charts;
    QTest::keyClick(charts.chart(), Qt::Key_T);
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog);
    const ValueTableModel* model = dialog->model();
    const int rdist = 9;
    QCOMPARE(heading(model, rdist), QStringLiteral("RDist"));
    dialog->resize(1600, 500);
    const auto click = [&] {
      QHeaderView* header = dialog->view()->horizontalHeader();
      QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                        QPoint(header->sectionViewportPosition(rdist) + 12, header->height() / 2));
      QTRY_VERIFY(!model->isSorting());
    };
    const auto [least, most] = charts.chart()->series(4).extremes(0, 200).value();
    click();
    QCOMPARE(cell(model, 0, rdist), theme::number(least));
    QCOMPARE(cell(model, 199, rdist), QStringLiteral("–"));
    click();
    QCOMPARE(cell(model, 0, rdist), theme::number(most));
    QCOMPARE(cell(model, 199, rdist), QStringLiteral("–"));
    QVERIFY(dialog->findChild<QCheckBox*>()->isChecked());
    QCOMPARE(dialog->findChild<QComboBox*>()->currentIndex(), rdist);
    dialog->close();
  }

  /// The same without a mouse: a list of the columns and a switch; the first row is where the keys begin.
  void keysSort() {
    Charts charts;
    QTest::keyClick(charts.chart(), Qt::Key_T);
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog);
    const ValueTableModel* model = dialog->model();
    QTest::keyClick(dialog->findChild<QCheckBox*>(), Qt::Key_Space);
    QTRY_VERIFY(!model->isSorting());
    QCOMPARE(cell(model, 0, 0), QStringLiteral("200"));
    QTest::keyClick(dialog->findChild<QComboBox*>(), Qt::Key_Down);
    QTRY_VERIFY(!model->isSorting());
    const double most = charts.chart()->series(0).extremes(0, 200)->second;
    QCOMPARE(cell(model, 0, 1), theme::number(most));
    QCOMPARE(dialog->view()->currentIndex(), model->index(0, 0));
    QTest::keyClick(dialog->view(), Qt::Key_Down);
    QCOMPARE(dialog->view()->currentIndex().row(), 1);
    dialog->close();
  }

  /// All rows by the button, the selected ones by Ctrl+C, in the order that is shown.
  void copiesAsCommaSeparatedValues() {
    Charts charts;
    charts.chart()->showSteps(20, 60);
    QTest::keyClick(charts.chart(), Qt::Key_T);
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog);
    auto* copy = dialog->findChild<QPushButton*>(QStringLiteral("copy"));
    QTest::mouseClick(copy, Qt::LeftButton);
    QTRY_COMPARE(dialog->stateText(), QStringLiteral("41 rows are on the clipboard."));
    const QString text = QApplication::clipboard()->text();
    QCOMPARE(text, charts.chart()->table().commaSeparated());
    QVERIFY2(text.startsWith(QStringLiteral("step,Total,Total (smoothed),Cross entropy,")), qPrintable(text.left(80)));
    QTest::keyClick(dialog->findChild<QCheckBox*>(), Qt::Key_Space);
    QTRY_VERIFY(!dialog->model()->isSorting());
    QTest::keyClick(dialog->view(), Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(dialog->view(), Qt::Key_C, Qt::ControlModifier);
    QTRY_COMPARE(dialog->stateText(), QStringLiteral("2 rows are on the clipboard."));
    const QStringList lines = QApplication::clipboard()->text().split(u'\n');
    QCOMPARE(lines.size(), 4);
    QVERIFY(lines[1].startsWith(QStringLiteral("60,")) && lines[2].startsWith(QStringLiteral("59,")));
    dialog->close();
  }

  /// The table stays as it is while the run goes on, and says which steps it has; a button reads the chart again.
  void updatesWhenAsked() {
    Charts charts({.steps_done = 100});
    QTest::keyClick(charts.chart(), Qt::Key_T);
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog);
    QCOMPARE(dialog->rowsText(), QStringLiteral("Steps 1 to 100: 100 rows"));
    const std::vector<Event> all = made_events({});
    charts.forget();
    charts.feed(all);
    QCOMPARE(dialog->model()->rowCount(), 100);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("update")), Qt::LeftButton);
    QCOMPARE(dialog->rowsText(), QStringLiteral("Steps 1 to 200: 200 rows"));
    charts.forget();
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("update")), Qt::LeftButton);
    QCOMPARE(dialog->rowsText(), QStringLiteral("The chart shows no values."));
    QVERIFY(!dialog->findChild<QPushButton*>(QStringLiteral("copy"))->isEnabled());
    dialog->close();
  }

  /// A screen reader gets rows, columns, headings and, of each cell, what it is.
  void isReadAloud() {
    Charts charts;
    QTest::keyClick(charts.chart(), Qt::Key_T);
    ValueTableDialog* dialog = opened();
    QVERIFY(dialog);
    QAccessibleInterface* view = QAccessible::queryAccessibleInterface(dialog->view());
    QVERIFY(view && view->tableInterface());
    QCOMPARE(view->text(QAccessible::Name), QStringLiteral("Terms of the loss over the steps, as a table"));
    QCOMPARE(view->tableInterface()->rowCount(), 200);
    QCOMPARE(view->tableInterface()->columnCount(), 11);
    QCOMPARE(view->tableInterface()->columnDescription(1), QStringLiteral("Total"));
    const QAccessibleInterface* first = view->tableInterface()->cellAt(0, 0);
    QVERIFY(first);
    QCOMPARE(first->text(QAccessible::Name), QStringLiteral("Step 1"));
    dialog->close();
  }

  /// Over another axis the places have a column of their own.
  void namesThePlacesOfOtherAxes() {
    Charts charts;
    charts.chart()->setAxis(StepAxis::samples);
    const ChartTable table = charts.chart()->table();
    QCOMPARE(table.rows(), std::size_t(200));
    QCOMPARE(table.title(1), QStringLiteral("Samples"));
    QCOMPARE(table.text(1, 1), QStringLiteral("32 samples"));
    QVERIFY(table.commaSeparated().startsWith(QStringLiteral("step,Samples,Total,")));
    QVERIFY(table.commaSeparated({1}).section(u'\n', 1).startsWith(QStringLiteral("2,32,")));
  }

 private:
  // The charts of a made run, shown.
  struct Charts : FedCharts {
    explicit Charts(const MadeRunPlan& plan = {}) {
      resize(1000, 800);
      show();
      feed(made_events(plan));
      QTest::qWait(50);
    }
  };
  static ValueTableDialog* opened() {
    for (auto* widget : QApplication::topLevelWidgets())
      if (auto* found = qobject_cast<ValueTableDialog*>(widget); found && found->isVisible()) return found;
    return nullptr;
  }
  static QString cell(const QAbstractItemModel* model, int row, int column) {
    return model->data(model->index(row, column), Qt::DisplayRole).toString();
  }
  static QString heading(const QAbstractItemModel* model, int column) {
    return model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
  }
  QTemporaryDir m_settings;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::ValueTableTest)
#include "tst_value_table.moc"
