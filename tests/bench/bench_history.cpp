// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how the window lives with a long run:
//   bench_history make FOLDER STEPS           writes a project with a run of so many steps with six terms
//   bench_history read FOLDER                 reads all steps, through the index where there is one
//   bench_history open FOLDER                 opens the project in the real window: times, memory, frames, slow calls
//   bench_history llavakd-run FOLDER DONE     goes on with the run for ten seconds; `open` calls it
//   bench_history make-runs FOLDER COUNT      writes a project with so many short runs
//   bench_history list FOLDER                 lists them in the real window, sorts and filters: times, slow calls
// `read`, `open` and `list` print one JSON line. `open` removes the steps that it added to the run.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QLineEdit>
#include <QProcess>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QUndoStack>
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
#include <utility>

#include "app/main_window.h"
#include "core/run/event_columns.h"
#include "core/run/run_reader.h"
#include "long_run.h"
#include "watched_application.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/project_document.h"
#include "widgets/run/run_catalog.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"
#include "window_frames.h"

using namespace llavakd;

namespace {

namespace fs = std::filesystem;

constexpr int live_steps = 200, edit_count = 10;
constexpr double settled = 400;  // milliseconds that an action's consequences may take

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

std::string calls_text(const std::string& name, const WatchedApplication::Calls& calls) {
  std::string slow;
  for (const auto& [what, alike] : calls.slow)
    slow += fmt::format("{}\"{}\": [{}, {:.1f}]", slow.empty() ? "" : ", ", what, alike.count, alike.longest);
  return fmt::format(
      "\"{0}_longest_call_ms\": {1:.1f}, \"{0}_longest_call\": \"{2}\", \"{0}_calls_over_16_ms\": {3}, "
      "\"{0}_slow_calls\": {{{4}}}",
      name, calls.longest, calls.longest_is, calls.over_a_frame, slow);
}

/// What an action of the window's user leads to.
template <class Action>
WatchedApplication::Calls calls_after(WatchedApplication& application, QObject* window, Action action) {
  application.forget_calls();
  QMetaObject::invokeMethod(window, std::move(action), Qt::QueuedConnection);
  application.wait_until([] { return false; }, settled);
  return application.calls();
}

/// Goes through the pages of the project, the first time or again.
WatchedApplication::Calls show_pages(WatchedApplication& application, MainWindow& window) {
  WatchedApplication::Calls calls;
  for (const PageDescriptor& page : window.pageTable())
    calls.add(calls_after(application, &window, [&window, id = page.id] { window.showPage(id); }));
  return calls;
}

/// Types another learning rate again and again, each a step that can be undone, and goes back.
WatchedApplication::Calls edit(WatchedApplication& application, MainWindow& window) {
  ProjectDocument* document = window.document();
  window.showPage(QStringLiteral("stages"));
  application.wait_until([] { return false; }, settled);  // what showing the page takes is no edit's
  WatchedApplication::Calls calls;
  for (int i = 1; i <= edit_count; ++i)
    calls.add(calls_after(application, &window, [document, i] {
      document->edit(QStringLiteral("learning rate"),
                     [i](Project& project) { project.stages.front().learning_rate = 1e-4 * i; });
    }));
  calls.add(calls_after(application, &window, [document] { document->undoStack()->setIndex(0); }));
  return calls;
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
  const std::size_t added = window.run()->steps()->size() - steps;
  const WatchedApplication::Calls first = show_pages(application, window), again = show_pages(application, window);
  const WatchedApplication::Calls edited = edit(application, window);
  std::cout << fmt::format(
      "{{\"steps\": {}, \"indexed\": {}, \"first_paint_ms\": {:.0f}, \"usable_ms\": {:.0f}, \"whole_ms\": {:.0f}, "
      "\"window_mib\": {:.1f}, \"peak_mib\": {:.1f}, \"added_mib\": {:.1f}, \"charts\": {}, \"pan_ms\": {:.2f}, "
      "\"pan_95_ms\": {:.2f}, \"zoom_ms\": {:.2f}, \"zoom_95_ms\": {:.2f}, {}, {}, {}, {}, {}, \"live_steps\": {}}}\n",
      steps, indexed, first_paint, usable, whole, held, peak, held - bare, plots.size(), panned.mean,
      panned.slowest_of_twenty, zoomed.mean, zoomed.slowest_of_twenty, calls_text("opening", opening),
      calls_text("live", during), calls_text("pages", first), calls_text("pages_again", again),
      calls_text("edit", edited), added);
}

/// The list of many runs: read, sorted by each column, filtered.
void list(WatchedApplication& application, const fs::path& folder) {
  MainWindow window;
  window.resize(1440, 900);
  window.show();
  wait_for(application, "the first paint", [&] { return application.has_painted(); });
  application.wait_until([] { return false; }, 500);
  application.forget_calls();
  const double begin = WatchedApplication::now();
  window.openProject(QString::fromStdString(long_run_project(folder).string()));
  wait_for(application, "opening the project", [&] { return window.document()->isOpen(); });
  window.showPage(QStringLiteral("runs"));
  const auto* catalog = window.findChild<RunCatalog*>();
  auto* table = window.findChild<QTableView*>(QStringLiteral("runsTable"));
  if (!catalog || !table) throw std::runtime_error("the window has no list of runs");
  wait_for(application, "listing the runs",
           [&] { return !catalog->rows().empty() && table->model()->rowCount() == int(catalog->rows().size()); });
  const double listed = WatchedApplication::now() - begin;
  wait_for(application, "counting their bytes", [&] {
    return std::ranges::all_of(catalog->rows(), [](const RunRow& row) { return row.bytes.has_value(); });
  });
  application.wait_until([] { return false; }, 3000);
  const WatchedApplication::Calls opening = application.calls();
  WatchedApplication::Calls sorting, filtering;
  for (int column = 0; column < table->model()->columnCount(); ++column)
    for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder})
      sorting.add(calls_after(application, &window, [table, column, order] { table->sortByColumn(column, order); }));
  auto* words = table->window()->findChild<QLineEdit*>(QStringLiteral("runFilter"));
  for (const char* typed : {"1", "12", "12 dpt", ""})
    if (words)
      filtering.add(calls_after(application, &window, [words, typed] { words->setText(QString::fromLatin1(typed)); }));
  std::cout << fmt::format("{{\"runs\": {}, \"listed_ms\": {:.0f}, {}, {}, {}}}\n", catalog->rows().size(), listed,
                           calls_text("opening", opening), calls_text("sort", sorting),
                           calls_text("filter", filtering));
}

