// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "core/data/dataset.h"
#include "core/project/project_file.h"
#include "core/run/answer_files.h"
#include "made_run.h"
#include "opened_run.h"
#include "page_picture.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/failures/failures_page.h"
#include "widgets/pages/failures/outcome_mark.h"
#include "widgets/pages/failures/picture_map_view.h"
#include "widgets/pages/failures/question_details.h"
#include "widgets/pages/failures/question_filter_bar.h"
#include "widgets/pages/failures/question_grid.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/picture_view.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// A made run whose project has an evaluation, and a place for the answers to it.
struct OpenedFailures : OpenedRun {
  explicit OpenedFailures(const QString& folder) : OpenedRun(make_run(toPath(folder))), page(&document, &run) {
    Project project = load_project(made.project_file);
    project.evaluations = {{"exact_match", "questions.json", ""}};
    save_project(project, made.project_file);
    std::ofstream(made.project_file.parent_path() / "questions.json") << "[1]";
    page.resize(1100, 720);
    page.show();
  }
  void openPage() {
    open();
    QTRY_COMPARE(page.checkpoints()->count(), 2);
  }
  RunFolder folder() const { return {made.run_folder}; }
  AskedModel student(const char* checkpoint = "SFT-160") const {
    const Project project = load_project(made.project_file);
    return asked_student(project, made.project_file, project.evaluations[0], folder().checkpoints() / checkpoint);
  }
  AskedModel teacher() const {
    const Project project = load_project(made.project_file);
    return asked_teacher(project, made.project_file, project.evaluations[0]);
  }

  /// `count` questions about the run's two pictures. Of five in a row: one that both have right, two that the teacher
  /// alone has right, one that the student alone has, one that none has.
  PairedAnswers answers(int count) const {
    AnswerSet teacher{.model = "/teacher", .task = "exact_match", .file = "/questions.json", .answers = {}};
    teacher.images = made.project_file.parent_path();
    AnswerSet student = teacher;
    student.model = "/student";
    const bool right[][2] = {{true, true}, {true, false}, {true, false}, {false, true}, {false, false}};
    for (int i = 0; i < count; ++i) {
      KeptAnswer kept{.id = "q" + std::to_string(i),
                      .question = i % 2 == 0 ? "What is at the top left?" : "Which colour has the <b>ball</b>?",
                      .type = i % 2 == 0 ? "place" : "colour",
                      .images = {i % 4 < 2 ? "first.png" : "second.png"},
                      .reference = "a thing " + std::to_string(i)};
      kept.right = right[i % 5][0];
      kept.answer = kept.right ? kept.reference : "a teapot";
      teacher.answers.push_back(kept);
      kept.right = right[i % 5][1];
      kept.answer = kept.right ? kept.reference : "a spoon";
      student.answers.push_back(kept);
    }
    return pair_answers(teacher, student);
  }

  void keep(const PairedAnswers& paired) const {
    for (const auto& [asked, set] : {std::pair(teacher(), paired.teacher), std::pair(student(), paired.student)}) {
      const fs::path file = answers_path(folder(), asked);
      fs::create_directories(file.parent_path());
      write_answers(file, set);
    }
  }
  void keepMap(const PairedAnswers& paired) const {
    PictureMap map{.model = "/student", .explained = {0.62, 0.2}, .pictures = {}};
    map.pictures.push_back({.image = "first.png", .x = -3, .y = 1, .outcomes = {}});
    map.pictures.push_back({.image = "second.png", .x = 4, .y = -0.5, .outcomes = {}});
    count_outcomes(map, paired);
    write_picture_map(picture_map_path(folder(), student()), map);
  }

  OutcomeChip* chip(std::optional<Outcome> outcome) const {
    for (OutcomeChip* chip : page.filters()->chips())
      if (chip->outcome() == outcome) return chip;
    return nullptr;
  }
  void clickQuestion(int row) const {
    QTest::mouseClick(page.grid()->viewport(), Qt::LeftButton, {},
                      page.grid()->visualRect(page.model()->index(row)).center());
  }

  FailuresPage page;
};

}  // namespace

class FailuresPageTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  QString folder(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }

 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder("settings"));
    theme::apply(*qApp, theme::Appearance::light);
    // `failures` says how far it is and copies what stands ready in `ready`; with a file `slow` it takes its time, with
    // a file `refuse` it fails.
    std::ofstream(toPath(folder("llavakd"))) << R"sh(#!/bin/sh
