// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/engine_process.h"

#include <signal.h>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>

#include "core/base/printable.h"
#include "core/run/run_folder.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

QString socketOf(const QString& runFolder) {
  const RunFolder run{toPath(runFolder)};
  try {
    const RunInfo info = read_run_info(run);
    if (!info.control_socket.empty()) return toQString(std::filesystem::absolute(run.path / info.control_socket));
  } catch (const std::exception&) {
    // run.json says it in other words or not at all: the usual place is tried.
  }
  return toQString(run.socket());
}

const QString acceptOption = QStringLiteral("--accept-changes");

QStringList trainArguments(const QString& projectFile, const QString& runId, RunVerb verb) {
  QStringList arguments = {QStringLiteral("train"), projectFile};
  if (!runId.isEmpty())
    arguments << (verb == RunVerb::resume ? QStringLiteral("--resume") : QStringLiteral("--run")) << runId;
  return arguments;
}

// As a shell takes it.
QString commandText(const QStringList& arguments) {
  QStringList words = {QStringLiteral("llavakd")};
  for (const QString& word : arguments) words += toQString(shell_word(word.toStdString()));
  return words.join(u' ');
}

}  // namespace

QString engineProgram() {
  const QString installed = QCoreApplication::applicationDirPath() + QStringLiteral("/llavakd");
  if (QFileInfo(installed).isExecutable()) return installed;
  return QStandardPaths::findExecutable(QStringLiteral("llavakd"));
}

QString engineMissingText() {
  return EngineProcess::tr(
      "The engine “llavakd” is neither next to this program nor on PATH; install it or build it there.");
}

QString trainCommandText(const QString& projectFile, const QString& runId, RunVerb verb) {
  return commandText(trainArguments(projectFile, runId, verb));
}

QString showCommandText(const QString& projectFile, const QString& runId) {
  return commandText({QStringLiteral("runs"), QStringLiteral("show"), projectFile, runId});
}

EngineProcess::EngineProcess(QObject* parent) : QObject(parent) {
  m_startTimer.setInterval(100);
  connect(&m_startTimer, &QTimer::timeout, this, &EngineProcess::checkStart);
}

QString EngineProcess::newRunId() {
  return QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd-HHmmss"));
}

bool EngineProcess::asksToAcceptChanges(const QString& failure) {
  return failure.contains(acceptOption);
}

void EngineProcess::start(const QString& projectFile, const QString& runId, bool resume, const QByteArray& text) {
  launch(projectFile, runId, trainArguments(projectFile, runId, resume ? RunVerb::resume : RunVerb::run), text);
}

void EngineProcess::resumeWithChanges(const QString& projectFile, const QString& runId, const QByteArray& text) {
  launch(projectFile, runId, trainArguments(projectFile, runId, RunVerb::resume) << acceptOption, text);
}

void EngineProcess::branch(const QString& projectFile, const QString& runId, const QString& newId,
                           const QByteArray& text) {
  launch(projectFile, newId, trainArguments(projectFile, runId, RunVerb::resume) << QStringLiteral("--branch") << newId,
         text);
}

void EngineProcess::passGate(const QString& projectFile, const QString& runId, const QString& reason,
                             const QByteArray& text) {
  launch(projectFile, runId,
         trainArguments(projectFile, runId, RunVerb::resume) << QStringLiteral("--pass-gate") << reason, text);
}

