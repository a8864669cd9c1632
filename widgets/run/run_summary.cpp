// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_summary.h"

#include <QCoreApplication>
#include <QFile>
#include <QLocale>
#include <algorithm>

#include "core/run/run_list.h"
#include "widgets/document/conversions.h"
#include "widgets/run/gate_texts.h"
#include "widgets/run/run_differences.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

RunState stateOf(const RunInfo& info) {
  if (info.status == "finished") return RunState::finished;
  if (info.status == "stopped") return RunState::stopped;
  if (info.status == "failed") return RunState::failed;
  if (!is_alive(info)) return RunState::interrupted;
  return info.status == "paused" ? RunState::paused : RunState::running;
}

}  // namespace

bool BegunRuns::hasBegun(const RunFolder& run) {
  if (m_begun.contains(run.path)) return true;
  std::error_code error;
  bool begun =
      std::filesystem::is_directory(run.checkpoints(), error) && !std::filesystem::is_empty(run.checkpoints(), error);
  if (!begun) {
    // A run whose first step failed has a short file of events without a step.
    constexpr qint64 most = 1 << 20;
    QFile events(toQString(run.events()));
    const qint64 size = std::min(events.size(), most);
    const auto known = m_others.find(run.path);
    if (known != m_others.end() && known->second == size) return false;
    if (!events.open(QIODevice::ReadOnly)) return false;
    const QByteArray text = events.read(most);
    begun = text.contains("\"type\":\"step\"") || text.contains("\"type\": \"step\"");
    if (!begun) m_others[run.path] = size;
  }
  if (begun) m_begun.insert(run.path);
  return begun;
}

std::vector<RunSummary> runSummaries(const QString& projectFile, BegunRuns* known) {
  BegunRuns own;
  if (!known) known = &own;
  std::vector<RunSummary> runs;
  for (const ListedRun& listed : all_runs(toPath(projectFile))) {
    if (listed.info.kind == RunKind::ablate) continue;
    RunSummary run{.folder = toQString(listed.folder.path), .when = listed.when, .belongs = listed.belongs};
    run.owner = toQString(listed.owner);
    run.fault = toQString(listed.fault);
    if (run.canBeShown()) {
      run.state = stateOf(listed.info);
      run.begun = known->hasBegun(listed.folder);
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

const RunSummary* runToShow(const std::vector<RunSummary>& runs, const QString& shown) {
  const RunSummary *newest = nullptr, *begun = nullptr, *present = nullptr;
  for (const RunSummary& run : runs) {
    if (!run.canBeShown()) continue;
    if (isActive(run.state)) return &run;
    if (!newest) newest = &run;
    if (run.begun && !begun && !present) begun = &run;
    if (run.folder == shown) present = &run;
  }
  if (begun && !(present && begun->when <= present->when)) return begun;
  return present ? present : begun ? begun : newest;
}

QStringList recordLines(const RunInfo& run) {
  const auto tr = [](const char* text) {
    return QCoreApplication::translate("RunSummary", text);
  };
  QStringList lines;
  const auto add = [&](const nlohmann::ordered_json& options) {
    for (const QString& line : optionLines(options)) lines << QStringLiteral("  ") + line;
  };
  for (const StageRecord& stage : run.stages) {
    if (!lines.isEmpty()) lines << QString();
    lines << tr("%1 from step %2 on, %3")
                 .arg(toQString(stage.stage), theme::wholeNumber(stage.from_step), runTimeText(stage.started));
    add(stage.options);
    add(stage.shared);
  }
  for (const auto& change : run.accepted_changes) {
    if (!change.is_object()) continue;
    const auto step = change.find("step"), files = change.find("files");
    lines << QString()
          << tr("Changes accepted at step %1")
                 .arg(step != change.end() && step->is_number_integer() ? theme::wholeNumber(step->get<qint64>())
                                                                        : QStringLiteral("–"));
    if (files != change.end() && files->is_array())
      for (const auto& file : *files) add(file);
  }
  if (const QStringList gates = gateLines(run); !gates.isEmpty()) lines << QString() << gates;
  if (run.branch_of)
    lines << QString()
          << tr("A branch of %1 from %2").arg(toQString(run.branch_of->run), toQString(run.branch_of->checkpoint));
  if (run.versions.is_object() && !run.versions.empty()) {
    lines << QString() << tr("Computed by");
    add(run.versions);
  }
  return lines;
}

QString runTimeText(double when) {
  const QDateTime time = QDateTime::fromSecsSinceEpoch(qint64(when));
  const QLocale locale;
  const bool thisYear = time.date().year() == QDate::currentDate().year();
  return locale.toString(time.date(), thisYear ? QStringLiteral("d MMM") : QStringLiteral("d MMM yyyy")) +
         QLatin1Char(' ') + theme::clockTime(time.time());
}

}  // namespace llavakd
