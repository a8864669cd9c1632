// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "core/run/events.h"
#include "core/run/task_result.h"

namespace llavakd {

/// What the student's newest evaluation gave: the score, what it is a mean of, its breakdown. With several evaluations
/// in a project the first one shows, and all are in the tool tip. Hidden until there is a score.
class ScoreTile : public QWidget {
  Q_OBJECT

 public:
  explicit ScoreTile(QWidget* parent = nullptr);
  /// What the result lacks is left out.
  void addScore(const Event& event, const EvaluationEvent& evaluated);
  void clear();

  /// "58.3 %", or "–" when no question was asked.
  QString valueText() const;
  /// The same of any result.
  static QString valueOf(const TaskResult& result);
  /// Name of the file with its questions.
  static QString fileOf(const TaskResult& result);
  /// "dialogues.json 12.0 %": what the other evaluations came to; empty where there is one only.
  QString othersText() const;
  /// "mean over 2 types", or what else the score is.
  QString meaningText() const;
  /// "colour 100 · relation 30"; empty where a score has less than two parts.
  QString breakdownText() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Score {
    TaskResult result;
    QString stage;
    qint64 step = 0;
  };
  static QString meaningOf(const TaskResult& result);
  void describeScores();

  std::vector<Score> m_scores;  ///< The newest of each evaluation, in the project's order.
};

}  // namespace llavakd
