// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_queue.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QSettings>
#include <algorithm>

#include "core/project/project_file.h"
#include "core/run/run_list.h"
#include "core/run/run_overview.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/run/engine_process.h"
#include "widgets/run/run_controller.h"
#include "widgets/run/run_summary.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr qint64 queuePause = 1000;      // milliseconds between two looks
constexpr qint64 queuePauseFactor = 20;  // a look takes a twentieth of the time at most
const QString queueKey = QStringLiteral("queue");

bool isBusy(const RunInfo& info) {
  const RunStatus status = status_of(info);
  return status == RunStatus::running || status == RunStatus::paused;
}

struct ReadProject {
  QString name;
  QByteArray text;
  QString fault;
};

ReadProject tryProject(const QString& file) {
  try {
    const Project project = load_project(toPath(file));
    return {toQString(project.name), QByteArray::fromStdString(project_text(project)), {}};
  } catch (const std::exception& error) {
    return {{}, {}, toQString(error.what())};
  }
}

QString titleOf(const QueuedRun& run) {
  if (!run.runName.isEmpty()) return run.runName;
  return run.projectName.isEmpty() ? QFileInfo(run.projectFile).completeBaseName() : run.projectName;
}

}  // namespace

RunQueue::RunQueue(ProjectDocument* document, RunWatcher* run, RunController* controller, QObject* parent)
    : QAbstractListModel(parent), m_document(document), m_run(run), m_controller(controller) {
  m_timer.setSingleShot(true);
  connect(&m_timer, &QTimer::timeout, this, &RunQueue::lookAround);
  connect(controller, &RunController::queuedStartFailed, this, &RunQueue::takeFailure);
  restore();
}

void RunQueue::addOpenProject() {
  if (!m_document->isOpen() || m_document->path().isEmpty()) return;
  const Project& project = m_document->project();
  append({.projectFile = m_document->path(),
          .projectName = toQString(project.name),
          .project = QByteArray::fromStdString(project_text(project))});
}

void RunQueue::addProject(const QString& file) {
  inBackground(
      this, [file] { return tryProject(file); },
      [this, file](const ReadProject& read) {
        if (!read.fault.isEmpty()) return Q_EMIT failed(read.fault);
        append({.projectFile = QFileInfo(file).absoluteFilePath(), .projectName = read.name, .project = read.text});
      });
}

void RunQueue::append(QueuedRun run) {
  run.added = double(QDateTime::currentSecsSinceEpoch());
  const int row = rowCount();
  beginInsertRows({}, row, row);
  m_waiting.push_back(std::move(run));
  endInsertRows();
  keep();
  schedule(0);
}

void RunQueue::move(int row, int by) {
  const int to = row + by;
  if (row < 0 || row >= rowCount() || to < 0 || to >= rowCount() || by == 0) return;
  if (!beginMoveRows({}, row, row, {}, by > 0 ? to + 1 : to)) return;
  std::swap(m_waiting[size_t(row)], m_waiting[size_t(to)]);
  endMoveRows();
  keep();
}

void RunQueue::remove(int row) {
  if (row < 0 || row >= rowCount()) return;
  beginRemoveRows({}, row, row);
  m_waiting.erase(m_waiting.begin() + row);
  endRemoveRows();
  keep();
}

void RunQueue::tryAgain(int row) {
  if (row < 0 || row >= rowCount()) return;
  m_waiting[size_t(row)].fault.clear();
  Q_EMIT dataChanged(index(row), index(row));
  keep();
  schedule(0);
}

void RunQueue::setHeld(bool held) {
  m_reason.clear();
  m_held = held;
  if (!held) schedule(0);
  Q_EMIT changed();
}

int RunQueue::next() const {
  for (int row = 0; row < rowCount(); ++row)
    if (m_waiting[size_t(row)].fault.isEmpty()) return row;
  return -1;
}

QString RunQueue::stateText() const {
  if (m_held) return m_reason.isEmpty() ? tr("Held: nothing is started.") : m_reason;
  if (!m_current.isEmpty()) return tr("%1 is at work.").arg(QFileInfo(m_current).fileName());
  if (next() < 0) return tr("Nothing waits.");
  return m_other.isEmpty() ? tr("The first one starts…") : tr("Waits for %1.").arg(QFileInfo(m_other).fileName());
}

void RunQueue::schedule(qint64 milliseconds) {
  const bool waits = !m_current.isEmpty() || (!m_held && next() >= 0);
  if (waits)
    m_timer.start(int(milliseconds));
  else
    m_timer.stop();
}

void RunQueue::lookAround() {
  QStringList files;
  if (const int row = next(); row >= 0) files << m_waiting[size_t(row)].projectFile;
  if (!m_run->projectFile().isEmpty() && !files.contains(m_run->projectFile())) files << m_run->projectFile();
  inBackground(
      this, [current = m_current, files] { return look(current, files); },
      m_looks.begin().only([this](const Look& seen) { take(seen); }));
}

