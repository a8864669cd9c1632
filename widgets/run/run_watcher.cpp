// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_watcher.h"

#include <QFile>
#include <QFileSystemWatcher>
#include <QTimer>
#include <memory>
#include <utility>

#include "core/project/visitors.h"
#include "core/run/event_log.h"
#include "core/run/run_list.h"
#include "widgets/document/conversions.h"

namespace llavakd {

/// The half that lives on the watcher's thread and touches files.
class RunWatcherWorker : public QObject {
  Q_OBJECT

 public:
  RunWatcherWorker() {
    m_timer = new QTimer(this);
    m_timer->setInterval(200);
    connect(m_timer, &QTimer::timeout, this, &RunWatcherWorker::look);
    m_files = new QFileSystemWatcher(this);
    connect(m_files, &QFileSystemWatcher::fileChanged, this, &RunWatcherWorker::readEvents);
  }

  /// Lists the project's runs and follows a folder; unless it is `fixed`, changes over to newer runs of the project.
  void follow(const NewestRequest::Ticket& request, const QString& projectFile, const QString& runFolder, bool fixed) {
    m_request = request;
    m_projectFile = projectFile;
    m_fixed = fixed;
    m_runs.clear();
    setRun(runFolder);
    m_ticks = 0;
    if (m_projectFile.isEmpty() && m_run.isEmpty())
      m_timer->stop();
    else
      m_timer->start();
    look();
  }

 Q_SIGNALS:
  void found(const llavakd::NewestRequest::Ticket& request, const QString& runFolder);
  void runs(const llavakd::NewestRequest::Ticket& request, const std::vector<llavakd::RunSummary>& runs);
  void events(const llavakd::NewestRequest::Ticket& request, bool restarted, const std::vector<llavakd::Event>& events);
  void info(const llavakd::NewestRequest::Ticket& request, const llavakd::RunInfo& info, bool alive);
  void log(const llavakd::NewestRequest::Ticket& request, const QString& text);

 private:
  void setRun(const QString& runFolder) {
    m_run = runFolder;
    if (!m_files->files().isEmpty()) m_files->removePaths(m_files->files());
    m_reader = m_run.isEmpty() ? nullptr : std::make_unique<EventReader>(folder().events());
    m_logOffset = 0;
    m_infoText.clear();
    m_alive = false;
  }

  RunFolder folder() const { return {toPath(m_run)}; }

  void look() {
    // A newer run can only be told by listing the folder, which needn't happen five times a second.
    if (!m_projectFile.isEmpty() && m_ticks % 5 == 0) lookForRuns();
    if (m_reader) {
      readEvents();
      if (m_ticks % 2 == 0) readInfo();
      readLog();
    }
    ++m_ticks;
  }

  void lookForRuns() {
    std::vector<RunSummary> runs;
    try {
      runs = runSummaries(m_projectFile);
    } catch (const std::exception&) {
      return;  // no runs folder yet, or one being written this moment
    }
    if (runs != m_runs) {
      m_runs = runs;
      Q_EMIT this->runs(m_request, m_runs);
    }
    const RunSummary* run = m_fixed ? nullptr : runToShow(m_runs, m_run);
    if (!run || run->folder == m_run) return;
    setRun(run->folder);
    Q_EMIT found(m_request, m_run);
  }

  void readEvents() {
    if (!m_reader) return;
    auto batch = m_reader->read();
    for (std::string& warning : m_reader->take_warnings()) {
      const int64_t step = batch.empty() ? 0 : batch.back().step;
      batch.push_back({.step = step, .body = WarningEvent{.message = std::move(warning)}});
    }
    if (m_reader->restarted()) m_logOffset = 0;  // who is told so forgets the log as well
    if (!batch.empty() || m_reader->restarted()) Q_EMIT events(m_request, m_reader->restarted(), batch);
    // An atomic replacement makes the watcher forget the file.
    const QString file = toQString(folder().events());
    if (!m_files->files().contains(file) && QFile::exists(file)) m_files->addPath(file);
  }

