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

}  // namespace llavakd
