// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

#include "widgets/document/newest_request.h"
#include "widgets/document/recovery_file.h"

namespace llavakd {

class ProjectDocument;

/// Keeps edits that aren't saved in the user's state folder, so that no end of the window loses them, and finds those
/// that an earlier window left. The project's file is never touched. All files are read and written on worker threads.
class ProjectRecovery : public QObject {
  Q_OBJECT

 public:
  explicit ProjectRecovery(ProjectDocument* document, const QString& folder = recoveryFolder());
  /// A clean end: nothing of this window stays behind.
  ~ProjectRecovery() override;

  /// The newest edits that were found and not decided on; nullptr when there are none. Where the file has changed since
  /// they were made, `project` has both changes as far as they concern different options.
  const KeptEdits* found() const { return m_found.empty() ? nullptr : &m_found.front().edits; }

 public Q_SLOTS:
  /// Takes what was found as a step of the history that can be undone.
  void recover();
  /// Deletes what was found.
  void discard();

 Q_SIGNALS:
  void foundChanged();

 private:
  struct Found {
    KeptEdits edits;
    std::shared_ptr<RecoveryFile> file;
  };
  void lookForOthers();
  void forget();
  void update();
  void write();
  void removeOwn();

  ProjectDocument* m_document;
  QString m_folder, m_path;
  QTimer m_delay;
  std::vector<Found> m_found;
  std::shared_ptr<RecoveryFile> m_own;  ///< Of this window; none while nothing is to be kept.
  bool m_writing = false, m_again = false;
  NewestRequest m_looks;
};

}  // namespace llavakd
