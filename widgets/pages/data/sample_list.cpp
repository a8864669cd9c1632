// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/sample_list.h"

#include <QHeaderView>
#include <algorithm>
#include <array>

#include "widgets/pages/data/sample_browser.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

bool isNumeric(int column) {
  return column != SampleListModel::id && column != SampleListModel::text;
}

}  // namespace

SampleListModel::SampleListModel(SampleBrowser* browser, QObject* parent)
    : QAbstractTableModel(parent), m_browser(browser), m_rows(browser->rows()) {
  connect(browser, &SampleBrowser::rowsChanged, this, &SampleListModel::takeRows);
}

// While work goes on, rows are added at the end: what is seen stays where it is.
void SampleListModel::takeRows() {
  const std::vector<int64_t>& rows = m_browser->rows();
  const auto before = m_rows.size();
  if (before > 0 && rows.size() > before && std::equal(m_rows.begin(), m_rows.end(), rows.begin())) {
    beginInsertRows({}, int(before), int(rows.size()) - 1);
    m_rows = rows;
    endInsertRows();
    return;
  }
  beginResetModel();
  m_rows = rows;
  endResetModel();
}

int SampleListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_rows.size());
}

int SampleListModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

int SampleListModel::placeOf(int64_t row) const {
  const auto found = std::ranges::lower_bound(m_rows, row);
  return found != m_rows.end() && *found == row ? int(found - m_rows.begin()) : -1;
}

QString SampleListModel::cell(int64_t row, int column) const {
  const SampleTable& table = m_browser->table();
  const SampleTable::Row& entry = table.row(row);
  const bool usable = entry.sample >= 0;
  switch (column) {
    case number:
      return theme::wholeNumber(row + 1);
    case id:
      return table.id(row);
    case text: {
      const QString fault = m_browser->faultOf(row);
      return fault.isEmpty() ? table.text(row) : tr("Left out: %1").arg(fault);
    }
    case turns:
      return usable ? theme::wholeNumber(entry.turns) : QString();
    case pictures:
      return usable ? theme::wholeNumber(entry.images) : QString();
    case tokens: {
      const auto length = m_browser->tokensOf(row);
      if (!length) return usable ? (m_browser->textProgress() ? QStringLiteral("…") : QStringLiteral("–")) : QString();
      const auto most = m_browser->maxLength();
      return most && *length > *most ? tr("%1, cut").arg(theme::wholeNumber(*length)) : theme::wholeNumber(*length);
    }
    default:
      return {};
  }
}

QVariant SampleListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const int64_t row = m_rows[size_t(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return cell(row, index.column());
    case Qt::ToolTipRole:  // as text, whatever it holds
      return QStringLiteral("<p>%1</p>").arg(cell(row, index.column()).toHtmlEscaped());
    case Qt::TextAlignmentRole:
      return int(Qt::AlignVCenter | (isNumeric(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::DecorationRole:
      if (index.column() == id && !m_browser->faultOf(row).isEmpty()) return theme::icon(QStringLiteral("warning"));
      return {};
    case Qt::FontRole:
      return isNumeric(index.column()) ? QVariant(theme::numberFont(theme::Size::body)) : QVariant();
    default:
      return {};
  }
}

QVariant SampleListModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section >= columns) return {};
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter | (isNumeric(section) ? Qt::AlignRight : Qt::AlignLeft));
  if (role == Qt::DisplayRole) {
    const std::array<QString, columns> names{tr("No."),   tr("Id"),       tr("First question"),
                                             tr("Turns"), tr("Pictures"), tr("Tokens")};
    return names[size_t(section)];
  }
  if (role == Qt::ToolTipRole) {
    const std::array<QString, columns> notes{tr("The entry's place in the file"),
                                             tr("The sample's id"),
                                             tr("How the first question begins, or why a run leaves the sample out"),
                                             tr("Questions and answers"),
                                             tr("Pictures of the sample"),
                                             tr("Length with the pictures' tokens; what is longer than max_length is "
                                                "cut")};
    return notes[size_t(section)];
  }
  return {};
}

SampleListView::SampleListView(SampleBrowser* browser, QWidget* parent)
    : QTableView(parent), m_model(new SampleListModel(browser, this)) {
  setModel(m_model);
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setTabKeyNavigation(false);
  setShowGrid(false);
  setAlternatingRowColors(true);
  setWordWrap(false);
  setCornerButtonEnabled(false);
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(tr("Samples"));
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(theme::compactRowHeight);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionResizeMode(SampleListModel::text, QHeaderView::Stretch);
  connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_resetting = true; });
  connect(m_model, &QAbstractItemModel::modelReset, this, &SampleListView::keepCurrent);
  // Lengths and faults arrive all the time; only what is seen is drawn again.
  connect(browser, &SampleBrowser::progressed, this, [this] { viewport()->update(); });
  fitColumns();
}

void SampleListView::keepCurrent() {
  const int place = m_current >= 0 ? m_model->placeOf(m_current) : -1;
  if (place >= 0) setCurrentIndex(m_model->index(place, SampleListModel::text));
  m_resetting = false;
}

bool SampleListView::showRow(int64_t row) {
  const int place = m_model->placeOf(row);
  if (place < 0) return false;
  const QModelIndex index = m_model->index(place, SampleListModel::text);
  setCurrentIndex(index);
  scrollTo(index, PositionAtCenter);
  return true;
}

void SampleListView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTableView::currentChanged(current, previous);
  if (m_resetting || !current.isValid()) return;
  const int64_t row = m_model->rowAt(current.row());
  if (row == m_current) return;
  m_current = row;
  Q_EMIT rowChosen(row);
}

void SampleListView::fitColumns() {
  const QFontMetrics metrics(theme::numberFont(theme::Size::body));
  const auto widthOf = [&](const QString& widest) {
    return metrics.horizontalAdvance(widest) + 2 * theme::gapSmall;
  };
  setColumnWidth(SampleListModel::number, widthOf(theme::wholeNumber(888888)));
  setColumnWidth(SampleListModel::id, widthOf(QStringLiteral("000000000000")) + theme::iconSize);
  setColumnWidth(SampleListModel::turns, widthOf(QStringLiteral("Turns")));
  setColumnWidth(SampleListModel::pictures, widthOf(QStringLiteral("Pictures")));
  setColumnWidth(SampleListModel::tokens, widthOf(tr("%1, cut").arg(theme::wholeNumber(8888))));
}

void SampleListView::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  constexpr int fewColumns = 460;
  setColumnHidden(SampleListModel::turns, width() < fewColumns);
  setColumnHidden(SampleListModel::pictures, width() < fewColumns);
}

}  // namespace llavakd
