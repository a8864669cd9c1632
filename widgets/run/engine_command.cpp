// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/engine_command.h"

#include <QCoreApplication>
#include <QPointer>
#include <QProcess>

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

}  // namespace

QProcess* runEngineCommand(const QStringList& arguments, QObject* context,
                           std::function<void(const EngineResult&)> done) {
  const auto tr = [](const char* text) {
    return QCoreApplication::translate("EngineCommand", text);
  };
  auto* process = new CommandProcess(context);
  QObject::connect(process, &QProcess::errorOccurred, context, [=](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;  // a crash also comes through finished()
    done({.error = engineMissingText()});
    process->deleteLater();
  });
  QObject::connect(process, &QProcess::finished, context, [=](int code, QProcess::ExitStatus status) {
    EngineResult result;
    result.output = process->readAllStandardOutput();
    result.ok = status == QProcess::NormalExit && code == 0;
    if (!result.ok) {
      const QString errors = QString::fromUtf8(process->readAllStandardError()).trimmed();
      result.error = errors.section(QLatin1Char('\n'), -1).section(QStringLiteral("llavakd: "), -1);
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
