// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how the window lives with a long run:
//   bench_history make FOLDER STEPS   writes a project with a run of so many steps with six terms
//   bench_history read FOLDER         reads all steps, through the index where there is one
//   bench_history open FOLDER         opens the project in the real window: times, frames, calls that block the window
// The last two print one JSON line. `open` adds events to the run while it measures and removes them again.
#include <fmt/format.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/main_window.h"
#include "core/project/project_file.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "core/run/run_reader.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/project_document.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"

using namespace llavakd;

namespace {

namespace fs = std::filesystem;

constexpr const char* term_names[] = {"ce", "mdist_response", "mdist_visual", "rdist", "hidden_states", "attention"};
constexpr const char* stage_names[] = {"DPT", "SFT", "DFT"};
constexpr int slow_milliseconds = 16;

fs::path project_of(const fs::path& folder) {
  return folder / "million.kdproj";
}

/// A line of /proc/self/status, in MiB; 0 on systems without it.
double memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::stod(line.substr(key.size() + 1)) / 1024;
  return 0;
}

/// A repeatable number in [0, 1) that looks like noise.
double noise(int64_t step, int salt) {
  const double value = std::sin(static_cast<double>(step) * 12.9898 + salt * 78.233) * 43758.5453;
  return value - std::floor(value);
}

Event step_event(int64_t step, int64_t steps_a_stage) {
  const auto stage = static_cast<size_t>(std::min<int64_t>((step - 1) / steps_a_stage, 2));
  StepEvent done{.tokens = 4000 + step % 512, .samples = 16, .skipped = 0};
  for (int i = 0; i < 6; ++i) {
    const double value = (0.3 + 3 * std::exp(-static_cast<double>(step) / 2e5)) * (1 + 0.3 * noise(step, i));
    done.terms.emplace_back(term_names[i], value);
    done.weighted.emplace_back(term_names[i], value * (i == 3 ? 0.5 : 1.0));
  }
  done.total = 0;
  for (const auto& term : done.weighted) done.total += term.second;
  done.grad_norm = 0.5 + noise(step, 11);
  done.learning_rate = 1e-3 * (1 - static_cast<double>(step) / (4e6));
  done.seconds = 0.8 + 0.1 * noise(step, 12);
  done.waiting_seconds = 0.02 * noise(step, 13);
  done.phases = {{"vision", 0.06}, {"teacher", 0.18}, {"student", 0.11}, {"loss", 0.14}, {"backward", 0.19}};
  done.memory_bytes = 1'600'000'000 + step;
  return {1763978400 + 0.8 * static_cast<double>(step), stage_names[stage],
          step - static_cast<int64_t>(stage) * steps_a_stage, step, std::move(done)};
}

RunFolder run_of(const fs::path& folder) {
  return {folder / "runs" / "million"};
}

void make(const fs::path& folder, int64_t steps) {
  fs::create_directories(folder);
  Project project;
  project.name = "million";
  std::vector<PlannedStage> plan;
  const int64_t steps_a_stage = (steps + 2) / 3;
  for (const char* name : stage_names) {
    StageOptions stage;
    stage.name = name;
    project.stages.push_back(stage);
    plan.push_back({name, steps_a_stage});
  }
  save_project(project, project_of(folder));
  const RunFolder run = create_run(project_of(folder), "million");
  RunInfo info;
  info.id = run.id();
  info.status = "stopped";
  info.started = 1763978400;
  info.project_file = project_of(folder).string();
  write_run_info(run, info);
  std::ofstream log(run.events(), std::ios::binary);
  log << to_line({.time = info.started, .body = RunStartedEvent{.run = "million", .stages = plan}}) << '\n';
  std::string stage;
  for (int64_t step = 1; step <= steps; ++step) {
    const Event event = step_event(step, steps_a_stage);
    Event around{event.time, event.stage, event.stage_step, step, StageStartedEvent{.steps = steps_a_stage}};
    if (event.stage != stage) {
      around.stage_step = 0;
      around.step = step - 1;
      log << to_line(around) << '\n';
    }
    stage = event.stage;
    log << to_line(event) << '\n';
    if (step % 5000 != 0) continue;
    around = event;
    around.body = CheckpointEvent{.path = fmt::format("checkpoints/{}-{}", stage, step)};
    log << to_line(around) << '\n';
  }
}

