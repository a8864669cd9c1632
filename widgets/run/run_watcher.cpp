// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_watcher.h"

#include <exception>
#include <utility>

#include "core/project/visitors.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_watcher_worker.h"

namespace llavakd {

RunWatcher::RunWatcher(QObject* parent) : QObject(parent), m_worker(new RunWatcherWorker(&m_followed)) {
  m_worker->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
  connect(m_worker, &RunWatcherWorker::batch, this, &RunWatcher::takeBatch);
  connect(m_worker, &RunWatcherWorker::loading, this, [this](const NewestRequest::Ticket& request, double share) {
    if (request.isNewest()) setLoading(share);
  });
  connect(m_worker, &RunWatcherWorker::info, this, &RunWatcher::takeInfo);
  connect(m_worker, &RunWatcherWorker::found, this, &RunWatcher::takeRun);
  connect(m_worker, &RunWatcherWorker::runs, this, &RunWatcher::takeRuns);
  connect(m_worker, &RunWatcherWorker::log, this, [this](const NewestRequest::Ticket& request, const QString& text) {
    if (request.isNewest()) Q_EMIT logArrived(text);
  });
  m_thread.setObjectName(QStringLiteral("run watcher"));
  m_thread.start();
}

RunWatcher::~RunWatcher() {
  ++m_followed;  // whatever is being read
  m_thread.quit();
  m_thread.wait();
}

RunFolder RunWatcher::folder() const {
  return {toPath(m_runFolder)};
}

bool RunWatcher::isReading() const {
  if (m_runFolder.isEmpty()) return !m_projectFile.isEmpty() && !m_listed;
  return !m_read && m_progress.state != RunState::starting;  // of a run that isn't there yet there is nothing to read
}

void RunWatcher::setProjectFile(const QString& projectFile) {
  if (projectFile != m_projectFile) m_runs.clear();
  m_projectFile = projectFile;
  m_chosen = m_listed = false;
  begin({}, RunState::none);
  follow({}, false);
  Q_EMIT runsChanged();
}

void RunWatcher::choose(const QString& runFolder) {
  if (runFolder.isEmpty()) return setProjectFile(m_projectFile);
  m_chosen = true;
  begin(runFolder, RunState::none);
  follow(runFolder, true);
}

void RunWatcher::watch(const QString& runFolder) {
  m_projectFile.clear();
  m_runs.clear();
  choose(runFolder);
}

void RunWatcher::expect(const QString& runFolder) {
  m_chosen = false;
  begin(runFolder, RunState::starting);
  // Only this one: the project's runs that are there already must not take its place before it exists.
  follow(runFolder, true);
}

void RunWatcher::follow(const QString& runFolder, bool fixed) {
  QMetaObject::invokeMethod(
      m_worker, [worker = m_worker, number = ++m_followed, request = m_requests.newest(), projectFile = m_projectFile,
                 runFolder, fixed] { worker->follow(number, request, projectFile, runFolder, fixed); });
}

void RunWatcher::takeRuns(const NewestRequest::Ticket& request, const std::vector<RunSummary>& runs) {
  if (!request.isNewest()) return;
  m_runs = runs;
  m_listed = true;
  Q_EMIT runsChanged();
}

void RunWatcher::startFailed(const QString& message) {
  m_progress.state = RunState::failed;
  m_progress.message = message;
  Q_EMIT progressChanged();
}

void RunWatcher::begin(const QString& runFolder, RunState state) {
  m_requests.begin();
  beginRun(runFolder, state);
}

void RunWatcher::takeRun(const NewestRequest::Ticket& request, const QString& runFolder) {
  if (request.isNewest()) beginRun(runFolder, RunState::none);
}

void RunWatcher::beginRun(const QString& runFolder, RunState state) {
  auto before = m_steps;
  m_runFolder = runFolder;
  m_info = {};
  m_alive = m_read = false;
  m_progress = {};
  m_progress.state = state;
  forgetSteps();
  Q_EMIT reset();
  Q_EMIT stepsChanged();
  Q_EMIT progressChanged();
  releaseInBackground(std::move(before));
}

void RunWatcher::forgetSteps() {
  m_steps = std::make_shared<const StepHistory>();
  m_glanced = false;
  setLoading(std::nullopt);
}

void RunWatcher::setLoading(std::optional<double> share) {
  if (share == m_loading) return;
  m_loading = share;
  Q_EMIT loadingChanged();
}

void RunWatcher::takeBatch(const NewestRequest::Ticket& request, const RunBatch& batch) {
  if (!request.isNewest()) return;
  if (batch.restarted || m_glanced) {
    m_progress = {};
    tellStages();
  }
  if (batch.restarted) {
    forgetSteps();
    Q_EMIT reset();
  }
  m_read = true;
  for (const Event& event : batch.events) m_progress.consume(event);
  m_glanced = batch.glance;
  // A glance needn't reach back to the newest checkpoint.
  if (batch.glance) m_progress.hasCheckpoint = batch.hasCheckpoint;
  applyInfoState();
  m_steps = batch.steps;
  setLoading(batch.glance ? std::optional(0.0) : std::nullopt);
  if (!batch.glance && !batch.events.empty()) Q_EMIT eventsArrived(batch.events);
  Q_EMIT stepsChanged();
  Q_EMIT progressChanged();
}

void RunWatcher::takeInfo(const NewestRequest::Ticket& request, const RunInfo& info, bool alive) {
  if (!request.isNewest()) return;
  m_info = info;
  m_alive = alive;
  tellStages();
  applyInfoState();
  Q_EMIT infoChanged();
  Q_EMIT progressChanged();
}

void RunWatcher::tellStages() {
  if (m_info.project.empty()) return;
  try {
    m_progress.setStages(options_from_json<Project>(m_info.project, m_info.id).stages);
  } catch (const std::exception&) {
    // Another version's options: then only measured speeds tell what is left.
  }
}

void RunWatcher::applyInfoState() {
  if (m_info.status.empty()) return;
  const bool unfinished = m_info.status == "running" || m_info.status == "paused";
  if (unfinished && !m_alive) {
    if (m_progress.state != RunState::failed) m_progress.state = RunState::interrupted;
  } else if (unfinished && !isActive(m_progress.state)) {
    m_progress.state = m_info.status == "paused" ? RunState::paused : RunState::running;
  } else if (m_info.status == "stopped") {
    m_progress.state = RunState::stopped;
  } else if (m_info.status == "finished") {
    m_progress.state = RunState::finished;
  } else if (m_info.status == "failed") {
    m_progress.state = RunState::failed;
  }
}

}  // namespace llavakd
