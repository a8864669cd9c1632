// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QThread>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "core/run/events.h"
#include "core/run/run_folder.h"
#include "core/run/step_history.h"
#include "widgets/document/newest_request.h"
#include "widgets/run/run_progress.h"
#include "widgets/run/run_summary.h"

namespace llavakd {

class RunWatcherWorker;
struct RunBatch;

/// Follows one run of a project from its files, so that it doesn't matter who started it or when. All reading happens
/// on a thread of its own; the signals arrive on the window's thread.
class RunWatcher : public QObject {
  Q_OBJECT

 public:
  explicit RunWatcher(QObject* parent = nullptr);
  ~RunWatcher() override;

  /// Follows the project's running run, or its newest one that has begun (runToShow), and changes over to a newer run
  /// as soon as one starts. Empty: follows nothing.
  void setProjectFile(const QString& projectFile);

  /// Follows this run of the project, whatever else starts; empty: the newest again, as setProjectFile does.
  void choose(const QString& runFolder);
  bool isChosen() const { return m_chosen; }

  /// Follows this run folder, whatever else starts.
  void watch(const QString& runFolder);

  /// Follows the run that is about to appear (EngineProcess::start); its folder need not exist yet.
  void expect(const QString& runFolder);

  /// Says that the expected run never came to be. `message` is for people.
  void startFailed(const QString& message);

  QString projectFile() const { return m_projectFile; }
  /// All runs beside the project file, newest first, others' too.
  const std::vector<RunSummary>& runs() const { return m_runs; }
  /// Folder of the followed run; empty when there is none.
  QString runFolder() const { return m_runFolder; }
  RunFolder folder() const;
  const RunInfo& info() const { return m_info; }
  const RunProgress& progress() const { return m_progress; }
  /// All steps of the run; while a long log is being read, first the newest ones. Never null; a new one for each
  /// change.
  std::shared_ptr<const StepHistory> steps() const { return m_steps; }
  /// How much of a long log has been read, 0 to 1; nothing once all has been.
  std::optional<double> loading() const { return m_loading; }
  RunState state() const { return m_progress.state; }
  /// Whether it isn't known yet which run there is to follow, or nothing has been read of its log: what is shown then
  /// isn't all there is.
  bool isReading() const;

 Q_SIGNALS:
  /// Another run is followed from here on, or the same file was written from its start again: forget all events, they
  /// come again.
  void reset();
  /// New events in order, in batches; the first batch after reset() holds everything so far. Of steps a batch has only
  /// the newest of each stage (RecentEvents): what shows all of them takes steps().
  void eventsArrived(const std::vector<llavakd::Event>& events);
  /// steps() changed.
  void stepsChanged();
  /// loading() changed.
  void loadingChanged();
  /// runs() changed.
  void runsChanged();
  /// run.json was read again.
  void infoChanged();
  /// state() or progress() changed.
  void progressChanged();
  /// New text at the end of engine.log.
  void logArrived(const QString& text);

 private:
  void takeBatch(const NewestRequest::Ticket& request, const RunBatch& batch);
  void takeInfo(const NewestRequest::Ticket& request, const llavakd::RunInfo& info, bool alive);
  void takeRun(const NewestRequest::Ticket& request, const QString& runFolder);
  void takeRuns(const NewestRequest::Ticket& request, const std::vector<llavakd::RunSummary>& runs);
  void follow(const QString& runFolder, bool fixed);
  void begin(const QString& runFolder, RunState state);
  void beginRun(const QString& runFolder, RunState state);
  void forgetSteps();
  void setLoading(std::optional<double> share);
  void applyInfoState();
  void tellStages();

  QThread m_thread;
  std::atomic<int> m_followed = 0;  ///< Calls of follow().
  RunWatcherWorker* m_worker;
  QString m_projectFile, m_runFolder;
  RunInfo m_info;
  RunProgress m_progress;
  std::vector<RunSummary> m_runs;
  std::shared_ptr<const StepHistory> m_steps = std::make_shared<const StepHistory>();
  std::optional<double> m_loading;
  bool m_glanced = false;  ///< Only the end of a long log is known yet.
  bool m_listed = false, m_read = false;
  bool m_alive = false, m_chosen = false;
  NewestRequest m_requests;  ///< To follow a run: what comes of another one is dropped.
};

}  // namespace llavakd