void read(const fs::path& folder) {
  const bool indexed = fs::exists(columns_file(run_of(folder).events()));
  const double before = memory("RssAnon");
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t begin_work = std::clock();
  const auto steps = read_steps(run_of(folder).events());
  const double work = static_cast<double>(std::clock() - begin_work) / CLOCKS_PER_SEC;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << fmt::format(
      "{{\"steps\": {}, \"indexed\": {}, \"seconds\": {:.3f}, \"cpu_seconds\": {:.3f}, \"peak_mib\": {:.1f}, "
      "\"own_mib\": {:.1f}}}\n",
      steps->size(), indexed, seconds, work, memory("VmHWM"), memory("RssAnon") - before);
}

/// Times what the window's thread is busy with, and sees what is painted.
class WatchedApplication : public QApplication {
 public:
  WatchedApplication(int& argc, char** argv) : QApplication(argc, argv) { m_clock.start(); }

  bool notify(QObject* receiver, QEvent* event) override {
    const bool outermost = m_depth++ == 0;
    const qint64 begin = m_clock.nsecsElapsed();
    const bool paint = event->type() == QEvent::Paint && receiver->isWidgetType();
    const QObject* painted = receiver;
    const bool done = QApplication::notify(receiver, event);
    const qint64 end = m_clock.nsecsElapsed();
    if (paint && m_firstPaint < 0) m_firstPaint = end;
    if (paint && painted == watched) ++paints;
    --m_depth;
    if (outermost) {
      const double milliseconds = double(end - begin) / 1e6;
      longest = std::max(longest, milliseconds);
      slow += milliseconds > slow_milliseconds;
    }
    return done;
  }
  double firstPaint() const { return double(m_firstPaint) / 1e6; }
  double now() const { return double(m_clock.nsecsElapsed()) / 1e6; }
  void forgetCalls() { longest = 0, slow = 0; }

  const QObject* watched = nullptr;
  int paints = 0;      ///< Of the watched widget.
  double longest = 0;  ///< Milliseconds of one call.
  int slow = 0;        ///< Calls over 16 ms.

 private:
  QElapsedTimer m_clock;
  qint64 m_firstPaint = -1;
  int m_depth = 0;
};

template <class Condition>
bool wait_until(WatchedApplication& application, Condition condition, int milliseconds) {
  const double end = application.now() + milliseconds;
  while (!condition()) {
    if (application.now() > end) return false;
    application.processEvents(QEventLoop::WaitForMoreEvents, 20);
  }
  return true;
}

struct Frames {
  double mean = 0, slowest_of_twenty = 0;  ///< Milliseconds.
};

/// Shows other steps again and again, each as soon as the one before is painted.
template <class Range>
Frames frames(WatchedApplication& application, StepChart* chart, Range range) {
  constexpr int count = 240;
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto [low, high] = range(double(i) / count);
    const int before = application.paints;
    const double begin = application.now();
    chart->showSteps(low, high);
    while (application.paints == before && application.now() - begin < 1000) application.processEvents();
    times.push_back(application.now() - begin);
  }
  double sum = 0;
  for (const double time : times) sum += time;
  std::sort(times.begin(), times.end());
  return {sum / count, times[count * 19 / 20]};
}

