// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/gate_texts.h"

#include <QCoreApplication>
#include <cmath>

#include "core/project/stage_gate.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

QString gateTr(const char* text) {
  return QCoreApplication::translate("GateTexts", text);
}

QString gateTerm(const std::string& term) {
  const TermInfo* info = term_info(term);
  return info ? toQString(info->label) : toQString(term);
}

// What follows "isn't met."
QString unmetOutcome(const GateEvent& gate) {
  const bool why = !gate.reason.empty();
  if (gate.outcome == "passed") return gateTr("Passed: %1").arg(toQString(gate.reason));
  if (gate.outcome == "rolled_back") return gateTr("Rolled back: %1").arg(toQString(gate.reason));
  if (gate.outcome == "stopped")
    return why ? gateTr("Stopped: %1").arg(toQString(gate.reason)) : gateTr("The run stopped there.");
  if (gate.outcome == "waiting") return gateTr("The run waits for an answer.");
  return gateTr("The run went on.");
}

}  // namespace

QString limitSubject(const std::string& measure, const std::string& of) {
  if (measure == "probe") return gateTr("%1 of the probes").arg(gateTerm(of));
  if (measure == "loss") return of.empty() ? gateTr("Loss, total") : gateTr("Loss, %1").arg(gateTerm(of));
  return of.empty() ? gateTr("Score") : gateTr("Score of %1").arg(toQString(of));
}

QString gateNumber(const std::string& measure, double number) {
  if (!std::isfinite(number)) return QStringLiteral("–");
  const QString text = theme::shortNumber(number);
  return is_least({.measure = measure}) ? text + QStringLiteral("\u202f%") : text;
}

QString limitBound(const GateNumber& number) {
  if (!std::isfinite(number.bound)) return QStringLiteral("–");
  const QString bound = gateNumber(number.measure, number.bound);
  return is_least({.measure = number.measure}) ? gateTr("at least %1").arg(bound) : gateTr("at most %1").arg(bound);
}

QString gateSentence(const std::string& stage, const GateEvent& gate) {
  if (gate.outcome == "met") return gateTr("The gate of %1 is met.").arg(toQString(stage));
  QStringList unmet;
  for (const GateNumber& number : gate.numbers)
    if (!number.met)
      unmet << gateTr("%1 is %2, wanted %3")
                   .arg(limitSubject(number.measure, number.of), gateNumber(number.measure, number.after),
                        limitBound(number));
  return gateTr("The gate of %1 isn’t met: %2. %3")
      .arg(toQString(stage), unmet.join(QStringLiteral("; ")), unmetOutcome(gate));
}

QString rollBackSentence(const RolledBackEvent& what) {
  return gateTr("Went back from %1 to %2 (%3). What was left is the run %4.")
      .arg(toQString(what.from), toQString(what.to), toQString(what.reason), toQString(what.kept_as));
}

QStringList gateLines(const RunInfo& run) {
  QStringList lines;
  for (const GateRecord& record : run.gates) lines << gateSentence(record.stage, record.gate);
  for (const RollBackRecord& record : run.roll_backs) lines << rollBackSentence(record.what);
  return lines;
}

}  // namespace llavakd
