// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QString>
#include <QStringList>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// A question of an evaluation with its right answer.
struct EvaluationQuestion {
  QStringList pictures;
  QString question, answer, type;
};

/// The questions of a project's evaluations, and which answer is right.
class EvaluationQuestions {
 public:
  struct Set {
    QString name;   ///< Of its file.
    QString fault;  ///< Why it can't be read.
    std::vector<EvaluationQuestion> questions;
    qsizetype leftOut = 0;  ///< Beyond what is kept, or of several rounds.
  };

  EvaluationQuestions() = default;
  /// Reads their files: for worker threads. Of very long ones the beginning is kept.
  EvaluationQuestions(const Project& project, const QString& projectFile);

  const std::vector<Set>& sets() const { return m_sets; }
  /// The right answer to exactly this question about these pictures; empty where no evaluation asks it.
  QString rightAnswer(const QStringList& pictures, const QString& question) const;

 private:
  std::vector<Set> m_sets;
  QHash<QString, QString> m_answers;
};

}  // namespace llavakd
