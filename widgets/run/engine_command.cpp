// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/engine_command.h"

#include <QCoreApplication>
#include <QPointer>
#include <QProcess>
#include <memory>

#include "widgets/run/engine_process.h"

namespace llavakd {
namespace {

// A QProcess that goes while its program runs still tells of the end, to somebody who is half gone.
class CommandProcess : public QProcess {
 public:
  using QProcess::QProcess;
  ~CommandProcess() override {
    disconnect();
    if (state() == QProcess::NotRunning) return;
    terminate();  // it removes what is half written
    waitForFinished(1000);
  }
};

// What a program says on stderr.
struct ErrorLines {
  QByteArray all, unfinished;

  void add(const QByteArray& bytes, const std::function<void(const QByteArray& line)>& told) {
    all += bytes;
    unfinished += bytes;
    for (qsizetype end; (end = unfinished.indexOf('\n')) >= 0; unfinished.remove(0, end + 1))
      if (told) told(unfinished.left(end));
  }
};

}  // namespace

QProcess* runEngineCommand(const QStringList& arguments, QObject* context,
                           std::function<void(const EngineResult&)> done,
                           std::function<void(const QByteArray& line)> told) {
  const auto tr = [](const char* text) {
    return QCoreApplication::translate("EngineCommand", text);
  };
  auto* process = new CommandProcess(context);
  const auto errors = std::make_shared<ErrorLines>();
  const auto readErrors = [=] {
    errors->add(process->readAllStandardError(), told);
  };
  QObject::connect(process, &QProcess::readyReadStandardError, context, readErrors);
  QObject::connect(process, &QProcess::errorOccurred, context, [=](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;  // a crash also comes through finished()
    done({.error = engineMissingText()});
    process->deleteLater();
  });
  QObject::connect(process, &QProcess::finished, context, [=](int code, QProcess::ExitStatus status) {
    readErrors();
    EngineResult result;
    result.output = process->readAllStandardOutput();
    result.ok = status == QProcess::NormalExit && code == 0;
    if (!result.ok) {
      result.error = QString::fromUtf8(errors->all).trimmed().section(QLatin1Char('\n'), -1);
      result.error = result.error.section(QStringLiteral("llavakd: "), -1);
      if (result.error.isEmpty()) result.error = tr("The engine ended unexpectedly.");
    }
    done(result);
    process->deleteLater();
  });
  const QString program = engineProgram();
  process->start(program.isEmpty() ? QStringLiteral("llavakd") : program, arguments, QIODevice::ReadOnly);
  return process;
}

}  // namespace llavakd
