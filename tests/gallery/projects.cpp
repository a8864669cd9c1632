// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "projects.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QThread>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>

#include "core/base/errors.h"
#include "core/project/project_file.h"
#include "core/run/event_columns.h"
#include "core/run/event_log.h"
#include "core/run/run_folder.h"
#include "core/run/run_list.h"
#include "many_runs.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

QString folderOf(const QString& home, const QString& state) {
  // One path is longer than any field that shows it.
  const QString name = state == QStringLiteral("many-runs")
                           ? QStringLiteral("Zwanzig Läufe, in einem Ordner mit einem sehr langen Namen")
                           : state;
  return home + QStringLiteral("/LLaVA-KD/") + name;
}

void say(const QString& what) {
  std::printf("%s\n", qPrintable(what));
  std::fflush(stdout);
}

/// Starts the engine; it ends when this program ends. `inside` runs in the new process before it.
std::unique_ptr<QProcess> startEngine(const QStringList& arguments, std::function<void()> inside = {}) {
  auto engine = std::make_unique<QProcess>();
  engine->setProgram(QStringLiteral(LLAVAKD_BIN_DIR "/llavakd"));
  engine->setArguments(arguments);
  engine->setStandardInputFile(QProcess::nullDevice());
  engine->setStandardOutputFile(QProcess::nullDevice());
  engine->setChildProcessModifier([inside = std::move(inside)] {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (inside) inside();
  });
  engine->start();
  if (!engine->waitForStarted()) throw RunError("llavakd can't be started: " + engine->errorString().toStdString());
  return engine;
}

void runEngine(const QStringList& arguments) {
  const auto engine = startEngine(arguments);
  engine->waitForFinished(-1);
  if (engine->exitCode() != 0)
    throw RunError(QStringLiteral("llavakd %1 failed: %2")
                       .arg(arguments.join(QLatin1Char(' ')), QString::fromUtf8(engine->readAllStandardError()))
                       .toStdString());
}

/// The newest run's status; empty without one.
std::string statusOf(const QString& projectFile) {
  if (!QFileInfo::exists(projectFile)) return {};
  const auto runs = list_runs(toPath(projectFile));
  return runs.empty() ? std::string() : read_run_info(runs.front()).status;
}

void trainSample(const QString& home) {
  const QString file = galleryProject(home, QStringLiteral("finished"));
  if (statusOf(file) == "finished") return;
  say(QStringLiteral("Training the sample…"));
  QDir(QFileInfo(file).path()).removeRecursively();
  QDir().mkpath(QFileInfo(QFileInfo(file).path()).path());
  runEngine({QStringLiteral("new"), QStringLiteral("emoji-quick"), QFileInfo(file).path()});
  runEngine({QStringLiteral("train"), file});
}

/// The sample without its run, in the folder of another state.
QString copySample(const QString& home, const QString& state) {
  const QString file = galleryProject(home, state);
  const fs::path folder = toPath(QFileInfo(file).path());
  fs::remove_all(folder);
  fs::copy(toPath(folderOf(home, QStringLiteral("finished"))), folder, fs::copy_options::recursive);
  fs::remove_all(runs_folder(toPath(file)));
  return file;
}

void makeEmpty(const QString& home) {
  const QString file = galleryProject(home, QStringLiteral("empty"));
  if (QFileInfo::exists(file)) return;
  QDir().mkpath(QFileInfo(file).path());
  Project project;
  project.name = "new";
  save_project(project, toPath(file));
}

// A file of the engine may have a megabyte at most: the student's first checkpoint is larger.
void makeFailed(const QString& home) {
  if (statusOf(galleryProject(home, QStringLiteral("failed"))) == "failed") return;
  say(QStringLiteral("Training until a checkpoint can't be written…"));
  const QString file = copySample(home, QStringLiteral("failed"));
  startEngine({QStringLiteral("train"), file}, [] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit megabyte{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &megabyte);
  })->waitForFinished(-1);
  if (statusOf(file) != "failed") throw RunError("The run that was to fail didn't.");
}

