// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QString>
#include <optional>

namespace llavakd {

struct Event;

/// A line of engine.log, as people read it.
struct LogLine {
  QDateTime time;  ///< Null where the line tells none: it goes on with the one before, or is somebody else's.
  bool warns = false;
  QString stage;
  std::optional<qint64> step;
  QString sentence;
  QString json;  ///< The event behind the sentence; empty where the line is none.
};

/// Reads a line. What isn't known stays as it is written.
LogLine readLogLine(const QString& line);

/// What happened, in a sentence; empty for steps and for events of a newer version.
QString eventSentence(const Event& event);

}  // namespace llavakd
