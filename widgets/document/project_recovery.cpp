// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_recovery.h"

#include <QLocale>
#include <utility>

#include "core/project/project_merge.h"
#include "widgets/document/background.h"
#include "widgets/document/project_document.h"

namespace llavakd {
namespace {

// After the last edit: a slider moves many times a second.
constexpr int keepAfter = 1000;

}  // namespace

ProjectRecovery::ProjectRecovery(ProjectDocument* document, const QString& folder)
    : QObject(document), m_document(document), m_folder(folder) {
  m_delay.setSingleShot(true);
  m_delay.setInterval(keepAfter);
  connect(&m_delay, &QTimer::timeout, this, &ProjectRecovery::write);
  connect(document, &ProjectDocument::opened, this, &ProjectRecovery::lookForOthers);
  connect(document, &ProjectDocument::pathChanged, this, &ProjectRecovery::forget);
  connect(document, &ProjectDocument::changed, this, &ProjectRecovery::update);
  connect(document, &ProjectDocument::modifiedChanged, this, &ProjectRecovery::update);
}

ProjectRecovery::~ProjectRecovery() {
  // Here and not in the background: nothing runs after this.
  if (m_own) m_own->remove();
}

// Another project is open, or the same under another name: what was kept of the one before was saved or let go.
void ProjectRecovery::forget() {
  if (m_document->path() == m_path) return;
  m_path = m_document->path();
  m_looks.cancel();
  removeOwn();
  if (m_found.empty()) return;
  m_found.clear();  // the files stay and are offered again
  Q_EMIT foundChanged();
}

void ProjectRecovery::lookForOthers() {
  forget();
  m_found.clear();  // lets go of their locks, when the same project is opened again
  inBackground(
      this, [folder = m_folder, path = m_path] { return RecoveryFile::abandoned(folder, path); },
      m_looks.begin().only([this](const std::vector<std::shared_ptr<RecoveryFile>>& files) {
        m_found.clear();
        for (const auto& file : files) {
          KeptEdits edits = file->kept();
          edits.project = merge_projects(edits.saved, edits.project, m_document->savedProject()).project;
          if (edits.project == m_document->savedProject())
            file->remove();  // it was saved after all
          else
            m_found.push_back({std::move(edits), file});
        }
        Q_EMIT foundChanged();
      }));
}

void ProjectRecovery::recover() {
  if (m_found.empty()) return;
  const Found taken = m_found.front();
  m_found.erase(m_found.begin());
  m_document->edit(tr("recover the changes of %1").arg(QLocale().toString(taken.edits.when, QLocale::ShortFormat)),
                   [&](Project& project) { project = taken.edits.project; });
  // Only now: in the middle of an edit the document doesn't count as modified yet, and what is kept would go.
  removeOwn();
  m_own = taken.file;  // still locked and still there, until it is written again
  update();
  Q_EMIT foundChanged();
}

void ProjectRecovery::discard() {
  if (m_found.empty()) return;
  inBackground(
      this,
      [file = m_found.front().file] {
        file->remove();
        return true;
      },
      [](bool) {});
  m_found.erase(m_found.begin());
  Q_EMIT foundChanged();
}

void ProjectRecovery::update() {
  if (m_document->isModified()) return m_delay.start();
  m_delay.stop();
  removeOwn();
}

void ProjectRecovery::write() {
  if (!m_document->isModified()) return;
  if (m_writing) {
    m_again = true;
    return;
  }
  if (!m_own) m_own = std::make_shared<RecoveryFile>(m_folder, m_path);
  m_writing = true;
  inBackground(
      this,
      [file = m_own, project = m_document->project(), saved = m_document->savedProject()] {
        return file->write(project, saved);
      },
      [this](bool) {
        m_writing = false;
        if (std::exchange(m_again, false)) write();
      });
}

void ProjectRecovery::removeOwn() {
  m_again = false;
  if (!m_own) return;
  inBackground(
      this,
      [file = std::exchange(m_own, nullptr)] {
        file->remove();
        return true;
      },
      [](bool) {});
}

}  // namespace llavakd
