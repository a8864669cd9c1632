// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/recent_projects.h"

#include <QSettings>

namespace llavakd {
namespace {

constexpr int mostKept = 10;
QString key() {
  return QStringLiteral("recentProjects");
}

}  // namespace

QStringList recentProjects() {
  return QSettings().value(key()).toStringList();
}

void addRecentProject(const QString& path) {
  QStringList paths = recentProjects();
  paths.removeAll(path);
  paths.prepend(path);
  QSettings().setValue(key(), QStringList(paths.mid(0, mostKept)));
}

void removeRecentProject(const QString& path) {
  QStringList paths = recentProjects();
  paths.removeAll(path);
  QSettings().setValue(key(), paths);
}

bool reopensLastProject() {
  return QSettings().value(QStringLiteral("reopenLastProject")).toBool();
}

void setReopensLastProject(bool reopens) {
  QSettings().setValue(QStringLiteral("reopenLastProject"), reopens);
}

void setLastProject(const QString& path) {
  QSettings().setValue(QStringLiteral("lastProject"), path);
}

QString projectToReopen() {
  return reopensLastProject() ? QSettings().value(QStringLiteral("lastProject")).toString() : QString();
}

}  // namespace llavakd
