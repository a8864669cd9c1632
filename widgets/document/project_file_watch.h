// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFileSystemWatcher>
#include <QObject>
#include <QTimer>

#include "widgets/document/newest_request.h"
#include "widgets/document/project_document.h"

namespace llavakd {

/// Notices when another program changes, damages or removes the open project's file. Reading happens on a worker
/// thread.
class ProjectFileWatch : public QObject {
  Q_OBJECT

 public:
  explicit ProjectFileWatch(ProjectDocument* document);

 public Q_SLOTS:
  /// Looks now: on network disks nobody tells of changes.
  void look();

 Q_SIGNALS:
  /// Once for each state of the file.
  void changedOutside(const llavakd::OutsideChange& change);
  /// The file holds again what the document knows of.
  void settled();

 private:
  void follow();
  void take(const OutsideChange& change);

  ProjectDocument* m_document;
  QFileSystemWatcher m_watcher;
  QTimer m_delay;
  OutsideChange m_told;
  NewestRequest m_looks;
};

}  // namespace llavakd
