// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace llavakd {

/// The projects opened last, newest first, from the settings.
QStringList recentProjects();
void addRecentProject(const QString& path);
void removeRecentProject(const QString& path);

/// Whether the project that was open at the end opens again at the start.
bool reopensLastProject();
void setReopensLastProject(bool reopens);
/// The project that is open, for the next start; empty: none.
void setLastProject(const QString& path);
/// The one to open at the start; empty where none was open or nobody wants it.
QString projectToReopen();

}  // namespace llavakd