void open(WatchedApplication& application, const fs::path& folder) {
  const fs::path log = run_of(folder).events();
  const bool indexed = fs::exists(columns_file(log));
  MainWindow window;
  window.resize(1440, 900);
  window.show();
  wait_until(
      application, [&] { return application.firstPaint() > 0; }, 5000);
  const double bare = memory("VmRSS");
  auto* chart = window.findChild<StepChart*>(QStringLiteral("termChart"));
  application.watched = chart->findChild<QWidget*>();
  application.forgetCalls();
  const double begin = application.now();
  window.openProject(QString::fromStdString(project_of(folder).string()));
  wait_until(
      application, [&] { return window.document()->isOpen(); }, 60000);
  window.showPage(QStringLiteral("train"));
  wait_until(
      application, [&] { return window.run()->steps()->size() > 0; }, 60000);
  int paints = application.paints;
  wait_until(
      application, [&] { return application.paints > paints; }, 5000);
  const double usable = application.now() - begin;
  wait_until(
      application, [&] { return !window.run()->loading(); }, 60000);
  paints = application.paints;
  wait_until(
      application, [&] { return application.paints > paints; }, 1000);
  const double whole = application.now() - begin, opening_longest = application.longest;
  const int opening_slow = application.slow;
  const size_t steps = window.run()->steps()->size();
  wait_until(
      application, [] { return false; }, 3000);
  const double held = memory("VmRSS");

  const double last = double(steps);
  chart->fit();
  const Frames pan = frames(application, chart, [&](double t) { return std::pair(t * last / 2, (t + 1) * last / 2); });
  const Frames zoom = frames(application, chart, [&](double t) {
    const double half = last / 2 * std::pow(1e-4, t);
    return std::pair(last / 2 - half, last / 2 + half);
  });
  chart->fit();
  wait_until(
      application, [] { return false; }, 1000);

  const auto size = fs::file_size(log);
  std::atomic<bool> ended = false;
  std::thread engine([&] {
    EventLog events(log);
    for (int64_t i = 1; i <= 200; ++i) {
      events.append(step_event(int64_t(steps) + i, (int64_t(steps) + 2) / 3));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ended = true;
  });
  application.forgetCalls();
  wait_until(
      application, [&] { return ended.load(); }, 60000);
  engine.join();
  const double longest = application.longest;
  const int slow = application.slow;
  std::cout << fmt::format(
      "{{\"steps\": {}, \"indexed\": {}, \"first_paint_ms\": {:.0f}, \"usable_ms\": {:.0f}, \"whole_ms\": {:.0f}, "
      "\"opening_longest_call_ms\": {:.1f}, \"opening_calls_over_16_ms\": {}, \"window_mib\": {:.1f}, "
      "\"added_mib\": {:.1f}, \"pan_ms\": {:.2f}, \"pan_95_ms\": {:.2f}, \"zoom_ms\": {:.2f}, \"zoom_95_ms\": {:.2f}, "
      "\"live_longest_call_ms\": {:.1f}, \"live_calls_over_16_ms\": {}, \"live_steps\": {}}}\n",
      steps, indexed, application.firstPaint(), usable, whole, opening_longest, opening_slow, held, held - bare,
      pan.mean, pan.slowest_of_twenty, zoom.mean, zoom.slowest_of_twenty, longest, slow,
      window.run()->steps()->size() - steps);
  fs::resize_file(log, size);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  const bool fits = what == "make" ? argc == 4 : argc == 3 && (what == "read" || what == "open");
  if (!fits) {
    std::cerr << "usage: bench_history make FOLDER STEPS | read FOLDER | open FOLDER\n";
    return 2;
  }
  const fs::path folder = fs::absolute(argv[2]);
  try {
    if (what == "make") {
      make(folder, std::max<int64_t>(3, std::atoll(argv[3])));
    } else if (what == "read") {
      read(folder);
    } else {
      if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
      QTemporaryDir settings;
      QSettings::setDefaultFormat(QSettings::IniFormat);
      QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
      QCoreApplication::setOrganizationName(QStringLiteral("llavakd-bench"));
      WatchedApplication application(argc, argv);
      theme::apply(application, theme::Appearance::light);
      open(application, folder);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_history: " << error.what() << '\n';
    return 1;
  }
}