int open_in_window(int argc, char** argv, const std::string& what, const fs::path& folder) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QTemporaryDir settings;  // nobody's own
  qputenv("XDG_STATE_HOME", settings.path().toLocal8Bit());
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  QCoreApplication::setOrganizationName(QStringLiteral("llavakd-bench"));
  WatchedApplication application(argc, argv);
  theme::apply(application, theme::Appearance::light);
  what == "list" ? list(application, folder) : open(application, folder);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  const bool counted = what == "make" || what == "make-runs" || what == "llavakd-run";
  if (!(counted && argc == 4) && !((what == "read" || what == "open" || what == "list") && argc == 3)) {
    std::cerr << "usage: bench_history make FOLDER STEPS | read FOLDER | open FOLDER | make-runs FOLDER COUNT | "
                 "list FOLDER\n";
    return 2;
  }
  const fs::path folder = fs::absolute(argv[2]);
  try {
    if (what == "open" || what == "list") return open_in_window(argc, argv, what, folder);
    if (what == "read") read(folder);
    if (what == "make") make_long_run(folder, std::max<int64_t>(3, std::atoll(argv[3])));
    if (what == "make-runs") make_many_runs(folder, std::atoi(argv[3]));
    if (what == "llavakd-run") continue_long_run(folder, std::atoll(argv[3]), live_steps);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_history: " << error.what() << '\n';
    return 1;
  }
}
