// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/document/project_facts.h"
#include "widgets/theme/parts.h"

class QGridLayout;

namespace llavakd {

/// What fits between teacher and student: a row for each fact with both values and a mark, the worst first, and the
/// remedy under it where it doesn't fit. What fits is folded into one line.
class FitCard : public Card {
  Q_OBJECT

 public:
  explicit FitCard(QWidget* parent = nullptr);
  void setResult(const ProjectFacts::Result& result);
  /// The models are being read.
  void setReading();

 private:
  void addRow(QGridLayout* grid, const MatchFact& fact);
  void addFitting(QGridLayout* grid, const std::vector<MatchFact>& rows, const QWidgetList& heads);
  StateBadge* m_verdict;
  TextLabel* m_hint;
  QWidget* m_table = nullptr;
  bool m_fitShown = false;  ///< The fold is open; it stays so when the models change.
};

}  // namespace llavakd
