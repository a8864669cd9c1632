// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/frame/page.h"

namespace llavakd {

class CheckCard;
class EvaluationList;
class FitCard;
class ModelCard;
class OptionForm;
class ProbeStrip;

/// Teacher, student and what fits between them; whether a run can start; the probe pictures; the evaluations; the
/// project's own options.
class ProjectPage : public QWidget {
  Q_OBJECT

 public:
  static PageDescriptor descriptor();
  explicit ProjectPage(ProjectDocument* document, QWidget* parent = nullptr);
  /// Shows the field of an option and gives it the focus: "run.seed", "evaluations[0].file"; asks for another page
  /// where it isn't on this one.
  void showField(const QString& key);

 Q_SIGNALS:
  /// The field of an option that is on another page: "stages[2].learning_rate".
  void fieldRequested(const QString& key);
  /// The samples that a run leaves out of "stages[2]" or "evaluations[0]" are to be shown.
  void samplesRequested(const QString& key);

 private:
  QWidget* makeOptions();
  void bindOptions();
  void refresh();
  void refreshFacts();
  ProjectDocument* m_document;
  ModelCard *m_teacher, *m_student;
  FitCard* m_fit;
  CheckCard* m_check;
  ProbeStrip* m_probes;
  EvaluationList* m_evaluations;
  OptionForm *m_projectForm, *m_imageForm, *m_runForm;
};

}  // namespace llavakd
