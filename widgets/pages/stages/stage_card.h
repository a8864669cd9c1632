// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <map>
#include <optional>

#include "core/model_spec/model_facts.h"
#include "core/project/options.h"
#include "widgets/document/newest_request.h"
#include "widgets/pages/stages/data_facts.h"
#include "widgets/theme/parts.h"

class QCheckBox;

namespace llavakd {

class OptionForm;
class ProjectDocument;
class ScheduleSketch;
class TermRow;

/// One stage: what learns, from which data, by which terms, on which schedule.
class StageCard : public Card {
  Q_OBJECT

 public:
  StageCard(ProjectDocument* document, int index, QWidget* parent = nullptr);
  /// Shows the stage of the document again.
  void refresh();
  /// The student, for counting what learns; nullptr while unknown.
  void setStudent(const ModelFacts* student);

  QCheckBox* scheduled() const { return m_scheduled; }
  const std::vector<TermRow*>& terms() const { return m_terms; }
  OptionForm* form() const { return m_form; }
  Chip* chip(const std::string& part) const { return m_chips.at(part); }

 private:
  const StageOptions& stage() const;
  /// One step of the history that changes this stage.
  void edit(const QString& text, const std::function<void(StageOptions&)>& change, const QString& key = {});
  void makeHead();
  void makeLearns();
  void makeData();
  void makeTerms();
  void makeSchedule();
  void makeMore();
  void bind(OptionForm* form);
  void setScheduled(bool on);
  void switchTerm(const std::string& term, bool on, double weight);
  void refreshData();
  static QString countText(const DataFacts& facts);
  void showCount();
  void refreshSteps();
  void refreshTermForms();
  void addHeading(const QString& text);

  ProjectDocument* m_document;
  int m_index;
  TextLabel *m_name, *m_purpose, *m_trainable, *m_count, *m_picture, *m_steps;
  QCheckBox* m_scheduled;
  std::map<std::string, Chip*> m_chips;
  ElidedLabel* m_file;
  std::vector<TermRow*> m_terms;
  ScheduleSketch* m_sketch;
  OptionForm *m_form, *m_dataForm, *m_moreForm;
  QWidget* m_more;
  std::map<std::string, OptionForm*> m_termForms;
  QString m_dataPath, m_imagesPath;
  std::optional<DataFacts> m_data;
  std::optional<ModelFacts> m_student;
  NewestRequest m_readings;
};

}  // namespace llavakd
