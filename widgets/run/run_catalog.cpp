// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_catalog.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QFileInfo>
#include <algorithm>

#include "core/run/disk_use.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {
namespace {

constexpr int shortestPause = 2000;           // milliseconds between two looks at the same runs
constexpr qint64 pauseFactor = 20;            // a look takes a twentieth of the time at most
constexpr qint64 countingMilliseconds = 200;  // of a look, for sizes on disk

// Size and time, so that a change is noticed.
QString stampOf(const std::filesystem::path& path) {
  const QFileInfo file(toQString(path));
  if (!file.exists()) return QStringLiteral("-");
  return QStringLiteral("%1@%2").arg(file.size()).arg(file.lastModified().toMSecsSinceEpoch());
}

QString stampOfFiles(const RunFolder& run) {
  return stampOf(run.info()) + QLatin1Char(' ') + stampOf(run.events()) + QLatin1Char(' ') +
         stampOf(run.path / "notes.json");
}

// Events alone grow by little; checkpoints and probes are new entries of their folders.
QString stampOfFolders(const RunFolder& run) {
  return stampOf(run.path) + QLatin1Char(' ') + stampOf(run.checkpoints()) + QLatin1Char(' ') + stampOf(run.probes());
}

// What is not a fault: a project without a run has no such folder.
QString faultOfFolder(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  if (!error || error == std::errc::no_such_file_or_directory) return {};
  return RunCatalog::tr("The runs can't be listed: %1: %2.")
      .arg(toQString(folder), QString::fromLocal8Bit(error.message().c_str()));
}

QStringList keptTags(const QStringList& typed) {
  QStringList tags;
  for (const QString& tag : typed)
    if (const QString kept = tag.trimmed(); !kept.isEmpty() && !tags.contains(kept)) tags << kept;
  return tags;
}

}  // namespace

RunCatalog::RunCatalog(RunWatcher* run, RunSelection* selection, QObject* parent)
    : QObject(parent), m_run(run), m_selection(selection), m_known(std::make_shared<KnownRuns>()) {
  m_timer.setSingleShot(true);
  connect(&m_timer, &QTimer::timeout, this, &RunCatalog::refresh);
  connect(run, &RunWatcher::reset, this, &RunCatalog::takeProject);
  connect(run, &RunWatcher::runsChanged, this, &RunCatalog::refresh);
  takeProject();
}

const RunRow* RunCatalog::find(const QString& folder) const {
  const auto found = std::ranges::find(m_rows, folder, &RunRow::folder);
  return found == m_rows.end() ? nullptr : &*found;
}

void RunCatalog::setWatched(bool watched) {
  m_watched = watched;
  if (watched)
    refresh();
  else
    m_timer.stop();
}

void RunCatalog::takeProject() {
  if (m_run->projectFile() == m_projectFile) return;
  m_projectFile = m_run->projectFile();
  m_looks.cancel();
  m_busy = m_again = false;
  m_rows.clear();
  m_fault.clear();
  m_known = std::make_shared<KnownRuns>();
  m_loading = !m_projectFile.isEmpty();
  Q_EMIT changed();
  refresh();
}

void RunCatalog::refresh() {
  if (m_projectFile.isEmpty() || !m_changes.empty()) return;  // what is being written is looked at afterwards
  m_timer.stop();
  m_again = m_busy;
  if (m_busy) return;
  m_busy = true;
  inBackground(
      this, [projectFile = m_projectFile, known = m_known] { return look(projectFile, known); },
      m_looks.begin().only([this](Look seen) { take(std::move(seen)); }));
}

