// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/value_table_dialog.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int tableWidth = 760, tableHeight = 520;

}  // namespace

ValueTableDialog::ValueTableDialog(const QString& title, Read read, QWidget* parent)
    : QDialog(parent),
      m_read(std::move(read)),
      m_model(new ValueTableModel(this)),
      m_view(new ValueTableView(m_model)) {
  setWindowTitle(tr("%1, as a table").arg(title));
  m_view->setAccessibleName(windowTitle());
  auto* layout = new QVBoxLayout(this);
  layout->setSpacing(theme::gap);
  makeTop(layout);
  layout->addWidget(m_view, 1);
  m_state = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  layout->addWidget(m_state);
  makeButtons(layout);
  connect(m_view, &ValueTableView::copyRequested, this, &ValueTableDialog::copySelected);
  connect(m_view->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, &ValueTableDialog::showOrder);
  connect(m_model, &ValueTableModel::sortingChanged, this, [this](bool sorting) {
    m_copy->setEnabled(!sorting && m_model->rowCount() > 0);
    m_state->setText(sorting ? tr("Sorting…") : QString());
  });
  // Whoever reads by keys begins at the first row.
  connect(m_model, &QAbstractItemModel::modelReset, this, [this] { m_view->setCurrentIndex(m_model->index(0, 0)); });
  resize(tableWidth, tableHeight);
  readAgain();
  m_view->setFocus();
}

void ValueTableDialog::makeTop(QBoxLayout* layout) {
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_rowsLabel = new TextLabel;
  row->addWidget(m_rowsLabel, 1);
  auto* label = new TextLabel(tr("&Sort by"));
  m_column = new QComboBox;
  m_column->setAccessibleName(tr("Sort by"));
  label->setBuddy(m_column);
  m_descending = new QCheckBox(tr("&Largest first"));
  row->addWidget(label);
  row->addWidget(m_column);
  row->addWidget(m_descending);
  layout->addLayout(row);
  connect(m_column, &QComboBox::currentIndexChanged, this, &ValueTableDialog::sortByChoice);
  connect(m_descending, &QCheckBox::toggled, this, &ValueTableDialog::sortByChoice);
}

void ValueTableDialog::makeButtons(QBoxLayout* layout) {
  auto* buttons = new QHBoxLayout;
  auto* again = new QPushButton(tr("&Update"));
  again->setObjectName(QStringLiteral("update"));
  again->setToolTip(tr("Show what the chart shows now"));
  m_copy = new QPushButton(tr("&Copy as CSV"));
  m_copy->setObjectName(QStringLiteral("copy"));
  m_copy->setToolTip(tr("All rows in this order, with all digits that are recorded. Ctrl+C copies the selected rows."));
  auto* close = new QPushButton(tr("Cl&ose"));
  for (auto* button : {again, m_copy, close}) button->setAutoDefault(false);
  buttons->addWidget(again);
  buttons->addStretch();
  buttons->addWidget(m_copy);
  buttons->addWidget(close);
  layout->addLayout(buttons);
  connect(again, &QPushButton::clicked, this, &ValueTableDialog::readAgain);
  connect(m_copy, &QPushButton::clicked, this, [this] { copy(m_model->rowsShown(0, m_model->rowCount() - 1)); });
  connect(close, &QPushButton::clicked, this, &ValueTableDialog::reject);
}

QString ValueTableDialog::rowsText() const {
  return m_rowsLabel->text();
}

QString ValueTableDialog::stateText() const {
  return m_state->text();
}

void ValueTableDialog::readAgain() {
  const int columns = m_model->columnCount();
  m_model->setTable(m_read());
  const NumberTable& table = *m_model->table();
  {
    const QSignalBlocker quiet(m_column);
    m_column->clear();
    for (int column = 0; column < table.columns(); ++column) m_column->addItem(table.title(column));
  }
  if (table.columns() != columns)
    m_view->sortByColumn(0, Qt::AscendingOrder);  // another column is under the old number
  showOrder();
  m_view->fitColumns();
  m_copy->setEnabled(table.rows() > 0 && !m_model->isSorting());
  m_rowsLabel->setText(table.summary());
}

// The choices follow the header.
void ValueTableDialog::showOrder() {
  const QSignalBlocker quietColumn(m_column), quietOrder(m_descending);
  m_column->setCurrentIndex(m_view->horizontalHeader()->sortIndicatorSection());
  m_descending->setChecked(m_view->horizontalHeader()->sortIndicatorOrder() == Qt::DescendingOrder);
}

void ValueTableDialog::sortByChoice() {
  m_view->sortByColumn(m_column->currentIndex(), m_descending->isChecked() ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void ValueTableDialog::copySelected() {
  std::vector<std::uint32_t> rows;
  // By ranges: a million single indices would take a while.
  QItemSelection selection = m_view->selectionModel()->selection();
  std::sort(selection.begin(), selection.end(),
            [](const QItemSelectionRange& one, const QItemSelectionRange& other) { return one.top() < other.top(); });
  for (const QItemSelectionRange& range : std::as_const(selection)) {
    const auto part = m_model->rowsShown(range.top(), range.bottom());
    rows.insert(rows.end(), part.begin(), part.end());
  }
  if (!rows.empty()) copy(std::move(rows));
}

void ValueTableDialog::copy(std::vector<std::uint32_t> rows) {
  m_copy->setEnabled(false);
  const auto count = qint64(rows.size());
  inBackground(
      this, [table = m_model->table(), rows = std::move(rows)] { return table->commaSeparated(rows); },
      [this, count](const QString& text) {
        QApplication::clipboard()->setText(text);
        m_copy->setEnabled(!m_model->isSorting());
        m_state->setText(count == 1 ? tr("One row is on the clipboard.")
                                    : tr("%1 rows are on the clipboard.").arg(theme::wholeNumber(count)));
      });
}

void showValueTable(QWidget* shown, const QString& title, ValueTableDialog::Read read) {
  auto* dialog = new ValueTableDialog(title, std::move(read), shown->window());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->show();
}

}  // namespace llavakd
