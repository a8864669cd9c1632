// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/fix_bar.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QUrl>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/theme/theme.h"

namespace llavakd {

FixBar::FixBar(const std::vector<PreflightFix>& fixes, ProjectDocument* document, QWidget* parent)
    : QWidget(parent), m_document(document) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapSmall);
  row->addStretch();
  for (const PreflightFix& fix : fixes) {
    auto* button = new QPushButton(toQString(fix.label), this);
    connect(button, &QPushButton::clicked, this, [this, fix, button] { mend(fix, button); });
    row->addWidget(button);
  }
}

void FixBar::mend(const PreflightFix& fix, QPushButton* button) {
  switch (fix.action) {
    case PreflightFix::Action::set:
      return set(toQString(fix.label), fix.settings);
    case PreflightFix::Action::choose:
      return choose(fix);
    case PreflightFix::Action::edit:
      return Q_EMIT fieldRequested(toQString(fix.key));
    case PreflightFix::Action::show:
      QDesktopServices::openUrl(QUrl::fromLocalFile(toQString(fix.text)));
      return;
    case PreflightFix::Action::samples:
      return Q_EMIT samplesRequested(toQString(fix.key));
    case PreflightFix::Action::copy:
      QGuiApplication::clipboard()->setText(toQString(fix.text));
      button->setText(tr("Copied"));
  }
}

void FixBar::choose(const PreflightFix& fix) {
  const bool file = fix.key.ends_with(".data") || fix.key.ends_with(".file");
  const QString start = QFileInfo(m_document->path()).absolutePath();
  const QString chosen = file ? QFileDialog::getOpenFileName(window(), tr("Choose a data file"), start,
                                                             tr("Conversations (*.json *.jsonl);;All files (*)"))
                              : QFileDialog::getExistingDirectory(window(), tr("Choose a folder"), start);
  if (chosen.isEmpty()) return;
  std::vector<std::string> settings;
  // A student is a checkpoint or parts: what is chosen last holds.
  if (fix.key == "student.checkpoint")
    settings = {"student.language_model=", "student.vision_tower=", "student.connector=", "student.num_queries=0"};
  settings.push_back(fix.key + '=' + m_document->relative(chosen));
  set(tr("choose %1").arg(QFileInfo(chosen).fileName()), settings);
}

void FixBar::set(const QString& text, const std::vector<std::string>& settings) {
  Project changed = m_document->project();
  try {
    apply_settings(changed, settings);
  } catch (const UserError& error) {
    return Q_EMIT failed(toQString(error.what()));
  }
  m_document->edit(text, [&](Project& project) { project = changed; });
}

}  // namespace llavakd
