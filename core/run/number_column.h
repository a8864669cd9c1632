// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace llavakd {

/// What some numbers of a column have in common; those that are no numbers (NaN) are left out.
struct NumberRange {
  float least = std::numeric_limits<float>::infinity();
  float most = -std::numeric_limits<float>::infinity();
  double sum = 0;
  size_t count = 0;

  void add(float value) {
    if (value != value) return;
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
    ++count;
  }
  void add(const NumberRange& other) {
    if (other.least < least) least = other.least;
    if (other.most > most) most = other.most;
    sum += other.sum;
    count += other.count;
  }
  bool is_empty() const { return count == 0; }
  double mean() const { return count ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN(); }
};

/// Numbers in float32, with the ranges of each 32 and each 1,024 of them: least, most and sum of any stretch take some
/// hundred operations instead of one for each number.
class NumberColumn {
 public:
  /// What can't be held in float32 becomes the largest number that can, so that a spike stays one.
  void append(double value);
  /// Adds gaps up to that size.
  void pad(size_t size);
  /// Drops the end.
  void truncate(size_t size);
  /// All numbers at once.
  void assign(std::vector<float> values);

  size_t size() const { return values_.size(); }
  bool is_empty() const { return values_.empty(); }
  std::span<const float> values() const { return values_; }
  /// NaN beyond the end.
  float at(size_t row) const { return row < values_.size() ? values_[row] : std::numeric_limits<float>::quiet_NaN(); }

  /// Of the rows [first, last); what is beyond the end doesn't count.
  NumberRange range(size_t first, size_t last) const;
  /// The least of them above zero, which a logarithmic axis begins with.
  std::optional<float> least_positive(size_t first, size_t last) const;

 private:
  struct Summary {
    float least, most, sum;
    uint32_t count;
  };
  void close(size_t end);
  static Summary summary_of(const NumberRange& range) {
    return {range.least, range.most, static_cast<float>(range.sum), static_cast<uint32_t>(range.count)};
  }
  static NumberRange range_of(const Summary& summary) {
    return {summary.least, summary.most, summary.sum, summary.count};
  }
  /// Calls `whole` for each summary and `single` for each value that together make up the rows.
  template <class Whole, class Single>
  void visit(size_t first, size_t last, Whole whole, Single single) const;

  std::vector<float> values_;
  std::vector<Summary> fine_, coarse_;  ///< Of 32 and 1,024 values; of whole ones alone.
};

}  // namespace llavakd