here=$(dirname "$2")
printf '%s\n' "$@" >"$here/asked-with"
echo '{"who":"teacher","done":0,"total":300}' >&2
echo '{"who":"teacher","done":120,"total":300}' >&2
[ -e "$here/refuse" ] && { echo 'llavakd: teacher: not enough memory.' >&2; exit 1; }
[ -e "$here/slow" ] && sleep 30
cp -r "$here/ready/." "$here/runs/made-run/answers/"
echo '{}'
)sh";
    fs::permissions(toPath(folder("llavakd")), fs::perms::owner_all);
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
  }

  void groupsAreCountedAndChosen() {
    OpenedFailures opened(folder("groups"));
    opened.keep(opened.answers(20));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 8);  // what the teacher alone has right comes first
    QCOMPARE(opened.chip(Outcome::teacher_alone)->figures(), QStringLiteral("8 · 40.0 %"));
    QCOMPARE(opened.chip(Outcome::both_wrong)->figures(), QStringLiteral("4 · 20.0 %"));
    QCOMPARE(opened.chip(std::nullopt)->figures(), QStringLiteral("20"));
    QVERIFY2(page.filters()->summary().contains(QStringLiteral("Teacher 60.0 % right, student 40.0 %")),
             qPrintable(page.filters()->summary()));
    QVERIFY(page.filters()->summary().endsWith(QStringLiteral("p = 0.39")));  // 8 against 4: 2 · 794 / 4096
    QTest::mouseClick(opened.chip(Outcome::both_wrong), Qt::LeftButton);
    QCOMPARE(page.model()->rowCount(), 4);
    QTest::mouseClick(opened.chip(std::nullopt), Qt::LeftButton);
    QCOMPARE(page.model()->rowCount(), 20);
  }

  void typesAndWordsFilter() {
    OpenedFailures opened(folder("filters"));
    opened.keep(opened.answers(20));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 8);
    page.filters()->types()->setFocus();
    QTest::keyClick(page.filters()->types(), Qt::Key_Down);
    QCOMPARE(page.filters()->types()->currentData().toString(), QStringLiteral("colour"));
    QCOMPARE(page.model()->rowCount(), 4);
    QCOMPARE(opened.chip(std::nullopt)->figures(), QStringLiteral("10"));
    QTest::keyClicks(page.filters()->words(), QStringLiteral("thing 11"));
    QCOMPARE(page.model()->rowCount(), 1);
    QCOMPARE(page.details()->referenceText(), QStringLiteral("a thing 11"));
    QTest::keyClicks(page.filters()->words(), QStringLiteral(" no such word"));
    QCOMPARE(page.model()->rowCount(), 0);
    QVERIFY(!page.learnButton()->isEnabled() && !page.details()->isEnabled());
  }

  void oneIsShownWithBothAnswers() {
    OpenedFailures opened(folder("details"));
    opened.keep(opened.answers(20));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 8);
    QCOMPARE(page.details()->referenceText(), QStringLiteral("a thing 1"));  // the first is chosen
    opened.clickQuestion(2);
    QCOMPARE(page.details()->referenceText(), QStringLiteral("a thing 6"));
    QCOMPARE(page.details()->teacherText(), QStringLiteral("a thing 6"));
    QCOMPARE(page.details()->studentText(), QStringLiteral("a spoon"));
    QTRY_VERIFY(page.details()->picture()->hasPicture());
    QVERIFY(page.details()->picture()->file().endsWith(QStringLiteral("second.png")));
    // It stays chosen where a filter leaves it.
    QTest::mouseClick(opened.chip(std::nullopt), Qt::LeftButton);
    QCOMPARE(page.details()->referenceText(), QStringLiteral("a thing 6"));
    QTest::keyClick(page.grid(), Qt::Key_Right);
    QCOMPARE(page.details()->referenceText(), QStringLiteral("a thing 7"));
    QCOMPARE(page.details()->questionText(), QStringLiteral("Which colour has the <b>ball</b>?"));  // as it is
    takePicture(&page, QStringLiteral("failures"));
    page.resize(780, 560);
    takePicture(&page, QStringLiteral("failures-small"));
  }

  void aQuestionBecomesAProbe() {
    OpenedFailures opened(folder("probe"));
    opened.keep(opened.answers(20));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 8);
    opened.clickQuestion(1);
    QCOMPARE(opened.document.project().probes.size(), 2UL);
    QCOMPARE(page.details()->questionText(), QStringLiteral("What is at the top left?"));
    QVERIFY(page.details()->picture()->file().endsWith(QStringLiteral("second.png")));
    QTest::mouseClick(page.details()->probeButton(), Qt::LeftButton);
    const ProbeOptions added{"second.png", "What is at the top left?"};
    QCOMPARE(opened.document.project().probes.size(), 3UL);
    QVERIFY(opened.document.project().probes.back() == added);
    QVERIFY(!page.details()->probeButton()->isEnabled());  // once is enough
    opened.document.undoStack()->undo();
    QCOMPARE(opened.document.project().probes.size(), 2UL);
    QVERIFY(page.details()->probeButton()->isEnabled());
  }

  void aGroupBecomesAStage() {
    OpenedFailures opened(folder("stage"));
    opened.keep(opened.answers(20));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 8);
    QSignalSpy asked(&page, &FailuresPage::pageRequested);
    QTest::mouseClick(page.learnButton(), Qt::LeftButton);
    QTRY_COMPARE(opened.document.project().stages.size(), 4UL);
    const StageOptions& stage = opened.document.project().stages.back();
    QCOMPARE(stage.name, std::string("Failures"));
    QCOMPARE(stage.data, std::string("failures/questions-teacher_right_student_wrong.json"));
    QCOMPARE(stage.terms.size(), 4UL);  // like the one before it
    const auto dataset = open_dataset(opened.made.project_file.parent_path() / stage.data);
    QVERIFY(dataset->size() == 8 && dataset->faults().empty());
    QCOMPARE(dataset->sample(0)->turns[1].text, std::string("a thing 1"));
    QVERIFY2(page.message()->text().contains(QStringLiteral("evaluation's own questions")),
             qPrintable(page.message()->text()));
    QTest::mouseClick(page.message()->findChild<QPushButton*>(), Qt::LeftButton);
    QCOMPARE(asked.value(0).value(0).toString(), QStringLiteral("stages"));
    opened.document.undoStack()->undo();
    QCOMPARE(opened.document.project().stages.size(), 3UL);
    // A file that is there is never written over.
    QTest::mouseClick(page.learnButton(), Qt::LeftButton);
    QTRY_COMPARE(opened.document.project().stages.size(), 4UL);
    QCOMPARE(opened.document.project().stages.back().data,
             std::string("failures/questions-teacher_right_student_wrong-2.json"));
  }

  void whatIsMissingIsAskedFor() {
    OpenedFailures opened(folder("asking"));
    const fs::path ready = opened.made.project_file.parent_path() / "ready";
    opened.keep(opened.answers(10));
    fs::create_directories(opened.folder().answers());
    fs::rename(opened.folder().answers(), ready);
    fs::create_directories(opened.folder().answers());
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::missing);
    QVERIFY(page.stateText().contains(QStringLiteral("haven't been put to both")));
    takePicture(&page, QStringLiteral("failures-missing"));
    QTest::mouseClick(page.askButton(), Qt::LeftButton);
    QCOMPARE(page.source()->state(), AnswerSource::State::asking);
    QVERIFY(!page.evaluations()->isEnabled());
    QTRY_COMPARE(page.model()->rowCount(), 4);
    QVERIFY(page.evaluations()->isEnabled());
  }

  void askingTellsHowFarItIsAndEnds() {
    OpenedFailures opened(folder("slow"));
    fs::create_directories(opened.folder().answers());
    std::ofstream(opened.made.project_file.parent_path() / "slow") << "";
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::missing);
    QTest::mouseClick(page.askButton(), Qt::LeftButton);
    QTRY_VERIFY(page.source()->progressText().startsWith(QStringLiteral("Teacher: 120 of 300 questions")));
    takePicture(&page, QStringLiteral("failures-asking"));
    auto* cancel = page.findChild<QPushButton*>(QStringLiteral("cancelAsking"));
    QVERIFY(cancel && cancel->isVisible());
    QTest::mouseClick(cancel, Qt::LeftButton);
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::missing);
  }

  void aFailureIsTold() {
    OpenedFailures opened(folder("refused"));
    fs::create_directories(opened.folder().answers());
    std::ofstream(opened.made.project_file.parent_path() / "refuse") << "";
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::missing);
    QTest::mouseClick(page.askButton(), Qt::LeftButton);
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::failed);
    QCOMPARE(page.stateText(), QStringLiteral("teacher: not enough memory."));
    QVERIFY(page.askButton()->isVisible());
  }

  /// What is shown belongs to the checkpoint that is chosen.
  void anotherCheckpointIsAnotherStudent() {
    OpenedFailures opened(folder("checkpoint"));
    opened.keep(opened.answers(10));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 4);
    page.checkpoints()->setFocus();
    QTest::keyClick(page.checkpoints(), Qt::Key_Down);
    QCOMPARE(page.checkpoints()->currentData().toString(), QStringLiteral("checkpoints/DPT-80"));
    QCOMPARE(page.model()->rowCount(), 0);
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::missing);
    QTest::keyClick(page.checkpoints(), Qt::Key_Up);
    QTRY_COMPARE(page.model()->rowCount(), 4);
  }

  void aClickOnTheMapListsThePicturesQuestions() {
    OpenedFailures opened(folder("map"));
    const PairedAnswers answers = opened.answers(20);
    opened.keep(answers);
    opened.keepMap(answers);
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 8);
    QTest::mouseClick(page.findChild<QWidget*>(QStringLiteral("showMap")), Qt::LeftButton);
    QTRY_VERIFY(page.map()->isVisible());
    takePicture(&page, QStringLiteral("failures-map"));
    QTest::mouseClick(page.map(), Qt::LeftButton, {}, page.map()->positionOf(1).toPoint());
    QCOMPARE(page.model()->rowCount(), 4);
    for (int row = 0; row < 4; ++row)
      QVERIFY(page.model()->pictureOf(*page.model()->pairAt(row)).endsWith(QStringLiteral("second.png")));
    QTest::keyClick(page.map(), Qt::Key_Left);
    QCOMPARE(page.details()->picture()->file().section(u'/', -1), QStringLiteral("first.png"));
    QTest::keyClick(page.map(), Qt::Key_Escape);
    QCOMPARE(page.model()->rowCount(), 8);
    // The map counts what the other filters leave.
    const PictureMap all = page.model()->countedMap(*page.source()->map());
    QCOMPARE(all.pictures[0].outcomes.of(Outcome::teacher_alone), 4);
    page.filters()->words()->setText(QStringLiteral("q6"));  // of the second picture
    const PictureMap one = page.model()->countedMap(*page.source()->map());
    QVERIFY(one.pictures[0].outcomes.total() == 0 && one.pictures[1].outcomes.total() == 1);
  }

  void aMapIsMadeOnRequest() {
    OpenedFailures opened(folder("no-map"));
    const PairedAnswers answers = opened.answers(10);
    opened.keep(answers);
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 4);
    QTest::mouseClick(page.findChild<QWidget*>(QStringLiteral("showMap")), Qt::LeftButton);
    auto* make = page.findChild<QPushButton*>(QStringLiteral("makeMap"));
    QTRY_VERIFY(make->isVisible());
    fs::create_directories(opened.made.project_file.parent_path() / "ready");
    opened.keepMap(answers);  // as if the engine wrote it
    QTest::mouseClick(make, Qt::LeftButton);
    QTRY_VERIFY(page.map()->isVisible());
    std::ifstream arguments(opened.made.project_file.parent_path() / "asked-with");
    const std::string asked((std::istreambuf_iterator<char>(arguments)), {});
    QVERIFY(asked.find("--map\n" + picture_map_path(opened.folder(), opened.student()).string()) != std::string::npos);
  }

  /// The engine reads the file: what isn't saved isn't what is asked.
  void unsavedChangesAreSavedFirst() {
    OpenedFailures opened(folder("unsaved"));
    fs::create_directories(opened.folder().answers());
    fs::create_directories(opened.made.project_file.parent_path() / "ready");
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.source()->state(), AnswerSource::State::missing);
    opened.document.edit(QStringLiteral("teacher"), [](Project& project) { project.teacher.checkpoint = "other"; });
    QTest::mouseClick(page.askButton(), Qt::LeftButton);
    QVERIFY(page.message()->isVisible() && page.source()->state() != AnswerSource::State::asking);
    QTest::mouseClick(page.message()->findChild<QPushButton*>(), Qt::LeftButton);
    QTRY_VERIFY(fs::exists(opened.made.project_file.parent_path() / "asked-with"));
    QVERIFY(!opened.document.isModified());
  }

  void aProjectWithoutAnEvaluationSaysSo() {
    OpenedFailures opened(folder("none"));
    Project project = load_project(opened.made.project_file);
    project.evaluations.clear();
    save_project(project, opened.made.project_file);
    opened.open();
    QTRY_VERIFY(opened.page.stateText().contains(QStringLiteral("has no evaluation")));
    QVERIFY(!opened.page.askButton()->isVisible());
  }

  /// Two thousand questions: filters keep to what was asked for, and only pictures in sight are read.
  void manyQuestionsAreFilteredAtOnce() {
    OpenedFailures opened(folder("many"));
    opened.keep(opened.answers(2000));
    opened.openPage();
    FailuresPage& page = opened.page;
    QTRY_COMPARE(page.model()->rowCount(), 800);
    QTest::mouseClick(opened.chip(std::nullopt), Qt::LeftButton);
    QCOMPARE(page.model()->rowCount(), 2000);
    page.filters()->words()->setText(QStringLiteral("thing 1999"));
    QCOMPARE(page.model()->rowCount(), 1);
    QCOMPARE(page.details()->referenceText(), QStringLiteral("a thing 1999"));
  }
};

}  // namespace llavakd

QTEST_MAIN(llavakd::FailuresPageTest)
#include "tst_failures_page.moc"
