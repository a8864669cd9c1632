// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QCheckBox;
class QVBoxLayout;

namespace llavakd {

class InlineMessage;
class NewProjectCard;

/// What to begin with while no project is open: what the program does, the sample to try it with, templates, and the
/// recent projects with how their runs are.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  /// As the pages of the table have one.
  static QString id() { return QStringLiteral("start"); }
  explicit StartPage(QWidget* parent = nullptr);
  /// Reads the list of recent projects again.
  void refresh();
  /// Offers to make a project of this template.
  void offer(const QString& templateName);
  InlineMessage* message() const { return m_message; }
  NewProjectCard* newProject() const { return m_new; }

 Q_SIGNALS:
  void projectMade(const QString& path);
  void projectChosen(const QString& path);
  void openRequested();

 private:
  QWidget* makeBeginnings();
  void addTemplates(QVBoxLayout* column, const QString& heading, bool examples);
  QWidget* makeRecent();
  QWidget* makeRecentEntry(const QString& path);
  InlineMessage* m_message;
  NewProjectCard* m_new;
  QVBoxLayout* m_recent;
  QCheckBox* m_reopen;
};

}  // namespace llavakd
