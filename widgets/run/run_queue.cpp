// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_queue.h"

#include <QElapsedTimer>
#include <algorithm>
#include <utility>

#include "core/project/project_file.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {
namespace {

constexpr qint64 queuePause = 1000;      // milliseconds between two looks
constexpr qint64 queuePauseFactor = 20;  // a look takes a twentieth of the time at most

struct QueueOrFault {
  StoredQueue queue;
  QString fault;
};

template <class Read>
QueueOrFault tryQueue(Read read) {
  try {
    return {read(), {}};
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

struct ReadEntry {
  QueuedRun run;
  QString fault;
};

ReadEntry tryEntry(const QString& file) {
  try {
    return {queued_run(toPath(file), load_project(toPath(file))), {}};
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

}  // namespace

RunQueue::RunQueue(ProjectDocument* document, RunWatcher* run, RunController* controller, QObject* parent)
    : QAbstractListModel(parent),
      m_document(document),
      m_run(run),
      m_controller(controller),
      m_folder(run_queue_folder()) {
  m_timer.setSingleShot(true);
  connect(&m_timer, &QTimer::timeout, this, &RunQueue::lookAround);
  connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, [this] { lookAround(); });
  connect(controller, &RunController::queuedStartFailed, this, &RunQueue::takeFailure);
  open();
}

void RunQueue::open() {
  inBackground(
      this, [folder = m_folder] { return tryQueue([&] { return hold_kept_queue(folder); }); },
      [this](const QueueOrFault& read) {
        m_opened = true;
        m_watcher.addPath(toQString(m_folder));
        m_lastFault = read.fault;
        if (!read.fault.isEmpty()) Q_EMIT failed(read.fault);
        if (hasUnwritten()) return write();
        show(read.queue);
        lookAround();
      });
}

void RunQueue::addOpenProject() {
  if (!m_document->isOpen() || m_document->path().isEmpty()) return;
  add({queued_run(toPath(m_document->path()), m_document->project())});
}

void RunQueue::addProject(const QString& file) {
  inBackground(
      this, [file] { return tryEntry(file); },
      [this](const ReadEntry& read) {
        if (!read.fault.isEmpty()) return Q_EMIT failed(read.fault);
        add({read.run});
      });
}

void RunQueue::add(const std::vector<QueuedRun>& runs) {
  edit([runs](StoredQueue& queue) { queue.waiting.insert(queue.waiting.end(), runs.begin(), runs.end()); });
}

void RunQueue::move(int row, int by) {
  if (row < 0 || row >= rowCount()) return;
  edit([id = waiting()[size_t(row)].id, by](StoredQueue& queue) { move_queued_run(queue, id, by); });
}

void RunQueue::remove(int row) {
  if (row < 0 || row >= rowCount()) return;
  edit([id = waiting()[size_t(row)].id](StoredQueue& queue) { remove_queued_run(queue, id); });
}

void RunQueue::tryAgain(int row) {
  if (row < 0 || row >= rowCount()) return;
  edit([id = waiting()[size_t(row)].id](StoredQueue& queue) { retry_queued_run(queue, id); });
}

void RunQueue::setHeld(bool held) {
  edit([held](StoredQueue& queue) { hold_queue(queue, held); });
}

// Shown at once and written in the background, where it meets what other windows have changed meanwhile.
void RunQueue::edit(Change change) {
  StoredQueue queue = m_queue;
  change(queue);
  show(std::move(queue));
  ++m_version;
  bool begins = false;
  {
    const std::lock_guard guard(m_unwritten->mutex);
    m_unwritten->changes.push_back(std::move(change));
    begins = !m_unwritten->isWriting;
  }
  if (begins && m_opened) write();
}

bool RunQueue::hasUnwritten() const {
  const std::lock_guard guard(m_unwritten->mutex);
  return m_unwritten->isWriting || !m_unwritten->changes.empty();
}

void RunQueue::write() {
  {
    const std::lock_guard guard(m_unwritten->mutex);
    m_unwritten->isWriting = true;
  }
  inBackground(
      this,
      [folder = m_folder, unwritten = m_unwritten] { return tryQueue([&] { return writeAll(folder, *unwritten); }); },
      [this](const QueueOrFault& written) {
        ++m_version;
        if (!written.fault.isEmpty()) Q_EMIT failed(written.fault);
        if (written.fault.isEmpty() && !hasUnwritten()) show(written.queue);
        lookAround();
      });
}

StoredQueue RunQueue::writeAll(const std::filesystem::path& folder, Unwritten& unwritten) {
  StoredQueue queue;
  for (;;) {
    std::vector<Change> changes;
    {
      const std::lock_guard guard(unwritten.mutex);
      changes.swap(unwritten.changes);
      unwritten.isWriting = !changes.empty();
    }
    if (changes.empty()) return queue;
    try {
      queue = change_run_queue(folder, [&](StoredQueue& stored) {
        for (const Change& change : changes) change(stored);
      });
    } catch (const std::exception&) {
      const std::lock_guard guard(unwritten.mutex);
      unwritten.changes.clear();  // they would fail as well
      unwritten.isWriting = false;
      throw;
    }
  }
}

QString RunQueue::stateText() const {
  if (m_queue.held) return m_queue.reason.empty() ? tr("Held: nothing is started.") : toQString(m_queue.reason);
  if (m_queue.started) return tr("%1 is at work.").arg(toQString(m_queue.started->folder.filename()));
  if (m_queue.waiting.empty()) return tr("Nothing waits.");
  if (!next_queued_run(m_queue)) return tr("None of these could be started.");
  if (!m_waitsFor.isEmpty()) return tr("Waits for %1.").arg(m_waitsFor);
  return m_runner ? tr("The first one starts…") : tr("Another window or `llavakd runs queue run` starts them.");
}

void RunQueue::schedule(qint64 milliseconds) {
  if (m_queue.started || (!m_queue.held && next_queued_run(m_queue)))
    m_timer.start(int(milliseconds));
  else
    m_timer.stop();
}

// One at a time: a look may take an entry out of the queue, and that must not be missed.
void RunQueue::lookAround() {
  m_again = m_looking;
  if (m_looking || !m_opened) return;
  m_looking = true;
  std::vector<std::filesystem::path> files;
  if (!m_run->projectFile().isEmpty()) files.push_back(toPath(m_run->projectFile()));
  inBackground(
      this, [folder = m_folder, files, runner = m_runner] { return look(folder, files, runner); },
      [this, version = m_version](const Look& seen) { take(seen, version == m_version && !hasUnwritten()); });
}

RunQueue::Look RunQueue::look(const std::filesystem::path& folder,
                              const std::vector<std::filesystem::path>& projectFiles,
                              std::shared_ptr<QueueRunner> runner) {
  QElapsedTimer time;
  time.start();
  Look seen;
  try {
    const StoredQueue queue = read_run_queue(folder);
    const bool hasWork = queue.started || (!queue.held && next_queued_run(queue));
    if (hasWork && !runner) runner = QueueRunner::take(folder);
    seen.step = step_run_queue(folder, projectFiles, hasWork && runner);
    if (hasWork) seen.runner = std::move(runner);  // else others may
  } catch (const std::exception& error) {
    seen.fault = toQString(error.what());
    seen.runner = std::move(runner);
  }
  seen.milliseconds = time.elapsed();
  return seen;
}

void RunQueue::take(const Look& seen, bool isCurrent) {
  m_looking = false;
  m_runner = seen.runner;
  if (const QString before = std::exchange(m_lastFault, seen.fault); !seen.fault.isEmpty() && seen.fault != before)
    Q_EMIT failed(seen.fault);
  m_waitsFor = toQString(seen.step.waits_for);
  if (seen.step.start) {
    m_started = *seen.step.start;
    m_controller->startQueued(toQString(m_started.entry.project_file), toQString(m_started.folder.filename()),
                              QByteArray::fromStdString(m_started.entry.project));
  }
  if (isCurrent && seen.fault.isEmpty())
    show(seen.step.queue);
  else
    Q_EMIT changed();
  if (m_again || (!isCurrent && !hasUnwritten()))  // what is being written is looked at afterwards
    lookAround();
  else
    schedule(std::max(queuePause, queuePauseFactor * seen.milliseconds));
}

// It comes back to the front, and says why it isn't run; the others come first.
void RunQueue::takeFailure(const QString& message) {
  if (m_started.entry.id.empty()) return;
  const StartedRun run = std::exchange(m_started, {});
  inBackground(
      this,
      [folder = m_folder, run, message] {
        return tryQueue([&] { return give_back_queued_run(folder, run, message.toStdString()); });
      },
      [this](const QueueOrFault& written) {
        if (!written.fault.isEmpty()) Q_EMIT failed(written.fault);
        lookAround();
      });
}

}  // namespace llavakd
