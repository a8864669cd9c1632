// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step_history.h"

#include <cmath>

namespace llavakd {
namespace {

/// Places in first_keys().
enum FirstKey : size_t {
  total_key,
  tokens_key,
  samples_key,
  skipped_key,
  grad_norm_key,
  learning_rate_key,
  seconds_key,
  waiting_seconds_key,
  memory_bytes_key
};

bool is_named(std::string_view key, std::string_view prefix, std::string_view name) {
  return key.size() == prefix.size() + name.size() && key.starts_with(prefix) && key.ends_with(name);
}

double sum_of(const StepBlock& block, size_t key, size_t rows) {
  return key < block.columns.size() ? block.columns[key].range(0, rows).sum : 0;
}

/// What the next block begins with.
void add_sums(const StepBlock& block, StepBlock& next) {
  next.samples = block.samples + sum_of(block, samples_key, StepBlock::most_rows);
  next.tokens = block.tokens + sum_of(block, tokens_key, StepBlock::most_rows);
  next.seconds = block.seconds + sum_of(block, seconds_key, StepBlock::most_rows);
}

double steps_before_stage(const Event& event) {
  return static_cast<double>(event.step) - static_cast<double>(event.stage_step);
}

}  // namespace

const std::vector<std::string>& StepHistory::first_keys() {
  static const std::vector<std::string> keys{"total",         "tokens",  "samples",         "skipped",     "grad_norm",
                                             "learning_rate", "seconds", "waiting_seconds", "memory_bytes"};
  return keys;
}

void StepHistory::add(const Event& event) {
  const double before = steps_before_stage(event);
  if (const auto* step = event.as<StepEvent>()) {
    add_step(event, *step);
  } else if (const auto* begun = event.as<StageStartedEvent>()) {
    // One that goes on before its first step announces its stage again.
    if (!stage_runs_ || spans_.back().name != event.stage) begin_stage({.name = event.stage, .begin_step = before});
    spans_.back().planned_steps = begun->steps > 0 ? static_cast<double>(begun->steps) : 0;
  } else if (event.is<StageFinishedEvent>()) {
    stage_runs_ = false;
  }
}

void StepHistory::add_step(const Event& event, const StepEvent& step) {
  begin_row(static_cast<double>(event.step), event.time);
  const bool named = spans_.empty() ? event.stage.empty() : spans_.back().name == event.stage;
  if (!named) begin_stage({.name = event.stage, .begin_step = steps_before_stage(event)});
  set(total_key, step.total);
  set(tokens_key, static_cast<double>(step.tokens));
  set(samples_key, static_cast<double>(step.samples));
  set(skipped_key, static_cast<double>(step.skipped));
  set(grad_norm_key, step.grad_norm);
  set(learning_rate_key, step.learning_rate);
  set(seconds_key, step.seconds);
  set(waiting_seconds_key, step.waiting_seconds);
  if (step.memory_bytes) set(memory_bytes_key, static_cast<double>(*step.memory_bytes));
  set_terms("terms.", step.terms, raw_keys_);
  set_terms("weighted.", step.weighted, weighted_keys_);
  close_row();
}

void StepHistory::add_row(double step, double time, const NamedNumbers& values) {
  begin_row(step, time);
  for (const auto& [name, value] : values)
    if (const auto key = find_or_add({}, name)) set(*key, value);
  close_row();
}

void StepHistory::begin_stage(StageSpan stage) {
  stage.first_row = size();  // the row that is being filled belongs to it
  spans_.push_back(std::move(stage));
  stage_runs_ = true;
}

// Steps come in the same order of terms, so that the keys of the step before are nearly always those of this one.
void StepHistory::set_terms(std::string_view prefix, const NamedNumbers& terms, std::vector<size_t>& keys) {
  for (size_t i = 0; i < terms.size(); ++i) {
    if (i < keys.size() && is_named(keys_[keys[i]], prefix, terms[i].first)) {
      set(keys[i], terms[i].second);
      continue;
    }
    const auto key = find_or_add(prefix, terms[i].first);
    if (!key) continue;
    if (i == keys.size()) keys.push_back(*key);
    if (i < keys.size()) keys[i] = *key;
    set(*key, terms[i].second);
  }
}

std::optional<size_t> StepHistory::find_or_add(std::string_view prefix, std::string_view name) {
  for (size_t i = 0; i < keys_.size(); ++i)
    if (is_named(keys_[i], prefix, name)) return i;
  if (keys_.size() >= most_keys) return std::nullopt;
  keys_.push_back(std::string(prefix) + std::string(name));
  return keys_.size() - 1;
}

void StepHistory::begin_row(double step, double time) {
  if (!is_empty() && !(step > this->step(size() - 1))) drop_from(step);
  pending_ = {step, time};
}

void StepHistory::set(size_t key, double value) {
  if (std::isnan(value)) return;
  if (key == tokens_key || key == samples_key || key == seconds_key) value = std::max(0.0, value);  // axes ascend
  const size_t row = open_.steps.size();
  if (open_.columns.size() <= key) open_.columns.resize(key + 1);
  NumberColumn& column = open_.columns[key];
  if (column.size() > row) return;  // a name twice
  column.pad(row);
  column.append(value);
}

void StepHistory::close_row() {
  open_.steps.push_back(pending_.first);
  open_.times.push_back(pending_.second);
  if (open_.steps.size() < StepBlock::most_rows) return;
  StepBlock next;
  add_sums(open_, next);
  full_.push_back(std::make_shared<const StepBlock>(std::move(open_)));
  open_ = std::move(next);
}

void StepHistory::drop_from(double step) {
  const size_t row = row_at(StepAxis::step, step, 0, size());
  const size_t index = row / StepBlock::most_rows, rows = row % StepBlock::most_rows;
  if (index < full_.size()) {
    open_ = *full_[index];
    full_.resize(index);
  }
  open_.steps.resize(rows);
  open_.times.resize(rows);
  for (NumberColumn& column : open_.columns) column.truncate(rows);
  while (!spans_.empty() && spans_.back().first_row >= row) spans_.pop_back();
  stage_runs_ = !spans_.empty();
}

double StepHistory::x(StepAxis axis, size_t row) const {
  const StepBlock& part = block(row);
  const size_t rows = row % StepBlock::most_rows + 1;
  switch (axis) {
    case StepAxis::step:
      break;
    case StepAxis::stage: {
      const auto span = span_of(row);
      return span ? place_in_stage(*span, part.steps[rows - 1]) : 0;
    }
    case StepAxis::samples:
      return part.samples + sum_of(part, samples_key, rows);
    case StepAxis::tokens:
      return part.tokens + sum_of(part, tokens_key, rows);
    case StepAxis::hours:
      return (part.seconds + sum_of(part, seconds_key, rows)) / 3600;
  }
  return part.steps[rows - 1];
}

size_t StepHistory::row_at(StepAxis axis, double x, size_t first, size_t last) const {
  while (first < last) {
    const size_t middle = first + (last - first) / 2;
    if (this->x(axis, middle) < x)
      first = middle + 1;
    else
      last = middle;
  }
  return first;
}

double StepHistory::stage_end(size_t span) const {
  const double begin = spans_[span].begin_step;
  double end = 0;
  if (span + 1 < spans_.size())
    end = spans_[span + 1].begin_step;
  else
    end = std::max(begin + spans_[span].planned_steps, is_empty() ? begin : step(size() - 1));
  return end > begin ? end : begin + 1;
}

double StepHistory::place_in_stage(size_t span, double step) const {
  const double begin = spans_[span].begin_step;
  return static_cast<double>(span) + (step - begin) / (stage_end(span) - begin);
}

double StepHistory::slope(StepAxis axis) const {
  const double rise = x(axis, size() - 1), steps = step(size() - 1) - step(0) + 1;
  return rise > 0 && steps > 0 ? rise / steps : 1;
}

double StepHistory::position(StepAxis axis, double step) const {
  if (axis == StepAxis::step) return step;
  if (axis == StepAxis::stage) {
    // A stage's last step is the end of its own, not the begin of the next.
    size_t span = 0;
    while (span + 1 < spans_.size() && spans_[span + 1].begin_step < step) ++span;
    return spans_.empty() ? step : place_in_stage(span, step);
  }
  if (is_empty()) return step;
  const size_t row = row_at(StepAxis::step, step, 0, size());
  const size_t known = std::min(row, size() - 1);
  if (row == 0 || row == size()) return x(axis, known) + (step - this->step(known)) * slope(axis);
  const double left = this->step(row - 1), right = this->step(row), begin = x(axis, row - 1), end = x(axis, row);
  return begin + (end - begin) * (step - left) / (right - left);
}

double StepHistory::step_at(StepAxis axis, double position) const {
  if (axis == StepAxis::step) return position;
  if (axis == StepAxis::stage) {
    if (spans_.empty()) return position;
    const double most = static_cast<double>(spans_.size() - 1);
    const double whole = std::clamp(std::ceil(position) - 1, 0.0, most);
    const auto span = static_cast<size_t>(std::isnan(whole) ? 0 : whole);
    const double begin = spans_[span].begin_step;
    return begin + (position - static_cast<double>(span)) * (stage_end(span) - begin);
  }
  if (is_empty()) return position;
  const size_t row = row_at(axis, position, 0, size());
  const size_t known = std::min(row, size() - 1);
  if (row == 0 || row == size()) return step(known) + (position - x(axis, known)) / slope(axis);
  const double left = x(axis, row - 1), right = x(axis, row);  // left < position <= right
  return step(row - 1) + (step(row) - step(row - 1)) * (position - left) / (right - left);
}

std::optional<size_t> StepHistory::find(std::string_view key) const {
  for (size_t i = 0; i < keys_.size(); ++i)
    if (keys_[i] == key) return i;
  return std::nullopt;
}

double StepHistory::value(size_t key, size_t row) const {
  const StepBlock& part = block(row);
  return key < part.columns.size() ? static_cast<double>(part.columns[key].at(row % StepBlock::most_rows))
                                   : std::numeric_limits<double>::quiet_NaN();
}

NumberRange StepHistory::range(size_t key, size_t first, size_t last) const {
  NumberRange range;
  last = std::min(last, size());
  while (first < last) {
    const StepBlock& part = block(first);
    const size_t begin = first % StepBlock::most_rows, rows = std::min(last - first, StepBlock::most_rows - begin);
    if (key < part.columns.size()) range.add(part.columns[key].range(begin, begin + rows));
    first += rows;
  }
  return range;
}

std::optional<float> StepHistory::least_positive(size_t key, size_t first, size_t last) const {
  std::optional<float> least;
  last = std::min(last, size());
  while (first < last) {
    const StepBlock& part = block(first);
    const size_t begin = first % StepBlock::most_rows, rows = std::min(last - first, StepBlock::most_rows - begin);
    if (key < part.columns.size()) {
      const auto found = part.columns[key].least_positive(begin, begin + rows);
      if (found && !(least && *least <= *found)) least = found;
    }
    first += rows;
  }
  return least;
}

std::pair<size_t, size_t> StepHistory::rows_of(size_t span) const {
  const size_t end = span + 1 < spans_.size() ? spans_[span + 1].first_row : size();
  return {spans_[span].first_row, end};
}

std::optional<size_t> StepHistory::span_of(size_t row) const {
  const auto after = std::upper_bound(spans_.begin(), spans_.end(), row,
                                      [](size_t wanted, const StageSpan& span) { return wanted < span.first_row; });
  if (after == spans_.begin()) return std::nullopt;
  return static_cast<size_t>(after - spans_.begin()) - 1;
}

StepHistory StepHistory::of_parts(std::vector<std::string> keys, std::vector<StageSpan> spans,
                                  std::vector<StepBlock> blocks) {
  StepHistory history;
  history.keys_ = std::move(keys);
  history.spans_ = std::move(spans);
  history.stage_runs_ = !history.spans_.empty();
  for (StepBlock& block : blocks) {
    block.samples = history.open_.samples;
    block.tokens = history.open_.tokens;
    block.seconds = history.open_.seconds;
    if (block.steps.size() < StepBlock::most_rows) {
      history.open_ = std::move(block);
      break;
    }
    StepBlock next;
    add_sums(block, next);
    history.full_.push_back(std::make_shared<const StepBlock>(std::move(block)));
    history.open_ = std::move(next);
  }
  return history;
}

}  // namespace llavakd
