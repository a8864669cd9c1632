// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <memory>

#include "fed_charts.h"
#include "made_run.h"
#include "page_picture.h"
#include "widgets/charts/step_chart.h"
#include "widgets/pages/train/chart_controls.h"
#include "widgets/shared/chart_export.h"
#include "widgets/shared/export_dialog.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class ExportedPictureTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
    theme::apply(*qApp, theme::Appearance::light);
  }

  void init() { QSettings().clear(); }

  /// Button, menu, dialog, file: of each format, with where it comes from in it.
  void savesAChartInEveryFormat() {
    Charts charts(m_folder.path());
    QMenu* menu = charts.controls()->exportMenu();
    menu->popup(QPoint());
    QCOMPARE(menu->actions().size(), 3);  // the loss and the two panels that show first
    menu->actions().first()->trigger();
    menu->close();
    ExportDialog* dialog = nullptr;
    for (auto* widget : QApplication::topLevelWidgets())
      if (auto* found = qobject_cast<ExportDialog*>(widget)) dialog = found;
    QVERIFY(dialog && dialog->isVisible());
    takePicture(dialog, QStringLiteral("export"));
    auto* format = dialog->findChild<QComboBox*>();
    QCOMPARE(format->count(), 4);
    for (const char* suffix : {"png", "svg", "pdf", "csv"}) {
      const QString file = m_folder.filePath(QStringLiteral("loss.%1").arg(QLatin1String(suffix)));
      QCOMPARE(dialog->path(), file);
      QTest::mouseClick(saveOf(dialog), Qt::LeftButton);
      QTRY_VERIFY2(QFile::exists(file), suffix);
      QTRY_VERIFY(saveOf(dialog)->text().contains(QStringLiteral("Replace")));
      QTest::keyClick(format, Qt::Key_Down);
    }
    dialog->close();

    const QImage picture(m_folder.filePath(QStringLiteral("loss.png")));
    QCOMPARE(picture.width(), 2 * charts.chart()->width());
    QVERIFY(picture.text(QStringLiteral("Description")).contains(QStringLiteral("Run: made-run")));
    QVERIFY(picture.text(QStringLiteral("Description")).contains(QStringLiteral("Steps: 1 to 200")));
    QVERIFY(QSvgRenderer(m_folder.filePath(QStringLiteral("loss.svg"))).isValid());
    QVERIFY(read("loss.svg").contains("Run: made-run"));
    QVERIFY(read("loss.svg").contains("Project: a &amp; b.kdproj"));
    QVERIFY(read("loss.pdf").startsWith("%PDF"));
    QVERIFY(read("loss.pdf").contains(QByteArray("\0m\0a\0d\0e\0-\0r\0u\0n", 16)));
    const QList<QByteArray> lines = read("loss.csv").split('\n');
    QVERIFY(lines.contains("# Run: made-run"));
    const auto head = lines.indexOf(
        "step,Total,Total (smoothed),Cross entropy,Cross entropy (smoothed),MDist response,"
        "MDist response (smoothed),MDist visual,MDist visual (smoothed),RDist,RDist (smoothed)");
    QVERIFY2(head > 0, lines.value(4).constData());
    QVERIFY(lines.value(head + 1).startsWith("1,"));
    QCOMPARE(lines.size() - head - 2, 200);  // the header, and what follows the last newline
  }

  /// On paper it is light, whatever the window is; the window stays as it is.
  void isLightWhateverTheWindowIs() {
    theme::apply(*qApp, theme::Appearance::dark);
    Charts charts(m_folder.path());
    const ExportSubject subject = exportSubject(charts.chart(), QStringLiteral("loss"), {});
    ExportOptions options;
    const auto corner = [&] {
      return exportedImage(subject, options).pixelColor(2, 2);
    };
    const QColor dark = theme::card();
    QVERIFY(corner().lightness() > 240);
    options.light = false;
    QCOMPARE(corner(), dark);
    QTest::qWait(50);
    QVERIFY(theme::isDark());
    QVERIFY(charts.chart()->grab().toImage().pixelColor(10, 40).lightness() < 100);
    theme::apply(*qApp, theme::Appearance::light);
  }

  /// Ticks and columns are those of the picture, whatever size the window has.
  void hasTheTicksOfItsOwnSize() {
    auto steps = std::make_shared<StepHistory>();
    for (int64_t i = 1; i <= 5000; ++i)
      steps->add({double(i), "DPT", i, i, StepEvent{.total = std::pow(10, double(i % 1000) / 250)}});
    RunCharts charts;
    charts.resize(1000, 800);
    charts.show();
    charts.setSteps(steps);
    QTest::qWait(50);
    QVERIFY(charts.chart()->isLogValues());
    const ExportSubject subject = exportSubject(charts.chart(), QStringLiteral("loss"), {});
    const auto texts = [&subject](const QSize& size) {
      ExportOptions options;
      options.format = ExportFormat::svg;
      options.size = size;
      return exportedBytes(subject, options).count("<text");
    };
    const auto low = texts({900, 140}), high = texts({900, 1200}), narrow = texts({300, 1200});
    QVERIFY2(low < high, qPrintable(QStringLiteral("%1 and %2").arg(low).arg(high)));
    QVERIFY2(narrow < high, qPrintable(QStringLiteral("%1 and %2").arg(narrow).arg(high)));
    // The least size that the dialog offers.
    const QImage least = exportedImage(subject, {ExportFormat::png, QSize(100, 100), 1, 9, true});
    QCOMPARE(least.size(), QSize(100, 100));
  }

  void copiesAsAPicture() {
    Charts charts(m_folder.path());
    charts.chart()->findChild<QAction*>(QStringLiteral("copyPicture"))->trigger();
    QCOMPARE(QApplication::clipboard()->image().size(), 2 * charts.chart()->size());
  }

  void saysWhyAFileCantBeWritten() {
    Charts charts(m_folder.path());
    ExportDialog dialog(exportSubject(charts.chart(), QStringLiteral("loss"), {}), m_folder.path());
    dialog.show();
    const QString file = m_folder.filePath(QStringLiteral("nowhere/loss.png"));
    dialog.findChild<QLineEdit*>(QStringLiteral("path"))->setText(file);
    QTest::mouseClick(saveOf(&dialog), Qt::LeftButton);
    QTRY_VERIFY(dialog.message()->isVisible());
    QVERIFY2(dialog.message()->text().contains(QStringLiteral("nowhere")), qPrintable(dialog.message()->text()));
    QVERIFY(!QFile::exists(file));
    QVERIFY(saveOf(&dialog)->isEnabled());
  }

 private:
  // The charts of a made run, shown.
  struct Charts : FedCharts {
    explicit Charts(const QString& folder) {
      setOrigin({{QStringLiteral("Project: a & b.kdproj"), QStringLiteral("Run: made-run")}, folder});
      resize(1000, 800);
      show();
      feed(made_events({}));
      QTest::qWait(50);
    }
  };
  static QPushButton* saveOf(ExportDialog* dialog) { return dialog->findChild<QPushButton*>(QStringLiteral("save")); }
  QByteArray read(const char* name) {
    QFile file(m_folder.filePath(QLatin1String(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  QTemporaryDir m_settings, m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::ExportedPictureTest)
#include "tst_exported_picture.moc"
