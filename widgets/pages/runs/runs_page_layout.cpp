// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/pages/runs/import_menu.h"
#include "widgets/pages/runs/run_comparison.h"
#include "widgets/pages/runs/run_details.h"
#include "widgets/pages/runs/runs_page.h"
#include "widgets/pages/runs/runs_table.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

// Where the parts of the page are; what they do is in runs_page.cpp.
namespace llavakd {

QWidget* RunsPage::makeHead() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gap);
  row->addWidget(new TextLabel(tr("Runs"), theme::Size::page));
  row->addWidget(m_count = new TextLabel({}, theme::Size::body, TextLabel::Tone::muted));
  m_count->setObjectName(QStringLiteral("runCount"));
  row->addStretch(1);
  m_filter->setObjectName(QStringLiteral("runFilter"));
  m_filter->setPlaceholderText(tr("Filter by name, state, project, tag or note"));
  m_filter->setAccessibleName(tr("Filter the runs"));
  m_filter->setClearButtonEnabled(true);
  m_filter->setMinimumWidth(theme::fieldWidth / 2);
  m_filter->setMaximumWidth(2 * theme::fieldWidth);
  row->addWidget(m_filter, 4);  // what the stretch leaves, where there is room for more than its least width
  m_add->setObjectName(QStringLiteral("addToQueue"));
  m_showQueue->setObjectName(QStringLiteral("showQueue"));
  m_showQueue->setCheckable(true);
  m_import->setObjectName(QStringLiteral("importRun"));
  m_import->setPopupMode(QToolButton::InstantPopup);
  m_import->setMenu(m_importMenu);
  m_showAblations->setObjectName(QStringLiteral("showAblation"));
  m_showAblations->setCheckable(true);
  m_showAblations->hide();
  for (QToolButton* button : {m_showAblations, m_import, m_add, m_showQueue}) {
    button->setFocusPolicy(Qt::TabFocus);
    row->addWidget(button);
  }
  return head;
}

QWidget* RunsPage::makeEmptyPage() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setSpacing(theme::gapLarge);
  column->addStretch(2);
  m_empty = new TextLabel({}, theme::Size::title);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setWordWrap(true);
  m_empty->setObjectName(QStringLiteral("runsEmpty"));
  m_again = new QPushButton(tr("Look &again"));
  column->addWidget(m_empty);
  column->addWidget(m_again, 0, Qt::AlignCenter);
  column->addStretch(3);
  return page;
}

QWidget* RunsPage::makeContent() {
  m_splitter->setChildrenCollapsible(false);
  m_splitter->addWidget(m_table);
  m_hint = new TextLabel({}, theme::Size::body, TextLabel::Tone::muted);
  m_hint->setAlignment(Qt::AlignCenter);
  m_hint->setWordWrap(true);
  for (QWidget* page :
       {static_cast<QWidget*>(m_hint), static_cast<QWidget*>(m_details), static_cast<QWidget*>(m_comparison)})
    m_lower->addWidget(page);
  m_splitter->addWidget(m_lower);
  m_splitter->setSizes({480, 280});
  connect(m_splitter, &QSplitter::splitterMoved, this, [this] { m_splitByHand = true; });
  return m_splitter;
}

void RunsPage::fitTable() {
  constexpr int fewestRows = 4;
  const int height = m_splitter->height() - m_splitter->handleWidth();
  if (m_splitByHand || !m_splitter->isVisible() || height <= 0) return;
  m_fittedTo = m_run->projectFile();
  const int rows = std::max(fewestRows, int(m_catalog->rows().size()));
  const int wanted = m_table->horizontalHeader()->sizeHint().height() +
                     rows * m_table->verticalHeader()->defaultSectionSize() +
                     m_table->horizontalScrollBar()->sizeHint().height() + 2 * m_table->frameWidth();
  const int table = std::min(wanted, height * 3 / 5);
  m_splitter->setSizes({table, height - table});
}

void RunsPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  m_catalog->setWatched(true);
  refresh();  // what was worked out while nobody saw it hadn't its room yet
}

void RunsPage::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  m_catalog->setWatched(false);
}

void RunsPage::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (!m_catalog->rows().empty()) fitTable();
}

}  // namespace llavakd
