// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QString>
#include <optional>

#include "core/run/run_verification.h"
#include "widgets/run/run_progress.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class RunWatcher;

/// What `llavakd verify` has found of runs, and the program at work on it: in the background, one for each run, until
/// it is done or the window closes. One for each watcher, shared by what shows it.
class RunVerifier : public QObject {
  Q_OBJECT

 public:
  /// The watcher's verifier; made at the first call.
  static RunVerifier* of(RunWatcher* run);

  struct Known {
    bool running = false;
    std::optional<RunVerification> found;
    bool outdated = false;  ///< The run has gone on since.
    QString error;          ///< Why the newest attempt found nothing, for people.
  };
  /// What is known so far of the run in this folder.
  Known known(const QString& runFolder) const { return m_known.value(runFolder); }

  /// Reads what was found before, in the background.
  void look(const QString& runFolder);
  void verify(const QString& runFolder);
  void cancel(const QString& runFolder);

 Q_SIGNALS:
  /// known() of that run changed.
  void changed(const QString& runFolder);

 private:
  explicit RunVerifier(RunWatcher* run);
  void finish(const QString& runFolder, const QString& error);

  QHash<QString, Known> m_known;
  QHash<QString, QPointer<QProcess>> m_processes;
  RunState m_lastState = RunState::none;  ///< Of the followed run.
};

/// How a badge shows it: nothing is known, verified (of its time or of now), or not.
struct VerifiedBadge {
  theme::State state = theme::State::none;
  QString text;   ///< "Verified"; empty: nothing is known.
  QString facts;  ///< When, what, and what doesn't hold.
};
VerifiedBadge verifiedBadge(const RunVerifier::Known& known);

}  // namespace llavakd
