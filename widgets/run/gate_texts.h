// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

#include "core/run/run_folder.h"

namespace llavakd {

/// What a limit is for: "Score of test.json", "RDist of the probes", "Loss: cross entropy".
QString limitSubject(const std::string& measure, const std::string& of);
/// What the number must be: "at least 55 %", "at most 2.5"; "–" where that isn't known.
QString limitBound(const GateNumber& number);
/// A number of this measure, or "–" where it isn't known.
QString gateNumber(const std::string& measure, double number);

/// What became of a stage's gate: "The gate of SFT is met.", "The gate of SFT isn't met. Passed: the data is small."
QString gateSentence(const std::string& stage, const GateEvent& gate);
/// That a run went back, why, and where the rest is.
QString rollBackSentence(const RolledBackEvent& what);
/// A line for each gate that the run came to, and each time that it went back.
QStringList gateLines(const RunInfo& run);

}  // namespace llavakd
