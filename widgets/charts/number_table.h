// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace llavakd {

/// The numbers behind a chart or a map in rows and columns. It doesn't change. Any thread may read it, but text() and
/// summary() are for the window's.
class NumberTable {
 public:
  virtual ~NumberTable() = default;
  virtual std::size_t rows() const = 0;
  virtual int columns() const = 0;
  virtual QString title(int column) const = 0;
  /// NaN where there is no value.
  virtual double value(std::size_t row, int column) const = 0;
  /// The value for people.
  virtual QString text(std::size_t row, int column) const = 0;
  /// Which rows there are, in a sentence.
  virtual QString summary() const = 0;
  /// All values of a column.
  virtual std::vector<double> values(int column) const {
    std::vector<double> all(rows());
    for (std::size_t row = 0; row < all.size(); ++row) all[row] = value(row, column);
    return all;
  }
  /// These rows in this order as comma-separated values, with a header line.
  virtual QString commaSeparated(const std::vector<std::uint32_t>& rows) const = 0;
};

}  // namespace llavakd
