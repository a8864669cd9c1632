// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSlider>
#include <QTest>
#include <cmath>

#include "core/io/json_file.h"
#include "made_project.h"
#include "page_picture.h"
#include "widgets/document/project_files.h"
#include "widgets/pages/stages/gradient_panel.h"
#include "widgets/pages/stages/gradient_table.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stages_page.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

using namespace llavakd;

namespace {

/// Gradients in two parts, of all terms of the catalog: each has a direction of its own and some of the first one's.
TermGradients madeGradients() {
  TermGradients found{.stage = "DPT", .seed = 5};
  found.samples = {"1", "2"};
  const size_t count = term_catalog().size();
  for (const TermInfo& info : term_catalog()) found.terms.push_back({std::string(info.name), 1.5, 1});
  for (const char* part : {"connector", "layers 1-6"}) {
    std::vector<double> products(count * count);
    for (size_t a = 0; a < count; ++a)
      for (size_t b = 0; b < count; ++b) {
        const double along = (a == 2 ? -0.5 : 0.4 * double(a + 1)) * (b == 2 ? -0.5 : 0.4 * double(b + 1));
        products[a * count + b] = along + (a == b ? 1.0 : 0.0) + (*part == 'l' && a == b ? 0.25 : 0.0);
      }
    found.parts.push_back({part, std::move(products)});
  }
  return found;
}

/// The engine as a script: it tells that it was called, waits until it may answer, and answers what is in a file.
class FakeEngine {
 public:
  explicit FakeEngine(const MadeProject& made) : m_made(made), m_path(qgetenv("PATH")) {
    answer(QByteArray::fromStdString(to_json(madeGradients()).dump()));
    QFile file(made.path(QStringLiteral("llavakd")));
    if (file.open(QIODevice::WriteOnly))
      file.write(
          "#!/bin/sh\n"
          "[ \"$1\" = gradients ] || exit 1\n"
          "cd \"$(dirname \"$0\")\"\n"
          "cat > given.kdproj\n"
          "echo \"$*\" >> calls\n"
          "echo progress 3 16 >&2\n"
          "while [ ! -e go ]; do sleep 0.02; done\n"
          "[ ! -e refuse ] || { cat refuse >&2; exit 2; }\n"
          "cat answer.json\n");
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("PATH", QFile::encodeName(made.path(QString())) + ":" + m_path);
  }
  ~FakeEngine() { qputenv("PATH", m_path); }

  void answer(const QByteArray& json) const { m_made.write(QStringLiteral("answer.json"), json); }
  void go() const { m_made.write(QStringLiteral("go"), "1"); }
  void refuse(const QByteArray& why) const { m_made.write(QStringLiteral("refuse"), why); }
  QList<QByteArray> calls() const {
    QFile file(m_made.path(QStringLiteral("calls")));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().split('\n') : QList<QByteArray>();
  }
  QByteArray given() const {
    QFile file(m_made.path(QStringLiteral("given.kdproj")));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

 private:
  const MadeProject& m_made;
  QByteArray m_path;
};

struct Opened {
  MadeProject made;
  FakeEngine engine{made};
  ProjectDocument document;
  RunWatcher run;
  StagesPage page{&document, &run};

  explicit Opened(QSize size = {1200, 900}) {
    page.resize(size);
    page.show();
  }
  bool open() { return made.open(document) && QTest::qWaitForWindowExposed(&page); }
  StageCard* card(size_t index = 0) const { return page.cards()[index]; }
  GradientPanel* panel(size_t index = 0) const { return card(index)->gradients(); }
  void ask() const { QTest::mouseClick(panel()->button(), Qt::LeftButton); }
  bool askAndWait() const {
    engine.go();
    ask();
    return QTest::qWaitFor([this] { return panel()->button()->text() == QStringLiteral("Ask again"); }, 5000);
  }
};

}  // namespace

class GradientPanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { theme::apply(*qApp, theme::Appearance::light); }

