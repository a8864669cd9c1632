// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QMenu>
#include <QScopeGuard>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>
#include <string>
#include <utility>

#include "core/base/errors.h"
#include "core/io/safetensors.h"
#include "core/project/project_file.h"
#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/probe_file.h"
#include "core/run/run_folder.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/pages/inspect/disagreement_list.h"
#include "widgets/pages/inspect/inspect_page.h"
#include "widgets/pages/inspect/patch_view.h"
#include "widgets/pages/inspect/relation_map.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/inspect/source_choice.h"
#include "widgets/pages/inspect/step_slider.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/shared/export_dialog.h"
#include "widgets/shared/exported_picture.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/shared/value_table_dialog.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/parts.h"

namespace llavakd {

class InspectPageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.filePath(QStringLiteral("settings")));
    theme::apply(*qApp, theme::Appearance::light);
  }

  void saysWhatWillBeHere() {
    ProjectDocument document;
    RunWatcher run;
    InspectPage page(&document, &run);
    page.resize(1024, 640);
    page.show();
    takePicture(&page, QStringLiteral("inspect-empty"));
  }

  /// While the run's log is read, the page doesn't say that nothing was looked at.
  void readingIsNotEmptiness() {
    OpenedRun opened(make_run(toPath(m_folder.filePath(QStringLiteral("reading")))));
    InspectPage page(&opened.document, &opened.run);
    page.show();
    opened.document.open(toQString(opened.made.project_file));
    QTRY_VERIFY(opened.document.isOpen());
    opened.run.setProjectFile(toQString(opened.made.project_file));
    const auto* reading = page.findChild<LoadingPlaceholder*>();
    QVERIFY(reading->isVisible() && reading->text().startsWith(QStringLiteral("Reading")));
    QTRY_VERIFY(page.strip()->isVisible());
    QVERIFY(!reading->isVisible());
  }

  void showsBothModelsAndTheirDifference() {
    Opened opened(m_folder.filePath(QStringLiteral("both")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->teacherMap()->hasMap() && panel->studentMap()->hasMap() && panel->differenceMap()->hasMap());
    QTRY_VERIFY(opened.page.stepText().startsWith(QStringLiteral("DFT · step 200 · 1 − cosine")));
    QCOMPARE(opened.page.slider()->maximum(), 10);
    QCOMPARE(panel->teacherMap()->size(), panel->studentMap()->size());
    QCOMPARE(panel->teacherMap()->size(), panel->differenceMap()->size());
    QTest::qWait(100);
    takePicture(&opened.page, QStringLiteral("inspect"));
    opened.page.slider()->setValue(1);
    QTRY_VERIFY(opened.page.stepText().startsWith(QStringLiteral("DPT · step 20 · 1")));
    takePicture(&opened.page, QStringLiteral("inspect-early"));
    opened.page.resize(880, 620);
    takePicture(&opened.page, QStringLiteral("inspect-small"));
  }

  void choosesThePatchByClickAndKeys() {
    Opened opened(m_folder.filePath(QStringLiteral("patch")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->studentMap()->hasMap());
    PatchView* picture = panel->teacherPicture();
    QTest::mouseClick(picture, Qt::LeftButton, {}, picture->positionOf(1, 2).toPoint());
    QCOMPARE(panel->chosenToken(), 1 * 6 + 2 - 1);  // the first patch has no token
    QTest::keyClick(picture, Qt::Key_Down);
    QCOMPARE(panel->chosenToken(), 2 * 6 + 2 - 1);
    QTest::keyClick(panel->studentMap(), Qt::Key_Left);
    QCOMPARE(panel->chosenToken(), 2 * 6 + 1 - 1);
    for (int i = 0; i < 9; ++i) QTest::keyClick(picture, Qt::Key_Left);
    QCOMPARE(panel->chosenToken(), 2 * 6 - 1);  // stays inside
    QTest::mouseClick(panel->differenceMap(), Qt::LeftButton, {}, panel->differenceMap()->positionOf(20, 3).toPoint());
    QCOMPARE(panel->chosenToken(), 20);
    QTest::mouseMove(panel->differenceMap(), panel->differenceMap()->positionOf(20, 4).toPoint());
    QTRY_VERIFY(panel->numbersText().startsWith(QStringLiteral("Patch in row 4, column 4 with row 1, column 6|")));
    // The first patch of the picture has no token and can't be chosen.
    QTest::mouseClick(picture, Qt::LeftButton, {}, picture->positionOf(0, 0).toPoint());
    QCOMPARE(panel->chosenToken(), 20);
  }

  /// The numbers are of the pair that is framed, whichever way the patch was chosen last.
  void numbersAreOfTheChosenPatch() {
    Opened opened(m_folder.filePath(QStringLiteral("numbers")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->studentMap()->hasMap());
    PatchView* picture = panel->teacherPicture();
    const auto shows = [&](const char* pair) {
      return panel->numbersText().startsWith(QString::fromLatin1(pair));
    };
    QTest::mouseClick(picture, Qt::LeftButton, {}, picture->positionOf(1, 2).toPoint());
    QTest::mouseMove(picture, picture->positionOf(3, 4).toPoint());
    QTRY_VERIFY(shows("Patch in row 2, column 3 with row 4, column 5|"));
    QTest::mouseClick(picture, Qt::LeftButton, {}, picture->positionOf(3, 4).toPoint());
    QVERIFY2(shows("Patch in row 4, column 5 with itself|"), qPrintable(panel->numbersText()));
    QTest::mouseMove(panel->studentMap(), panel->studentMap()->positionOf(20, 3).toPoint());
    QTRY_VERIFY(shows("Patch in row 4, column 4 with row 1, column 5|"));
    QTest::keyClick(panel->studentMap(), Qt::Key_Down);
    QVERIFY2(shows("Patch in row 5, column 5 with itself|"), qPrintable(panel->numbersText()));
  }

  /// Each listed pair is the file's own: no pair that isn't listed differs more, and no neighbours are.
  void listsThePairsThatDisagreeMost() {
    Opened opened(m_folder.filePath(QStringLiteral("disagree")), {});
    RelationPanel* panel = opened.page.panel();
    DisagreementList* list = panel->disagreements();
    QTRY_COMPARE(list->count(), 10);
    const ProbeFile probe = read_probe_file(opened.made.run_folder / "probes/DFT-200/0.safetensors");
    const auto pairs = disagreeing_pairs(probe);
    double least = 0;
    int larger = 0;
    for (const DisagreeingPair& pair : pairs) least = std::abs(pair.difference());
    for (int i = 0; i < probe.tokens(); ++i)
      for (int j = i + 1; j < probe.tokens(); ++j) {
        const int a = probe.patchOfToken(i), b = probe.patchOfToken(j);
        const bool near = std::max(std::abs(a / 6 - b / 6), std::abs(a % 6 - b % 6)) <= 1;
        larger += !near && std::abs(double(probe.difference.at(i, j))) >= least - 1e-6;
      }
    QCOMPARE(larger, 10);
    list->setFocus();
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
    QCOMPARE(panel->chosenToken(), int(pairs[1].first));
    const auto place = [&](int64_t token) {
      const int patch = probe.patchOfToken(int(token));
      return QStringLiteral("row %1, column %2").arg(patch / 6 + 1).arg(patch % 6 + 1);
    };
    const QString begin = QStringLiteral("Patch in %1 with %2|").arg(place(pairs[1].first), place(pairs[1].second));
    QVERIFY2(panel->numbersText().startsWith(begin), qPrintable(panel->numbersText()));
    QTest::keyClick(list, Qt::Key_Down);
    QTest::keyClick(list, Qt::Key_Return);
    QCOMPARE(panel->chosenToken(), int(pairs[2].first));
    panel->setNothing({});
    QCOMPARE(list->count(), 0);
  }

  /// Other sources come from the weights of the last checkpoint up to the step that is shown, and say what they are.
  void looksInsideACheckpoint() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("inside"))));
    const QString programs = m_folder.filePath(QStringLiteral("engine"));
    QVERIFY(QDir().mkpath(programs));
    write_made_engine(toPath(programs));
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(programs) + ':' + path);
    const auto forgetEngine = qScopeGuard([path] { qputenv("PATH", path); });
    ServeClient serve;
    OpenedRun opened(made);
    InspectPage page(&opened.document, &opened.run, &serve);
    page.resize(1280, 800);
    page.show();
    opened.open();
    QTRY_VERIFY(page.panel()->hasLook());
    QVERIFY(page.sourceNote().isEmpty());
    QTRY_VERIFY(!ProjectFacts::of(&opened.document)->isLoading());
    page.source()->setStudent(4, 2);
    page.source()->setEnabledSources(true);
    const auto choose = [](QComboBox* box, int index) {
      box->setCurrentIndex(index);
      Q_EMIT box->activated(index);
    };
    choose(page.source()->kind(), 1);
    QCOMPARE(page.source()->source(), QStringLiteral("hidden:4"));
    QTRY_VERIFY(page.sourceNote().contains(QStringLiteral("hidden:4 of the student")));
    QVERIFY(page.sourceNote().contains(QStringLiteral("Not trained on. No term compares these.")));
    QVERIFY2(page.stepText().startsWith(QStringLiteral("checkpoint of SFT · step 160 · 1 − cosine")),
             qPrintable(page.stepText()));
    QVERIFY(page.panel()->hasLook());
    takePicture(&page, QStringLiteral("inspect-inside"));
    // Between two checkpoints the weights are those of the one before, and aren't asked for again.
    page.slider()->setValue(page.slider()->maximum() - 1);
    QTest::qWait(200);
    QFile looked(programs + QStringLiteral("/looked"));
    QVERIFY(looked.open(QIODevice::ReadOnly));
    QCOMPARE(looked.readAll(), QByteArray("hidden:4\n"));
    choose(page.source()->kind(), 2);
    choose(page.source()->head(), 2);
    QCOMPARE(page.source()->source(), QStringLiteral("attention:4:1"));
    QTRY_VERIFY(page.sourceNote().contains(QStringLiteral("attention:4:1 of the teacher")));
    choose(page.source()->kind(), 4);
    QTRY_VERIFY(page.message()->isVisible());
    QVERIFY(!page.panel()->hasLook() && page.sourceNote().isEmpty());
    choose(page.source()->kind(), 0);
    QTRY_VERIFY(page.panel()->hasLook() && page.stepText().contains(QStringLiteral("step 180")));
    QVERIFY(page.sourceNote().isEmpty());
  }

  void playsTheRunAndFollowsAStep() {
    Opened opened(m_folder.filePath(QStringLiteral("play")), {});
    QTRY_COMPARE(opened.page.slider()->value(), 10);
    opened.page.showStep(79);
    QCOMPARE(opened.page.slider()->value(), 4);
    opened.page.slider()->setFocus();
    QTest::keyClick(opened.page.slider(), Qt::Key_Left);
    QCOMPARE(opened.page.slider()->value(), 3);
    opened.page.play(true);
    QTRY_VERIFY_WITH_TIMEOUT(opened.page.slider()->value() >= 5, 3000);
    opened.page.play(false);
  }

  /// Space plays, unless a button has the focus: then it presses that one.
  void spacePressesTheButtonThatHasTheFocus() {
    Opened opened(m_folder.filePath(QStringLiteral("space")), {});
    InspectPage& page = opened.page;
    QTRY_VERIFY(page.panel()->hasLook());
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    auto* grid = page.panel()->findChild<QCheckBox*>();
    auto* play = page.findChild<QToolButton*>(QStringLiteral("play"));
    QVERIFY(grid && play && !play->isChecked());
    grid->setFocus();
    QTest::keyClick(grid, Qt::Key_Space);
    QVERIFY(grid->isChecked() && !play->isChecked());
    page.slider()->setFocus();
    QTest::keyClick(page.slider(), Qt::Key_Space);
    QVERIFY(play->isChecked());
    play->setFocus();
    QTest::keyClick(play, Qt::Key_Space);
    QVERIFY(!play->isChecked());
  }

  void changesTheProbe() {
    Opened opened(m_folder.filePath(QStringLiteral("probe")), {});
    QTRY_VERIFY(opened.page.panel()->studentMap()->hasMap());
    opened.page.strip()->setFocus();
    QTest::keyClick(opened.page.strip(), Qt::Key_Down);
    QCOMPARE(opened.page.strip()->currentRow(), 1);
    // Not for a moment are the first picture's numbers under the second one.
    QVERIFY(!opened.page.panel()->hasLook() && !opened.page.panel()->studentMap()->hasMap());
    QVERIFY(opened.page.stepText().isEmpty());
    QTRY_VERIFY(opened.page.panel()->studentMap()->hasMap());
    QVERIFY(opened.page.stepText().startsWith(QStringLiteral("DFT · step 200")));
  }

  /// A step has one place on the slider and on the chart, also where somebody zooms.
  void sliderAndChartShareOneAxis() {
    Opened opened(m_folder.filePath(QStringLiteral("axis")), {});
    InspectPage& page = opened.page;
    QTRY_VERIFY(page.panel()->hasLook());
    const auto differs = [&](int look) {
      const double onSlider = page.slider()->mapTo(&page, QPoint()).x() + page.slider()->positionOf(look).x();
      const double onChart = page.chart()->mapTo(&page, QPoint()).x() + page.chart()->positionOf(20 * look, 0).x();
      return std::abs(onSlider - onChart);
    };
    for (int look : {0, 4, 10}) QTRY_VERIFY(differs(look) < 1);
    page.resize(1000, 700);
    for (int look : {0, 4, 10}) QTRY_VERIFY(differs(look) < 1);
    page.chart()->showSteps(50, 130);
    for (int look : {3, 6}) QTRY_VERIFY(differs(look) < 1);
    QTest::mouseClick(page.slider(), Qt::LeftButton, {}, page.slider()->positionOf(6).toPoint());
    QCOMPARE(page.slider()->value(), 6);
  }

  /// In a window of the least size what doesn't fit is scrolled to, down only.
  void aLowWindowScrolls() {
    Opened opened(m_folder.filePath(QStringLiteral("low")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->hasLook());
    const auto* area = opened.page.findChild<QScrollArea*>();
    // The least window, also that of 1440 x 900 at 200 %; and one of 1024 x 700.
    for (const QSize size : {QSize(620, 380), QSize(888, 600)}) {
      opened.page.resize(size);
      QTest::qWait(50);
      QCOMPARE(opened.page.size(), size);
      QCOMPARE(area->horizontalScrollBar()->maximum(), 0);
      QVERIFY(panel->teacherMap()->width() >= 64 && panel->teacherPicture()->width() >= 80);
      QVERIFY(panel->teacherMap()->width() + 2 * theme::gapHuge >= panel->teacherPicture()->width());
      QVERIFY(opened.page.chart()->height() >= 150);
      takePicture(&opened.page, QStringLiteral("inspect-low-%1").arg(size.width()));
    }
    opened.page.resize(620, 380);
    QTRY_VERIFY(area->verticalScrollBar()->maximum() > 0);
  }

  void saysWhatIsWhose() {
    Opened opened(m_folder.filePath(QStringLiteral("names")), {});
    InspectPage& page = opened.page;
    QTRY_VERIFY(page.panel()->hasLook());
    const auto nameOver = [](const QWidget* view) {
      return view->parentWidget()->findChild<ElidedLabel*>()->text();
    };
    QCOMPARE(nameOver(page.panel()->teacherPicture()), QStringLiteral("Teacher"));
    QCOMPARE(nameOver(page.panel()->studentPicture()), QStringLiteral("Student"));
    const auto entries = page.findChildren<LegendEntry*>();
    QCOMPARE(entries.size(), 2);
    QCOMPARE(entries[0]->text(), QStringLiteral("This picture"));
    QTest::mouseClick(entries[1], Qt::LeftButton);
    QVERIFY(page.chart()->isLineVisible(0) && !page.chart()->isLineVisible(1));
  }

  /// Colours over the picture are numbers: the picture itself has none.
  void thePictureIsGreyUnderTheColours() {
    Opened opened(m_folder.filePath(QStringLiteral("grey")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->hasLook());
    panel->findChild<QSlider*>(QStringLiteral("opacity"))->setValue(0);
    const PatchView* view = panel->teacherPicture();
    const QPoint circle = view->positionOf(1, 1).toPoint();  // it is red
    const auto saturation = [&] {
      return panel->teacherPicture()->grab().toImage().pixelColor(circle).saturation();
    };
    QTRY_COMPARE(saturation(), 0);
    panel->setNothing({});
    QVERIFY(saturation() > 100);
  }

  void elidesALongQuestionWhole() {
    Opened opened(m_folder.filePath(QStringLiteral("question")), {});
    InspectPage& page = opened.page;
    QTRY_VERIFY(page.panel()->hasLook());
    const QString longer = QStringLiteral("Which of the many things in this picture ").repeated(8) + u'?';
    opened.document.edit(QStringLiteral("question"),
                         [&](Project& project) { project.probes[0].question = longer.toStdString(); });
    QCOMPARE(page.question()->text(), longer);
    QCOMPARE(page.question()->toolTip(), longer);
    QVERIFY(page.question()->minimumSizeHint().width() < 100 && page.width() == 1280);
  }

  void exportsMapsAndPictures() {
    Opened opened(m_folder.filePath(QStringLiteral("export")), {});
    InspectPage& page = opened.page;
    QTRY_VERIFY(page.panel()->hasLook());
    const ExportSubject maps = page.panel()->mapsToExport({Relation::teacher, Relation::student, Relation::difference});
    const QString numbers = maps.commaSeparated();
    QCOMPARE(numbers.count(u'\n'), 1 + 35 * 35);
    QVERIFY(numbers.startsWith(QStringLiteral("token,other_token,teacher,student,student_minus_teacher\n0,0,")));
    QVERIFY(maps.provenance.join(u' ').contains(QStringLiteral("Run: made-run")));
    QVERIFY(maps.provenance.last().contains(QStringLiteral("DFT · step 200")));
    theme::apply(*qApp, theme::Appearance::dark);
    ExportOptions options;
    const QImage light = exportedImage(maps, options);
    QVERIFY(light.pixelColor(3, 3).lightness() > 200);
    options.light = false;
    QVERIFY(exportedImage(maps, options).pixelColor(3, 3).lightness() < 80);
    theme::apply(*qApp, theme::Appearance::light);
    for (const auto format : {ExportFormat::svg, ExportFormat::pdf}) {
      options.format = format;
      QVERIFY(exportedBytes(page.panel()->picturesToExport(), options).size() > 2000);
    }
    QCOMPARE(page.panel()->picturesToExport().commaSeparated().count(u'\n'), 1 + 35);
    page.panel()->differenceMap()->findChild<QAction*>(QStringLiteral("copyPicture"))->trigger();
    QVERIFY(!QApplication::clipboard()->image().isNull());
    page.exportButton()->menu()->actions().first()->trigger();
    auto* dialog = page.findChild<ExportDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    dialog->close();
  }

  /// What the colours show can be read, sorted and copied as numbers.
  void showsTheNumbersAsATable() {
    Opened opened(m_folder.filePath(QStringLiteral("table")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->hasLook());
    opened.page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&opened.page));
    panel->studentMap()->setFocus();
    QTest::keyClick(panel->studentMap(), Qt::Key_T);
    auto* dialog = opened.page.findChild<ValueTableDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    QCOMPARE(dialog->rowsText(), QStringLiteral("Relations of the patch in row 4, column 4 to 35 tokens."));
    const auto& table = dialog->model()->table();
    QCOMPARE(dialog->model()->rowCount(), 35);
    const QStringList itself = panel->numbersText().split(u'|');
    for (int i = 1; i < 4; ++i) QCOMPARE(table->text(std::size_t(panel->chosenToken()), 2 + i), itself[i]);
    QCOMPARE(table->commaSeparated({20}).section(u'\n', 1, 1).section(u',', 0, 2), QStringLiteral("20,4,4"));
    dialog->close();
  }

  /// A run's looks are at the pictures that the project had then.
  void showsThePicturesOfTheRun() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("then"))));
    RunInfo info = read_run_info(RunFolder{made.run_folder});
    info.project = to_json(load_project(made.project_file));
    write_run_info(RunFolder{made.run_folder}, info);
    Opened opened(made);
    QTRY_VERIFY(opened.page.panel()->hasLook() && opened.run.info().project.is_object());
    opened.document.edit(QStringLiteral("probes"),
                         [](Project& project) { project.probes.erase(project.probes.begin()); });
    QCOMPARE(opened.page.strip()->entryCount(), 2);
    QVERIFY(opened.page.strip()->fileOf(0).endsWith(QStringLiteral("first.png")));
  }

  /// Where only the look itself knows its picture, it isn't shown under another one.
  void refusesALookAtAnotherPicture() {
    Opened opened(m_folder.filePath(QStringLiteral("other-picture")), {});
    RelationPanel* panel = opened.page.panel();
    QTRY_VERIFY(panel->hasLook());
    opened.document.edit(QStringLiteral("probes"),
                         [](Project& project) { std::swap(project.probes[0], project.probes[1]); });
    QTRY_VERIFY(panel->studentMap()->emptyText().contains(QStringLiteral("first.png")));
    QVERIFY(!panel->hasLook());
  }

  void showsTheChosenRun() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("runs"))));
    const RunFolder other = create_run(made.project_file, "other-run");
    RunInfo info;
    info.id = other.id();
    info.status = "finished";
    info.started = 1763988400;
    info.project_file = made.project_file.string();
    write_run_info(other, info);
    EventLog log(other.events());
    log.append({.time = 1, .body = RunStartedEvent{.run = "other-run", .stages = {{"DPT", 40}}}});
    log.append({.time = 2, .stage = "DPT", .body = StageStartedEvent{.steps = 40}});
    for (const int step : {20, 40}) {
      const std::string folder = "probes/DPT-" + std::to_string(step);
      std::filesystem::create_directories(other.path / folder);
      for (const int probe : {0, 1})
        write_made_probe(other.path / folder / (std::to_string(probe) + ".safetensors"), 6, probe, 0.1, true);
      log.append({.time = 3, .stage = "DPT", .stage_step = step, .step = step, .body = StepEvent{}});
      log.append({.time = 4, .stage = "DPT", .stage_step = step, .step = step, .body = ProbeEvent{.folder = folder}});
    }
    Opened opened(made);
    InspectPage& page = opened.page;
    QTRY_VERIFY(page.stepText().startsWith(QStringLiteral("DPT · step 40 ")));
    QCOMPARE(page.slider()->maximum(), 1);
    opened.run.choose(toQString(made.run_folder));
    QVERIFY(!page.panel()->hasLook() && page.stepText().isEmpty());
    QTRY_VERIFY(page.stepText().startsWith(QStringLiteral("DFT · step 200 ")));
    QCOMPARE(page.slider()->maximum(), 10);
    opened.run.choose(toQString(other.path));
    QTRY_VERIFY(page.stepText().startsWith(QStringLiteral("DPT · step 40 ")));
  }

  /// A run that was trained without probes is not one that has yet to start.
  void saysThatARunHasNotLooked() {
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("never"))));
    const RunFolder run = create_run(made.project_file, "without");
    RunInfo info;
    info.id = run.id();
    info.status = "finished";
    info.started = 1763988400;
    info.project_file = made.project_file.string();
    write_run_info(run, info);
    EventLog log(run.events());
    log.append({.time = 1, .body = RunStartedEvent{.run = info.id, .stages = {{"DPT", 1}}}});
    log.append({.time = 2, .stage = "DPT", .body = StageStartedEvent{.steps = 1}});
    log.append({.time = 3, .stage = "DPT", .stage_step = 1, .step = 1, .body = StepEvent{}});
    Opened opened(made);
    QTRY_COMPARE(opened.page.emptyText(), QStringLiteral("This run has not looked at the probes."));
  }

  void hatchesWhatTheTeacherDidNotSee() {
    MadeRunPlan plan;
    plan.with_teacher = false;
    Opened opened(m_folder.filePath(QStringLiteral("alone")), plan);
    QTRY_VERIFY(opened.page.panel()->studentMap()->hasMap());
    QVERIFY(!opened.page.panel()->teacherMap()->hasMap());
    QVERIFY(!opened.page.panel()->teacherMap()->emptyText().isEmpty());
    takePicture(&opened.page, QStringLiteral("inspect-no-teacher"));
  }

  void saysWhichFileIsBroken() {
    const QString folder = m_folder.filePath(QStringLiteral("broken"));
    const MadeRun made = make_run(toPath(folder));
    QFile broken(toQString(made.run_folder / "probes" / "DFT-200" / "0.safetensors"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("not a tensor file");
    broken.close();
    QFile::remove(folder + QStringLiteral("/second.png"));
    Opened opened(made);
    QTRY_VERIFY(opened.page.message()->isVisible());
    QVERIFY(opened.page.message()->text().contains(QStringLiteral("0.safetensors")));
    takePicture(&opened.page, QStringLiteral("inspect-broken"));
    opened.page.slider()->setValue(2);
    QTRY_VERIFY(opened.page.panel()->studentMap()->hasMap());
    QVERIFY(!opened.page.message()->isVisible());
  }

  void refusesWhatIsNoProbe() {
    const QDir bad(QStringLiteral(LLAVAKD_SHARED_DIR "/golden/bad/safetensors"));
    for (const QFileInfo& file : bad.entryInfoList(QDir::Files))
      QVERIFY_EXCEPTION_THROWN(read_probe_file(toPath(file.filePath())), UserError);
    QVERIFY_EXCEPTION_THROWN(read_probe_file(toPath(m_folder.filePath(QStringLiteral("absent.safetensors")))),
                             UserError);
  }

  void someTokensHaveNoPlace() {
    const ProbeFile full = placed(5, "2x2", "-1", "1");  // a class token before four patches
    QCOMPARE(full.patchOfToken(0), -1);
    QCOMPARE(full.tokenOfPatch(0, 0), 1);
    QCOMPARE(full.tokenOfPatch(1, 1), 4);
    const ProbeFile queries = placed(7, "0x0", "0", "1");
    QCOMPARE(queries.tokenOfPatch(0, 0), -1);
    QCOMPARE(queries.patchOfToken(3), -1);
    const ProbeFile mixture = placed(8, "2x2", "0", "2");  // two towers take turns
    QCOMPARE(mixture.tokenOfPatch(1, 0), 4);
    QCOMPARE(mixture.patchOfToken(5), 2);
    QCOMPARE(mixture.overPatches({1, 3, 5, 5}), (std::vector<float>{2, 5}));
    QVERIFY_EXCEPTION_THROWN(placed(5, "2x2", "-2", "1"), UserError);
    QVERIFY_EXCEPTION_THROWN(placed(5, "2x2", "0", "1"), UserError);
    QVERIFY_EXCEPTION_THROWN(placed(4, "2x2", "0", "0"), UserError);
    QVERIFY_EXCEPTION_THROWN(placed(4, "2x2", "x", "1"), UserError);
  }

  void putsBothModelsOnOneScale() {
    const auto file = toPath(m_folder.filePath(QStringLiteral("one.safetensors")));
    write_made_probe(file, 4, 0, 1.0, true);  // the same relations, but other factors: 40 and 22
    const ProbeFile probe = read_probe_file(file);
    QCOMPARE(probe.tokens(), 15);
    QCOMPARE(probe.tokenOfPatch(0, 0), -1);
    QCOMPARE(probe.tokenOfPatch(3, 3), 14);
    double squares = 0, largest = 0;
    for (std::size_t i = 0; i < probe.teacher.values.size(); ++i) {
      squares += double(probe.teacher.values[i]) * probe.teacher.values[i];
      largest = std::max(largest, std::abs(double(probe.difference.values[i])));
    }
    QVERIFY(std::abs(squares / 225 - 1) < 1e-5);
    QVERIFY(largest < 1e-5);
    QVERIFY(std::abs(*probe.distance) < 1e-6);
  }

 private:
  ProbeFile placed(int tokens, const char* grid, const char* first, const char* each) {
    const auto file = toPath(m_folder.filePath(QStringLiteral("placed.safetensors")));
    const std::vector<float> ones(std::size_t(tokens) * std::size_t(tokens), 1.0F);
    const TensorToWrite relations{"relation.student", DType::F32, {tokens, tokens}, [&] {
                                    return std::as_bytes(std::span(ones));
                                  }};
    write_safetensors(file, {relations}, {{"grid", grid}, {"first_patch", first}, {"tokens_per_patch", each}});
    return read_probe_file(file);
  }

  struct Opened : OpenedRun {
    explicit Opened(const MadeRun& made_run) : OpenedRun(made_run) {
      page.resize(1280, 800);
      page.show();
      open();
    }
    Opened(const QString& folder, const MadeRunPlan& plan) : Opened(make_run(toPath(folder), plan)) {}
    InspectPage page{&document, &run};
  };
  QTemporaryDir m_folder;
};

}  // namespace llavakd

QTEST_MAIN(llavakd::InspectPageTest)
#include "tst_inspect_page.moc"
