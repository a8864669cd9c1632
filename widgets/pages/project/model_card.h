// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model_spec/model_facts.h"
#include "core/project/options.h"
#include "widgets/forms/form_fields.h"
#include "widgets/theme/parts.h"

class QComboBox;
class QGridLayout;

namespace llavakd {

class OptionForm;
class ProjectDocument;

/// The teacher or the student: first the choice, so that it never moves, then in a sentence what it is, with details to
/// open. A folder dropped on it becomes its checkpoint.
class ModelCard : public Card {
  Q_OBJECT

 public:
  ModelCard(theme::Who who, ProjectDocument* document, QWidget* parent = nullptr);
  /// `known` false: nothing has been chosen yet.
  void setFacts(bool known, const ModelFacts& facts);
  /// What has been chosen is being read.
  void setReading();
  OptionForm* form() const { return m_form; }

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void refresh();
  void showForm();
  QWidget* makeDropZone();
  QWidget* makeFacts();
  void choose();
  void setCheckpoint(const QString& folder);
  void edited(const QString& name, const FieldValue& value);
  bool isTeacher() const { return m_role == theme::Who::teacher; }

  theme::Who m_role;
  ProjectDocument* m_document;
  QComboBox* m_source = nullptr;
  StudentOptions m_shownStudent;
  OptionForm* m_form;
  QWidget *m_zone, *m_facts;  ///< One of them is shown; the other one takes no room.
  QGridLayout* m_grid;
  TextLabel *m_summary, *m_faults;
  QToolButton* m_details;
};

}  // namespace llavakd
