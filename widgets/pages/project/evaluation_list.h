// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

#include "widgets/theme/parts.h"

namespace llavakd {

class OptionForm;
class ProjectDocument;

/// The project's evaluations: which questions the student is asked at the end of a run and at gates, and how its
/// answers are scored. They are added, changed and removed by edits that can be undone; what the check finds wrong with
/// one is said below it.
class EvaluationList : public Card {
  Q_OBJECT

 public:
  /// The document outlives the list.
  explicit EvaluationList(ProjectDocument* document, QWidget* parent = nullptr);

  /// The field of "evaluations[1].images", or of the file where only the evaluation is named; nullptr: there is none.
  QWidget* field(const QString& key) const;

 private:
  struct Row {
    QWidget* widget;
    OptionForm* form;
    TextLabel* fault;
  };
  Row makeRow(int place);
  void refresh();
  void showFaults();
  void add();
  void remove(int place);

  ProjectDocument* m_document;
  TextLabel* m_empty;
  QVBoxLayout* m_column;
  std::vector<Row> m_rows;
};

}  // namespace llavakd
