// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QString>
#include <memory>
#include <mutex>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// Edits of a project that weren't saved.
struct KeptEdits {
  QDateTime when;
  Project project;  ///< With the edits.
  Project saved;    ///< What the file held at that time.
};

/// The user's folder for state that isn't settings: XDG_STATE_HOME/llavakd-studio.
QString stateFolder();
/// In it: edits that weren't saved.
QString recoveryFolder();

/// One window's edits of one project on disk, while they aren't saved. The window holds a lock on a file next to it,
/// which the system releases however the window ends: who gets the lock of another one's edits knows that nobody edits
/// them any more. Usable from any thread.
class RecoveryFile {
 public:
  /// A name of its own in `folder`; nothing is written yet.
  RecoveryFile(const QString& folder, const QString& projectFile);
  /// Lets go of the lock and leaves the file.
  ~RecoveryFile();
  RecoveryFile(const RecoveryFile&) = delete;
  RecoveryFile& operator=(const RecoveryFile&) = delete;

  /// Replaces what it holds. False when the folder can't be written to, or after remove().
  bool write(const Project& project, const Project& saved);
  /// Deletes file and lock; write() does nothing from then on.
  void remove();

  /// The edits that it held when it was found.
  const KeptEdits& kept() const { return m_kept; }

  /// Those of the project that windows left behind that are gone, newest first; locked for us, so that no other window
  /// finds them too. What can't be read is passed over.
  static std::vector<std::shared_ptr<RecoveryFile>> abandoned(const QString& folder, const QString& projectFile);

 private:
  RecoveryFile(const QString& file, int lock) : m_file(file), m_lock(lock) {}
  QString lockFile() const;

  std::mutex m_mutex;
  QString m_file, m_projectFile;
  int m_lock = -1;
  bool m_removed = false;
  KeptEdits m_kept;
};

}  // namespace llavakd
