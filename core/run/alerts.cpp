// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/alerts.h"

#include <algorithm>
#include <cmath>

namespace llavakd {
namespace {

constexpr size_t least_for_spike = 20;
constexpr double spike_score = 8, spike_height = 1.2, normal_deviation = 1.4826;
constexpr int64_t one_incident = 16;  // steps: a spike takes some to go down
constexpr int64_t least_for_plateau = 100;
constexpr double plateau_fall = 0.002, clear_fall = 0.01, schedule_end = 0.2;

double median_of_sorted(const std::vector<double>& sorted) {
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// The distances grow to both sides of the median, so the next smallest is at one of two places.
double median_deviation(const std::vector<double>& sorted, double median) {
  auto up = static_cast<size_t>(std::lower_bound(sorted.begin(), sorted.end(), median) - sorted.begin());
  size_t down = up;
  double distance = 0;
  for (size_t taken = 0; taken <= sorted.size() / 2; ++taken) {
    const bool from_below = down > 0 && (up == sorted.size() || median - sorted[down - 1] < sorted[up] - median);
    distance = from_below ? median - sorted[--down] : sorted[up++] - median;
  }
  return distance;
}

}  // namespace

void AlertFinder::read(const StepHistory& steps) {
  const bool another = rows_ > steps.size() ||
                       (rows_ > 0 && (steps.step(rows_ - 1) != last_step_ || steps.time(rows_ - 1) != last_time_));
  if (another) clear();
  const auto total = steps.find("total"), rate = steps.find("learning_rate");
  for (; rows_ < steps.size(); ++rows_) {
    const auto span = steps.span_of(rows_);
    if (span && span != span_) {
      begin_stage(steps.spans()[*span].name, static_cast<int64_t>(steps.spans()[*span].planned_steps));
      span_ = span;
    }
    last_step_ = steps.step(rows_);
    last_time_ = steps.time(rows_);
    add(static_cast<int64_t>(last_step_), total ? steps.value(*total, rows_) : NAN,
        rate ? steps.value(*rate, rows_) : NAN);
  }
}

void AlertFinder::begin_stage(const std::string& name, int64_t planned_steps) {
  stage_ = {};
  stage_.name = name;
  stage_.planned_steps = planned_steps;
}

void AlertFinder::add(int64_t step, double total, double learning_rate) {
  if (!std::isfinite(total)) {
    if (!stage_.is_broken) alerts_.push_back({.kind = Alert::Kind::not_a_number, .step = step, .stage = stage_.name});
    stage_.is_broken = true;
    return;
  }
  stage_.is_broken = false;
  look_for_spike(step, total);
  look_for_plateau(step, total, learning_rate);
}

void AlertFinder::look_for_spike(int64_t step, double total) {
  auto& sorted = stage_.sorted;
  const auto& last = stage_.last_spike;
  if (sorted.size() >= least_for_spike && (!last || step - *last >= one_incident)) {
    const double median = median_of_sorted(sorted);
    // Of a loss that hardly moves any change is many deviations; a thousandth of it is none.
    const double deviation = std::max(normal_deviation * median_deviation(sorted, median), 1e-3 * std::abs(median));
    if (total - median > spike_score * deviation && total > spike_height * median) {
      alerts_.push_back({.kind = Alert::Kind::spike,
                         .step = step,
                         .stage = stage_.name,
                         .value = total,
                         .usual = median,
                         .score = (total - median) / deviation});
      stage_.last_spike = step;
    }
  }
  if (stage_.newest.size() == spike_window) {
    sorted.erase(std::lower_bound(sorted.begin(), sorted.end(), stage_.newest.front()));
    stage_.newest.pop_front();
  }
  stage_.newest.push_back(total);
  sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), total), total);
}

void AlertFinder::look_for_plateau(int64_t step, double total, double learning_rate) {
  if (std::isfinite(learning_rate)) stage_.largest_rate = std::max(stage_.largest_rate, learning_rate);
  const auto window = static_cast<size_t>(std::max(least_for_plateau, stage_.planned_steps / 10));
  auto& totals = stage_.tenths;
  totals.push_back(total);
  stage_.later += total;
  if (totals.size() <= window) return;
  const double passed_on = totals[totals.size() - 1 - window];
  stage_.later -= passed_on;
  stage_.earlier += passed_on;
  if (totals.size() <= 2 * window) return;
  stage_.earlier -= totals.front();
  totals.pop_front();
  const double now = stage_.later / static_cast<double>(window), before = stage_.earlier / static_cast<double>(window);
  const double fall = before - now, size = std::abs(before);
  if (fall > clear_fall * size) stage_.is_flat = false;
  const bool ends = std::isfinite(learning_rate) && learning_rate < schedule_end * stage_.largest_rate;
  if (stage_.is_flat || ends || fall > plateau_fall * size) return;
  stage_.is_flat = true;
  alerts_.push_back({.kind = Alert::Kind::plateau,
                     .step = step,
                     .stage = stage_.name,
                     .value = now,
                     .usual = before,
                     .steps = static_cast<int64_t>(window)});
}

}  // namespace llavakd
