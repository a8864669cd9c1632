// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QString>
#include <QTimer>
#include <vector>

#include "core/model_spec/matching.h"
#include "core/preflight/preflight_fix.h"
#include "core/project/options.h"
#include "widgets/run/estimated_stage.h"
#include "widgets/theme/theme.h"

namespace llavakd {

class ProjectDocument;

/// The state whose colour and badge a finding of this level has.
theme::State stateOf(MatchLevel level);

/// What `llavakd check` says of the open project as it stands in the window, edits that aren't saved included. It runs
/// as a child process: data files may be large. A newer check ends the older. One for each document, shared by pages.
class ProjectCheck : public QObject {
  Q_OBJECT

 public:
  /// The document's check; made at the first call.
  static ProjectCheck* of(ProjectDocument* document);
  ~ProjectCheck() override;

  struct Item {
    QString name;
    MatchLevel level = MatchLevel::green;
    QString finding, remedy;
    std::vector<PreflightFix> fixes;

    /// "Disk: checkpoints take 14 GiB, 2 GiB are free. Free some space …"
    QString sentence() const;
  };
  /// What a cache on disk would take and give.
  struct Cache {
    QString option;  ///< Its key in the project file: run.vision_cache.
    bool on = false;
    QString sentence;
  };
  struct Result {
    std::vector<Item> items;
    std::vector<Cache> caches;
    std::vector<EstimatedStage> estimates;
    QString error;  ///< Why there are no items, for people.

    MatchLevel worst() const;
    /// The first red item; nullptr when none is.
    const Item* red() const;
    /// What the stage of that name will take; nullptr where it isn't known.
    const EstimatedStage* estimate(const QString& stage) const;
  };
  const Result& result() const { return m_result; }
  /// Whether `result()` is of the project as it stands and no older than a minute: disk and memory change by
  /// themselves.
  bool isCurrent() const;
  bool isRunning() const { return m_process || m_delay.isActive(); }

  /// Whether a run may start, in a word or three, and the state that it is shown by.
  struct Verdict {
    theme::State state = theme::State::none;
    QString text;
  };
  Verdict verdict() const;

 public Q_SLOTS:
  /// Checks now; ends with finished(), unless the project changes meanwhile: then with that of the newer check.
  void check();
  /// The same, after ten steps of each stage have been measured. Edits meanwhile end it.
  void measure();

 Q_SIGNALS:
  /// Running or not, or another result.
  void changed();
  void finished();

 private:
  explicit ProjectCheck(ProjectDocument* document);
  void schedule();
  void start(bool measuring);
  void cancel();
  void take(const QByteArray& output, const QString& errors);
  void finish(Result result);

  ProjectDocument* m_document;
  QPointer<QProcess> m_process;
  QTimer m_delay;
  Result m_result;
  Project m_checked;
  QString m_checkedPath;
  QElapsedTimer m_age, m_took;
  bool m_measuring = false;
};

}  // namespace llavakd
