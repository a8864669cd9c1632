// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/report_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/errors.h"
#include "core/io/interruption.h"
#include "core/run/alerts.h"
#include "core/run/run_reader.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t most_notices = 200, most_listed_stages = 64;

class ReportRunReader {
 public:
  ReportRunReader(const RunFolder& run, Redaction* redaction) : redaction_(redaction) {
    report_.folder = run;
    report_.info = read_run_info(run);
    report_.project_file = project_file_of(run, report_.info);
  }

  ReportRun read() {
    ListedRun listed{.folder = report_.folder};
    listed.info = report_.info;
    read_overview(run_overview(std::move(listed)));
    read_log();
    add_alerts();
    read_record();
    read_inputs();
    return std::move(report_);
  }

 private:
  std::string hidden(const std::string& text) { return redaction_ ? redaction_->text(text) : text; }
  Json hidden_json(const Json& json) { return redaction_ ? redaction_->json(json) : json; }

  std::vector<std::string> hidden_all(std::vector<std::string> texts) {
    for (std::string& text : texts) text = hidden(text);
    return texts;
  }

  void read_overview(const RunOverview& overview) {
    report_.name = hidden(report_.folder.id());
    report_.status = overview.status;
    report_.seconds = overview.seconds;
    report_.last_event = overview.last_event;
    report_.step = overview.step;
    report_.planned_steps = overview.planned_steps;
    report_.message = hidden(overview.message);
    report_.notes = hidden(overview.notes.text);
    report_.tags = hidden_all(overview.notes.tags);
    report_.is_baseline = overview.notes.baseline;
    for (const TaskResult& result : overview.scores) add_evaluation("", -1, result);
    plan_ = overview.plan;
    if (!overview.notes_fault.empty()) add_notice("Notes", "", 0, overview.notes_fault);
  }

  void read_log() {
    RunReader reader(report_.folder.events());
    std::vector<Event> events;
    do {
      throw_if_interrupted();
      for (Event& event : reader.take_events()) events.push_back(std::move(event));
    } while (reader.read_some());
    for (Event& event : reader.take_events()) events.push_back(std::move(event));
    report_.steps = std::make_shared<const StepHistory>(reader.steps());
    make_stages();
    for (const Event& event : events) take(event);
    for (const std::string& warning : reader.take_warnings()) add_notice("Log", "", 0, warning);
  }

  void make_stages() {
    const StepHistory& steps = *report_.steps;
    for (size_t i = 0; i < std::min(steps.spans().size(), most_listed_stages); ++i) {
      const StageSpan& span = steps.spans()[i];
      const auto [first, last] = steps.rows_of(i);
      ReportStage stage{.name = hidden(span.name), .planned = static_cast<int64_t>(span.planned_steps)};
      stage.begin_step = span.begin_step;
      stage.first_row = first;
      stage.last_row = last;
      if (last > first) stage.done = static_cast<int64_t>(steps.step(last - 1) - span.begin_step);
      stage.seconds = range_of_key(steps, "seconds", first, last).sum;
      const size_t tenth = std::max<size_t>(1, (last - first) / 10);
      if (last > first) stage.total = range_of_key(steps, "total", last - tenth, last).mean();
      report_.stages.push_back(std::move(stage));
    }
    if (steps.spans().size() > most_listed_stages)
      add_notice("Log", "", 0,
                 fmt::format("Of {} stages the first {} are shown.", steps.spans().size(), most_listed_stages));
    for (size_t i = report_.stages.size(); i < std::min(plan_.size(), most_listed_stages); ++i)
      report_.stages.push_back({.name = hidden(plan_[i].name),
                                .planned = plan_[i].steps,
                                .first_row = steps.size(),
                                .last_row = steps.size()});
  }

  void take(const Event& event) {
    const std::string stage = hidden(event.stage);
    if (const auto* started = event.as<StageStartedEvent>()) {
      take_start(event, stage, *started);
    } else if (const auto* probed = event.as<ProbeEvent>()) {
      report_.looks.push_back({.folder = report_.folder.probes() / std::filesystem::path(probed->folder).filename(),
                               .stage = stage,
                               .step = event.step,
                               .probes = probed->probes});
    } else if (const auto* evaluated = event.as<EvaluationEvent>()) {
      add_evaluation(stage, event.step, evaluated->result);
    } else if (const auto* warning = event.as<WarningEvent>()) {
      add_notice("Warning", stage, event.step, warning->message);
    } else if (const auto* gate = event.as<GateEvent>()) {
      std::string text = gate->outcome == "rolled_back" ? "went back" : gate->outcome;
      for (const std::string& more : {gate->message, gate->reason})
        if (!more.empty()) text += ": " + more;
      add_notice("Gate", stage, event.step, text);
    } else if (const auto* back = event.as<RolledBackEvent>()) {
      add_notice("Went back", stage, event.step,
                 fmt::format("From {} to {}; what was left is the run {}. {}", back->from, back->to, back->kept_as,
                             back->reason));
    } else if (const auto* failed = event.as<FailedEvent>()) {
      add_notice("Failed", stage, event.step, failed->message);
    } else if (const auto* paused = event.as<PausedEvent>(); paused && !paused->reason.empty()) {
      add_notice("Paused", stage, event.step, paused->reason);
    }
  }