  /// One click asks the engine for the project as it stands in the window; the panel tells how far it is.
  void aClickAsksTheEngine() {
    Opened opened;
    QVERIFY(opened.open());
    GradientPanel* panel = opened.panel();
    QVERIFY(!panel->table()->isVisible() && !panel->parts()->isVisible() && !panel->state()->isVisible());
    QCOMPARE(panel->button()->text(), QStringLiteral("What do the weights do?"));
    opened.document.edit(QStringLiteral("seed"), [](Project& project) { project.run.seed = 77; });
    opened.ask();
    QTRY_COMPARE(panel->state()->text(), QStringLiteral("3 of 16 backward passes"));
    QCOMPARE(panel->button()->text(), QStringLiteral("Cancel"));
    const auto* bar = panel->findChild<QProgressBar*>();
    QVERIFY(bar->isVisible() && bar->value() == 3 && bar->maximum() == 16);
    // The answer's place is kept free, so that nothing moves when it comes.
    QTRY_VERIFY(panel->table()->isVisible() && panel->table()->height() >= panel->table()->minimumSizeHint().height());
    QVERIFY(std::isnan(panel->table()->shares().shares[0]));
    const QRect place = panel->table()->geometry();
    opened.engine.go();
    QTRY_COMPARE(panel->button()->text(), QStringLiteral("Ask again"));
    QVERIFY(!bar->isVisible());
    QCOMPARE(panel->table()->shares().shares[0], 1.0);
    QTRY_VERIFY(panel->state()->height() > 0);
    QCOMPARE(panel->table()->geometry(), place);
    QVERIFY(panel->state()->text().startsWith(QStringLiteral("On the stage's first 2 samples")));
    QCOMPARE(opened.engine.calls().size(), 1);
    QVERIFY(opened.engine.calls()[0].contains("--stage DPT --stdin"));
    QVERIFY(opened.engine.given().contains("\"seed\": 77"));
    QVERIFY(!opened.panel(1)->table()->isVisible());
  }

  /// The slider changes the shares at once, by the products that are there: nobody is asked again.
  void aWeightChangesTheSharesAtOnce() {
    Opened opened;
    QVERIFY(opened.open());
    QVERIFY(opened.askAndWait());
    const GradientTable* table = opened.panel()->table();
    QCOMPARE(table->shares().shares[0], 1.0);  // the only term that is on
    TermRow* last = opened.card()->terms().back();
    QTest::mouseClick(last->toggle(), Qt::LeftButton, {}, QPoint(8, last->toggle()->height() / 2));
    const auto expected = [&] {
      std::vector<double> weights(term_catalog().size());
      for (const TermOptions& term : opened.document.project().stages[0].terms)
        for (size_t t = 0; t < weights.size(); ++t)
          if (term.term == term_catalog()[t].name) weights[t] = term.weight;
      return gradient_shares(madeGradients().products(), weights);
    };
    QVERIFY(table->shares().shares == expected().shares);
    const double before = table->shares().shares.back();
    QVERIFY(before > 0);
    for (int i = 0; i < 5; ++i) QTest::keyClick(last->slider(), Qt::Key_Right);
    QVERIFY(table->shares().shares.back() > before);
    QVERIFY(table->shares().shares == expected().shares);
    double sum = 0;
    for (const double share : table->shares().shares) sum += share;
    QVERIFY(std::abs(sum - 1) < 1e-12);
    QVERIFY(!table->isOutdated());
    QCOMPARE(opened.engine.calls().size(), 1);
    opened.document.undoStack()->undo();
    opened.document.undoStack()->undo();
    QCOMPARE(table->shares().shares[0], 1.0);
  }

  void aPartOfTheStudentHasSharesOfItsOwn() {
    Opened opened;
    QVERIFY(opened.open());
    opened.document.edit(QStringLiteral("all"), [](Project& project) {
      for (const TermInfo& info : term_catalog())
        if (project.stages[0].terms[0].term != info.name)
          project.stages[0].terms.push_back({.term = std::string(info.name)});
    });
    QVERIFY(opened.askAndWait());
    QComboBox* parts = opened.panel()->parts();
    QCOMPARE(parts->count(), 3);
    QCOMPARE(parts->itemText(2), QStringLiteral("Layers 1-6"));
    const auto whole = opened.panel()->table()->shares().shares;
    parts->setFocus();
    QTest::keyClick(parts, Qt::Key_Down);
    QCOMPARE(parts->currentIndex(), 1);
    const std::vector<double> ones(term_catalog().size(), 1.0);
    QVERIFY(opened.panel()->table()->shares().shares ==
            gradient_shares(madeGradients().parts[0].products, ones).shares);
    QVERIFY(opened.panel()->table()->shares().shares != whole);
  }

