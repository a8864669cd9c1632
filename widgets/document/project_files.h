// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QObject>
#include <QStringList>
#include <QTimer>
#include <vector>

#include "widgets/document/newest_request.h"

namespace llavakd {

class ProjectDocument;

/// Notices when a folder or file that the open project names appears, changes or goes: models, data files, folders of
/// pictures, probes, questions. It looks at them every two seconds on a worker thread, since notifications don't reach
/// network disks. One for each document, shared by what reads those files.
class ProjectFiles : public QObject {
  Q_OBJECT

 public:
  /// The document's files; made at the first call.
  static ProjectFiles* of(ProjectDocument* document);

 Q_SIGNALS:
  void changed();

 private:
  struct State {
    QDateTime modified;  ///< Invalid: it isn't there.
    qint64 size = 0;
    bool operator==(const State&) const = default;
  };
  explicit ProjectFiles(ProjectDocument* document);
  void begin();
  void look();

  ProjectDocument* m_document;
  QTimer m_timer;
  QStringList m_paths;
  std::vector<State> m_seen;
  bool m_looking = false;
  NewestRequest m_looks;
};

}  // namespace llavakd
