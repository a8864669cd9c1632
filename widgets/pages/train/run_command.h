// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QToolButton;

namespace llavakd {

class ElidedLabel;

/// The command that does what the next press of Start or Resume does, or that began the run at hand; to be copied.
class RunCommand : public QWidget {
  Q_OBJECT

 public:
  explicit RunCommand(QWidget* parent = nullptr);
  /// Without a command, why there is none.
  void setCommand(const QString& command, const QString& why = {});
  QString text() const;

 private:
  ElidedLabel* m_command;
  QToolButton* m_copy;
};

}  // namespace llavakd
