// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QStringList>
#include <functional>

namespace llavakd {

/// What a short engine command left behind.
struct EngineResult {
  bool ok = false;
  QByteArray output;  ///< stdout.
  QString error;      ///< For people; empty when ok.
};

/// Runs `llavakd ARGUMENTS…` without blocking and calls `done` on this thread, unless `context` is gone by then.
void runEngineCommand(const QStringList& arguments, QObject* context, std::function<void(const EngineResult&)> done);

}  // namespace llavakd
