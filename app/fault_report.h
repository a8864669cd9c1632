// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <functional>

namespace llavakd {

/// Writes what whoever mends the program needs to know of a fault into one text file, to be read before it is sent:
/// versions, what `llavakd doctor --report` says of the machine, the project, the run's record and the ends of its
/// logs, where they are known. The names of user and host and all absolute paths are replaced. Calls `done` with what
/// went wrong, empty: nothing.
void writeFaultReport(const QString& path, const QString& projectFile, const QString& runFolder, QObject* context,
                      std::function<void(const QString& fault)> done);

}  // namespace llavakd
