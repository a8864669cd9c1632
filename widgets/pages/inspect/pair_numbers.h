// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPoint>
#include <QWidget>

#include "core/run/probe_file.h"

namespace llavakd {

class TextLabel;

/// Column and row of a token's patch; -1 for a token without a place in the picture.
QPoint placeOf(const ProbeFile& probe, int token);

/// Which pair of tokens is shown, and its three numbers.
class PairNumbers : public QWidget {
  Q_OBJECT

 public:
  explicit PairNumbers(QWidget* parent = nullptr);
  void setPair(const ProbeFile& probe, int row, int column);
  void clear();
  /// "PAIR|TEACHER|STUDENT|DIFFERENCE".
  QString text() const;

 private:
  TextLabel* m_pair;
  TextLabel* m_numbers[3];
};

}  // namespace llavakd
