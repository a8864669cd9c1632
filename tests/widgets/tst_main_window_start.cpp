// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCheckBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include "app/main_window.h"
#include "core/run/run_folder.h"
#include "listed_runs.h"
#include "widgets/charts/sparkline.h"
#include "widgets/forms/path_edit.h"
#include "widgets/pages/start/new_project_card.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/run/run_summary.h"
#include "widgets/theme/list_button.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

using namespace llavakd;

/// How a project comes into the window: made, opened, dropped, from the list of recent ones.
class MainWindowStartTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void saysInlineWhatCannotBeOpened() {
    MadeProject made;
    made.write(QStringLiteral("bad.kdproj"), "[]");
    MainWindow window;
    window.show();
    window.openProject(made.path(QStringLiteral("bad.kdproj")));
    InlineMessage* message = window.findChild<StartPage*>()->message();
    QTRY_VERIFY(message->isVisible());
    QVERIFY(message->text().contains(QStringLiteral("bad.kdproj")));
    QCOMPARE(window.currentPage(), StartPage::id());
  }

  void takesADroppedProject() {
    MadeProject made;
    MainWindow window;
    window.show();
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(made.file())});
    QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &event);
    QTRY_VERIFY(window.document()->isOpen());
  }

  void opensFromTheRecentList() {
    MadeProject made;
    addRecentProject(made.file());
    MainWindow window;
    window.show();
    auto* start = window.findChild<StartPage*>();
    start->refresh();
    QAbstractButton* recent = nullptr;
    for (QAbstractButton* button : start->findChildren<QAbstractButton*>())
      if (button->toolTip() == made.file()) recent = button;
    QVERIFY(recent);
    QTest::mouseClick(recent, Qt::LeftButton);
    QTRY_VERIFY(window.document()->isOpen());
  }

  /// The sample is made where the card says, without a dialog; a folder that holds something is refused in the card.
  void makesTheSampleWithoutADialog() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"), "#!/bin/sh\n[ \"$1\" = new ] || exit 2\nsleep 0.3\nmkdir -p \"$3\"\ncp \"" +
                                              QFile::encodeName(made.file()) + "\" \"$3/$2.kdproj\"\n");
    QFile(made.path(QStringLiteral("llavakd"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    MainWindow window;
    window.show();
    NewProjectCard* card = window.findChild<StartPage*>()->newProject();
    QCOMPARE(card->templateName(), QStringLiteral("emoji-quick"));
    auto* make = card->findChild<QPushButton*>(QStringLiteral("make"));
    const auto type = [&](const QString& folder) {
      card->path()->line()->selectAll();
      QTest::keyClicks(card->path()->line(), folder);
    };
    type(made.path(QStringLiteral("images")));
    QTest::mouseClick(make, Qt::LeftButton);
    auto* fault = card->findChild<QLabel*>(QStringLiteral("fault"));
    QVERIFY(fault->isVisible() && fault->text().contains(QStringLiteral("already holds something")));
    type(made.path(QStringLiteral("new/sample")));
    QVERIFY(!fault->isVisible());
    QTest::mouseClick(make, Qt::LeftButton);
    QVERIFY(card->isBusy() && !make->isEnabled());
    auto* bar = card->findChild<QProgressBar*>();
    QVERIFY(bar->isVisible());
    const QImage busy = bar->grab().toImage();
    const bool moves = QTest::qWaitFor([&] { return !bar->isVisible() || bar->grab().toImage() != busy; });
    QVERIFY(moves);
    const bool opened = QTest::qWaitFor([&] { return window.document()->isOpen(); });
    qputenv("PATH", path);
    QVERIFY(opened);
    QCOMPARE(window.document()->path(), made.path(QStringLiteral("new/sample/emoji-quick.kdproj")));
    QVERIFY(!card->isBusy());
  }

  /// The window may go while a project is being made.
  void endsWhileAProjectIsMade() {
    MadeProject made;
    made.write(QStringLiteral("llavakd"), "#!/bin/sh\nexec sleep 60\n");
    QFile(made.path(QStringLiteral("llavakd"))).setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ':' + path);
    {
      MainWindow window;
      window.show();
      NewProjectCard* card = window.findChild<StartPage*>()->newProject();
      card->path()->line()->selectAll();
      QTest::keyClicks(card->path()->line(), made.path(QStringLiteral("sample")));
      QTest::mouseClick(card->findChild<QPushButton*>(QStringLiteral("make")), Qt::LeftButton);
      QVERIFY(card->isBusy());
      QTest::qWait(100);
    }
    qputenv("PATH", path);
  }

  /// A recent project is known by its name and its newest run, and can be taken off the list.
  void listsRecentProjectsAsWhatTheyAre() {
    MadeProject made;
    const RunFolder run = create_run(toPath(made.file()), "first");
    RunInfo info;
    info.status = "finished";
    info.started = 1763978400;
    write_run_info(run, info);
    addRecentProject(made.path(QStringLiteral("gone.kdproj")));
    addRecentProject(made.file());
    MainWindow window;
    window.show();
    auto* start = window.findChild<StartPage*>();
    const auto entry = [&](const QString& file) -> ListButton* {
      for (auto* button : start->findChildren<ListButton*>())
        if (button->toolTip() == file && button->isVisible()) return button;
      return nullptr;
    };
    ListButton *known = entry(made.file()), *gone = entry(made.path(QStringLiteral("gone.kdproj")));
    QVERIFY(known && gone);
    QTRY_COMPARE(known->text(), QStringLiteral("small"));
    QTRY_VERIFY(known->accessibleDescription().contains(runTimeText(1763978400)));
    QVERIFY(known->accessibleDescription().contains(runStateText(RunState::finished)));
    QTRY_VERIFY(gone->accessibleDescription().contains(QStringLiteral("no longer there")));
    QTest::mouseClick(gone->parentWidget()->findChild<QToolButton*>(QStringLiteral("forget")), Qt::LeftButton);
    QCOMPARE(recentProjects(), QStringList{made.file()});
    QTRY_VERIFY(!entry(made.path(QStringLiteral("gone.kdproj"))));
    QTRY_VERIFY(entry(made.file()));
  }

  /// A recent project says how its newest run went: score and course.
  void showsHowARecentRunWent() {
    MadeProject made;
    writeListedRun(made, {.id = "scored", .score = 58.3});
    addRecentProject(made.file());
    MainWindow window;
    window.resize(1440, 900);
    window.show();
    ListButton* entry = nullptr;
    for (auto* button : window.findChild<StartPage*>()->findChildren<ListButton*>())
      if (button->toolTip() == made.file() && button->isVisible()) entry = button;
    QVERIFY(entry);
    QTRY_VERIFY(entry->accessibleDescription().contains(theme::fixedNumber(58.3, 1) + QStringLiteral("\u202f%")));
    const auto* course = entry->findChild<Sparkline*>();
    QVERIFY(course && course->isVisible());
    window.resize(720, 480);  // the texts are worth more
    QTRY_VERIFY(!course->isVisible());
    QTest::mouseClick(entry, Qt::LeftButton, {}, entry->rect().center());
    QTRY_VERIFY(window.document()->isOpen());
  }

  void reopensTheLastProjectIfWanted() {
    MadeProject made;
    MainWindow window;
    window.show();
    QVERIFY(projectToReopen().isEmpty());
    QTest::mouseClick(window.findChild<QCheckBox*>(QStringLiteral("reopen")), Qt::LeftButton, {}, {8, 8});
    QVERIFY(reopensLastProject());
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    QCOMPARE(projectToReopen(), made.file());
    QTest::keyClick(&window, Qt::Key_W, Qt::ControlModifier);
    QVERIFY(projectToReopen().isEmpty());
  }
};

QTEST_MAIN(MainWindowStartTest)
#include "tst_main_window_start.moc"
