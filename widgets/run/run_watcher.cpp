// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_watcher.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileSystemWatcher>
#include <QThreadPool>
#include <QTimer>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/project/visitors.h"
#include "core/run/run_list.h"
#include "core/run/run_reader.h"
#include "widgets/document/conversions.h"

namespace llavakd {

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
  explicit RunWatcherWorker(const std::atomic<int>* newest) : m_newest(newest) {
    m_timer = new QTimer(this);
    m_timer->setInterval(200);
    connect(m_timer, &QTimer::timeout, this, &RunWatcherWorker::look);
    m_files = new QFileSystemWatcher(this);
    connect(m_files, &QFileSystemWatcher::fileChanged, this, &RunWatcherWorker::readEvents);
  }

  /// Lists the project's runs and follows a folder; unless it is `fixed`, changes over to newer runs of the project.
  void follow(int number, const NewestRequest::Ticket& request, const QString& projectFile, const QString& runFolder,
              bool fixed) {
    m_number = number;
    m_request = request;
    m_projectFile = projectFile;
    m_fixed = fixed;
    m_runs.clear();
    m_nextList = 0;
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
  void batch(const llavakd::NewestRequest::Ticket& request, const llavakd::RunBatch& batch);
  void loading(const llavakd::NewestRequest::Ticket& request, double share);
  void info(const llavakd::NewestRequest::Ticket& request, const llavakd::RunInfo& info, bool alive);
  void log(const llavakd::NewestRequest::Ticket& request, const QString& text);

 private:
  void setRun(const QString& runFolder) {
    m_run = runFolder;
    if (!m_files->files().isEmpty()) m_files->removePaths(m_files->files());
    m_reader = m_run.isEmpty() ? nullptr : std::make_unique<RunReader>(folder().events());
    m_fresh = true;
    m_logOffset = 0;
    m_infoText.clear();
    m_alive = false;
  }

  RunFolder folder() const { return {toPath(m_run)}; }

  bool isOutdated() const { return *m_newest != m_number; }

  void look() {
    if (isOutdated()) return;
    if (!m_projectFile.isEmpty()) lookForRuns();
    if (m_reader) {
      if (m_ticks % 2 == 0) readInfo();  // first: a long log takes a while, and the run's state needn't wait
      readEvents();
      readLog();
    }
    ++m_ticks;
  }

  // A newer run can only be told by reading all runs, which needn't happen five times a second, nor take the disk from
  // others where there are many.
  void lookForRuns() {
    if (m_clock.isValid() && m_clock.elapsed() < m_nextList) return;
    m_clock.start();
    m_nextList = 1000;
    std::vector<RunSummary> runs;
    try {
      runs = runSummaries(m_projectFile, &m_begun);
    } catch (const std::exception&) {
      return;  // no runs folder yet, or one being written this moment
    }
    m_nextList = std::max(m_nextList, 20 * m_clock.elapsed());
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
    if (!m_reader || isOutdated()) return;
    if (m_fresh) showEndOfLog();
    bool restarted = false, more = true;
    while (more) {
      more = m_reader->read_some();
      restarted = restarted || m_reader->restarted();
      if (more && isOutdated()) return;
      if (more) Q_EMIT loading(m_request, m_reader->share());
    }
    RunBatch batch{.restarted = restarted, .events = m_reader->take_events()};
    for (std::string& warning : m_reader->take_warnings()) {
      const int64_t step = batch.events.empty() ? 0 : batch.events.back().step;
      batch.events.push_back({.step = step, .body = WarningEvent{.message = std::move(warning)}});
    }
    if (restarted) m_logOffset = 0;  // who is told so forgets the log as well
    if (!batch.events.empty() || restarted) {
      batch.steps = std::make_shared<const StepHistory>(m_reader->steps());
      Q_EMIT this->batch(m_request, batch);
    }
    keepIndex();
    // An atomic replacement makes the watcher forget the file.
    const QString file = toQString(folder().events());
    if (!m_files->files().contains(file) && QFile::exists(file)) m_files->addPath(file);
  }

  void showEndOfLog() {
    m_fresh = false;
    auto seen = m_reader->glance();
    if (!seen) return;
    const auto checkpoints = folder().checkpoints();
    std::error_code error;
    const bool hasCheckpoint =
        std::filesystem::is_directory(checkpoints, error) && !std::filesystem::is_empty(checkpoints, error);
    Q_EMIT batch(m_request, {.glance = true,
                             .hasCheckpoint = hasCheckpoint,
                             .events = std::move(seen->events),
                             .steps = std::make_shared<const StepHistory>(std::move(seen->steps))});
  }

  // Writing may wait for the disk, and the run goes on.
  void keepIndex() {
    if (auto index = m_reader->take_index())
      QThreadPool::globalInstance()->start(
          [file = folder().events(), index = std::move(*index)] { write_columns(file, index); });
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
    // Whole lines, so many at a time as a window can lay out between two frames.
    constexpr qsizetype piece = 16 << 10;
    for (qsizetype begin = 0, end = 0; begin < text.size(); begin = end) {
      end = std::min(begin + piece, text.size());
      if (const qsizetype line = text.lastIndexOf('\n', end - 1); end < text.size() && line >= begin) end = line + 1;
      while (end < text.size() && end > begin + 1 && (text[end] & 0xc0) == 0x80) --end;  // within a character
      Q_EMIT log(m_request, QString::fromUtf8(text.sliced(begin, end - begin)));
    }
  }

  QTimer* m_timer;
  QFileSystemWatcher* m_files;
  const std::atomic<int>* m_newest;
  int m_number = 0;
  std::unique_ptr<RunReader> m_reader;
  bool m_fresh = true;  ///< Nothing has been read of the run's log.
  QString m_projectFile, m_run;
  std::vector<RunSummary> m_runs;
  BegunRuns m_begun;
  QElapsedTimer m_clock;  ///< Since the runs were listed.
  qint64 m_nextList = 0;  ///< Milliseconds after which they are listed again.
  bool m_fixed = false;
  QByteArray m_infoText;
  RunInfo m_info;
  bool m_alive = false;
  qint64 m_logOffset = 0;
  NewestRequest::Ticket m_request;
  int m_ticks = 0;
};

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
  QMetaObject::invokeMethod(
      m_worker, [worker = m_worker, number = ++m_followed, request = m_requests.newest(), projectFile = m_projectFile,
                 runFolder, fixed] { worker->follow(number, request, projectFile, runFolder, fixed); });
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
  beginRun(runFolder, state);
}

void RunWatcher::takeRun(const NewestRequest::Ticket& request, const QString& runFolder) {
  if (request.isNewest()) beginRun(runFolder, RunState::none);
}

void RunWatcher::beginRun(const QString& runFolder, RunState state) {
  m_runFolder = runFolder;
  m_info = {};
  m_alive = false;
  m_progress = {};
  m_progress.state = state;
  forgetSteps();
  Q_EMIT reset();
  Q_EMIT stepsChanged();
  Q_EMIT progressChanged();
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

#include "run_watcher.moc"
