// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "widgets/run/stage_gradients.h"

class QComboBox;
class QProgressBar;
class QPushButton;

namespace llavakd {

class GradientTable;
class ProjectDocument;
class TextLabel;
struct StageOptions;

/// What the weights of a stage do: a button that asks the engine for the terms' gradients on the stage's first samples,
/// and their shares and cosines. Once they are known, other weights change the shares at once.
class GradientPanel : public QWidget {
  Q_OBJECT

 public:
  GradientPanel(ProjectDocument* document, int index, QWidget* parent = nullptr);
  /// Shows the stage of the document again.
  void refresh();
  /// The newest checkpoint of the run that the window shows, whose student can be looked at, too; empty: there is none.
  void setCheckpoint(const QString& folder);

  QPushButton* button() const { return m_ask; }
  QComboBox* parts() const { return m_parts; }
  QComboBox* students() const { return m_students; }
  GradientTable* table() const { return m_table; }
  TextLabel* state() const { return m_state; }

 Q_SIGNALS:
  /// A person has asked, and wants to see the answer's place.
  void asked();

 private:
  const StageOptions& stage() const;
  void askOrCancel();
  void showButton(const StageGradients::Known& known);
  void showParts(const TermGradients& found);
  void showTable(const TermGradients& found, bool outdated);
  /// Folder of the student that is to be looked at; empty: as the project begins.
  QString student() const;
  /// Why what was found isn't true of the present state; empty: it is.
  QString outdatedText(const StageGradients::Known& known) const;
  QString stateText(const StageGradients::Known& known) const;

  ProjectDocument* m_document;
  StageGradients* m_gradients;
  int m_index;
  QPushButton* m_ask;
  QComboBox *m_parts, *m_students;
  QString m_checkpoint;
  QProgressBar* m_progress;
  TextLabel* m_state;
  GradientTable* m_table;
};

}  // namespace llavakd
