// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QStringList>
#include <functional>

class QProcess;

namespace llavakd {

/// What a short engine command left behind.
struct EngineResult {
  bool ok = false;
  QByteArray output;  ///< stdout.
  QString error;      ///< For people; empty when ok.
};

/// Runs `llavakd ARGUMENTS…` without blocking and calls `done` on this thread, unless `context` is gone by then; with
/// `context` the process ends, too. The result is gone after `done`. `told` is called with each line of stderr as it
/// comes: how far it is, of commands that say so.
QProcess* runEngineCommand(const QStringList& arguments, QObject* context,
                           std::function<void(const EngineResult&)> done,
                           std::function<void(const QByteArray& line)> told = {});

}  // namespace llavakd
