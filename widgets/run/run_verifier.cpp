// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_verifier.h"

#include <QCoreApplication>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/engine_command.h"
#include "widgets/run/run_summary.h"
#include "widgets/run/run_watcher.h"

namespace llavakd {
namespace {

// What verified.json says, and whether it is of now.
struct ReadVerification {
  std::optional<RunVerification> found;
  bool outdated = false;
};

ReadVerification readVerification(const QString& runFolder) {
  const RunFolder run{toPath(runFolder)};
  ReadVerification read{.found = read_verification(run)};
  read.outdated = read.found && is_outdated(*read.found, run);
  return read;
}

}  // namespace

RunVerifier* RunVerifier::of(RunWatcher* run) {
  auto* verifier = run->findChild<RunVerifier*>(QString(), Qt::FindDirectChildrenOnly);
  return verifier ? verifier : new RunVerifier(run);
}

RunVerifier::RunVerifier(RunWatcher* run) : QObject(run) {
  // A run that has gone on is another one than was verified.
  connect(run, &RunWatcher::progressChanged, this, [this, run] {
    if (run->state() != std::exchange(m_lastState, run->state())) look(run->runFolder());
  });
}

void RunVerifier::look(const QString& runFolder) {
  if (runFolder.isEmpty()) return;
  inBackground(
      this, [runFolder] { return readVerification(runFolder); },
      [this, runFolder](ReadVerification read) {
        Known& known = m_known[runFolder];
        const bool same = known.outdated == read.outdated && known.found.has_value() == read.found.has_value() &&
                          (!read.found || known.found->time == read.found->time);
        known.found = std::move(read.found);
        known.outdated = read.outdated;
        if (!same) Q_EMIT changed(runFolder);
      });
}

void RunVerifier::verify(const QString& runFolder) {
  if (m_known[runFolder].running) return;
  m_known[runFolder].running = true;
  m_known[runFolder].error.clear();
  m_processes[runFolder] =
      runEngineCommand({QStringLiteral("verify"), runFolder, QStringLiteral("--json")}, this,
                       [this, runFolder](const EngineResult& result) {
                         const QString why = result.ok ? tr("The engine ended unexpectedly.") : result.error;
                         // A run that doesn't hold is an answer, too.
                         finish(runFolder, result.output.contains("\"verified\"") ? QString() : why);
                       });
  Q_EMIT changed(runFolder);
}

void RunVerifier::cancel(const QString& runFolder) {
  const QPointer<QProcess> process = m_processes.take(runFolder);
  if (!process) return;
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->terminate();
  finish(runFolder, {});
}

void RunVerifier::finish(const QString& runFolder, const QString& error) {
  m_processes.remove(runFolder);
  m_known[runFolder].running = false;
  m_known[runFolder].error = error;
  Q_EMIT changed(runFolder);
  look(runFolder);
}

VerifiedBadge verifiedBadge(const RunVerifier::Known& known) {
  const auto tr = [](const char* text) {
    return QCoreApplication::translate("RunVerifier", text);
  };
  if (known.running)
    return {theme::State::running, tr("Verifying…"), tr("Files are compared, and steps are trained again.")};
  if (!known.found) return {theme::State::none, {}, known.error};
  const RunVerification& found = *known.found;
  const QString when = tr("%1: %2").arg(runTimeText(found.time), toQString(to_text(found)));
  if (!found.holds()) return {theme::State::failed, tr("Not verified"), when};
  if (known.outdated) return {theme::State::none, tr("Verified up to %1").arg(toQString(found.checkpoint)), when};
  return {theme::State::done, tr("Verified"), when};
}

}  // namespace llavakd
