// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/runs_filter.h"

#include <algorithm>

#include "widgets/pages/runs/runs_model.h"

namespace llavakd {

RunsFilter::RunsFilter(RunsModel* model, QObject* parent) : QSortFilterProxyModel(parent), m_model(model) {
  setSourceModel(model);
  setSortRole(RunsModel::sortRole);
  setSortLocaleAware(true);
  setDynamicSortFilter(true);
}

void RunsFilter::setWords(const QString& typed) {
  m_words = typed.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
  if (m_words.isEmpty()) return true;
  QString texts;
  using enum RunsModel::Field;
  for (const RunsModel::Field field : {name, state, started, project, tags, notes})
    texts += m_model->index(row, m_model->columnOf(field)).data(Qt::DisplayRole).toString() + QLatin1Char('\n');
  return std::ranges::all_of(m_words, [&](const QString& word) { return texts.contains(word, Qt::CaseInsensitive); });
}

bool RunsFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  const QVariant a = left.data(RunsModel::sortRole), b = right.data(RunsModel::sortRole);
  const bool downwards = sortOrder() == Qt::DescendingOrder;
  if (a.isValid() != b.isValid()) return downwards ? b.isValid() : a.isValid();
  if (!a.isValid()) return false;
  if (a.typeId() == QMetaType::Double && b.typeId() == QMetaType::Double) return a.toDouble() < b.toDouble();
  return a.toString().localeAwareCompare(b.toString()) < 0;
}

}  // namespace llavakd
