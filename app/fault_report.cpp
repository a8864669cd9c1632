// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/fault_report.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QSysInfo>
#include <QtGlobal>
#include <algorithm>

#include "core/run/redaction.h"
#include "core/run/run_folder.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/run/engine_command.h"

namespace llavakd {
namespace {

constexpr qint64 mostOfAFile = 256 << 10, mostOfALog = 64 << 10;

QString section(const QString& title, const QString& text) {
  return QStringLiteral("== %1\n%2\n\n").arg(title, text.trimmed());
}

QString beginningOf(const QString& file) {
  QFile in(file);
  if (!in.open(QIODevice::ReadOnly)) return in.errorString();
  return QString::fromUtf8(in.read(mostOfAFile));
}

QString endOf(const QString& file) {
  QFile in(file);
  if (!in.open(QIODevice::ReadOnly)) return in.errorString();
  const bool cut = in.size() > mostOfALog;
  in.seek(std::max<qint64>(0, in.size() - mostOfALog));
  if (cut) in.readLine();  // the rest of one
  return QString::fromUtf8(in.readAll());
}

QString reportOf(const QString& machine, const QString& projectFile, const QString& runFolder) {
  QString text =
      section(QStringLiteral("Program"), QStringLiteral("LLaVA-KD Studio %1, Qt %2, %3, %4")
                                             .arg(QStringLiteral(LLAVAKD_VERSION), QString::fromLatin1(qVersion()),
                                                  QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture()));
  text += section(QStringLiteral("Machine"), machine);
  if (!projectFile.isEmpty()) text += section(QStringLiteral("Project: ") + projectFile, beginningOf(projectFile));
  if (!runFolder.isEmpty()) {
    const RunFolder run{toPath(runFolder)};
    text += section(QStringLiteral("Run: ") + runFolder, beginningOf(toQString(run.info())));
    text += section(QStringLiteral("End of engine.log"), endOf(toQString(run.log())));
    text += section(QStringLiteral("End of events.jsonl"), endOf(toQString(run.events())));
  }
  Redaction redaction = Redaction::of_this_user();
  if (!projectFile.isEmpty()) redaction.hide_path(toPath(projectFile).parent_path(), "/redacted/project");
  return toQString(redaction.text(text.toStdString()));
}

}  // namespace

void writeFaultReport(const QString& path, const QString& projectFile, const QString& runFolder, QObject* context,
                      std::function<void(const QString& fault)> done) {
  runEngineCommand({QStringLiteral("doctor"), QStringLiteral("--report")}, context, [=](const EngineResult& doctor) {
    // An engine that doesn't start is a part of the report.
    const QString machine = doctor.ok ? QString::fromUtf8(doctor.output) : doctor.error;
    inBackground(
        context,
        [=] {
          QSaveFile file(path);
          const QByteArray text = reportOf(machine, projectFile, runFolder).toUtf8();
          const bool written = file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
          return written ? QString() : file.errorString();
        },
        done);
  });
}

}  // namespace llavakd
