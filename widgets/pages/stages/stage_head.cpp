// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_head.h"

#include <QAction>
#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>

#include "widgets/theme/parts.h"

namespace llavakd {

StageHead::StageHead(QWidget* card)
    : QWidget(card),
      m_name(new QLineEdit(this)),
      m_scheduled(new QCheckBox(tr("In the run"), this)),
      m_fold(makeToolButton(QStringLiteral("chevron-right"), {}, tr("Show this stage"), this)),
      m_earlier(makeToolButton(QStringLiteral("arrow-left"), {}, tr("Move before the stage before (Alt+Left)"), this)),
      m_later(makeToolButton(QStringLiteral("arrow-right"), {}, tr("Move behind the next stage (Alt+Right)"), this)),
      m_more(makeToolButton(QStringLiteral("more"), {}, tr("Rename, copy, gate or remove this stage"), this)),
      m_menu(new QMenu(this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapTiny);
  m_name->setFrame(false);
  m_name->setFont(theme::font(theme::Size::title));
  m_name->setObjectName(QStringLiteral("name"));
  m_name->setToolTip(tr("The stage's name: letters, digits and “_”. Type over it to rename the stage."));
  m_name->setAccessibleName(tr("Name of the stage"));
  m_fold->setObjectName(QStringLiteral("fold"));
  m_earlier->setObjectName(QStringLiteral("earlier"));
  m_later->setObjectName(QStringLiteral("later"));
  m_more->setObjectName(QStringLiteral("stageMenu"));
  for (QToolButton* button : {m_fold, m_earlier, m_later, m_more}) button->setFocusPolicy(Qt::TabFocus);
  row->addWidget(m_fold);
  row->addWidget(m_name, 1);
  row->addWidget(m_scheduled);
  row->addWidget(m_earlier);
  row->addWidget(m_later);
  row->addWidget(m_more);
  makeMenu(card);
  setFolding(false, false);
  connect(m_fold, &QToolButton::clicked, this, &StageHead::unfoldRequested);
  connect(m_earlier, &QToolButton::clicked, this, [this] { Q_EMIT moveRequested(-1); });
  connect(m_later, &QToolButton::clicked, this, [this] { Q_EMIT moveRequested(1); });
  connect(m_scheduled, &QCheckBox::toggled, this, &StageHead::scheduleChanged);
  connect(m_name, &QLineEdit::editingFinished, this, [this] {
    if (m_name->text() != m_shownName) Q_EMIT renamed(m_name->text());
  });
}

void StageHead::makeMenu(QWidget* card) {
  const auto add = [&](const QString& text, const QKeySequence& keys, auto act) {
    QAction* action = m_menu->addAction(text, this, act);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setProperty("group", tr("On a stage’s card"));
    card->addAction(action);
    return action;
  };
  add(tr("&Rename"), QKeySequence(Qt::Key_F2), [this] {
    m_name->setFocus();
    m_name->selectAll();
  });
  add(tr("&Copy"), QKeySequence(Qt::CTRL | Qt::Key_D), [this] { Q_EMIT copyRequested(); });
  m_moveEarlier = add(tr("Move &earlier"), QKeySequence(Qt::ALT | Qt::Key_Left), [this] { Q_EMIT moveRequested(-1); });
  m_moveLater = add(tr("Move &later"), QKeySequence(Qt::ALT | Qt::Key_Right), [this] { Q_EMIT moveRequested(1); });
  add(tr("&Gate at its end…"), QKeySequence(Qt::CTRL | Qt::Key_G), [this] { Q_EMIT gateRequested(); });
  m_menu->addSeparator();
  add(tr("Re&move"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Delete), [this] { Q_EMIT removeRequested(); });
  m_more->setMenu(m_menu);
  m_more->setPopupMode(QToolButton::InstantPopup);
}

void StageHead::setStage(const QString& name, bool scheduled, bool onlyOne) {
  const QSignalBlocker quiet(m_scheduled);
  if (m_shownName != name || !m_name->hasFocus()) m_name->setText(name);
  m_shownName = name;
  m_scheduled->setChecked(scheduled);
  m_scheduled->setEnabled(!onlyOne);
  m_scheduled->setToolTip(onlyOne ? tr("A run needs at least one stage.")
                                  : tr("Whether this stage is part of the run."));
  m_scheduled->setAccessibleName(tr("%1 is in the run").arg(name));
}

void StageHead::setPlace(int index, int count) {
  m_earlier->setEnabled(index > 0);
  m_later->setEnabled(index + 1 < count);
  m_moveEarlier->setEnabled(index > 0);
  m_moveLater->setEnabled(index + 1 < count);
  m_earlier->setVisible(count > 1);
  m_later->setVisible(count > 1);
}

void StageHead::setFolding(bool foldable, bool folded) {
  m_fold->setVisible(foldable);
  m_fold->setIcon(theme::icon(folded ? QStringLiteral("chevron-right") : QStringLiteral("chevron-down")));
}

void StageHead::restoreName() {
  m_name->setText(m_shownName);
}

}  // namespace llavakd
