// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QMessageBox>
#include <QPushButton>
#include <QTest>
#include <QTimer>

#include "app/main_window.h"
#include "core/project/project_file.h"
#include "made_project.h"
#include "widgets/document/recovery_file.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

using namespace llavakd;

namespace {

// Answers the next question box.
void answerWith(QMessageBox::StandardButton button) {
  QTimer::singleShot(100, qApp, [button] {
    for (QWidget* widget : QApplication::topLevelWidgets())
      if (auto* box = qobject_cast<QMessageBox*>(widget); box && box->isVisible())
        QTest::mouseClick(box->button(button), Qt::LeftButton);
  });
}

// The visible button of a message whose text holds this.
QPushButton* buttonOf(const InlineMessage* message, const QString& text) {
  for (auto* button : message->findChildren<QPushButton*>())
    if (button->isVisible() && QString(button->text()).remove(QLatin1Char('&')).contains(text)) return button;
  return nullptr;
}

}  // namespace

/// The project's file: saved, kept after an unclean end, changed by others.
class MainWindowFilesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { theme::apply(*qApp, theme::Appearance::light); }

  void marksChangesSavesAndUndoes() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.document()->edit(QStringLiteral("rename"), [](Project& project) { project.name = "changed"; });
    QVERIFY(window.isWindowModified());
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!window.isWindowModified());
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(window.isWindowModified());
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY(!window.isWindowModified());
    QCOMPARE(load_project(toPath(made.file())).name, std::string("changed"));
  }

  void asksBeforeClosing() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.document()->edit(QStringLiteral("rename"), [](Project& project) { project.name = "kept"; });
    answerWith(QMessageBox::Cancel);
    window.close();
    QVERIFY(window.isVisible());
    answerWith(QMessageBox::Save);
    window.close();
    QTRY_VERIFY(!window.isVisible());
    QCOMPARE(load_project(toPath(made.file())).name, std::string("kept"));
  }

  /// What a killed window left is offered by a band, with what differs; the file is touched by Save alone.
  void offersWhatAKilledWindowLeft() {
    MadeProject made;
    Project edited = MadeProject::project();
    edited.stages[0].learning_rate = 0.5;
    {
      RecoveryFile left(recoveryFolder(), made.file());
      QVERIFY(left.write(edited, MadeProject::project()));
    }
    MainWindow window;
    window.show();
    window.openProject(made.file());
    auto* band = window.findChild<InlineMessage*>(QStringLiteral("recovery"));
    QTRY_VERIFY(band->isVisible());
    QVERIFY2(band->text().contains(QStringLiteral("DPT learning_rate 0.5 (was 0.001)")), qPrintable(band->text()));
    QVERIFY(!window.isWindowModified());
    QTest::mouseClick(buttonOf(band, QStringLiteral("Recover")), Qt::LeftButton);
    QVERIFY(!band->isVisible());
    QCOMPARE(window.document()->project().stages[0].learning_rate, 0.5);
    QVERIFY(window.isWindowModified());
    QCOMPARE(load_project(toPath(made.file())).stages[0].learning_rate, 0.001);
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY(!window.isWindowModified());
    QCOMPARE(load_project(toPath(made.file())).stages[0].learning_rate, 0.5);
  }

  /// An editor and the window change different options: the band puts both together.
  void mergesWhatAnEditorChanged() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.document()->edit(QStringLiteral("weight"),
                            [](Project& project) { project.stages[0].terms[0].weight = 0.3; });
    Project theirs = MadeProject::project();
    theirs.run.seed = 77;
    save_project(theirs, toPath(made.file()));
    auto* band = window.findChild<InlineMessage*>(QStringLiteral("changedOutside"));
    QTRY_VERIFY(band->isVisible());
    QVERIFY2(band->text().contains(QStringLiteral("run seed 77 (was 1234)")), qPrintable(band->text()));
    QTest::mouseClick(buttonOf(band, QStringLiteral("Merge")), Qt::LeftButton);
    QVERIFY(!band->isVisible());
    QCOMPARE(window.document()->project().run.seed, int64_t(77));
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY(!window.isWindowModified());
    const Project saved = load_project(toPath(made.file()));
    QCOMPARE(saved.run.seed, int64_t(77));
    QCOMPARE(saved.stages[0].terms[0].weight, 0.3);
    QVERIFY(!band->isVisible());
  }

  /// Both changed the same option: saving asks, and nothing is written before.
  void asksBeforeSavingOverAnEditorsChange() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    Project theirs = MadeProject::project();
    theirs.run.seed = 77;
    save_project(theirs, toPath(made.file()));
    window.document()->edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 5; });
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    auto* band = window.findChild<InlineMessage*>(QStringLiteral("changedOutside"));
    QTRY_VERIFY(band->isVisible() && band->text().startsWith(QStringLiteral("Not saved")));
    QVERIFY(!buttonOf(band, QStringLiteral("Merge")));
    QTest::qWait(700);  // the watch notices it, too
    QVERIFY(band->text().startsWith(QStringLiteral("Not saved")));
    QCOMPARE(load_project(toPath(made.file())).run.seed, int64_t(77));
    QTest::mouseClick(buttonOf(band, QStringLiteral("Save mine")), Qt::LeftButton);
    QTRY_VERIFY(!window.isWindowModified());
    QCOMPARE(load_project(toPath(made.file())).run.seed, int64_t(5));
  }

  /// Under another name the title, the recent projects and the file say the same.
  void knowsItsNewNameAfterSaveAs() {
    MadeProject made;
    MainWindow window;
    window.show();
    window.openProject(made.file());
    QTRY_VERIFY(window.document()->isOpen());
    window.document()->saveAs(made.path(QStringLiteral("second.kdproj")));
    QTRY_COMPARE(window.windowTitle(), QStringLiteral("second[*] — LLaVA-KD Studio"));
    QCOMPARE(recentProjects(), (QStringList{made.path(QStringLiteral("second.kdproj")), made.file()}));
  }
};

QTEST_MAIN(MainWindowFilesTest)
#include "tst_main_window_files.moc"
