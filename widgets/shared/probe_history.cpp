// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/probe_history.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/project/term_catalog.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

constexpr int64_t most_probes = 100000;

// The last part of a path that the engine wrote: events may name nothing outside the run's folder.
QString lastPart(const std::string& path) {
  const QString name = toQString(path).section(u'/', -1, -1, QString::SectionSkipEmpty);
  return name == QLatin1String("..") || name == QLatin1String(".") ? QString() : name;
}

std::vector<double> probeValues(const ProbeEvent& event) {
  std::vector<double> values;
  for (const ProbeValues& probe : event.probes) {
    if (probe.index < 0 || probe.index >= most_probes) continue;
    const auto index = std::size_t(probe.index);
    if (values.size() <= index) values.resize(index + 1, NAN);
    values[index] = number_of(probe.terms, probe_curve_term().name);
  }
  return values;
}

}  // namespace

void ProbeHistory::clear() {
  *this = ProbeHistory();
}

bool ProbeHistory::append(const std::vector<Event>& events) {
  bool grown = false;
  for (const auto& event : events) {
    if (const auto* saved = event.as<CheckpointEvent>()) {
      const QString name = lastPart(saved->path);
      if (!name.isEmpty()) {
        const QString folder = QStringLiteral("checkpoints/") + name;
        std::erase(m_checkpoints, folder);
        m_checkpoints.push_back(folder);
      }
    }
    if (event.is<CheckpointEvent>() || event.is<StageFinishedEvent>()) m_checkpointSteps.push_back(event.step);
    const auto* probe = event.as<ProbeEvent>();
    if (!probe) continue;
    ProbeStep look{event.step, toQString(event.stage), lastPart(probe->folder), probeValues(*probe)};
    if (look.folder.isEmpty()) continue;
    // A resumed run looks at a step again.
    std::erase_if(m_steps, [&](const ProbeStep& other) {
      return other.step > look.step || (other.step == look.step && other.folder == look.folder);
    });
    m_steps.push_back(std::move(look));
    grown = true;
  }
  for (auto& look : m_steps)
    look.checkpoint =
        std::find(m_checkpointSteps.begin(), m_checkpointSteps.end(), look.step) != m_checkpointSteps.end();
  return grown;
}

std::vector<double> ProbeHistory::course(std::size_t probe) const {
  std::vector<double> values;
  for (const auto& look : m_steps) values.push_back(probe < look.values.size() ? look.values[probe] : NAN);
  return values;
}

int ProbeHistory::nearest(int64_t step) const {
  int best = -1;
  for (std::size_t i = 0; i < m_steps.size(); ++i)
    if (best < 0 || std::llabs(m_steps[i].step - step) <= std::llabs(m_steps[std::size_t(best)].step - step))
      best = int(i);
  return best;
}

}  // namespace llavakd
