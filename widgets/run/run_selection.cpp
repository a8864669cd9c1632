// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_selection.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QSettings>
#include <algorithm>

#include "widgets/run/run_watcher.h"

namespace llavakd {

RunSelection::RunSelection(RunWatcher* run, QObject* parent) : QObject(parent) {
  connect(run, &RunWatcher::reset, this, [this, run] { setProjectFile(run->projectFile()); });
  setProjectFile(run->projectFile());
}

// A path can't be a key: slashes make groups of it.
QString RunSelection::settingsKey() const {
  const QByteArray hash = QCryptographicHash::hash(m_projectFile.toUtf8(), QCryptographicHash::Sha256);
  return QStringLiteral("overlay/") + QString::fromLatin1(hash.toHex().left(16));
}

void RunSelection::setProjectFile(const QString& projectFile) {
  if (projectFile == m_projectFile) return;
  m_projectFile = projectFile;
  m_baseline.clear();
  m_ticked = projectFile.isEmpty() ? QStringList() : QSettings().value(settingsKey()).toStringList();
  m_ticked = m_ticked.mid(0, mostOverlaid);
  Q_EMIT changed();
}

std::vector<OverlaidRun> RunSelection::overlaid() const {
  std::vector<OverlaidRun> runs;
  for (const QString& folder : m_ticked) runs.push_back({folder, QFileInfo(folder).fileName(), folder == m_baseline});
  std::ranges::stable_partition(runs, &OverlaidRun::baseline);
  return runs;
}

bool RunSelection::isTicked(const QString& folder) const {
  return m_ticked.contains(folder);
}

bool RunSelection::hasRoom() const {
  return m_ticked.size() < mostOverlaid;
}

void RunSelection::setTicked(const QString& folder, bool ticked) {
  if (ticked == m_ticked.contains(folder)) return;
  if (ticked && !hasRoom()) return;
  if (ticked)
    m_ticked << folder;
  else
    m_ticked.removeAll(folder);
  keep();
}

void RunSelection::setBaseline(const QString& folder) {
  if (folder == m_baseline) return;
  m_baseline = folder;
  Q_EMIT changed();
}

void RunSelection::forget(const QString& folder) {
  if (!m_ticked.contains(folder) && folder != m_baseline) return;
  m_ticked.removeAll(folder);
  if (folder == m_baseline) m_baseline.clear();
  keep();
}

void RunSelection::keep() {
  if (!m_projectFile.isEmpty()) {
    QSettings settings;
    if (m_ticked.isEmpty())
      settings.remove(settingsKey());
    else
      settings.setValue(settingsKey(), m_ticked);
  }
  Q_EMIT changed();
}

}  // namespace llavakd
