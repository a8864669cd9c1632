// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace llavakd {

struct CurvePoint {
  int64_t step = 0;
  double time = 0;  ///< Seconds since 1970; 0 where the file doesn't tell.
  double value = 0;
};

/// Numbers over steps that another program recorded, by name. Names are printable UTF-8.
struct ScalarCurves {
  std::map<std::string, std::vector<CurvePoint>> curves;  ///< Points in the order of the file.
  std::vector<std::string> warnings;                      ///< What was left out, in sentences for people.
};

/// What one import may hold; a file with more is refused.
inline constexpr size_t most_curves = 2000, most_curve_points = 50'000'000;

/// Scalars of a TensorBoard event file, or of all in a folder and the folders below it ("events.out.tfevents…"), in the
/// order of their names; those of a folder below have its path before their tag, as add_scalars makes them. Histograms,
/// pictures and texts are passed over. A file that ends within a record is read as far as it goes, as one that is being
/// written; behind a damaged record nothing is read, as TensorBoard does, with a warning. A restart (SessionLog START)
/// replaces the points from its step on. Throws UserError where nothing can be read, or there is too much.
ScalarCurves read_tensorboard(const std::filesystem::path& file_or_folder);

/// Numbers of a CSV file (RFC 4180; separated by commas, semicolons or tabs, which the heading tells): a heading, a
/// column of steps (step, global_step, iteration, iter; upper or lower case), if there is one a column of times ("wall
/// time", _timestamp), and other columns, each a curve. TensorBoard's own "Wall time, Step, Value" is a curve by the
/// file's name. Columns whose first value is no number are passed over. Throws UserError with line and column.
ScalarCurves read_csv_curves(const std::filesystem::path& file);

}  // namespace llavakd