RunFolder sampleRun(const QString& home) {
  return list_runs(toPath(galleryProject(home, QStringLiteral("finished")))).front();
}

// Steps enough that the window shows the newest ones while it reads the others.
void makeLoading(const QString& home) {
  constexpr int64_t steps = 200000;
  const QString file = galleryProject(home, QStringLiteral("loading"));
  if (!statusOf(file).empty()) return;
  copySample(home, QStringLiteral("loading"));
  std::vector<Event> told = EventReader(sampleRun(home).events()).read();
  std::erase_if(told, [](const Event& event) { return !event.is<StepEvent>(); });
  const RunFolder run = create_run(toPath(file), "long");
  RunInfo info;
  info.id = run.id();
  info.status = "stopped";
  info.started = told.front().time;
  info.project_file = file.toStdString();
  info.project_id = project_id_of(toPath(file));
  write_run_info(run, info);
  std::ofstream log(run.events(), std::ios::binary);
  const std::string stage = told.front().stage;
  log << to_line({.time = info.started, .body = RunStartedEvent{.run = info.id, .stages = {{stage, steps}}}}) << '\n'
      << to_line({.time = info.started, .stage = stage, .body = StageStartedEvent{.steps = steps}}) << '\n';
  for (int64_t step = 1; step <= steps; ++step) {
    Event event = told[size_t(step) % told.size()];
    event.time = info.started + 0.5 * double(step);
    event.stage = stage;
    event.stage_step = event.step = step;
    auto& done = std::get<StepEvent>(event.body);
    done.total *= 1 + 2 * std::exp(-double(step) / 50000);
    log << to_line(event) << '\n';
  }
}

}  // namespace

QString galleryProject(const QString& home, const QString& state) {
  const QString name = state == QStringLiteral("empty") ? QStringLiteral("new") : QStringLiteral("emoji-quick");
  return QStringLiteral("%1/%2.kdproj").arg(folderOf(home, state), name);
}

void makeGalleryProjects(const QString& home, const QStringList& states) {
  makeEmpty(home);
  if (states == QStringList{QStringLiteral("empty")}) return;
  trainSample(home);
  if (states.contains(QStringLiteral("loading"))) makeLoading(home);
  if (states.contains(QStringLiteral("failed"))) makeFailed(home);
  const QString many = galleryProject(home, QStringLiteral("many-runs"));
  if (states.contains(QStringLiteral("many-runs")) && statusOf(many).empty())
    writeManyRuns(sampleRun(home), toPath(copySample(home, QStringLiteral("many-runs"))));
}

std::unique_ptr<QProcess> haltedRun(const QString& home) {
  say(QStringLiteral("Training until the last stage…"));
  const QString file = copySample(home, QStringLiteral("running"));
  auto engine = startEngine({QStringLiteral("train"), file});
  const auto isFarEnough = [&] {
    const auto runs = list_runs(toPath(file));
    if (runs.empty() || !fs::exists(runs.front().events())) return false;
    const std::vector<Event> events = EventReader(runs.front().events()).read();
    return !events.empty() && events.back().stage == "DFT" && events.back().stage_step >= 20;
  };
  while (!isFarEnough()) {
    if (engine->waitForFinished(50)) throw RunError("The run that was to be halted has ended.");
    QThread::msleep(100);
  }
  kill(pid_t(engine->processId()), SIGSTOP);
  return engine;
}

QString silentEngineFolder(const QString& home) {
  const QString folder = home + QStringLiteral("/silent");
  QDir().mkpath(folder);
  QFile program(folder + QStringLiteral("/llavakd"));
  if (!program.open(QIODevice::WriteOnly)) throw RunError(program.errorString().toStdString());
  program.write("#!/bin/sh\nexec sleep 600\n");
  program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  return folder;
}

void forgetIndex(const QString& home) {
  const QString file = galleryProject(home, QStringLiteral("loading"));
  for (const RunFolder& run : list_runs(toPath(file))) fs::remove(columns_file(run.events()));
}

}  // namespace llavakd
