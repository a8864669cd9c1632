// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSortFilterProxyModel>
#include <QStringList>

namespace llavakd {

class RunsModel;

/// The rows whose texts hold all typed words, sorted; runs without a value come last, whichever way it is sorted.
class RunsFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit RunsFilter(RunsModel* model, QObject* parent = nullptr);
  void setWords(const QString& typed);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  RunsModel* m_model;
  QStringList m_words;
};

}  // namespace llavakd
