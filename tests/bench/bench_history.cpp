// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how the window lives with a long run:
//   bench_history make FOLDER STEPS           writes a project with a run of so many steps with six terms
//   bench_history read FOLDER                 reads all steps, through the index where there is one
//   bench_history open FOLDER                 opens the project in the real window: times, memory, frames, slow calls
//   bench_history llavakd-run FOLDER DONE     goes on with the run for ten seconds; `open` calls it
// `read` and `open` print one JSON line. `open` removes the steps that it added to the run.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QMouseEvent>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QWheelEvent>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "app/main_window.h"
#include "core/run/event_columns.h"
#include "core/run/run_reader.h"
#include "long_run.h"
#include "watched_application.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/project_document.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"

using namespace llavakd;

namespace {

namespace fs = std::filesystem;

constexpr int frame_count = 240, live_steps = 200;
constexpr double patience = 120'000;  // milliseconds; whatever takes longer is a fault

/// A line of /proc/self/status, in MiB.
double memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::stod(line.substr(key.size() + 1)) / 1024;
  return 0;
}

/// Milliseconds since the process was started, long before main(): to the hundredth of a second.
double age() {
  std::ifstream stat("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string field;
  constexpr int start_time = 20;  // of the fields after the name; proc(5)
  for (int i = 0; i < start_time; ++i) fields >> field;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double up = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  return 1000 * (up - std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

void read(const fs::path& folder) {
  const bool indexed = fs::exists(columns_file(long_run(folder).events()));
  const double before = memory("RssAnon");
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t begin_work = std::clock();
  const auto steps = read_steps(long_run(folder).events());
  const double work = static_cast<double>(std::clock() - begin_work) / CLOCKS_PER_SEC;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << fmt::format(
      "{{\"steps\": {}, \"indexed\": {}, \"seconds\": {:.3f}, \"cpu_seconds\": {:.3f}, \"peak_mib\": {:.1f}, "
      "\"own_mib\": {:.1f}}}\n",
      steps->size(), indexed, seconds, work, memory("VmHWM"), memory("RssAnon") - before);
}

struct Frames {
  double mean = 0, slowest_of_twenty = 0;  ///< Milliseconds.
};

/// Moves the charts again and again, each time as soon as all that are shown have been painted.
template <class Move>
Frames frames(WatchedApplication& application, Move move) {
  std::vector<double> times;
  for (int i = 0; i < frame_count; ++i) {
    application.forget_paints();
    const double begin = WatchedApplication::now();
    move(i);
    while (!application.all_painted()) {
      if (WatchedApplication::now() - begin > patience) throw std::runtime_error("a chart isn't painted any more");
      application.processEvents();
    }
    times.push_back(WatchedApplication::now() - begin);
  }
  double sum = 0;
  for (const double time : times) sum += time;
  std::sort(times.begin(), times.end());
  return {sum / frame_count, times[frame_count * 19 / 20]};
}

/// The wheel turns twenty notches in, then as many out; begins and ends where it was.
Frames zoom(WatchedApplication& application, QWidget* plot) {
  constexpr int notches = 20;
  const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
  return frames(application, [&](int i) {
    const int turn = i / notches % 2 == 0 ? 120 : -120;
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, {0, turn}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(plot, &wheel);
  });
}

/// Drags to and fro with the mouse while half of the run is in view.
Frames pan(WatchedApplication& application, QWidget* plot) {
  const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
  const auto send = [&](QEvent::Type type, const QPointF& place, Qt::MouseButton button, Qt::MouseButtons buttons) {
    QMouseEvent mouse(type, place, plot->mapToGlobal(place), button, buttons, Qt::NoModifier);
    QCoreApplication::sendEvent(plot, &mouse);
  };
  for (int i = 0; i < 3; ++i) {
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(plot, &wheel);
  }
  send(QEvent::MouseButtonPress, middle, Qt::LeftButton, Qt::LeftButton);
  constexpr int stride = 6, there = frame_count / 4;
  QPointF place = middle;
  const Frames found = frames(application, [&](int i) {
    place += QPointF(i / there % 2 == 0 ? stride : -stride, 0);
    send(QEvent::MouseMove, place, Qt::NoButton, Qt::LeftButton);
  });
  send(QEvent::MouseButtonRelease, place, Qt::LeftButton, Qt::NoButton);
  return found;
}

std::string calls_text(const std::string& name, const WatchedApplication::Calls& calls) {
  return fmt::format("\"{0}_longest_call_ms\": {1:.1f}, \"{0}_longest_call\": \"{2}\", \"{0}_calls_over_16_ms\": {3}",
                     name, calls.longest, calls.longest_is, calls.over_a_frame);
}

/// A process of its own adds twenty steps a second, as the engine would.
WatchedApplication::Calls live(WatchedApplication& application, const fs::path& folder, std::size_t steps) {
  QProcess engine;
  bool ended = false;
  QObject::connect(&engine, &QProcess::finished, [&ended] { ended = true; });
  application.forget_calls();
  engine.start(QCoreApplication::applicationFilePath(),
               {QStringLiteral("llavakd-run"), QString::fromStdString(folder.string()), QString::number(steps)});
  const bool done = application.wait_until([&] { return ended; }, patience);
  if (!done || engine.exitCode() != 0) throw std::runtime_error("the run didn't go on");
  application.wait_until([] { return false; }, 1000);
  return application.calls();
}

/// Gives a file its size back.
struct KeptSize {
  fs::path file;
  std::uintmax_t size;
  ~KeptSize() {
    std::error_code error;
    fs::resize_file(file, size, error);
  }
};

void wait_for(WatchedApplication& application, const char* what, auto condition) {
  if (!application.wait_until(condition, patience)) throw std::runtime_error(std::string(what) + " takes too long");
}

void open(WatchedApplication& application, const fs::path& folder) {
  const fs::path log = long_run(folder).events();
  const bool indexed = fs::exists(columns_file(log));
  const KeptSize kept{log, fs::file_size(log)};
  MainWindow window;
  window.resize(1440, 900);
  window.show();
  wait_for(application, "the first paint", [&] { return application.has_painted(); });
  const double first_paint = age() - (WatchedApplication::now() - application.first_paint());
  application.wait_until([] { return false; }, 500);
  const double bare = memory("VmRSS");
  auto* chart = window.findChild<StepChart*>(QStringLiteral("termChart"));
  if (!chart) throw std::runtime_error("the window has no chart");
  auto* plot = chart->findChild<QWidget*>();

  application.forget_calls();
  const double begin = WatchedApplication::now();
  window.openProject(QString::fromStdString(long_run_project(folder).string()));
  wait_for(application, "opening the project", [&] { return window.document()->isOpen(); });
  window.showPage(QStringLiteral("train"));
  wait_for(application, "reading the newest steps", [&] { return !window.run()->steps()->is_empty(); });
  application.watch({plot});
  application.forget_paints();
  wait_for(application, "painting them", [&] { return application.all_painted(); });
  const double usable = WatchedApplication::now() - begin;
  wait_for(application, "reading all steps", [&] { return !window.run()->loading(); });
  application.forget_paints();
  chart->fit();
  wait_for(application, "painting all steps", [&] { return application.all_painted(); });
  const double whole = WatchedApplication::now() - begin;
  application.wait_until([] { return false; }, 3000);
  const WatchedApplication::Calls opening = application.calls();
  const std::size_t steps = window.run()->steps()->size();
  const double held = memory("VmRSS"), peak = memory("VmHWM");

  QSet<const QObject*> plots;
  for (const auto* each : window.findChildren<StepChart*>())
    if (!each->visibleRegion().isEmpty()) plots.insert(each->findChild<QWidget*>());
  application.watch(plots);
  chart->fit();
  application.wait_until([] { return false; }, 200);
  const Frames zoomed = zoom(application, plot), panned = pan(application, plot);
  chart->fit();
  application.wait_until([] { return false; }, 1000);
  const WatchedApplication::Calls during = live(application, folder, steps);
  std::cout << fmt::format(
      "{{\"steps\": {}, \"indexed\": {}, \"first_paint_ms\": {:.0f}, \"usable_ms\": {:.0f}, \"whole_ms\": {:.0f}, "
      "\"window_mib\": {:.1f}, \"peak_mib\": {:.1f}, \"added_mib\": {:.1f}, \"charts\": {}, \"pan_ms\": {:.2f}, "
      "\"pan_95_ms\": {:.2f}, \"zoom_ms\": {:.2f}, \"zoom_95_ms\": {:.2f}, {}, {}, \"live_steps\": {}}}\n",
      steps, indexed, first_paint, usable, whole, held, peak, held - bare, plots.size(), panned.mean,
      panned.slowest_of_twenty, zoomed.mean, zoomed.slowest_of_twenty, calls_text("opening", opening),
      calls_text("live", during), window.run()->steps()->size() - steps);
}

int open_in_window(int argc, char** argv, const fs::path& folder) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QTemporaryDir settings;  // nobody's own
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  QCoreApplication::setOrganizationName(QStringLiteral("llavakd-bench"));
  WatchedApplication application(argc, argv);
  theme::apply(application, theme::Appearance::light);
  open(application, folder);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  const bool counted = what == "make" || what == "llavakd-run";
  if (!(counted && argc == 4) && !((what == "read" || what == "open") && argc == 3)) {
    std::cerr << "usage: bench_history make FOLDER STEPS | read FOLDER | open FOLDER\n";
    return 2;
  }
  const fs::path folder = fs::absolute(argv[2]);
  try {
    if (what == "open") return open_in_window(argc, argv, folder);
    if (what == "read") read(folder);
    if (what == "make") make_long_run(folder, std::max<int64_t>(3, std::atoll(argv[3])));
    if (what == "llavakd-run") continue_long_run(folder, std::atoll(argv[3]), live_steps);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_history: " << error.what() << '\n';
    return 1;
  }
}