RunCatalog::Look RunCatalog::look(const QString& projectFile, const std::shared_ptr<const KnownRuns>& known) {
  QElapsedTimer time;
  time.start();
  qint64 counted = 0;
  Look seen;
  auto now = std::make_shared<KnownRuns>();
  try {
    const auto file = toPath(projectFile);
    seen.fault = faultOfFolder(runs_folder(file));
    for (ListedRun& listed : all_runs(file)) {
      const QString folder = toQString(listed.folder.path), files = stampOfFiles(listed.folder);
      const auto before = known->constFind(folder);
      Known run = before == known->constEnd() ? Known() : *before;
      const RunState state = runStateOf(status_of(listed.info));
      const bool belongs = listed.belongs;
      const RunFolder place = listed.folder;
      if (run.files != files || run.row.folder.isEmpty()) {
        const auto bytes = run.row.bytes;
        run.row = runRow(run_overview(std::move(listed)));
        run.row.bytes = bytes;
        run.files = files;
      } else if (run.row.fault.isEmpty()) {
        // Without any file changing: its process was killed, or another project took its id.
        run.row.state = state;
        run.row.belongs = belongs;
      }
      if (const QString folders = stampOfFolders(place); run.folders != folders) {
        if (counted < countingMilliseconds) {
          const qint64 begun = time.elapsed();
          run.row.bytes = run_disk_use(place).all;
          run.folders = folders;
          counted += time.elapsed() - begun;
        } else {
          seen.complete = false;
        }
      }
      seen.rows.push_back(run.row);
      now->insert(folder, std::move(run));
    }
  } catch (const std::exception& error) {
    seen.fault = toQString(error.what());
  }
  seen.known = std::move(now);
  seen.milliseconds = time.elapsed();
  return seen;
}

void RunCatalog::take(Look seen) {
  m_busy = false;
  const bool isNew = m_loading || seen.rows != m_rows || seen.fault != m_fault;
  m_loading = false;
  m_rows = std::move(seen.rows);
  m_fault = seen.fault;
  m_known = std::move(seen.known);
  const auto baseline = std::ranges::find_if(m_rows, [](const RunRow& row) { return row.notes.baseline; });
  m_selection->setBaseline(baseline == m_rows.end() ? QString() : baseline->folder);
  if (isNew) Q_EMIT changed();
  if (m_again || !seen.complete)
    refresh();
  else if (m_watched)
    m_timer.start(int(std::max<qint64>(shortestPause, pauseFactor * seen.milliseconds)));
}

void RunCatalog::setNotes(const QString& folder, const QString& text, const QStringList& tags) {
  const auto row = std::ranges::find(m_rows, folder, &RunRow::folder);
  if (row == m_rows.end() || !row->notesFault.isEmpty()) return;
  std::vector<std::string> kept;
  for (const QString& tag : keptTags(tags)) kept.push_back(tag.toStdString());
  const std::string written = text.trimmed().toStdString();
  if (row->notes.text == written && row->notes.tags == kept) return;
  row->notes.text = written;
  row->notes.tags = kept;
  Q_EMIT changed();
  write([folder = toPath(folder), written, kept] {
    RunNotes notes = read_run_notes({folder});
    notes.text = written;
    notes.tags = kept;
    write_run_notes({folder}, notes);
  });
}

void RunCatalog::setBaseline(const QString& folder) {
  for (RunRow& row : m_rows) row.notes.baseline = row.folder == folder;
  m_selection->setBaseline(folder);
  Q_EMIT changed();
  write([file = toPath(m_projectFile), id = QFileInfo(folder).fileName().toStdString()] { set_baseline(file, id); });
}

// What was read before the change was written is an older state.
void RunCatalog::write(std::function<void()> change) {
  m_looks.cancel();
  m_busy = m_again = false;
  m_timer.stop();
  m_changes.push_back(std::move(change));
  if (m_changes.size() == 1) writeNext();
}

// One after the other: two changes of one file would else be written in any order.
void RunCatalog::writeNext() {
  changeInBackground(this, m_changes.front(), [this](const QString& fault) {
    m_changes.pop_front();
    if (!fault.isEmpty()) Q_EMIT failed(fault);
    if (m_changes.empty())
      refresh();
    else
      writeNext();
  });
}

}  // namespace llavakd