  void readInfo() {
    QFile file(toQString(folder().info()));
    if (!file.open(QIODevice::ReadOnly)) return;
    const QByteArray text = file.read(64 << 20);
    try {
      if (text != m_infoText) {
        m_info = read_run_info(folder());
        m_infoText = text;
        m_alive = is_alive(m_info);
        Q_EMIT info(m_request, m_info, m_alive);
      } else if (const bool alive = is_alive(m_info); alive != m_alive) {
        m_alive = alive;
        Q_EMIT info(m_request, m_info, m_alive);
      }
    } catch (const std::exception&) {
      // Half of it is not there yet; the next look will see it.
    }
  }

  void readLog() {
    QFile file(toQString(folder().log()));
    if (!file.open(QIODevice::ReadOnly)) return;
    constexpr qint64 most = 1 << 20;  // of a long log only the end is shown
    if (file.size() < m_logOffset) m_logOffset = 0;
    if (file.size() - m_logOffset > most) m_logOffset = file.size() - most;
    if (file.size() == m_logOffset || !file.seek(m_logOffset)) return;
    const QByteArray text = file.read(most);
    m_logOffset += text.size();
    Q_EMIT log(m_request, QString::fromUtf8(text));
  }

  QTimer* m_timer;
  QFileSystemWatcher* m_files;
  std::unique_ptr<EventReader> m_reader;
  QString m_projectFile, m_run;
  std::vector<RunSummary> m_runs;
  bool m_fixed = false;
  QByteArray m_infoText;
  RunInfo m_info;
  bool m_alive = false;
  qint64 m_logOffset = 0;
  NewestRequest::Ticket m_request;
  int m_ticks = 0;
};

RunWatcher::RunWatcher(QObject* parent) : QObject(parent), m_worker(new RunWatcherWorker) {
  m_worker->moveToThread(&m_thread);
  connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
  connect(m_worker, &RunWatcherWorker::events, this, &RunWatcher::takeEvents);
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
  m_thread.quit();
  m_thread.wait();
}

RunFolder RunWatcher::folder() const {
  return {toPath(m_runFolder)};
}

void RunWatcher::setProjectFile(const QString& projectFile) {
  if (projectFile != m_projectFile) m_runs.clear();
  m_projectFile = projectFile;
  m_chosen = false;
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
  QMetaObject::invokeMethod(m_worker, [worker = m_worker, request = m_requests.newest(), projectFile = m_projectFile,
                                       runFolder, fixed] { worker->follow(request, projectFile, runFolder, fixed); });
}

void RunWatcher::takeRuns(const NewestRequest::Ticket& request, const std::vector<RunSummary>& runs) {
  if (!request.isNewest()) return;
  m_runs = runs;
  Q_EMIT runsChanged();
}

void RunWatcher::startFailed(const QString& message) {
  m_progress.state = RunState::failed;
  m_progress.message = message;
  Q_EMIT progressChanged();
}

void RunWatcher::begin(const QString& runFolder, RunState state) {
  m_requests.begin();
  m_runFolder = runFolder;
  m_info = {};
  m_alive = false;
  m_progress = {};
  m_progress.state = state;
  Q_EMIT reset();
  Q_EMIT progressChanged();
}

void RunWatcher::takeRun(const NewestRequest::Ticket& request, const QString& runFolder) {
  if (!request.isNewest()) return;
  m_runFolder = runFolder;
  m_info = {};
  m_alive = false;
  m_progress = {};
  Q_EMIT reset();
  Q_EMIT progressChanged();
}

void RunWatcher::takeEvents(const NewestRequest::Ticket& request, bool restarted, const std::vector<Event>& events) {
  if (!request.isNewest()) return;
  if (restarted) {
    m_progress = {};
    tellStages();
    Q_EMIT reset();
  }
  for (const Event& event : events) m_progress.consume(event);
  applyInfoState();
  if (!events.empty()) Q_EMIT eventsArrived(events);
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

#include "run_watcher.moc"