RunQueue::Look RunQueue::look(const QString& current, const QStringList& projectFiles) {
  QElapsedTimer time;
  time.start();
  Look seen;
  try {
    const RunFolder run{toPath(current)};
    if (!current.isEmpty() && QFileInfo::exists(toQString(run.info()))) {
      const RunInfo info = read_run_info(run);
      seen.currentIsThere = true;
      seen.currentIsAtWork = isBusy(info);
      seen.currentWasStopped = info.status == "stopped";
    }
    for (const QString& file : projectFiles)
      for (const ListedRun& listed : all_runs(toPath(file)))
        if (isBusy(listed.info) && toQString(listed.folder.path) != current) seen.other = toQString(listed.folder.path);
  } catch (const std::exception&) {
    seen.currentIsThere = false;  // being written this moment
  }
  seen.milliseconds = time.elapsed();
  return seen;
}

void RunQueue::take(const Look& seen) {
  if (!m_current.isEmpty() && seen.currentIsThere && !seen.currentIsAtWork) {
    if (seen.currentWasStopped && next() >= 0) {
      m_held = true;
      m_reason = tr("%1 was stopped, so the queue is held.").arg(QFileInfo(m_current).fileName());
    }
    m_current.clear();
  }
  m_other = seen.other;
  if (const int row = next(); m_current.isEmpty() && m_other.isEmpty() && !m_held && row >= 0) start(row);
  schedule(std::max(queuePause, queuePauseFactor * seen.milliseconds));
  Q_EMIT changed();
}

void RunQueue::start(int row) {
  m_started = m_waiting[size_t(row)];
  remove(row);
  const QString id = m_started.runName.isEmpty() ? EngineProcess::newRunId() : m_started.runName;
  m_current = toQString(RunFolder{runs_folder(toPath(m_started.projectFile)) / id.toStdString()}.path);
  m_controller->startQueued(m_started.projectFile, id, m_started.project);
}

// It keeps its place, and says why it isn't run; the others come first.
void RunQueue::takeFailure(const QString& message) {
  if (m_current.isEmpty()) return;
  m_current.clear();
  m_started.fault = message;
  beginInsertRows({}, 0, 0);
  m_waiting.insert(m_waiting.begin(), m_started);
  endInsertRows();
  keep();
  schedule(queuePause);
}

int RunQueue::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(m_waiting.size());
}

QVariant RunQueue::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const QueuedRun& run = m_waiting[size_t(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return run.fault.isEmpty() ? tr("%1 · added %2").arg(titleOf(run), runTimeText(run.added))
                                 : tr("%1 · not started: %2").arg(titleOf(run), run.fault);
    case Qt::EditRole:
      return run.runName;
    case Qt::ToolTipRole:
      return run.fault.isEmpty() ? run.projectFile : run.fault;
    case Qt::DecorationRole:
      return theme::icon(run.fault.isEmpty() ? QStringLiteral("file") : QStringLiteral("warning"));
    default:
      return {};
  }
}

bool RunQueue::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (!index.isValid() || role != Qt::EditRole) return false;
  const QString name = value.toString().trimmed();
  if (!name.isEmpty() && !is_run_id(name.toStdString())) {
    Q_EMIT failed(tr("“%1” can't be a run's name: it may hold letters, digits, “-”, “_” and “.” only.").arg(name));
    return false;
  }
  m_waiting[size_t(index.row())].runName = name;
  Q_EMIT dataChanged(index, index);
  keep();
  return true;
}

Qt::ItemFlags RunQueue::flags(const QModelIndex& index) const {
  return QAbstractListModel::flags(index) | (index.isValid() ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

void RunQueue::keep() {
  QSettings settings;
  settings.remove(queueKey);
  settings.beginWriteArray(queueKey, rowCount());
  for (int row = 0; row < rowCount(); ++row) {
    const QueuedRun& run = m_waiting[size_t(row)];
    settings.setArrayIndex(row);
    settings.setValue(QStringLiteral("file"), run.projectFile);
    settings.setValue(QStringLiteral("projectName"), run.projectName);
    settings.setValue(QStringLiteral("runName"), run.runName);
    settings.setValue(QStringLiteral("project"), run.project);
    settings.setValue(QStringLiteral("added"), run.added);
    settings.setValue(QStringLiteral("fault"), run.fault);
  }
  settings.endArray();
  Q_EMIT changed();
}

void RunQueue::restore() {
  QSettings settings;
  const int count = settings.beginReadArray(queueKey);
  for (int row = 0; row < count; ++row) {
    settings.setArrayIndex(row);
    QueuedRun run{.projectFile = settings.value(QStringLiteral("file")).toString(),
                  .projectName = settings.value(QStringLiteral("projectName")).toString(),
                  .runName = settings.value(QStringLiteral("runName")).toString(),
                  .project = settings.value(QStringLiteral("project")).toByteArray(),
                  .added = settings.value(QStringLiteral("added")).toDouble(),
                  .fault = settings.value(QStringLiteral("fault")).toString()};
    if (!run.projectFile.isEmpty() && !run.project.isEmpty()) m_waiting.push_back(std::move(run));
  }
  settings.endArray();
  m_held = !m_waiting.empty();
  if (m_held) m_reason = tr("Kept from the last time; nothing is started yet.");
}

}  // namespace llavakd
