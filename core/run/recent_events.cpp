// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/recent_events.h"

#include <algorithm>
#include <iterator>

namespace llavakd {

void RecentEvents::add(const Event& event) {
  if (!event.is<StepEvent>()) {
    others_.push_back(event);
    return;
  }
  if (!ring_.empty() && ring_.front().second.stage != event.stage) end_stage();
  if (ring_.size() < kept_steps) {
    ring_.emplace_back(others_.size(), event);
    return;
  }
  ring_[next_].first = others_.size();
  ring_[next_].second = event;
  next_ = (next_ + 1) % kept_steps;
}

void RecentEvents::end_stage() {
  std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end());
  std::move(ring_.begin(), ring_.end(), std::back_inserter(steps_));
  ring_.clear();
  next_ = 0;
}

std::vector<Event> RecentEvents::take() {
  end_stage();
  std::vector<Event> events;
  events.reserve(others_.size() + steps_.size());
  size_t other = 0;
  for (auto& [before, step] : steps_) {
    for (; other < before; ++other) events.push_back(std::move(others_[other]));
    events.push_back(std::move(step));
  }
  for (; other < others_.size(); ++other) events.push_back(std::move(others_[other]));
  others_.clear();
  steps_.clear();
  return events;
}

}  // namespace llavakd
