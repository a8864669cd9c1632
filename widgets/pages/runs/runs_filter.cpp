// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/runs_filter.h"

#include <algorithm>

#include "widgets/pages/runs/runs_model.h"

namespace llavakd {

RunsFilter::RunsFilter(RunsModel* model, QObject* parent) : QSortFilterProxyModel(parent), m_model(model) {
  // Before setSourceModel(): what the proxy does then must find nothing that is out of date.
  connect(model, &QAbstractItemModel::dataChanged, this,
          [this](const QModelIndex& from, const QModelIndex& to, const QList<int>& roles) {
            if (roles.isEmpty() || roles.contains(Qt::DisplayRole)) forget(from.row(), to.row());
          });
  const auto forgetAll = [this] {
    m_texts.clear();
    m_keys.clear();
  };
  connect(model, &QAbstractItemModel::rowsInserted, this, forgetAll);
  connect(model, &QAbstractItemModel::rowsRemoved, this, forgetAll);
  connect(model, &QAbstractItemModel::modelReset, this, forgetAll);
  setSourceModel(model);
  setDynamicSortFilter(true);
}

void RunsFilter::forget(int first, int last) {
  m_keys.clear();
  for (int row = first; row <= last && row < int(m_texts.size()); ++row) m_texts[size_t(row)] = QString();
}

void RunsFilter::setWords(const QString& typed) {
  m_words = typed.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

QString RunsFilter::textsOf(int row) const {
  m_texts.resize(size_t(m_model->rowCount()));
  QString& texts = m_texts[size_t(row)];
  if (!texts.isNull()) return texts;
  using enum RunColumn::Field;
  for (const RunColumn::Field field : {name, state, started, project, tags, notes})
    texts += cellText(m_model->row(row), {field}) + QLatin1Char('\n');
  return texts;
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
  if (m_words.isEmpty()) return true;
  const QString texts = textsOf(row);
  return std::ranges::all_of(m_words, [&](const QString& word) { return texts.contains(word, Qt::CaseInsensitive); });
}

void RunsFilter::makeKeys(int column) const {
  m_keys.clear();
  m_keyColumn = column;
  for (int row = 0; row < m_model->rowCount(); ++row) {
    const RunSortKey key = sortKey(m_model->row(row), m_model->column(column));
    m_keys.push_back({key.number, {}});
    if (std::isnan(key.number) && !key.text.isEmpty()) m_keys.back().text = m_collator.sortKey(key.text);
  }
}

bool RunsFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  if (m_keys.empty() || m_keyColumn != left.column()) makeKeys(left.column());
  const Key &a = m_keys[size_t(left.row())], &b = m_keys[size_t(right.row())];
  const bool downwards = sortOrder() == Qt::DescendingOrder;
  if (a.isKnown() != b.isKnown()) return downwards ? b.isKnown() : a.isKnown();
  if (!a.isKnown()) return false;
  return a.text && b.text ? a.text->compare(*b.text) < 0 : a.number < b.number;
}

}  // namespace llavakd
