// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/path_edit.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>

#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int leastPathWidth = 128;  // a form puts a field that gets less than that under its label

}  // namespace

PathEdit::PathEdit(bool folder, QWidget* parent)
    : QWidget(parent),
      m_line(new QLineEdit(this)),
      m_button(makeToolButton(folder ? QStringLiteral("folder") : QStringLiteral("file"), {},
                              folder ? tr("Choose a folder…") : tr("Choose a file…"), this)),
      m_folder(folder) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapTiny);
  row->addWidget(m_line, 1);
  row->addWidget(m_button);
  m_line->setMinimumWidth(leastPathWidth);
  setFocusProxy(m_line);
  setAcceptDrops(true);
  m_line->setAcceptDrops(false);  // it would insert the text of the URL
  connect(m_line, &QLineEdit::textEdited, this, &PathEdit::pathEdited);
  connect(m_button, &QToolButton::clicked, this, &PathEdit::browse);
}

void PathEdit::setPath(const QString& path) {
  if (m_line->text() == path) return;
  m_line->setText(path);
  m_line->setCursorPosition(int(path.size()));  // a long path's end tells more than its beginning
  showToolTip();
}

void PathEdit::setHelp(const QString& name, const QString& help) {
  m_help = help;
  m_line->setAccessibleName(name);
  m_button->setAccessibleName(QStringLiteral("%1: %2").arg(name, m_button->toolTip()));
  showToolTip();
}

// The path is often longer than the field.
void PathEdit::showToolTip() {
  const QString path =
      m_line->text().isEmpty() ? QString() : QStringLiteral("<p>%1</p>").arg(m_line->text().toHtmlEscaped());
  m_line->setToolTip(m_help + path);
}

void PathEdit::browse() {
  const QString start = QDir(m_baseFolder).absoluteFilePath(m_line->text());
  const QString picked = m_folder ? QFileDialog::getExistingDirectory(window(), tr("Choose a folder"), start)
                                  : QFileDialog::getOpenFileName(window(), tr("Choose a file"), start);
  if (!picked.isEmpty()) take(picked);
}

void PathEdit::take(const QString& fullPath) {
  QString path = fullPath;
  if (!m_baseFolder.isEmpty()) {
    const QString relative = QDir(m_baseFolder).relativeFilePath(fullPath);
    if (!relative.startsWith(QStringLiteral("../../../"))) path = relative;
  }
  setPath(path);
  Q_EMIT pathEdited(path);
}

void PathEdit::dragEnterEvent(QDragEnterEvent* event) {
  const auto urls = event->mimeData()->urls();
  if (urls.size() == 1 && urls.front().isLocalFile() && QFileInfo(urls.front().toLocalFile()).isDir() == m_folder)
    event->acceptProposedAction();
}

void PathEdit::dropEvent(QDropEvent* event) {
  take(event->mimeData()->urls().front().toLocalFile());
}

}  // namespace llavakd
