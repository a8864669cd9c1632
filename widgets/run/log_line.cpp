// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/log_line.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/project/term_catalog.h"
#include "core/run/events.h"
#include "widgets/document/conversions.h"
#include "widgets/run/gate_texts.h"
#include "widgets/run/run_row.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

QString logText(const char* text) {
  return QCoreApplication::translate("LogLine", text);
}

QString stepsText(int64_t steps) {
  return logText("%1 steps").arg(theme::wholeNumber(steps));
}

QString planText(const std::vector<PlannedStage>& stages) {
  QStringList parts;
  for (const PlannedStage& stage : stages)
    parts << logText("%1 with %2").arg(toQString(stage.name), stepsText(stage.steps));
  return parts.join(QStringLiteral(", "));
}

QString forecastText(const EstimateEvent& estimate) {
  QStringList parts;
  for (const StageForecast& stage : estimate.stages) {
    QStringList numbers;
    if (std::isfinite(stage.seconds)) numbers << theme::durationText(stage.seconds);
    if (std::isfinite(stage.memory_bytes)) numbers << logText("%1 of memory").arg(theme::bytesText(stage.memory_bytes));
    if (std::isfinite(stage.disk_bytes)) numbers << logText("%1 on disk").arg(theme::bytesText(stage.disk_bytes));
    parts << toQString(stage.stage) + QLatin1Char(' ') + numbers.join(QStringLiteral(", "));
  }
  return logText("Expected: %1.").arg(parts.join(QStringLiteral("; ")));
}

QString startText(const StageStartedEvent& started) {
  QStringList learning;
  for (const std::string& part : started.train) learning << toQString(part);
  const QString text = logText("The stage starts: %1 over %2 samples.")
                           .arg(stepsText(started.steps), theme::wholeNumber(started.samples));
  if (learning.isEmpty()) return text;
  return text + QLatin1Char(' ') +
         logText("What learns: %1, %2 parameters.")
             .arg(learning.join(QStringLiteral(", ")), theme::shortCount(double(started.trained_parameters)));
}

QString endText(const RunFinishedEvent& finished) {
  const QString text = finished.status == "finished" ? logText("The run is finished: %1, %2 samples.")
                                                     : logText("The run was stopped: %1, %2 samples.");
  const QString counted = text.arg(stepsText(finished.steps), theme::wholeNumber(finished.samples));
  if (finished.skipped == 0) return counted;
  return counted + QLatin1Char(' ') + logText("%1 could not be used.").arg(theme::wholeNumber(finished.skipped));
}

// The event that a line tells of: "TYPE STAGE step N {…}".
std::optional<Event> eventOf(const QString& type, const QString& stage, qint64 step, const QString& json) {
  const auto members = nlohmann::ordered_json::parse(json.toStdString(), nullptr, false);
  if (!members.is_object()) return std::nullopt;
  try {
    return Event{.stage = stage.toStdString(), .step = step, .body = event_body_from_json(type.toStdString(), members)};
  } catch (const UserError&) {
    return std::nullopt;
  }
}

}  // namespace

QString eventSentence(const Event& event) {
  if (const auto* started = event.as<RunStartedEvent>())
    return logText("The run starts: %1.").arg(planText(started->stages));
  if (const auto* resumed = event.as<RunResumedEvent>())
    return resumed->checkpoint.empty() ? logText("The run goes on.")
                                       : logText("The run goes on from %1.").arg(toQString(resumed->checkpoint));
  if (const auto* estimate = event.as<EstimateEvent>()) return forecastText(*estimate);
  if (const auto* started = event.as<StageStartedEvent>()) return startText(*started);
  if (const auto* probe = event.as<ProbeEvent>()) {
    const TermInfo& term = probe_curve_term();
    const double mean = number_of(probe->means, term.name);
    return std::isfinite(mean) ? logText("Looked at the probes: %1 %2.").arg(toQString(term.label), theme::number(mean))
                               : logText("Looked at the probes.");
  }
  if (const auto* evaluated = event.as<EvaluationEvent>()) return taskResultText(evaluated->result);
  if (const auto* saved = event.as<CheckpointEvent>())
    return logText("The checkpoint %1 is written.").arg(toQString(saved->path).section(QLatin1Char('/'), -1));
  if (const auto* warning = event.as<WarningEvent>()) return toQString(warning->message);
  if (const auto* paused = event.as<PausedEvent>())
    return paused->reason.empty() ? logText("The run pauses.") : toQString(paused->reason);
  if (event.is<UnpausedEvent>()) return logText("The run goes on after the pause.");
  if (const auto* finished = event.as<StageFinishedEvent>())
    return logText("The stage is done: %1.").arg(stepsText(finished->steps));
  if (const auto* finished = event.as<RunFinishedEvent>()) return endText(*finished);
  if (const auto* failed = event.as<FailedEvent>()) return toQString(failed->message);
  if (const auto* gate = event.as<GateEvent>()) return gateSentence(event.stage, *gate);
  if (const auto* back = event.as<RolledBackEvent>()) return rollBackSentence(*back);
  return {};
}

LogLine readLogLine(const QString& line) {
  static const QRegularExpression timed(QStringLiteral("^(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d) (\\w+) (.*)$"));
  static const QRegularExpression placed(QStringLiteral("^(\\w+) (.*?) ?step (\\d+) (.*)$"));
  LogLine read;
  read.sentence = line;
  const auto stamped = timed.match(line);
  if (!stamped.hasMatch()) return read;
  read.time = QDateTime::fromString(stamped.captured(1), QStringLiteral("yyyy-MM-dd HH:mm:ss"));
  read.warns = stamped.captured(2) != QLatin1String("info");
  read.sentence = stamped.captured(3);
  const auto place = placed.match(read.sentence);
  if (read.warns || !place.hasMatch()) return read;
  const QString type = place.captured(1), content = place.captured(4);
  const auto event = eventOf(type, place.captured(2), place.captured(3).toLongLong(), content);
  const QString sentence = event ? eventSentence(*event) : QString();
  if (sentence.isEmpty() && type != QLatin1String("eval")) return read;
  read.stage = place.captured(2);
  read.step = place.captured(3).toLongLong();
  read.sentence = sentence.isEmpty() ? content : sentence;
  if (event) read.json = content;
  return read;
}

}  // namespace llavakd
