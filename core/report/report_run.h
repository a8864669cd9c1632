// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/run/input_hashes.h"
#include "core/run/redaction.h"
#include "core/run/run_overview.h"
#include "core/run/run_verification.h"
#include "core/run/step_history.h"

namespace llavakd {

/// A stage of a run, as its log tells it.
struct ReportStage {
  std::string name = {};
  int64_t planned = 0, done = 0;  ///< Optimizer steps.
  double begin_step = 0;          ///< Steps of the run that were done before.
  size_t first_row = 0, last_row = 0;
  double seconds = 0;                     ///< Sum of its steps' own.
  std::vector<std::string> trained = {};  ///< The parts that learn.
  int64_t trained_parameters = 0;
  double total = NAN;  ///< Mean over the last tenth of its steps.
};

/// Something in a run's course that whoever reads of its results should know.
struct ReportNotice {
  std::string kind;  ///< "Warning", "Gate", "Spike", …
  std::string stage;
  int64_t step = 0;
  std::string text;
};

struct ReportEvaluation {
  std::string stage;
  int64_t step = -1;  ///< -1 where the record doesn't tell.
  TaskResult result;
};

/// That a run was looked at with its probes.
struct ReportLook {
  std::filesystem::path folder;  ///< Of the probes' files.
  std::string stage;
  int64_t step = 0;
  std::vector<ProbeValues> probes;
};

struct ReportInput {
  std::string file;
  int64_t bytes = 0;
  std::string hash;
};

/// What a report tells of a run. With redaction all texts are those that may be told.
struct ReportRun {
  RunFolder folder;
  std::filesystem::path project_file = {};  ///< Next to which the run is; never redacted.
  std::string name = {}, project = {}, teacher = {}, student = {};
  RunInfo info = {};  ///< With options as they may be told.
  RunStatus status = RunStatus::unknown;
  double seconds = 0, last_event = 0;
  int64_t step = 0, planned_steps = 0;
  std::string message = {}, notes = {};
  std::vector<std::string> tags = {};
  bool is_baseline = false;
  std::vector<ReportStage> stages = {};
  std::shared_ptr<const StepHistory> steps = {};
  std::vector<ReportEvaluation> evaluations = {};  ///< The newest of each task and file.
  std::vector<ReportLook> looks = {};
  std::vector<ReportNotice> notices = {};
  int64_t more_notices = 0;  ///< That aren't in the list.
  std::vector<std::pair<std::string, std::string>> versions = {};
  std::vector<ReportInput> inputs = {};
  int64_t images = 0, image_bytes = 0;  ///< Pictures of the data.
  std::optional<RunVerification> verification = {};
  bool is_verification_outdated = false;
  KnownInputs known = {};  ///< As the run noted them, never redacted.
};

/// Reads a run of any length. What of its log can't be read is among the notices. Throws UserError where run.json can't
/// be read, and Interrupted.
ReportRun read_report_run(const RunFolder& run, Redaction* redaction);

/// Whether the key is that of a term's values, and the term: NAME of "terms.NAME" with the prefix "terms.".
std::optional<std::string> term_of_key(const std::string& key, const std::string& prefix);

/// Numbers of rows [first, last) of a key; empty where the run has no such key.
NumberRange range_of_key(const StepHistory& steps, const std::string& key, size_t first, size_t last);

}  // namespace llavakd
