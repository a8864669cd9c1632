// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include "made_project.h"
#include "widgets/forms/number_box.h"
#include "widgets/pages/stages/gate_dialog.h"
#include "widgets/pages/stages/limit_row.h"
#include "widgets/pages/stages/stage_arrow.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

class GateDialogTest : public QObject {
  Q_OBJECT

  static std::vector<LimitOptions> gateOf(const ProjectDocument& document, size_t stage) {
    return document.project().stages[stage].gate;
  }

  /// Chooses an entry as the keyboard does.
  static void choose(QWidget* row, const char* box, const QString& text) {
    auto* combo = row->findChild<QComboBox*>(QLatin1String(box));
    QVERIFY(combo);
    combo->setFocus();
    QVERIFY2(combo->findText(text) >= 0, qPrintable(text));
    while (combo->currentText() != text) {
      const int before = combo->currentIndex();
      QTest::keyClick(combo, combo->findText(text) > before ? Qt::Key_Down : Qt::Key_Up);
      QVERIFY(combo->currentIndex() != before);
    }
  }

 private Q_SLOTS:
  void aGateIsMadeBetweenTheCards() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 800);
    page.show();
    QVERIFY(made.open(document));
    const auto arrows = page.findChildren<StageArrow*>();
    QCOMPARE(arrows.size(), 2);
    auto* button = arrows[0]->findChild<QToolButton*>(QStringLiteral("gateButton"));
    QTRY_VERIFY(button->isVisible());
    QCOMPARE(button->accessibleName(), QStringLiteral("Add a gate between DPT and SFT"));
    QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = page.findChild<GateDialog*>();
    QVERIFY(dialog);
    QTRY_VERIFY(dialog->isVisible());
    QCOMPARE(dialog->windowTitle(), QStringLiteral("Gate of DPT"));
    auto* add = dialog->findChild<QPushButton*>(QStringLiteral("addLimit"));
    QTest::mouseClick(add, Qt::LeftButton);
    // Without evaluations and without a teacher the loss alone can be known.
    QCOMPARE(gateOf(document, 0).size(), size_t(1));
    QCOMPARE(gateOf(document, 0)[0].measure, std::string("loss"));
    QCOMPARE(button->accessibleName(), QStringLiteral("Gate between DPT and SFT"));
    QVERIFY(button->toolTip().contains(QStringLiteral("loss at most as at the beginning")));
    QTest::mouseClick(add, Qt::LeftButton);  // another number, not the same again
    QCOMPARE(gateOf(document, 0).size(), size_t(2));
    QCOMPARE(gateOf(document, 0)[1].of, std::string("ce"));
    document.undoStack()->undo();

    auto* row = dialog->findChild<LimitRow*>();
    auto* number = row->findChild<NumberBox*>(QStringLiteral("limit"));
    number->setFocus();
    number->selectAll();
    QTest::keyClicks(number, QStringLiteral("-12.5"));
    QTest::keyClick(number, Qt::Key_Return);
    QCOMPARE(gateOf(document, 0)[0].limit, -12.5);
    QVERIFY(dialog->isVisible());  // Return ends the number, not the dialog
    choose(row, "unmet", QStringLiteral("Stop"));
    QCOMPARE(gateOf(document, 0)[0].unmet, std::string("stop"));
    choose(row, "of", QStringLiteral("Cross entropy"));
    QCOMPARE(gateOf(document, 0)[0].of, std::string("ce"));
    choose(row, "against", QStringLiteral("Number"));
    QCOMPARE(gateOf(document, 0)[0].against, std::string("number"));

    document.undoStack()->undo();
    document.undoStack()->undo();
    document.undoStack()->undo();
    document.undoStack()->undo();
    QCOMPARE(gateOf(document, 0)[0].limit, 0.0);
    QCOMPARE(number->value(), 0.0);
    document.undoStack()->undo();
    QVERIFY(gateOf(document, 0).empty());
    QTRY_COMPARE(dialog->findChildren<LimitRow*>().size(), 0);
    document.undoStack()->redo();
    QTest::mouseClick(dialog->findChild<QToolButton*>(QStringLiteral("removeLimit")), Qt::LeftButton);
    QVERIFY(gateOf(document, 0).empty());
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(!page.findChild<GateDialog*>());
  }

  void offersTheEvaluationsAndSaysWhatIsWrong() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.resize(1300, 800);
    page.show();
    QVERIFY(made.open(document));
    document.edit(QStringLiteral("evaluate"), [](Project& project) {
      project.evaluations = {{"exact_match", "data/first.json", ""}, {"exact_match", "data/test.json", ""}};
    });
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
    page.cards()[2]->setFocus();  // the last stage has one, too
    QTest::keyClick(page.cards()[2], Qt::Key_G, Qt::ControlModifier);
    auto* dialog = page.findChild<GateDialog*>();
    QVERIFY(dialog);
    QTRY_VERIFY(dialog->isVisible());
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("addLimit")), Qt::LeftButton);
    QCOMPARE(gateOf(document, 2)[0].measure, std::string("score"));
    auto* row = dialog->findChild<LimitRow*>();
    QCOMPARE(row->findChild<QComboBox*>(QStringLiteral("of"))->count(), 2);
    choose(row, "of", QStringLiteral("test.json"));
    QCOMPARE(gateOf(document, 2)[0].of, std::string("test.json"));
    const auto* fault = row->findChild<StateBadge*>();
    QVERIFY(!fault->isVisible());
    choose(row, "measure", QStringLiteral("Probes"));
    QTRY_VERIFY(fault->isVisible());
    QVERIFY2(fault->text().contains(QStringLiteral("compares with a teacher, and none is chosen")),
             qPrintable(fault->text()));
    choose(row, "measure", QStringLiteral("Score"));
    choose(row, "against", QStringLiteral("Number"));
    auto* number = row->findChild<NumberBox*>(QStringLiteral("limit"));
    for (const auto& [typed, told] : {std::pair("110", "never met"), std::pair("0", "always met")}) {
      number->setFocus();
      number->selectAll();
      QTest::keyClicks(number, QString::fromLatin1(typed));
      QTest::keyClick(number, Qt::Key_Return);
      QTRY_VERIFY(fault->isVisible() && fault->text().contains(QLatin1String(told)));
    }
    QVERIFY2(dialog->minimumSizeHint().width() <= 640, qPrintable(QString::number(dialog->minimumSizeHint().width())));
    for (const QWidget* widget : row->findChildren<QComboBox*>()) QVERIFY(!widget->accessibleName().isEmpty());
  }

  /// A finding of `check` leads to the gate.
  void aFindingOpensIt() {
    MadeProject made;
    ProjectDocument document;
    RunWatcher run;
    StagesPage page(&document, &run);
    page.show();
    QVERIFY(made.open(document));
    page.showField(1, QStringLiteral("gate"));
    const auto* dialog = page.findChild<GateDialog*>();
    QVERIFY(dialog && dialog->windowTitle() == QStringLiteral("Gate of SFT"));
    document.close();
    QTRY_VERIFY(!page.findChild<GateDialog*>());
  }
};

QTEST_MAIN(GateDialogTest)
#include "tst_gate_dialog.moc"
