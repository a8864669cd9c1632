// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/import_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/project/project_file.h"
#include "core/run/events.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

constexpr const char* imported_stage = "imported";

ScalarCurves read_curves(const fs::path& source) {
  std::error_code error;
  std::string extension = source.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool is_event_file = source.filename().string().find("tfevents") != std::string::npos;
  if (fs::is_directory(source, error) || is_event_file) return read_tensorboard(source);
  if (!fs::exists(source, error)) throw UserError(fmt::format("There is no file or folder {}.", source.string()));
  if (extension == ".csv" || extension == ".tsv") return read_csv_curves(source);
  throw UserError(
      fmt::format("{} is neither a folder nor a file of TensorBoard events (*tfevents*), nor a .csv or .tsv file.",
                  source.string()));
}

/// The last part of a curve's name in lower case: "loss" of "train/Loss".
std::string last_part(const std::string& name) {
  std::string part = name.substr(name.rfind('/') + 1);
  for (char& c : part) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return part;
}

/// The first of the curves that is called so, alone or in a group that is the training's.
const std::string* curve_called(const ScalarCurves& curves, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    for (const auto& [curve, points] : curves.curves) {
      const bool trains = curve.find('/') == std::string::npos || curve.starts_with("train");
      if (trains && last_part(curve) == name) return &curve;
    }
  return nullptr;
}

/// One number of a step: which curve's, and when.
struct StepNumber {
  int64_t step = 0;
  size_t curve = 0;
  double time = 0, value = 0;
};

/// Of all curves in the order of the steps; of numbers of one curve and step the last one of the file.
std::vector<StepNumber> by_step(const ScalarCurves& curves, int64_t& before_zero) {
  std::vector<StepNumber> numbers;
  size_t curve = 0;
  for (const auto& [name, points] : curves.curves) {
    for (const CurvePoint& point : points)
      if (point.step < 0)
        ++before_zero;
      else
        numbers.push_back({.step = point.step, .curve = curve, .time = point.time, .value = point.value});
    ++curve;
  }
  std::ranges::stable_sort(numbers, {}, [](const StepNumber& number) { return std::pair(number.step, number.curve); });
  return numbers;
}

class EventWriter {
 public:
  /// Steps whose time isn't known are of the time `started`.
  EventWriter(const fs::path& file, const ScalarCurves& curves, double started) : file_(file), started_(started) {
    const std::string* total = curve_called(curves, {"total", "total_loss", "loss"});
    const std::string* norm = curve_called(curves, {"grad_norm", "gradient_norm"});
    const std::string* rate = curve_called(curves, {"learning_rate", "lr"});
    for (const auto& [name, points] : curves.curves) {
      names_.push_back(name);
      places_.push_back(&name == total  ? Place::total
                        : &name == norm ? Place::norm
                        : &name == rate ? Place::rate
                                        : Place::term);
    }
  }

  void write(const Event& event) {
    constexpr size_t block = size_t{1} << 20;
    (text_ += to_line(event)) += '\n';
    if (text_.size() >= block) flush();
  }

  /// The numbers of one step.
  void write_step(std::span<const StepNumber> numbers) {
    StepEvent step;
    Event event{.time = started_, .stage = imported_stage, .stage_step = numbers[0].step, .step = numbers[0].step};
    for (size_t i = 0; i < numbers.size(); ++i) {
      const StepNumber& number = numbers[i];
      if (i + 1 < numbers.size() && numbers[i + 1].curve == number.curve) continue;  // written again later
      event.time = std::max(event.time, number.time);
      take(step, number);
    }
    event.body = std::move(step);
    write(event);
  }

  void finish() {
    flush();
    file_.commit();
  }

 private:
  enum class Place { total, norm, rate, term };

  void take(StepEvent& step, const StepNumber& number) const {
    switch (places_[number.curve]) {
      case Place::total:
        step.total = number.value;
        break;
      case Place::norm:
        step.grad_norm = number.value;
        break;
      case Place::rate:
        step.learning_rate = number.value;
        break;
      case Place::term:
        step.terms.emplace_back(names_[number.curve], number.value);
        break;
    }
  }
  void flush() {
    file_.write(text_);
    text_.clear();
  }

  AtomicFile file_;
  double started_;
  std::vector<std::string> names_;
  std::vector<Place> places_;
  std::string text_;
};

/// A run may be called so, and none is yet.
std::string id_of(const fs::path& project_file, const fs::path& source) {
  const fs::path named = source.has_filename() ? source : source.parent_path();
  std::string base = named.filename().string().substr(0, 80);
  for (char& c : base)
    if (!is_run_id(std::string("a") + c)) c = '-';
  base.erase(0, std::min(base.find_first_not_of(".-"), base.size()));
  if (!is_run_id(base)) base = "imported";
  std::string id = base;
  std::error_code error;
  for (int i = 2; fs::exists(runs_folder(project_file) / id, error); ++i) id = fmt::format("{}-{}", base, i);
  return id;
}

int64_t write_events(const RunFolder& run, const ScalarCurves& curves, RunInfo& info, int64_t& before_zero) {
  const std::vector<StepNumber> numbers = by_step(curves, before_zero);
  if (numbers.empty()) throw UserError("All its numbers are of steps before 0.");
  const auto first = std::ranges::min_element(numbers, {}, &StepNumber::time);
  const auto last = std::ranges::max_element(numbers, {}, &StepNumber::time);
  info.plan = {{.name = imported_stage, .steps = numbers.back().step}};
  info.started = info.session = first->time > 0 ? first->time : now();
  EventWriter writer(run.events(), curves, info.started);
  writer.write(
      {.time = info.started, .stage = imported_stage, .body = RunStartedEvent{.run = run.id(), .stages = info.plan}});
  int64_t steps = 0;
  for (size_t begin = 0, end = 0; begin < numbers.size(); begin = end, ++steps) {
    while (end < numbers.size() && numbers[end].step == numbers[begin].step) ++end;
    writer.write_step(std::span(numbers).subspan(begin, end - begin));
  }
  writer.write({.time = std::max(last->time, info.started),
                .stage = imported_stage,
                .stage_step = numbers.back().step,
                .step = numbers.back().step,
                .body = RunFinishedEvent{.status = "finished", .steps = numbers.back().step}});
  writer.finish();
  return steps;
}

}  // namespace

ImportedRun import_run(const fs::path& project_file, const fs::path& source, const std::string& id) {
  std::error_code error;
  if (!id.empty() && fs::exists(runs_folder(project_file) / id, error))
    throw UserError(fmt::format("There is a run {} already. Choose another name.", id));
  ScalarCurves curves = read_curves(source);
  ImportedRun result{.folder = create_run(project_file, id.empty() ? id_of(project_file, source) : id)};
  result.warnings = std::move(curves.warnings);
  for (const auto& [name, points] : curves.curves) result.curves.push_back(name);
  RunInfo info;
  info.project_id = project_id_of(project_file);
  info.project_file = fs::absolute(project_file).string();
  info.kind = RunKind::imported;
  info.status = "finished";
  info.versions = {{"imported_from", fs::absolute(source).string()}};
  int64_t before_zero = 0;
  try {
    result.steps = write_events(result.folder, curves, info, before_zero);
    write_run_info(result.folder, info);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(result.folder.path, ignored);
    throw;
  }
  if (before_zero > 0)
    result.warnings.push_back(fmt::format("{} numbers are of steps before 0; they are left out.", before_zero));
  return result;
}

}  // namespace llavakd
