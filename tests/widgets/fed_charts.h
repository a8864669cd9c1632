// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <vector>

#include "core/run/step_history.h"
#include "widgets/pages/train/run_charts.h"

namespace llavakd {

/// The charts of a run that is told by events alone, as a RunWatcher would pass them on.
struct FedCharts : RunCharts {
  void feed(const std::vector<Event>& events) {
    for (const Event& event : events) m_told.add(event);
    setSteps(std::make_shared<const StepHistory>(m_told));
    append(events);
  }
  void forget() {
    m_told = {};
    clear();
  }

 private:
  StepHistory m_told;
};

}  // namespace llavakd
