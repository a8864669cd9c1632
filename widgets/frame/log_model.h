// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <deque>

#include "widgets/run/log_line.h"

namespace llavakd {

/// The newest lines of a run's log: time, stage and step, what happened.
class LogModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { timeColumn, placeColumn, sentenceColumn, columns };
  static constexpr int warnsRole = Qt::UserRole;
  explicit LogModel(QObject* parent = nullptr);

  /// Text from the end of the log; the last line may come in pieces.
  void append(const QString& text);
  void clear();
  /// Shows the events as they are recorded in place of the sentences.
  void setJson(bool on);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QString textOf(const LogLine& line, int column) const;

  std::deque<LogLine> m_lines;
  QString m_rest;  ///< Begin of a line whose end hasn't come.
  bool m_json = false;
};

}  // namespace llavakd
