// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <atomic>
#include <memory>
#include <vector>

#include "core/run/events.h"
#include "core/run/run_folder.h"
#include "core/run/step_history.h"
#include "widgets/document/newest_request.h"
#include "widgets/run/run_summary.h"

class QFileSystemWatcher;
class QTimer;

namespace llavakd {

class RunReader;

/// What was read of a run's log since the last time.
struct RunBatch {
  bool restarted = false;      ///< What came before is void.
  bool glance = false;         ///< Only the end of a long log; all of it follows.
  bool hasCheckpoint = false;  ///< Of a glance, by the run's folder.
  std::vector<Event> events = {};
  std::shared_ptr<const StepHistory> steps = {};
};

/// The half that lives on the watcher's thread and touches files.
class RunWatcherWorker : public QObject {
  Q_OBJECT

 public:
  /// `newest` counts the calls of follow(): reading a long log ends when another run is asked for.
  explicit RunWatcherWorker(const std::atomic<int>* newest);
  ~RunWatcherWorker() override;

  /// Lists the project's runs and follows a folder; unless it is `fixed`, changes over to newer runs of the project.
  void follow(int number, const NewestRequest::Ticket& request, const QString& projectFile, const QString& runFolder,
              bool fixed);

 Q_SIGNALS:
  void found(const llavakd::NewestRequest::Ticket& request, const QString& runFolder);
  void runs(const llavakd::NewestRequest::Ticket& request, const std::vector<llavakd::RunSummary>& runs);
  void batch(const llavakd::NewestRequest::Ticket& request, const llavakd::RunBatch& batch);
  void loading(const llavakd::NewestRequest::Ticket& request, double share);
  void info(const llavakd::NewestRequest::Ticket& request, const llavakd::RunInfo& info, bool alive);
  void log(const llavakd::NewestRequest::Ticket& request, const QString& text);

 private:
  RunFolder folder() const;
  bool isOutdated() const { return *m_newest != m_number; }
  void setRun(const QString& runFolder);
  void look();
  void lookForRuns();
  void readEvents();
  void showEndOfLog();
  void keepIndex();
  void readInfo();
  void readLog();

  QTimer* m_timer;
  QFileSystemWatcher* m_files;
  const std::atomic<int>* m_newest;
  int m_number = 0;
  std::unique_ptr<RunReader> m_reader;
  bool m_fresh = true;  ///< Nothing has been read of the run's log.
  QString m_projectFile, m_run;
  std::vector<RunSummary> m_runs;
  bool m_listed = false;  ///< Also where there are none, that has been told.
  BegunRuns m_begun;
  QElapsedTimer m_clock;      ///< Since the runs were listed.
  QElapsedTimer m_sinceNews;  ///< Since the log had something new.
  qint64 m_nextList = 0;      ///< Milliseconds after which they are listed again.
  bool m_fixed = false;
  QByteArray m_infoText;
  RunInfo m_info;
  bool m_alive = false;
  qint64 m_logOffset = 0;
  NewestRequest::Ticket m_request;
  int m_ticks = 0;
};

}  // namespace llavakd
