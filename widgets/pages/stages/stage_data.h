// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <optional>

#include "widgets/document/newest_request.h"
#include "widgets/forms/form_fields.h"
#include "widgets/pages/stages/data_facts.h"

class QPushButton;

namespace llavakd {

class OptionForm;
class ProjectDocument;
class TextLabel;

/// A stage's data: what its file holds, a picture of it, and where file and pictures are.
class StageData : public QWidget {
  Q_OBJECT

 public:
  StageData(ProjectDocument* document, int index, QWidget* parent = nullptr);
  /// Shows the stage of the document again, and reads the files when they are others.
  void refresh();
  /// Reads the files again: they may have changed on disk.
  void readAgain();
  /// Whether there is a page to browse the samples on.
  void setBrowsable(bool browsable);

  /// What was counted; nothing while that isn't known.
  const std::optional<DataFacts>& facts() const { return m_facts; }
  OptionForm* form() const { return m_form; }

 Q_SIGNALS:
  void factsChanged();
  void browseRequested();
  void edited(const QString& name, const llavakd::FieldValue& value);

 private:
  void showCount();
  bool isThere() const;

  ProjectDocument* m_document;
  int m_index;
  TextLabel *m_picture, *m_count;
  QPushButton* m_browse;
  OptionForm* m_form;
  QString m_file, m_images;
  std::optional<DataFacts> m_facts;
  NewestRequest m_readings;
};

}  // namespace llavakd
