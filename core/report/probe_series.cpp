// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/probe_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/base/errors.h"
#include "core/io/interruption.h"

namespace llavakd {
namespace {

/// Evenly chosen, the first and the last among them.
template <class Element>
std::vector<Element> evenly_chosen(const std::vector<Element>& all, size_t most) {
  if (all.size() <= most) return all;
  std::vector<Element> chosen;
  for (size_t i = 0; i < most; ++i) chosen.push_back(all[i * (all.size() - 1) / (most - 1)]);
  return chosen;
}

std::vector<ProbeLook> looks_at(const ReportRun& run, int64_t index) {
  std::vector<ProbeLook> looks;
  for (const ReportLook& look : run.looks)
    if (std::ranges::count(look.probes, index, &ProbeValues::index) > 0)
      looks.push_back({look.folder / fmt::format("{}.safetensors", index), look.stage, look.step});
  return looks;
}

}  // namespace

ReducedMatrix reduced(const RelationMatrix& matrix, int most) {
  ReducedMatrix result;
  if (matrix.isEmpty()) return result;
  result.block = (matrix.n + most - 1) / most;
  if (result.block == 1) return {matrix.values, matrix.n, 1};
  result.n = (matrix.n + result.block - 1) / result.block;
  for (int row = 0; row < result.n; ++row)
    for (int column = 0; column < result.n; ++column) {
      double sum = 0;
      int count = 0;
      for (int i = row * result.block; i < std::min(matrix.n, (row + 1) * result.block); ++i)
        for (int j = column * result.block; j < std::min(matrix.n, (column + 1) * result.block); ++j)
          if (const float value = matrix.at(i, j); std::isfinite(value)) sum += double(value), ++count;
      result.values.push_back(count > 0 ? float(sum / count) : std::numeric_limits<float>::quiet_NaN());
    }
  return result;
}

std::vector<int64_t> probes_of(const ReportRun& run, size_t most, size_t& all) {
  std::set<int64_t> indices;
  for (const ReportLook& look : run.looks)
    for (const ProbeValues& probe : look.probes)
      if (probe.index >= 0) indices.insert(probe.index);
  all = indices.size();
  std::vector<int64_t> chosen(indices.begin(), indices.end());
  chosen.resize(std::min(chosen.size(), most));
  return chosen;
}

ProbeSeries read_probe_series(const ReportRun& run, int64_t index,
                              const std::function<size_t(int tokens)>& most_looks) {
  ProbeSeries series{.index = index};
  std::vector<ProbeLook> sound;
  int tokens = 0;
  for (const ProbeLook& look : looks_at(run, index)) try {
      throw_if_interrupted();
      tokens = std::max(tokens, read_probe_file(look.file).tokens());
      sound.push_back(look);
    } catch (const UserError& error) {
      series.faults.emplace_back(error.what());
    }
  series.all_looks = sound.size();
  series.looks = evenly_chosen(sound, most_looks(tokens));
  RelationMatrix first_teacher;
  series.has_teacher = series.teacher_stays = !series.looks.empty();
  for (size_t i = 0; i < series.looks.size(); ++i) {
    throw_if_interrupted();
    const ProbeFile probe = read_probe_file(series.looks[i].file);
    include(series.scale, probe, i == 0);
    series.has_teacher = series.has_teacher && !probe.teacher.isEmpty();
    if (i == 0) first_teacher = probe.teacher;
    series.teacher_stays = series.teacher_stays && probe.teacher.values == first_teacher.values;
    series.image = probe.image;
    series.question = probe.question;
  }
  return series;
}

}  // namespace llavakd
