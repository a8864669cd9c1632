// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QToolButton;

namespace llavakd {

class ElidedLabel;

/// The command that does what the next press of Start or Resume does, or that tells how far the run at work is; to be
/// copied.
class RunCommand : public QWidget {
  Q_OBJECT

 public:
  explicit RunCommand(QWidget* parent = nullptr);
  /// `note` says what the command does; without a command, why there is none.
  void setCommand(const QString& command, const QString& note);
  QString text() const;

 private:
  ElidedLabel* m_command;
  QToolButton* m_copy;
};

}  // namespace llavakd
