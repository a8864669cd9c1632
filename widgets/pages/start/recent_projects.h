// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace llavakd {

/// The projects opened last, newest first, from the settings.
QStringList recentProjects();
void addRecentProject(const QString& path);
void removeRecentProject(const QString& path);

}  // namespace llavakd
