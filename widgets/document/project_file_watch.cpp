// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_file_watch.h"

#include <QFileInfo>

#include "widgets/document/background.h"

namespace llavakd {
namespace {

// Programs write a file in several moves; in between it looks damaged or missing.
constexpr int settleTime = 300;

}  // namespace

ProjectFileWatch::ProjectFileWatch(ProjectDocument* document) : QObject(document), m_document(document) {
  m_delay.setSingleShot(true);
  m_delay.setInterval(settleTime);
  connect(&m_delay, &QTimer::timeout, this, &ProjectFileWatch::look);
  const auto lookSoon = [this] {
    if (!m_delay.isActive()) m_delay.start();
  };
  connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, lookSoon);
  connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, lookSoon);
  connect(document, &ProjectDocument::saved, this, lookSoon);
  connect(document, &ProjectDocument::opened, this, &ProjectFileWatch::follow);
  connect(document, &ProjectDocument::pathChanged, this, &ProjectFileWatch::follow);
}

void ProjectFileWatch::follow() {
  m_looks.cancel();
  m_delay.stop();
  m_told = {};
  if (const QStringList old = m_watcher.files() + m_watcher.directories(); !old.isEmpty()) m_watcher.removePaths(old);
  if (!m_document->isOpen() || m_document->path().isEmpty()) return;
  // Most programs put a new file in the old one's place, which only the folder tells.
  m_watcher.addPaths({m_document->path(), QFileInfo(m_document->path()).absolutePath()});
}

void ProjectFileWatch::look() {
  if (!m_document->isOpen() || m_document->path().isEmpty()) return;
  inBackground(
      this, [path = m_document->path(), known = m_document->savedProject()] { return outsideChange(path, known); },
      m_looks.begin().only([this](const OutsideChange& change) { take(change); }));
}

void ProjectFileWatch::take(const OutsideChange& change) {
  if (m_document->isWriting()) return m_delay.start();
  const bool exists = change.kind != OutsideChange::Kind::missing;
  if (exists && !m_watcher.files().contains(m_document->path())) m_watcher.addPath(m_document->path());
  const bool known = change.kind == OutsideChange::Kind::none ||
                     (change.kind == OutsideChange::Kind::changed && change.project == m_document->savedProject());
  const bool told = change.kind == m_told.kind && change.project == m_told.project && change.error == m_told.error;
  if (known) {
    const bool was = m_told.kind != OutsideChange::Kind::none;
    m_told = {};
    if (was) Q_EMIT settled();
  } else if (!told) {
    m_told = change;
    Q_EMIT changedOutside(change);
  }
}

}  // namespace llavakd
