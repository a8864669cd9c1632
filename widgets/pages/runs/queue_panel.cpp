// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/queue_panel.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QListView>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>

#include "widgets/run/run_queue.h"

namespace llavakd {

QueuePanel::QueuePanel(RunQueue* queue, QWidget* parent)
    : Card(theme::Who::none, parent),
      m_queue(queue),
      m_state(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_list(new QListView),
      m_up(makeToolButton(QStringLiteral("arrow-up"), {}, tr("Earlier (Alt+Up)"))),
      m_down(makeToolButton(QStringLiteral("arrow-down"), {}, tr("Later (Alt+Down)"))),
      m_remove(makeToolButton(QStringLiteral("cross"), {}, tr("Take out of the queue (Del)"))),
      m_again(makeToolButton(QStringLiteral("redo"), {}, tr("Let it wait again"))),
      m_add(makeToolButton(QStringLiteral("open"), {}, tr("Add another project…"))),
      m_hold(new QPushButton) {
  setFixedWidth(280);
  m_up->setObjectName(QStringLiteral("queueUp"));
  m_down->setObjectName(QStringLiteral("queueDown"));
  m_remove->setObjectName(QStringLiteral("queueRemove"));
  m_again->setObjectName(QStringLiteral("queueAgain"));
  m_add->setObjectName(QStringLiteral("queueAdd"));
  m_hold->setObjectName(QStringLiteral("queueHold"));
  m_state->setObjectName(QStringLiteral("queueState"));
  m_state->setWordWrap(true);
  m_list->setObjectName(QStringLiteral("queue"));
  m_list->setModel(queue);
  m_list->setAccessibleName(tr("Runs that wait"));
  m_list->setWordWrap(true);
  m_list->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked);
  m_list->setToolTip(tr("F2 names a run"));
  auto* head = new QHBoxLayout;
  head->addWidget(new TextLabel(tr("Queue"), theme::Size::title), 1);
  head->addWidget(m_add);
  body()->addLayout(head);
  body()->addWidget(m_state);
  body()->addWidget(m_list, 1);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapTiny);
  for (QToolButton* button : {m_up, m_down, m_remove, m_again}) row->addWidget(button);
  row->addStretch();
  row->addWidget(m_hold);
  body()->addLayout(row);
  connectParts();
  refresh();
}

void QueuePanel::connectParts() {
  connect(m_queue, &RunQueue::changed, this, &QueuePanel::refresh);
  connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &QueuePanel::refresh);
  connect(m_up, &QToolButton::clicked, this, [this] { move(-1); });
  connect(m_down, &QToolButton::clicked, this, [this] { move(1); });
  connect(m_remove, &QToolButton::clicked, this, &QueuePanel::remove);
  connect(m_again, &QToolButton::clicked, this, [this] { m_queue->tryAgain(currentRow()); });
  connect(m_add, &QToolButton::clicked, this, &QueuePanel::chooseProject);
  connect(m_hold, &QPushButton::clicked, this, [this] { m_queue->setHeld(!m_queue->isHeld()); });
  const auto onKey = [this](const QKeySequence& key, QToolButton* button) {
    auto* shortcut = new QShortcut(key, m_list);
    shortcut->setContext(Qt::WidgetShortcut);
    connect(shortcut, &QShortcut::activated, button, &QToolButton::click);
  };
  onKey(QKeySequence(Qt::ALT | Qt::Key_Up), m_up);
  onKey(QKeySequence(Qt::ALT | Qt::Key_Down), m_down);
  onKey(QKeySequence(Qt::Key_Delete), m_remove);
}

int QueuePanel::currentRow() const {
  return m_list->currentIndex().isValid() ? m_list->currentIndex().row() : -1;
}

void QueuePanel::refresh() {
  const int row = currentRow(), last = m_queue->rowCount() - 1;
  m_state->setText(m_queue->stateText());
  m_up->setEnabled(row > 0);
  m_down->setEnabled(row >= 0 && row < last);
  m_remove->setEnabled(row >= 0);
  m_again->setEnabled(row >= 0 && row <= last && !m_queue->waiting()[size_t(row)].fault.empty());
  m_hold->setText(m_queue->isHeld() ? tr("&Go on") : tr("&Hold"));
  m_hold->setToolTip(m_queue->isHeld() ? tr("Start the runs one after the other") : tr("Start no further run"));
}

void QueuePanel::move(int by) {
  m_queue->move(currentRow(), by);  // the current entry stays the current one
  refresh();
}

void QueuePanel::remove() {
  m_queue->remove(currentRow());
  refresh();
}

void QueuePanel::chooseProject() {
  const QString file =
      QFileDialog::getOpenFileName(this, tr("Add another project to the queue"), {}, tr("Projects (*.kdproj)"));
  if (!file.isEmpty()) m_queue->addProject(file);
}

}  // namespace llavakd
