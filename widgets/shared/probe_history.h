// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <vector>

#include "core/run/events.h"

namespace llavakd {

/// One look at the probes during a run.
struct ProbeStep {
  int64_t step = 0;
  QString stage;
  QString folder;              ///< Name of its folder in the run's probes/.
  std::vector<double> values;  ///< Of the term that probes show, for each of them; NaN where unknown.
  bool checkpoint = false;     ///< The run has a checkpoint of this step, or a stage ends here.
};

/// The looks at the probes that a run's events name, by step.
class ProbeHistory {
 public:
  void clear();
  /// Takes in events; returns whether there are new looks.
  bool append(const std::vector<Event>& events);
  const std::vector<ProbeStep>& steps() const { return m_steps; }
  /// 1 − cosine of one probe over the looks.
  std::vector<double> course(std::size_t probe) const;
  /// Index of the look nearest to a step; -1 when there is none.
  int nearest(int64_t step) const;
  /// Folders of the checkpoints within the run in the order in which they were written: "checkpoints/DFT-240".
  const std::vector<QString>& checkpoints() const { return m_checkpoints; }

 private:
  std::vector<ProbeStep> m_steps;
  std::vector<QString> m_checkpoints;
  std::vector<int64_t> m_checkpointSteps;
};

}  // namespace llavakd