  /// Another option than a weight makes the numbers pale, and taking it back brings them to life.
  void saysWhenItIsOutdated() {
    Opened opened;
    QVERIFY(opened.open());
    QVERIFY(opened.askAndWait());
    GradientPanel* panel = opened.panel();
    QTest::mouseClick(opened.card()->chip("language_model"), Qt::LeftButton);
    QVERIFY(panel->table()->isOutdated());
    QVERIFY(panel->state()->text().startsWith(QStringLiteral("Outdated: models, data or options")));
    opened.document.undoStack()->undo();
    QVERIFY(!panel->table()->isOutdated());
    Q_EMIT ProjectFiles::of(&opened.document)->changed();
    QVERIFY(panel->table()->isOutdated());
    QVERIFY(panel->state()->text().startsWith(QStringLiteral("Outdated: files")));
    QVERIFY(opened.askAndWait());
    QTRY_VERIFY(!panel->table()->isOutdated());
    QCOMPARE(opened.engine.calls().size(), 2);
  }

  /// The student of the run's newest checkpoint, where there is one; the other's numbers are pale then.
  void looksAtACheckpoint() {
    Opened opened;
    QVERIFY(opened.open());
    GradientPanel* panel = opened.panel();
    QVERIFY(!panel->students()->isVisible());
    QVERIFY(opened.askAndWait());
    panel->setCheckpoint(QStringLiteral("/runs/one/checkpoints/DPT-4"));
    QVERIFY(panel->students()->isVisible() && !panel->table()->isOutdated());
    panel->students()->setFocus();
    QTest::keyClick(panel->students(), Qt::Key_Down);
    QCOMPARE(panel->students()->currentText(), QStringLiteral("Newest checkpoint, DPT-4"));
    QVERIFY(panel->table()->isOutdated());
    QVERIFY(panel->state()->text().contains(QStringLiteral("as the project begins. Ask again")));
    TermGradients found = madeGradients();
    found.student = "/runs/one/checkpoints/DPT-4";
    opened.engine.answer(QByteArray::fromStdString(to_json(found).dump()));
    opened.ask();
    QTRY_VERIFY(panel->state()->text().contains(QStringLiteral("with the checkpoint DPT-4.")));
    QVERIFY(!panel->table()->isOutdated());
    QVERIFY(opened.engine.calls().back().endsWith("--student /runs/one/checkpoints/DPT-4"));
    panel->setCheckpoint(QStringLiteral("/runs/one/checkpoints/DPT-8"));
    QVERIFY(panel->table()->isOutdated());
    panel->setCheckpoint({});  // the run is gone
    QVERIFY(!panel->students()->isVisible());
    QCOMPARE(panel->students()->currentIndex(), 0);
  }

  void canBeCancelled() {
    Opened opened;
    QVERIFY(opened.open());
    GradientPanel* panel = opened.panel();
    opened.ask();
    QTRY_COMPARE(panel->button()->text(), QStringLiteral("Cancel"));
    QTRY_COMPARE(opened.engine.calls().size(), 1);
    opened.ask();
    QCOMPARE(panel->button()->text(), QStringLiteral("What do the weights do?"));
    QVERIFY(!panel->state()->isVisible() && !panel->table()->isVisible());
    // Another stage's question ends this one's, too.
    opened.ask();
    QTest::mouseClick(opened.panel(2)->button(), Qt::LeftButton);
    QCOMPARE(panel->button()->text(), QStringLiteral("What do the weights do?"));
    QCOMPARE(opened.panel(2)->button()->text(), QStringLiteral("Cancel"));
  }

