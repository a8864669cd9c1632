// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/run/project_check.h"
#include "widgets/theme/parts.h"

class QGridLayout;

namespace llavakd {

class ProjectDocument;

/// Whether a run can start: what `llavakd check` says, the worst first, each with what to do and, where that is a
/// click, a button for it. While the project is checked again, the older rows stay in sight, disabled.
class CheckCard : public Card {
  Q_OBJECT

 public:
  explicit CheckCard(ProjectDocument* document, QWidget* parent = nullptr);
  /// The verdict's words.
  QString verdict() const;

 Q_SIGNALS:
  /// The option of this key is to be shown: "stages[2].data".
  void fieldRequested(const QString& key);
  /// The samples that a run leaves out of "stages[2]" or "evaluations[0]" are to be shown.
  void samplesRequested(const QString& key);

 private:
  void refresh();
  void addItem(QGridLayout* grid, const ProjectCheck::Item& item);
  void addCache(QGridLayout* grid, const ProjectCheck::Cache& cache);
  QWidget* makeEstimates();
  ProjectDocument* m_document;
  ProjectCheck* m_check;
  StateBadge* m_verdict;
  TextLabel* m_hint;
  QWidget* m_table = nullptr;
  bool m_partsShown = false;  ///< The estimates are opened; they stay so.
};

}  // namespace llavakd
