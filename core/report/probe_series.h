// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/image/image.h"
#include "core/report/report_run.h"
#include "core/run/probe_file.h"

namespace llavakd {

/// The means of square blocks of a matrix, so that at most `most` rows are left; what isn't finite is left out of them.
struct ReducedMatrix {
  std::vector<float> values;
  int n = 0;
  int block = 1;  ///< Rows and columns that became one.
};
ReducedMatrix reduced(const RelationMatrix& matrix, int most);

/// A file of a probe at a look.
struct ProbeLook {
  std::filesystem::path file;
  std::string stage;
  int64_t step = 0;
};

/// The looks of a run at a probe that can be read, evenly chosen out of all of them with the first and the last.
struct ProbeSeries {
  int64_t index = 0;  ///< Of the probe in the project.
  std::vector<ProbeLook> looks = {};
  size_t all_looks = 0;        ///< That can be read.
  RelationScale scale = {};    ///< Of all looks that are shown: it doesn't change while they are gone through.
  bool has_teacher = false;    ///< In all looks that are shown.
  bool teacher_stays = false;  ///< Its map is the same in all of them.
  std::string image = {}, question = {};  ///< As the newest file names them.
  std::vector<std::string> faults = {};   ///< Of what is left out: the file's name, and why.
};

/// The probes that a run was looked at with: indices in order, at most `most`; `all` is how many there are.
std::vector<int64_t> probes_of(const ReportRun& run, size_t most, size_t& all);

/// Reads what is at least needed to show a probe's maps through time; of a damaged file the fault. `most_looks` tells
/// how many of them, by the greatest number of tokens. Throws Interrupted.
ProbeSeries read_probe_series(const ReportRun& run, int64_t index, const std::function<size_t(int tokens)>& most_looks);

}  // namespace llavakd
