// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/run/events.h"
#include "core/run/number_column.h"

namespace llavakd {

/// What a curve can be drawn over: steps; stages, each as wide as the others however many steps it has; samples and
/// tokens that were learnt from so far; hours of work (the steps' own seconds, so that a night in which the run stood
/// still takes no room).
enum class StepAxis { step, stage, samples, tokens, hours };

/// A stretch of steps of one stage.
struct StageSpan {
  std::string name;
  size_t first_row = 0;      ///< It ends where the next one begins.
  double begin_step = 0;     ///< Steps of the run that were done before it.
  double planned_steps = 0;  ///< 0 while unknown.
};

/// Rows of a StepHistory that are kept together; whole blocks never change, so that copies of a history share them.
struct StepBlock {
  static constexpr size_t most_rows = 4096;
  std::vector<double> steps, times;  ///< Ascending; seconds since 1970.
  std::vector<NumberColumn>
      columns;  ///< By key. A shorter one has gaps at its end, one that isn't there has only gaps.
  double samples = 0, tokens = 0, seconds = 0;  ///< Sums over all blocks before.
};

/// The steps of a run as columns: a million steps with six terms take some 120 MB, a thirtieth of what they take as
/// events. A value; copies are cheap and share what is the same in both.
class StepHistory {
 public:
  /// Takes in a step or a stage's begin or end; other events tell nothing. A step that isn't after the newest one
  /// drops the rows from it on first: the run went back to a checkpoint.
  void add(const Event& event);
  /// A row by itself, as programs that know no events of ours have it: values by key.
  void add_row(double step, double time, const NamedNumbers& values);
  /// Begins a stage at the next row.
  void begin_stage(StageSpan stage);

  size_t size() const { return full_.size() * StepBlock::most_rows + open_.steps.size(); }
  bool is_empty() const { return size() == 0; }
  double step(size_t row) const { return block(row).steps[row % StepBlock::most_rows]; }
  double time(size_t row) const { return block(row).times[row % StepBlock::most_rows]; }
  /// The row's place on an axis; ascending.
  double x(StepAxis axis, size_t row) const;
  /// The first row from `first` to `last` whose place is not before `x`; `last` if there is none.
  size_t row_at(StepAxis axis, double x, size_t first, size_t last) const;
  /// Where a step is on an axis, and which step is at a place: between rows and beyond the ends in a straight line.
  double position(StepAxis axis, double step) const;
  double step_at(StepAxis axis, double position) const;

  /// "total", "terms.ce", "weighted.ce", "grad_norm", "learning_rate", "seconds", "waiting_seconds", "memory_bytes",
  /// "tokens", "samples", "skipped", and whatever else add_row() was given.
  const std::vector<std::string>& keys() const { return keys_; }
  std::optional<size_t> find(std::string_view key) const;
  /// NaN where the row has no such value.
  double value(size_t key, size_t row) const;
  NumberRange range(size_t key, size_t first, size_t last) const;
  std::optional<float> least_positive(size_t key, size_t first, size_t last) const;
  /// Calls `use(row, values)` with stretches of [first, last) whose values are stored side by side. Stretches of gaps
  /// are left out.
  template <class Use>
  void for_each_stretch(size_t key, size_t first, size_t last, Use use) const {
    while (first < last) {
      const StepBlock& part = block(first);
      const size_t begin = first % StepBlock::most_rows, rows = std::min(last - first, StepBlock::most_rows - begin);
      if (key < part.columns.size() && begin < part.columns[key].size()) {
        const std::span<const float> values = part.columns[key].values();
        use(first, values.subspan(begin, std::min(rows, values.size() - begin)));
      }
      first += rows;
    }
  }

  /// In order; one that has begun without a step yet has no rows.
  const std::vector<StageSpan>& spans() const { return spans_; }
  /// Rows [first, last) of a span.
  std::pair<size_t, size_t> rows_of(size_t span) const;
  /// The span that holds a row; nothing where no stage is known.
  std::optional<size_t> span_of(size_t row) const;

  // For reading and writing files.
  size_t block_count() const { return full_.size() + (open_.steps.empty() ? 0 : 1); }
  const StepBlock& block_at(size_t index) const { return index < full_.size() ? *full_[index] : open_; }
  /// A history of these parts; sums over blocks are computed. Only the last block may hold fewer rows than
  /// StepBlock::most_rows.
  static StepHistory of_parts(std::vector<std::string> keys, std::vector<StageSpan> spans,
                              std::vector<StepBlock> blocks);
  /// The keys that every history begins with.
  static const std::vector<std::string>& first_keys();

  /// More keys than this are left out: a damaged file may hold a million.
  static constexpr size_t most_keys = 128;

 private:
  const StepBlock& block(size_t row) const {
    const size_t index = row / StepBlock::most_rows;
    return index < full_.size() ? *full_[index] : open_;
  }
  void begin_row(double step, double time);
  void set(size_t key, double value);
  void set_terms(std::string_view prefix, const NamedNumbers& terms, std::vector<size_t>& keys);
  void close_row();
  void drop_from(double step);
  void add_step(const Event& event, const StepEvent& step);
  double place_in_stage(size_t span, double step) const;
  double stage_end(size_t span) const;
  double slope(StepAxis axis) const;
  std::optional<size_t> find_or_add(std::string_view prefix, std::string_view name);

  std::vector<std::shared_ptr<const StepBlock>> full_;
  StepBlock open_;
  std::vector<std::string> keys_ = first_keys();
  std::vector<StageSpan> spans_;
  std::pair<double, double> pending_;             ///< Step and time of the row that is being filled.
  std::vector<size_t> raw_keys_, weighted_keys_;  ///< Of the terms as the newest step ordered them.
  bool stage_runs_ = false;
};

}  // namespace llavakd
