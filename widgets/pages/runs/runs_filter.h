// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCollator>
#include <QSortFilterProxyModel>
#include <QStringList>
#include <cmath>
#include <optional>
#include <vector>

namespace llavakd {

class RunsModel;

/// The rows whose texts hold all typed words, sorted; runs without a value come last, whichever way it is sorted. What
/// rows are sorted and filtered by is made once for each, not for each comparison.
class RunsFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit RunsFilter(RunsModel* model, QObject* parent = nullptr);
  void setWords(const QString& typed);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  /// A number, else a text as the locale sorts it, else nothing.
  struct Key {
    double number;
    std::optional<QCollatorSortKey> text;
    bool isKnown() const { return !std::isnan(number) || text; }
  };
  void makeKeys(int column) const;
  QString textsOf(int row) const;
  void forget(int first, int last);

  RunsModel* m_model;
  QStringList m_words;
  QCollator m_collator;
  mutable std::vector<Key> m_keys;  ///< By row of the model, of the column below; empty: not made yet.
  mutable int m_keyColumn = -1;
  mutable std::vector<QString> m_texts;  ///< What words are looked for in, by row; null: not made yet.
};

}  // namespace llavakd
