// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QVBoxLayout;

namespace llavakd {

class InlineMessage;

/// What to begin with while no project is open: templates at the left, recent projects at the right.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  /// As the pages of the table have one.
  static QString id() { return QStringLiteral("start"); }
  explicit StartPage(QWidget* parent = nullptr);
  /// Reads the list of recent projects again.
  void refresh();
  InlineMessage* message() const { return m_message; }

 Q_SIGNALS:
  void templateChosen(const QString& name);
  void projectChosen(const QString& path);
  void openRequested();

 private:
  QWidget* makeTemplates();
  QWidget* makeRecent();
  InlineMessage* m_message;
  QVBoxLayout* m_recent;
};

}  // namespace llavakd