  void saysWhyThereIsNothing() {
    Opened opened;
    QVERIFY(opened.open());
    opened.engine.refuse("llavakd: student/config.json: there is no such file.\n");
    opened.engine.go();
    opened.ask();
    QTRY_COMPARE(opened.panel()->state()->text(), QStringLiteral("student/config.json: there is no such file."));
    QVERIFY(!opened.panel()->table()->isVisible());
    QFile::remove(opened.made.path(QStringLiteral("refuse")));
    opened.engine.answer("{\"stage\": 7}");
    opened.ask();
    QTRY_VERIFY(opened.panel()->state()->text().contains(QStringLiteral("llavakd gradients")));
  }

  /// A stage that doesn't run has no samples and no order.
  void aStageThatIsLeftOutIsNotAsked() {
    Opened opened;
    QVERIFY(opened.open());
    opened.document.edit(QStringLiteral("leave out"), [](Project& project) { project.schedule = {"SFT", "DFT"}; });
    QVERIFY(!opened.panel(0)->button()->isEnabled() && opened.panel(1)->button()->isEnabled());
    QVERIFY(opened.panel(0)->button()->toolTip().contains(QStringLiteral("isn't part of the run")));
  }

  /// Reached by Tab, pressed by Space, and read aloud with its numbers.
  void worksWithoutAMouse() {
    Opened opened;
    QVERIFY(opened.open());
    opened.engine.go();
    GradientPanel* panel = opened.panel();
    panel->button()->setFocus(Qt::TabFocusReason);
    QTest::keyClick(panel->button(), Qt::Key_Space);
    QTRY_COMPARE(panel->button()->text(), QStringLiteral("Ask again"));
    QVERIFY(panel->button()->hasFocus());
    QTest::keyClick(panel->button(), Qt::Key_Tab);
    QVERIFY(panel->parts()->hasFocus());
    QTest::keyClick(panel->parts(), Qt::Key_Tab);
    QVERIFY(panel->table()->hasFocus());
    QVERIFY(panel->table()->accessibleName().contains(QStringLiteral("DPT")));
    const QString told = panel->table()->accessibleDescription();
    QVERIFY2(told.contains(QStringLiteral("100.0 % of the gradient")) && told.contains(QStringLiteral("Cosine of")),
             qPrintable(told));
    QVERIFY(panel->button()->accessibleName().contains(QStringLiteral("DPT")));
  }

  /// Nothing is cut off on the smallest screen, and a card is no wider for it than it may be.
  void fitsANarrowWindow() {
    Opened opened(QSize(1024 - 136, 700 - 60));
    QVERIFY(opened.open());
    opened.document.edit(QStringLiteral("all"), [](Project& project) {
      for (const TermInfo& info : term_catalog())
        if (project.stages[0].terms[0].term != info.name)
          project.stages[0].terms.push_back({.term = std::string(info.name)});
    });
    QVERIFY(opened.askAndWait());
    const GradientTable* table = opened.panel()->table();
    QVERIFY(table->minimumSizeHint().width() <= 280);
    QVERIFY(table->width() >= table->minimumSizeHint().width());
    QTRY_VERIFY(table->height() >= table->minimumSizeHint().height());
    // It lay below the window's edge, and the click has brought it into sight.
    QTRY_COMPARE(table->visibleRegion().boundingRect(), table->rect());
    takePicture(&opened.page, QStringLiteral("weights-narrow"));
  }

  void picture() {
    Opened opened(QSize(1440 - 136, 1000));
    QVERIFY(opened.open());
    opened.document.edit(QStringLiteral("all"), [](Project& project) {
      for (const TermInfo& info : term_catalog())
        if (project.stages[0].terms[0].term != info.name)
          project.stages[0].terms.push_back({.term = std::string(info.name)});
    });
    QVERIFY(opened.askAndWait());
    QVERIFY(opened.panel()->table()->shares().shares[2] < 0);
    takePicture(&opened.page, QStringLiteral("weights"));
  }
};

QTEST_MAIN(GradientPanelTest)
#include "tst_gradient_panel.moc"
