// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/log_drawer.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/frame/log_model.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// Lines with the words in any column; of these, on wish, only the warnings.
class ShownLines : public QSortFilterProxyModel {
 public:
  explicit ShownLines(QObject* parent) : QSortFilterProxyModel(parent) {
    setFilterKeyColumn(-1);
    setFilterCaseSensitivity(Qt::CaseInsensitive);
  }
  void setWarningsOnly(bool on) {
    m_warningsOnly = on;
    invalidateFilter();
  }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    if (m_warningsOnly && !sourceModel()->index(row, 0, parent).data(LogModel::warnsRole).toBool()) return false;
    return QSortFilterProxyModel::filterAcceptsRow(row, parent);
  }

 private:
  bool m_warningsOnly = false;
};

}  // namespace

LogDrawer::LogDrawer(RunWatcher* run, QWidget* parent)
    : QWidget(parent),
      m_lines(new LogModel(this)),
      m_filter(new QLineEdit),
      m_warnings(makeToolButton(QStringLiteral("warning"), tr("Warnings"), tr("Show warnings and failures only"))),
      m_json(makeToolButton(QStringLiteral("file"), tr("JSON"), tr("Show the events as they are recorded"))),
      m_table(new QTreeView) {
  auto* shown = new ShownLines(this);
  m_shown = shown;
  shown->setSourceModel(m_lines);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::gapSmall, theme::pageMargin, 0);
  column->setSpacing(theme::gapTiny);
  auto* head = new QHBoxLayout;
  head->setSpacing(theme::gapSmall);
  auto* title = new TextLabel(tr("Log"), theme::Size::title);
  m_filter->setPlaceholderText(tr("Filter"));
  m_filter->setAccessibleName(tr("Filter of the log"));
  m_filter->setClearButtonEnabled(true);
  m_filter->setMaximumWidth(2 * theme::fieldWidth);
  m_warnings->setCheckable(true);
  m_json->setCheckable(true);
  head->addWidget(title);
  head->addWidget(m_filter, 1);
  head->addWidget(m_warnings);
  head->addWidget(m_json);
  head->addStretch(1);
  column->addLayout(head);

  m_table->setModel(shown);
  m_table->setRootIsDecorated(false);
  m_table->setUniformRowHeights(true);
  m_table->setIconSize({theme::gapLarge, theme::gapLarge});
  m_table->setFrameShape(QFrame::NoFrame);
  m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_table->setAllColumnsShowFocus(true);
  m_table->setAccessibleName(tr("Log of the run"));
  m_table->setFont(theme::numberFont(theme::Size::caption));
  m_table->installEventFilter(this);
  const QFontMetrics metrics(m_table->font());
  m_table->header()->resizeSection(LogModel::timeColumn,
                                   metrics.horizontalAdvance(QStringLiteral("30 Nov 00:00:00")) + theme::gapHuge);
  m_table->header()->resizeSection(LogModel::placeColumn,
                                   metrics.horizontalAdvance(QStringLiteral("Stage · step 100,000")) + theme::gapHuge);
  column->addWidget(m_table, 1);
  setMinimumHeight(120);

  connect(m_filter, &QLineEdit::textChanged, shown, &QSortFilterProxyModel::setFilterFixedString);
  connect(m_warnings, &QToolButton::toggled, this, [shown](bool on) { shown->setWarningsOnly(on); });
  connect(m_json, &QToolButton::toggled, m_lines, &LogModel::setJson);
  connect(run, &RunWatcher::reset, m_lines, &LogModel::clear);
  connect(run, &RunWatcher::logArrived, this, &LogDrawer::append);
}

// Whoever reads an older line keeps it in sight.
void LogDrawer::append(const QString& text) {
  const QScrollBar* bar = m_table->verticalScrollBar();
  const bool atEnd = bar->value() == bar->maximum();
  m_lines->append(text);
  if (atEnd) m_table->scrollToBottom();
}

bool LogDrawer::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_table && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
    copyRows();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

// Whole lines, their columns apart by tabs.
void LogDrawer::copyRows() {
  QModelIndexList rows = m_table->selectionModel()->selectedRows();
  std::sort(rows.begin(), rows.end());
  QStringList lines;
  for (const QModelIndex& row : rows) {
    QStringList columns;
    for (int i = 0; i < LogModel::columns; ++i) columns << row.siblingAtColumn(i).data().toString();
    lines << columns.join(QLatin1Char('\t'));
  }
  if (!lines.isEmpty()) QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace llavakd
