// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPainter>
#include <QToolButton>
#include <optional>

#include "core/run/answer_pairs.h"

namespace llavakd {

/// "Teacher right, student wrong".
QString outcomeText(Outcome outcome);
/// The colour of an outcome on the map, where its shape says it too: whoever is right alone, else done or failed.
QColor outcomeColor(Outcome outcome);

/// Two marks side by side, a tick or a cross each: the teacher's in its colour, then the student's.
void paintOutcomeMarks(QPainter& painter, const QPointF& topLeft, Outcome outcome, double scale);
inline constexpr int outcomeMarkSide = 14;

/// The sign of an outcome on the map, `side` wide around a middle: a circle, a triangle, a square or a cross.
void paintOutcomeSign(QPainter& painter, const QPointF& middle, double side, Outcome outcome);

/// A group of questions with its count and share; a click chooses it, and another one all.
class OutcomeChip : public QToolButton {
  Q_OBJECT

 public:
  /// Without an outcome: all questions.
  explicit OutcomeChip(std::optional<Outcome> outcome, QWidget* parent = nullptr);
  void setCount(qint64 count, qint64 of);
  QString figures() const { return m_figures; }
  std::optional<Outcome> outcome() const { return m_outcome; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  std::optional<Outcome> m_outcome;
  QString m_figures;
};

}  // namespace llavakd
