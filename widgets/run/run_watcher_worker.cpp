// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_watcher_worker.h"

#include <QFile>
#include <QFileSystemWatcher>
#include <QThreadPool>
#include <QTimer>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/run/event_columns.h"
#include "core/run/run_reader.h"
#include "widgets/document/conversions.h"

namespace llavakd {

RunWatcherWorker::RunWatcherWorker(const std::atomic<int>* newest) : m_newest(newest) {
  m_timer = new QTimer(this);
  m_timer->setInterval(200);
  connect(m_timer, &QTimer::timeout, this, &RunWatcherWorker::look);
  m_files = new QFileSystemWatcher(this);
  // The first line after a while is there at once; of a run that writes many, the timer's looks are enough.
  connect(m_files, &QFileSystemWatcher::fileChanged, this, [this] {
    if (!m_sinceNews.isValid() || m_sinceNews.elapsed() >= m_timer->interval()) readEvents();
  });
}

RunWatcherWorker::~RunWatcherWorker() = default;

void RunWatcherWorker::follow(int number, const NewestRequest::Ticket& request, const QString& projectFile,
                              const QString& runFolder, bool fixed) {
  m_number = number;
  m_request = request;
  m_projectFile = projectFile;
  m_fixed = fixed;
  m_runs.clear();
  m_listed = false;
  m_nextList = 0;
  setRun(runFolder);
  m_ticks = 0;
  if (m_projectFile.isEmpty() && m_run.isEmpty())
    m_timer->stop();
  else
    m_timer->start();
  look();
}

RunFolder RunWatcherWorker::folder() const {
  return {toPath(m_run)};
}

void RunWatcherWorker::setRun(const QString& runFolder) {
  m_run = runFolder;
  if (!m_files->files().isEmpty()) m_files->removePaths(m_files->files());
  m_reader = m_run.isEmpty() ? nullptr : std::make_unique<RunReader>(folder().events());
  m_fresh = true;
  m_sinceNews.invalidate();
  m_logOffset = 0;
  m_infoText.clear();
  m_alive = false;
}

void RunWatcherWorker::look() {
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
void RunWatcherWorker::lookForRuns() {
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
  if (runs != m_runs || !std::exchange(m_listed, true)) {
    m_runs = runs;
    Q_EMIT this->runs(m_request, m_runs);
  }
  const RunSummary* run = m_fixed ? nullptr : runToShow(m_runs, m_run);
  if (!run || run->folder == m_run) return;
  setRun(run->folder);
  Q_EMIT found(m_request, m_run);
}

void RunWatcherWorker::readEvents() {
  if (!m_reader || isOutdated()) return;
  const bool isFirst = m_fresh;  // also of an empty log it is told that it was read
  if (isFirst) showEndOfLog();
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
  if (isFirst || restarted || !batch.events.empty()) {
    m_sinceNews.start();
    batch.steps = std::make_shared<const StepHistory>(m_reader->steps());
    Q_EMIT this->batch(m_request, batch);
  }
  keepIndex();
  // An atomic replacement makes the watcher forget the file.
  const QString file = toQString(folder().events());
  if (!m_files->files().contains(file) && QFile::exists(file)) m_files->addPath(file);
}

void RunWatcherWorker::showEndOfLog() {
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
void RunWatcherWorker::keepIndex() {
  if (auto index = m_reader->take_index())
    QThreadPool::globalInstance()->start(
        [file = folder().events(), index = std::move(*index)] { write_columns(file, index); });
}

void RunWatcherWorker::readInfo() {
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

void RunWatcherWorker::readLog() {
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

}  // namespace llavakd
