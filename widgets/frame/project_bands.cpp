// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/project_bands.h"

#include <QFileInfo>
#include <QLocale>
#include <QVBoxLayout>

#include "core/project/project_merge.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_changes.h"
#include "widgets/document/project_file_watch.h"
#include "widgets/document/project_recovery.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// "14:02" of today, otherwise with its date.
QString keptTimeText(const QDateTime& when) {
  const QString clock = theme::clockTime(when.time());
  if (when.date() == QDate::currentDate()) return clock;
  return QLocale().toString(when.date(), QLocale::ShortFormat) + QLatin1Char(' ') + clock;
}

QString sentenceOf(const QStringList& changes) {
  return changes.isEmpty() ? QString() : QLatin1Char(' ') + changes.join(QStringLiteral("; ")) + QLatin1Char('.');
}

}  // namespace

ProjectBands::ProjectBands(ProjectDocument* document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_recovery(new ProjectRecovery(document)),
      m_watch(new ProjectFileWatch(document)),
      m_recoveryMessage(new InlineMessage(this)),
      m_fileMessage(new InlineMessage(this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapTiny);
  column->addWidget(m_recoveryMessage);
  column->addWidget(m_fileMessage);
  m_recoveryMessage->setObjectName(QStringLiteral("recovery"));
  m_fileMessage->setObjectName(QStringLiteral("changedOutside"));
  connect(m_recovery, &ProjectRecovery::foundChanged, this, &ProjectBands::showRecovery);
  connect(m_watch, &ProjectFileWatch::changedOutside, this,
          [this](const OutsideChange& change) { showOutside(change, Because::noticed); });
  connect(m_watch, &ProjectFileWatch::settled, this, &ProjectBands::settle);
  connect(document, &ProjectDocument::saveRefused, this,
          [this](const OutsideChange& change) { showOutside(change, Because::refused); });
  connect(document, &ProjectDocument::saved, m_fileMessage, &InlineMessage::dismiss);
  connect(document, &ProjectDocument::pathChanged, m_fileMessage, &InlineMessage::dismiss);
}

void ProjectBands::look() {
  m_watch->look();
}

void ProjectBands::showRecovery() {
  const KeptEdits* found = m_recovery->found();
  if (!found) return m_recoveryMessage->dismiss();
  const QString when = keptTimeText(found->when);
  m_recoveryMessage->showMessage(
      InlineMessage::Kind::warning,
      tr("The studio ended without saving this project; its changes up to %1 were kept.").arg(when) +
          sentenceOf(projectChangeTexts(m_document->savedProject(), found->project)),
      tr("&Discard"), [this] { m_recovery->discard(); });
  m_recoveryMessage->addChoice(tr("&Recover the changes of %1").arg(when), [this] { m_recovery->recover(); });
}

void ProjectBands::showOutside(const OutsideChange& change, Because because) {
  const QString file = QFileInfo(m_document->path()).fileName();
  if (change.kind == OutsideChange::Kind::changed) return askAboutChange(change.project, because);
  m_document->markUnsaved();
  const bool missing = change.kind == OutsideChange::Kind::missing;
  m_fileMessage->showMessage(
      InlineMessage::Kind::warning,
      missing ? tr("%1 is no longer there: it was removed or renamed. The project is in this window alone.").arg(file)
              : tr("%1 was changed by another program and can't be read now: %2").arg(file, change.error),
      missing ? tr("&Save it again") : tr("&Save over it"), [this] { m_document->saveOver(); });
}

void ProjectBands::askAboutChange(const Project& theirs, Because because) {
  const bool refused = because == Because::refused;
  // What a save found out, the watch notices a moment later.
  if (!refused && !m_fileMessage->isHidden() && m_asked == theirs) return;
  m_asked = theirs;
  const Project& saved = m_document->savedProject();
  const bool edited = m_document->project() != saved;
  const MergedProject merged = merge_projects(saved, m_document->project(), theirs);
  QString text = refused ? tr("Not saved: ") : QString();
  text += tr("%1 was changed by another program.").arg(QFileInfo(m_document->path()).fileName());
  text += sentenceOf(projectChangeTexts(saved, theirs));
  if (edited && !merged.conflicts.empty())
    text +=
        QLatin1Char(' ') + tr("This window changed %n of these options, too.", nullptr, int(merged.conflicts.size()));
  else if (edited)
    text += QLatin1Char(' ') + tr("This window has other changes.");
  m_fileMessage->showMessage(InlineMessage::Kind::warning, text, refused ? tr("&Save mine") : tr("&Keep mine"),
                             [this, theirs, refused] {
                               m_document->acceptFile(theirs);
                               if (refused) m_document->save();
                             });
  m_fileMessage->addChoice(tr("&Reload"), [this, theirs] { m_document->reload(theirs); });
  if (!edited || !merged.conflicts.empty()) return;
  m_fileMessage->addChoice(refused ? tr("&Merge and save") : tr("&Merge"), [this, theirs, refused] {
    m_document->merge(theirs);
    if (refused) m_document->save();
  });
}

// What was wrong with the file is over.
void ProjectBands::settle() {
  m_fileMessage->dismiss();
  m_document->acceptFile(m_document->savedProject());
}

}  // namespace llavakd
