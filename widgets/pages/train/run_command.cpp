// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/run_command.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QToolButton>

#include "widgets/theme/parts.h"

namespace llavakd {

RunCommand::RunCommand(QWidget* parent)
    : QWidget(parent), m_command(new ElidedLabel({}, theme::Size::caption)), m_copy(new QToolButton) {
  auto* line = new QHBoxLayout(this);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(theme::gapTiny);
  m_command->setMuted(true);
  m_copy->setText(tr("Copy"));
  m_copy->setAutoRaise(true);
  m_copy->setFont(theme::font(theme::Size::caption));
  connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(m_command->text()); });
  line->addWidget(m_command, 1);
  line->addWidget(m_copy);
}

void RunCommand::setCommand(const QString& command, const QString& note) {
  m_command->setText(command.isEmpty() ? note : command);
  m_copy->setToolTip(note);
  m_copy->setVisible(!command.isEmpty());
}

QString RunCommand::text() const {
  return m_command->text();
}

}  // namespace llavakd