  /// The same stage may be there twice; where it began tells which one it is.
  void take_start(const Event& event, const std::string& name, const StageStartedEvent& started) {
    ReportStage* found = nullptr;
    for (size_t i = 0; i < std::min(report_.stages.size(), report_.steps->spans().size()); ++i)
      if (ReportStage& stage = report_.stages[i];
          stage.name == name && stage.begin_step <= static_cast<double>(event.step))
        found = &stage;
    if (!found) return;
    found->trained = hidden_all(started.train);
    found->trained_parameters = started.trained_parameters;
  }

  void add_evaluation(const std::string& stage, int64_t step, TaskResult result) {
    for (std::string* text : {&result.score_is, &result.no_score, &result.scorer, &result.settings.file,
                              &result.settings.conversation_template})
      *text = hidden(*text);
    for (auto& [name, value] : result.breakdown.parts) name = hidden(name);
    result.skipped = hidden_all(std::move(result.skipped));
    const auto same = std::ranges::find_if(report_.evaluations, [&](const ReportEvaluation& each) {
      return each.result.scorer == result.scorer && each.result.settings.file == result.settings.file;
    });
    ReportEvaluation evaluation{.stage = stage, .step = step, .result = std::move(result)};
    if (same != report_.evaluations.end())
      *same = std::move(evaluation);
    else
      report_.evaluations.push_back(std::move(evaluation));
  }

  void add_notice(const char* kind, const std::string& stage, int64_t step, const std::string& text) {
    if (report_.notices.size() < most_notices)
      report_.notices.push_back({.kind = kind, .stage = stage, .step = step, .text = hidden(text)});
    else
      ++report_.more_notices;
  }

  void add_alerts() {
    AlertFinder finder;
    finder.read(*report_.steps);
    for (const Alert& alert : finder.alerts()) {
      const std::string stage = hidden(alert.stage);
      if (alert.kind == Alert::Kind::not_a_number)
        add_notice("Not a number", stage, alert.step, "The total is no number.");
      else if (alert.kind == Alert::Kind::spike)
        add_notice("Spike", stage, alert.step,
                   fmt::format("The total is {:.4g}; before, it was about {:.4g}.", alert.value, alert.usual));
      else
        add_notice("Plateau", stage, alert.step,
                   fmt::format("The total no longer falls: its mean over {} steps is {:.4g}, before {:.4g}.",
                               alert.steps, alert.value, alert.usual));
    }
    std::ranges::stable_sort(report_.notices, {}, &ReportNotice::step);
  }

  std::string option_text_of(const char* part, const char* option) const {
    const Json& project = report_.info.project;
    if (!project.is_object() || !project.contains(part) || !project[part].is_object()) return {};
    const Json& options = project[part];
    return options.contains(option) && options[option].is_string() ? options[option].get<std::string>() : std::string();
  }

  void read_record() {
    RunInfo& info = report_.info;
    info.project = hidden_json(info.project);
    for (StageRecord& record : info.stages) {
      record.stage = hidden(record.stage);
      record.options = hidden_json(record.options);
      record.shared = hidden_json(record.shared);
    }
    info.project_file = hidden(info.project_file);
    info.host = hidden(info.host);
    if (info.branch_of) info.branch_of->run = hidden(info.branch_of->run);
    if (info.project.is_object() && info.project.contains("name") && info.project["name"].is_string())
      report_.project = info.project["name"].get<std::string>();
    report_.teacher = option_text_of("teacher", "checkpoint");
    report_.student = option_text_of("student", "checkpoint");
    if (report_.student.empty()) {
      report_.student = option_text_of("student", "language_model");
      if (const std::string tower = option_text_of("student", "vision_tower"); !tower.empty())
        report_.student += " with " + tower;
    }
    const Json versions = hidden_json(info.versions);
    if (versions.is_object())
      for (const auto& [key, value] : versions.items())
        report_.versions.emplace_back(key, value.is_string()
                                               ? value.get<std::string>()
                                               : value.dump(-1, ' ', false, Json::error_handler_t::replace));
    report_.verification = read_verification(report_.folder);
    if (!report_.verification) return;
    report_.is_verification_outdated = is_outdated(*report_.verification, report_.folder);
    report_.verification->checkpoint = hidden(report_.verification->checkpoint);
    for (VerifiedPart& part : report_.verification->parts) {
      for (std::string* text : {&part.name, &part.found}) *text = hidden(*text);
      part.faults = hidden_all(std::move(part.faults));
    }
  }

  void read_inputs() {
    try {
      report_.known = read_known_inputs(report_.folder);
    } catch (const UserError& error) {
      add_notice("Inputs", "", 0, error.what());
    }
    for (const auto& [file, state] : report_.known.files)
      if (state.bytes != InputState::absent) report_.inputs.push_back({hidden(file), state.bytes, state.hash});
    for (const auto& [file, state] : report_.known.images) {
      ++report_.images;
      report_.image_bytes += std::max<int64_t>(0, state.bytes);
    }
  }

  ReportRun report_;
  Redaction* redaction_;
  std::vector<PlannedStage> plan_;
};

}  // namespace

std::optional<std::string> term_of_key(const std::string& key, const std::string& prefix) {
  if (!key.starts_with(prefix) || key.size() == prefix.size()) return std::nullopt;
  return key.substr(prefix.size());
}

NumberRange range_of_key(const StepHistory& steps, const std::string& key, size_t first, size_t last) {
  const auto found = steps.find(key);
  return found ? steps.range(*found, first, last) : NumberRange();
}

ReportRun read_report_run(const RunFolder& run, Redaction* redaction) {
  return ReportRunReader(run, redaction).read();
}

}  // namespace llavakd
