// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLineEdit>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include "made_project.h"
#include "made_run.h"
#include "widgets/forms/path_edit.h"
#include "widgets/pages/project/evaluation_list.h"
#include "widgets/pages/project/project_page.h"
#include "widgets/theme/parts.h"

namespace llavakd {

/// The evaluations on the Project page.
class EvaluationListTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void addsChangesAndRemovesByClicksAndKeys() {
    Opened opened;
    const auto& evaluations = opened.document.project().evaluations;
    QVERIFY(evaluations.empty());
    QTest::mouseClick(opened.button("addEvaluation"), Qt::LeftButton);
    QCOMPARE(evaluations.size(), size_t(1));
    auto* file = qobject_cast<PathEdit*>(opened.list->field(QStringLiteral("evaluations[0]")));
    QVERIFY(file && opened.page.focusWidget() == file->line());
    QTest::keyClicks(file->line(), QStringLiteral("questions.json"));
    QCOMPARE(evaluations[0].file, std::string("questions.json"));
    auto* task = qobject_cast<QComboBox*>(opened.list->field(QStringLiteral("evaluations[0].task")));
    QVERIFY(task && task->currentData().toString().toStdString() == evaluations[0].task);
    QTest::mouseClick(opened.button("addEvaluation"), Qt::LeftButton);
    QCOMPARE(evaluations.size(), size_t(2));
    QTest::mouseClick(opened.button("removeEvaluation"), Qt::LeftButton);  // the first one
    QCOMPARE(evaluations.size(), size_t(1));
    QVERIFY(evaluations[0].file.empty());
    opened.document.undoStack()->undo();
    QCOMPARE(evaluations.size(), size_t(2));
    QCOMPARE(evaluations[0].file, std::string("questions.json"));
    QVERIFY(qobject_cast<PathEdit*>(opened.list->field(QStringLiteral("evaluations[0]")))->path() ==
            QStringLiteral("questions.json"));
    while (opened.document.undoStack()->canUndo()) opened.document.undoStack()->undo();
    QVERIFY(evaluations.empty() && !opened.list->field(QStringLiteral("evaluations[0]")));
    QVERIFY(!opened.document.isModified());
  }

  /// The fields of several evaluations can be told apart by who hears them.
  void namesItsFields() {
    Opened opened;
    for (int i = 0; i < 2; ++i) QTest::mouseClick(opened.button("addEvaluation"), Qt::LeftButton);
    QStringList names;
    for (const char* key : {"evaluations[0].task", "evaluations[0].file", "evaluations[1].task", "evaluations[1].file"})
      names << opened.list->field(QLatin1String(key))->accessibleName();
    QCOMPARE(names.first(), QStringLiteral("Task of evaluation 1"));
    QCOMPARE(names.removeDuplicates(), 0);
  }

  /// What the check finds wrong with an evaluation is said below it, and goes with the edit that mends it.
  void saysWhatIsWrong() {
    Opened opened;
    opened.document.edit(QStringLiteral("add"), [](Project& project) {
      project.evaluations.resize(2);
      project.evaluations[1].file = "gone.json";
    });
    const auto faults = [&] {
      QStringList texts;
      for (const auto* label : opened.list->findChildren<TextLabel*>(QStringLiteral("evaluationFault")))
        texts << (label->isVisible() ? label->text() : QString());
      return texts;
    };
    QTRY_COMPARE(faults(), (QStringList{QString(), QStringLiteral("gone.json is not there. Choose another.")}));
    opened.page.showField(QStringLiteral("evaluations[1].file"));
    auto* line = qobject_cast<PathEdit*>(opened.list->field(QStringLiteral("evaluations[1].file")))->line();
    QVERIFY(opened.page.focusWidget() == line);
    QTest::keyClick(line, Qt::Key_Backspace);
    QCOMPARE(faults(), (QStringList{QString(), QString()}));
  }

 private:
  struct Opened {
    Opened() {
      write_made_engine(toPath(made.path({})));
      qputenv("PATH", QFile::encodeName(made.path({})) + ':' + qgetenv("PATH"));
      page.resize(1280, 1000);
      page.show();
      page.activateWindow();
      QVERIFY(QTest::qWaitForWindowActive(&page));
      QVERIFY(made.open(document));
    }
    QToolButton* button(const char* name) const { return list->findChild<QToolButton*>(QLatin1String(name)); }
    MadeProject made;
    ProjectDocument document;
    ProjectPage page{&document};
    EvaluationList* list = page.findChild<EvaluationList*>();
  };
};

}  // namespace llavakd

QTEST_MAIN(llavakd::EvaluationListTest)
#include "tst_evaluation_list.moc"
