// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_row.h"

#include <QStringList>
#include <algorithm>

#include "core/run/task_result.h"
#include "widgets/document/conversions.h"
#include "widgets/run/gate_texts.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

// A number that isn't known is the same as another one that isn't.
bool isSame(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

bool areSame(const NamedNumbers& a, const NamedNumbers& b) {
  return std::ranges::equal(
      a, b, [](const auto& x, const auto& y) { return x.first == y.first && isSame(x.second, y.second); });
}

}  // namespace

bool RunRow::operator==(const RunRow& other) const {
  return folder == other.folder && owner == other.owner && belongs == other.belongs && ablation == other.ablation &&
         imported == other.imported && fault == other.fault && state == other.state && started == other.started &&
         isSame(seconds, other.seconds) && stage == other.stage && step == other.step &&
         plannedSteps == other.plannedSteps && areSame(terms, other.terms) && isSame(total, other.total) &&
         score == other.score && scores == other.scores && message == other.message && gates == other.gates &&
         notes == other.notes && notesFault == other.notesFault && bytes == other.bytes;
}

RunState runStateOf(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return RunState::running;
    case RunStatus::paused:
      return RunState::paused;
    case RunStatus::interrupted:
      return RunState::interrupted;
    case RunStatus::stopped:
      return RunState::stopped;
    case RunStatus::finished:
      return RunState::finished;
    case RunStatus::failed:
      return RunState::failed;
    case RunStatus::unknown:
      break;
  }
  return RunState::none;
}

QString taskResultText(const TaskResult& result) {
  if (!result.score) return toQString(score_text(result));
  const QString scorer = result.scorer.empty() ? QStringLiteral("score") : toQString(result.scorer);
  const auto asked = qint64(result.n), all = asked + qint64(result.skipped.size());
  QString text = scorer + QStringLiteral(": ") + theme::fixedNumber(*result.score, 2) + QStringLiteral(" %");
  if (!result.score_is.empty()) text += QStringLiteral(" (%1)").arg(toQString(result.score_is));
  text += QStringLiteral(", ") + theme::wholeNumber(asked);
  if (asked != all) text += QStringLiteral(" of ") + theme::wholeNumber(all);
  return text + QStringLiteral(" questions");
}

RunRow runRow(const RunOverview& overview) {
  RunRow row;
  row.folder = toQString(overview.run.folder.path);
  row.name = toQString(overview.run.folder.id());
  row.owner = toQString(overview.run.owner);
  row.belongs = overview.run.belongs;
  row.ablation = overview.run.info.kind == RunKind::ablate;
  row.imported = overview.run.info.kind == RunKind::imported;
  row.fault = toQString(overview.run.fault);
  row.state = runStateOf(overview.status);
  row.started = overview.run.when;
  row.seconds = overview.seconds;
  row.stage = toQString(overview.stage);
  row.step = overview.step;
  row.plannedSteps = overview.planned_steps;
  row.terms = overview.terms;
  row.total = overview.total;
  QStringList scores;
  for (const TaskResult& result : overview.scores) {
    if (!row.score) row.score = result.score;
    scores << taskResultText(result);
  }
  row.scores = scores.join(QLatin1Char('\n'));
  if (!unmet_gate(overview.run.info)) row.message = toQString(overview.message);  // else among its gates
  row.gates = gateLines(overview.run.info).join(QLatin1Char('\n'));
  row.notes = overview.notes;
  row.notesFault = toQString(overview.notes_fault);
  return row;
}

}  // namespace llavakd
