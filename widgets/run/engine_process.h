// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLocalSocket>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

namespace llavakd {

/// Full path of the engine's program: next to our own executable, else on PATH. Empty when it isn't there.
QString engineProgram();
/// What is to be done where it is empty: a sentence for people.
QString engineMissingText();

/// What a command does with a run: begin it, or go on with it.
enum class RunVerb { run, resume };

/// The command that `EngineProcess::start` runs, as a shell takes it: llavakd train emoji.kdproj --run
/// 2026-11-24-101500. Without a run id the engine names the run itself.
QString trainCommandText(const QString& projectFile, const QString& runId = {}, RunVerb verb = RunVerb::run);
/// The command that tells how far a run is, whatever it does: llavakd runs show emoji.kdproj 2026-11-24-101500.
QString showCommandText(const QString& projectFile, const QString& runId);

/// Starts runs that outlive the window, and steers them through their control socket.
class EngineProcess : public QObject {
  Q_OBJECT

 public:
  explicit EngineProcess(QObject* parent = nullptr);

  /// A run id from date and time: 2026-11-24-101500.
  static QString newRunId();

  /// Starts `llavakd train PROJECT --run ID` in a session of its own. `resume` continues that run instead. With
  /// `projectText` the engine takes the project from that text, and the file may differ from it. Reports through
  /// started() or failed(); the latter also comes when the engine gives up before it has written to the run.
  void start(const QString& projectFile, const QString& runId, bool resume = false, const QByteArray& projectText = {});
  /// Continues a run although what it reads has changed since, which failed() said of it (asksToAcceptChanges).
  void resumeWithChanges(const QString& projectFile, const QString& runId, const QByteArray& projectText = {});
  /// Goes on from that run's newest checkpoint in a new run, whatever has changed.
  void branch(const QString& projectFile, const QString& runId, const QString& newId,
              const QByteArray& projectText = {});
  /// Goes on with a run that stopped at a gate, although that isn't met.
  void passGate(const QString& projectFile, const QString& runId, const QString& reason,
                const QByteArray& projectText = {});
  /// Whether its runs wait at a gate that asks, because somebody is there to answer. They do by themselves.
  void setWaitsAtGates(bool waits) { m_waitsAtGates = waits; }
  static bool asksToAcceptChanges(const QString& failure);

  /// Sends one word to the run in this folder. Reports a fault through failed().
  void pause(const QString& runFolder) { send(runFolder, QStringLiteral("pause")); }
  void resume(const QString& runFolder) { send(runFolder, QStringLiteral("resume")); }
  void stop(const QString& runFolder) { send(runFolder, QStringLiteral("stop")); }
  void save(const QString& runFolder) { send(runFolder, QStringLiteral("save")); }
  /// Sends what somebody says at a gate: "go on REASON" (core/run/control_socket.h).
  void answerGate(const QString& runFolder, const QString& words) { send(runFolder, words); }

 Q_SIGNALS:
  /// The engine runs; its folder is made within a moment.
  void started(const QString& runFolder);
  /// A sentence for people.
  void failed(const QString& message);

 private:
  void send(const QString& runFolder, const QString& word);
  void launch(const QString& projectFile, const QString& runId, QStringList arguments, const QByteArray& projectText);
  /// Size and time of run.json, which the engine writes as soon as it begins or goes on.
  std::pair<qint64, qint64> runInfoStamp() const;
  void checkStart();
  QString lastErrorLine() const;
  void removeStartFiles() const;

  QTimer m_startTimer;
  qint64 m_pid = 0;
  bool m_waitsAtGates = true;
  QString m_runFolder, m_errorFile, m_textFile;
  std::pair<qint64, qint64> m_stampBefore;
};

}  // namespace llavakd
