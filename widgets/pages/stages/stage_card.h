// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <map>
#include <optional>

#include "core/model_spec/model_facts.h"
#include "core/project/options.h"
#include "widgets/theme/parts.h"

class QCheckBox;

namespace llavakd {

class GradientPanel;
class OptionForm;
class ProjectDocument;
class ScheduleSketch;
class StageData;
class StageHead;
class TermRow;

/// One stage: what learns, from which data, by which terms, on which schedule. A stage that doesn't run is faded.
class StageCard : public Card {
  Q_OBJECT

 public:
  StageCard(ProjectDocument* document, int index, QWidget* parent = nullptr);
  /// Shows the stage of the document again.
  void refresh();
  /// The student, for counting what learns; nullptr while unknown.
  void setStudent(const ModelFacts* student);

  /// Shows the head alone, or all of it; `foldable` says whether the head offers that.
  void setFolded(bool foldable, bool folded);
  /// The least width for all of it, folded or not.
  int neededWidth() const;
  /// Gives the keyboard to a field of the stage, wherever on the card it is; false when there is none.
  bool showField(const QString& name);

  StageHead* head() const { return m_head; }
  StageData* data() const { return m_data; }
  QCheckBox* scheduled() const;
  const std::vector<TermRow*>& terms() const { return m_terms; }
  GradientPanel* gradients() const { return m_gradients; }
  OptionForm* form() const { return m_form; }
  Chip* chip(const std::string& part) const { return m_chips.at(part); }

 Q_SIGNALS:
  /// The stage has another place in the project now.
  void moved(int from, int to);
  /// Why a typed name can't be; for people.
  void nameRefused(const QString& why);
  void unfoldRequested();
  void browseRequested(const QString& stage);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  bool isThere() const;
  const StageOptions& stage() const;
  /// One step of the history that changes this stage.
  void edit(const QString& text, const std::function<void(StageOptions&)>& change, const QString& key = {});
  void connectHead();
  void makeLearns();
  void makeData();
  void makeTerms();
  void makeSchedule();
  void makeMore();
  void bind(OptionForm* form);
  void setScheduled(bool on);
  void rename(const QString& name);
  void switchTerm(const std::string& term, bool on, double weight);
  void refreshHead();
  void refreshLearns();
  void refreshSteps();
  void showEstimate();
  void refreshTermForms();
  QString lengthText() const;
  QVBoxLayout* content() const;
  void addHeading(const QString& text);

  ProjectDocument* m_document;
  int m_index;
  StageHead* m_head;
  QWidget* m_content;
  TextLabel *m_purpose, *m_trainable, *m_steps, *m_estimate;
  std::map<std::string, Chip*> m_chips;
  StageData* m_data;
  std::vector<TermRow*> m_terms;
  GradientPanel* m_gradients;
  ScheduleSketch* m_sketch;
  OptionForm *m_form, *m_moreForm;
  QToolButton* m_moreButton;
  QWidget* m_more;
  std::map<std::string, OptionForm*> m_termForms;
  /// Terms with the options that they had when they were switched off here, and the stage that they are of.
  std::map<std::string, TermOptions> m_switchedOff;
  std::string m_shownStage;
  std::optional<ModelFacts> m_student;
  QPoint m_pressed;
};

/// The kind of what is dragged when a card is moved to another place: its index as text.
inline constexpr const char* stageDragKind = "application/x-llavakd-stage";

}  // namespace llavakd