void EngineProcess::launch(const QString& projectFile, const QString& runId, QStringList arguments,
                           const QByteArray& projectText) {
  const QString program = engineProgram();
  if (program.isEmpty()) return Q_EMIT failed(engineMissingText());
  QString state = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + "/llavakd-studio";
  if (!QDir().mkpath(state) || !QFileInfo(state).isWritable()) state = QDir::tempPath();
  m_errorFile = state + QStringLiteral("/start-%1.log").arg(runId);
  m_textFile = projectText.isEmpty() ? QString() : state + QStringLiteral("/start-%1.kdproj").arg(runId);
  m_runFolder = QFileInfo(projectFile).absolutePath() + QStringLiteral("/runs/") + runId;

  QProcess process;
  process.setProgram(program);
  if (!m_textFile.isEmpty()) {
    // A detached process can't be written to; it reads a file instead, which is removed once the run has begun.
    QFile file(m_textFile);
    if (!file.open(QIODevice::WriteOnly) || file.write(projectText) != projectText.size() || !file.flush()) {
      Q_EMIT failed(
          tr("The engine could not be started: %1 can't be written (%2).").arg(m_textFile, file.errorString()));
      return removeStartFiles();
    }
    arguments << QStringLiteral("--stdin");
  }
  if (m_waitsAtGates) arguments << QStringLiteral("--wait-at-gates");
  process.setArguments(arguments);
  process.setWorkingDirectory(QFileInfo(projectFile).absolutePath());
  process.setStandardInputFile(m_textFile.isEmpty() ? QProcess::nullDevice() : m_textFile);
  process.setStandardOutputFile(QProcess::nullDevice());
  process.setStandardErrorFile(m_errorFile);
  m_stampBefore = runInfoStamp();
  // A detached process gets a session of its own: neither closing the window nor its terminal ends it.
  if (!process.startDetached(&m_pid)) {
    Q_EMIT failed(tr("The engine could not be started: %1.").arg(process.errorString()));
    return removeStartFiles();
  }
  m_startTimer.start();
  Q_EMIT started(m_runFolder);
}

std::pair<qint64, qint64> EngineProcess::runInfoStamp() const {
  const QFileInfo info(m_runFolder + QStringLiteral("/run.json"));
  return info.exists() ? std::pair(info.size(), info.lastModified().toMSecsSinceEpoch()) : std::pair<qint64, qint64>();
}

void EngineProcess::checkStart() {
  const bool begun = runInfoStamp() != m_stampBefore;
  const bool alive = ::kill(pid_t(m_pid), 0) == 0;
  if (alive && !begun) return;
  if (alive && QFile::exists(m_runFolder + QStringLiteral("/events.jsonl"))) {
    m_startTimer.stop();
    removeStartFiles();
  }
  if (alive) return;
  m_startTimer.stop();
  const QString line = lastErrorLine();
  removeStartFiles();
  // Once it has begun, the run's own events tell how it ended.
  if (!begun) Q_EMIT failed(line.isEmpty() ? tr("The engine ended at once without saying why.") : line);
}

QString EngineProcess::lastErrorLine() const {
  QFile file(m_errorFile);
  if (!file.open(QIODevice::ReadOnly)) return {};
  const qint64 most = 16384;
  if (file.size() > most) file.seek(file.size() - most);
  return QString::fromUtf8(file.readAll())
      .trimmed()
      .section(QLatin1Char('\n'), -1)
      .section(QStringLiteral("llavakd: "), -1);
}

void EngineProcess::removeStartFiles() const {
  QFile::remove(m_errorFile);
  if (!m_textFile.isEmpty()) QFile::remove(m_textFile);
}

void EngineProcess::send(const QString& runFolder, const QString& word) {
  inBackground(
      this, [runFolder] { return socketOf(runFolder); },
      [this, word](const QString& path) {
        auto* socket = new QLocalSocket(this);
        connect(socket, &QLocalSocket::connected, socket, [socket, word] { socket->write(word.toUtf8() + '\n'); });
        connect(socket, &QLocalSocket::readyRead, socket, [this, socket] {
          if (!socket->canReadLine()) return;
          const QJsonObject answer = QJsonDocument::fromJson(socket->readLine()).object();
          if (!answer.value(QStringLiteral("ok")).toBool())
            Q_EMIT failed(answer.value(QStringLiteral("error")).toString());
          socket->deleteLater();
        });
        connect(socket, &QLocalSocket::errorOccurred, socket, [this, socket](QLocalSocket::LocalSocketError error) {
          if (error != QLocalSocket::PeerClosedError)
            Q_EMIT failed(tr("The run does not answer (%1); it may have ended.").arg(socket->errorString()));
          socket->deleteLater();
        });
        socket->connectToServer(path);
      });
}

}  // namespace llavakd
