// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shared/probe_history.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

constexpr int64_t most_probes = 100000;

// The last part of a path that the engine wrote: events may name nothing outside the run's folder.
QString lastPart(const nlohmann::ordered_json& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->is_string()) return {};
  const QString name = toQString(found->get<std::string>()).section(u'/', -1, -1, QString::SectionSkipEmpty);
  return name == QLatin1String("..") || name == QLatin1String(".") ? QString() : name;
}

std::vector<double> rdistOf(const nlohmann::ordered_json& fields) {
  std::vector<double> values;
  const auto list = fields.find("probes");
  if (list == fields.end() || !list->is_array()) return values;
  for (const auto& entry : *list) {
    if (!entry.is_object()) continue;
    const auto index = entry.find("index"), rdist = entry.find("rdist");
    if (index == entry.end() || !index->is_number_integer() || rdist == entry.end() || !rdist->is_number()) continue;
    const auto number = index->get<int64_t>();
    if (number < 0 || number >= most_probes) continue;
    const auto probe = std::size_t(number);
    if (values.size() <= probe) values.resize(probe + 1, NAN);
    values[probe] = rdist->get<double>();
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
    if (event.type == "checkpoint") {
      const QString name = lastPart(event.fields, "path");
      if (!name.isEmpty()) {
        const QString folder = QStringLiteral("checkpoints/") + name;
        std::erase(m_checkpoints, folder);
        m_checkpoints.push_back(folder);
      }
    }
    if (event.type == "checkpoint" || event.type == "stage_finished") m_checkpointSteps.push_back(event.step);
    if (event.type != "probe") continue;
    ProbeStep look{event.step, toQString(event.stage), lastPart(event.fields, "folder"), rdistOf(event.fields)};
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
  for (const auto& look : m_steps) values.push_back(probe < look.rdist.size() ? look.rdist[probe] : NAN);
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
