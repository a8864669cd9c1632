// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The Compare page over a made run, and its parts as a person finds them.
#include <QAction>
#include <QFile>
#include <QMenu>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "opened_run.h"
#include "widgets/pages/compare/answer_card.h"
#include "widgets/pages/compare/chosen_models.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/compare/question_edit.h"
#include "widgets/pages/compare/thread_row.h"
#include "widgets/run/serve_client.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/theme/action_button.h"

namespace llavakd {

namespace fs = std::filesystem;

/// Settings, state and the program `llavakd` in a folder of the test's own.
inline void useMadeEngine(const QTemporaryDir& folder) {
  QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
  QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.filePath(QStringLiteral("settings")));
  qputenv("XDG_STATE_HOME", QFile::encodeName(folder.filePath(QStringLiteral("state"))));
  theme::apply(*qApp, theme::Appearance::light);
  write_made_engine(toPath(folder.path()));
  qputenv("PATH", QFile::encodeName(folder.path()) + ':' + qgetenv("PATH"));
}

struct OpenedCompare : OpenedRun {
  explicit OpenedCompare(const QString& folder, const MadeRunPlan& plan = {})
      : OpenedCompare(make_run(toPath(folder), plan)) {}
  explicit OpenedCompare(const MadeRun& made_run) : OpenedRun(made_run) {
    page.resize(1280, 800);
    page.show();
    open();
    [this] {
      QTRY_COMPARE(page.strip()->entryCount(), 2);
      QTRY_VERIFY(page.models()->texts().size() > 1);
    }();
  }

  ActionButton* button(const QString& text) {
    for (auto* found : page.findChildren<ActionButton*>())
      if (found->text().remove(u'&') == text) return found;
    return nullptr;
  }
  void clickAsk() { QTest::mouseClick(button(QStringLiteral("Ask")), Qt::LeftButton); }
  void ask(const QString& question) {
    page.question()->setText(question);
    clickAsk();
  }
  /// The card of a model, 0: the teacher, in a row, 0: the newest.
  AnswerCard* card(int model, int row = 0, int turn = 0) { return page.rows()[size_t(row)]->card(turn, model); }
  QToolButton* rowButton(const char* name, int row = 0) {
    return page.rows()[size_t(row)]->findChild<QToolButton*>(QLatin1String(name));
  }
  bool answered(int row = 0) {
    return int(page.rows().size()) > row && !page.thread()->rows()[size_t(row)].isWaiting();
  }
  /// What the menu of models offers, with the submenus' entries as "run/checkpoint".
  QStringList offered() {
    QStringList all;
    eachOffered([&](const QString& path, QAction*) { all << path; });
    return all;
  }
  void choose(const QString& path) {
    eachOffered([&](const QString& each, QAction* action) {
      if (each == path) action->trigger();
    });
  }

  ServeClient serve;
  ComparePage page{&document, &run, &serve};

 private:
  template <class Visit>
  void eachOffered(const Visit& visit) {
    QMenu* menu = page.models()->addButton()->menu();
    Q_EMIT menu->aboutToShow();
    for (QAction* action : menu->actions()) {
      if (action->isSeparator()) continue;
      if (!action->menu()) visit(action->text(), action);
      if (!action->menu()) continue;
      for (QAction* inner : action->menu()->actions()) visit(action->text() + u'/' + inner->text(), inner);
    }
  }
};

}  // namespace llavakd
