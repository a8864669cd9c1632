// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/theme/parts.h"

class QProgressBar;

namespace llavakd {

class ActionButton;
class PathEdit;

/// Makes a project from a template: what it is, the folder, which can be typed over, one button, and how it goes. The
/// window isn't blocked meanwhile.
class NewProjectCard : public Card {
  Q_OBJECT

 public:
  explicit NewProjectCard(QWidget* parent = nullptr);
  /// The template that is offered, with a folder for it that is free.
  void setTemplate(const QString& name);
  QString templateName() const { return m_template; }
  /// Where the project will be made.
  QString folder() const;
  PathEdit* path() const { return m_path; }
  bool isBusy() const { return m_busy; }

 public Q_SLOTS:
  void make();

 Q_SIGNALS:
  void made(const QString& projectFile);

 private:
  void setBusy(bool busy);
  void say(const QString& text);
  QString m_template;
  bool m_busy = false;
  TextLabel *m_title, *m_help, *m_fault;
  PathEdit* m_path;
  ActionButton* m_make;
  QProgressBar* m_progress;
};

}  // namespace llavakd
