// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/number_column.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace llavakd {
namespace {

constexpr size_t fine_rows = 32, coarse_rows = 1024;

float as_float(double value) {
  constexpr double most = std::numeric_limits<float>::max();
  return static_cast<float>(std::isnan(value) ? value : std::clamp(value, -most, most));
}

}  // namespace

void NumberColumn::append(double value) {
  values_.push_back(as_float(value));
  if (values_.size() % fine_rows == 0) close(values_.size());
}

// The 32 values before `end` are there, and perhaps the 1,024.
void NumberColumn::close(size_t end) {
  NumberRange fine;
  for (size_t i = end - fine_rows; i < end; ++i) fine.add(values_[i]);
  fine_.push_back(summary_of(fine));
  if (end % coarse_rows != 0) return;
  NumberRange coarse;
  for (size_t i = fine_.size() - coarse_rows / fine_rows; i < fine_.size(); ++i) coarse.add(range_of(fine_[i]));
  coarse_.push_back(summary_of(coarse));
}

void NumberColumn::pad(size_t size) {
  while (values_.size() < size) append(std::numeric_limits<double>::quiet_NaN());
}

void NumberColumn::truncate(size_t size) {
  if (size >= values_.size()) return;
  values_.resize(size);
  fine_.resize(size / fine_rows);
  coarse_.resize(size / coarse_rows);
}

void NumberColumn::assign(std::vector<float> values) {
  values_ = std::move(values);
  for (float& value : values_) value = as_float(value);
  fine_.clear();
  coarse_.clear();
  for (size_t end = fine_rows; end <= values_.size(); end += fine_rows) close(end);
}

template <class Whole, class Single>
void NumberColumn::visit(size_t first, size_t last, Whole whole, Single single) const {
  last = std::min(last, values_.size());
  for (size_t i = first; i < last;) {
    if (i % coarse_rows == 0 && i + coarse_rows <= last) {
      whole(coarse_[i / coarse_rows], i, coarse_rows);
      i += coarse_rows;
    } else if (i % fine_rows == 0 && i + fine_rows <= last) {
      whole(fine_[i / fine_rows], i, fine_rows);
      i += fine_rows;
    } else {
      single(values_[i]);
      ++i;
    }
  }
}

NumberRange NumberColumn::range(size_t first, size_t last) const {
  NumberRange range;
  visit(
      first, last, [&](const Summary& summary, size_t, size_t) { range.add(range_of(summary)); },
      [&](float value) { range.add(value); });
  return range;
}

std::optional<float> NumberColumn::least_positive(size_t first, size_t last) const {
  std::optional<float> least;
  const auto take = [&](float value) {
    if (value > 0 && !(least && *least <= value)) least = value;
  };
  visit(
      first, last,
      [&](const Summary& summary, size_t begin, size_t rows) {
        // Only among both signs the values themselves tell.
        if (summary.count == 0 || !(summary.most > 0)) return;
        if (summary.least > 0) return take(summary.least);
        for (size_t i = begin; i < begin + rows; ++i) take(values_[i]);
      },
      take);
  return least;
}

}  // namespace llavakd
