// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/log_drawer.h"

#include <QFontDatabase>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QVBoxLayout>

#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"

namespace llavakd {

LogDrawer::LogDrawer(RunWatcher* run, QWidget* parent) : QWidget(parent), m_text(new QPlainTextEdit(this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  mono.setPointSizeF(theme::font(theme::Size::caption).pointSizeF());
  m_text->setFont(mono);
  m_text->setReadOnly(true);
  m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
  m_text->setMaximumBlockCount(20000);
  m_text->setFrameShape(QFrame::NoFrame);
  m_text->setPlaceholderText(tr("The engine's log appears here once a run has begun."));
  m_text->setAccessibleName(tr("Log of the run"));
  column->addWidget(m_text);
  setMinimumHeight(96);
  connect(run, &RunWatcher::reset, m_text, &QPlainTextEdit::clear);
  connect(run, &RunWatcher::logArrived, this, [this](const QString& arrived) {
    QScrollBar* bar = m_text->verticalScrollBar();
    const bool atEnd = bar->value() == bar->maximum();
    QTextCursor cursor(m_text->document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(arrived);
    if (atEnd) bar->setValue(bar->maximum());
  });
}

}  // namespace llavakd
