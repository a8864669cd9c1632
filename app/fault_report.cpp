// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/fault_report.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSaveFile>
#include <QStringList>
#include <QSysInfo>
#include <QtGlobal>
#include <algorithm>

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

QString withoutName(QString text, const QString& name, const QString& instead) {
  // Names that are also words would be missing from every sentence.
  if (name.size() < 3 || name == QStringLiteral("root") || name == QStringLiteral("localhost")) return text;
  const QRegularExpression word(QStringLiteral("\\b%1\\b").arg(QRegularExpression::escape(name)));
  return text.replace(word, instead);
}

QString withoutNames(QString text) {
  if (!QDir(QDir::homePath()).isRoot()) text.replace(QDir::homePath(), QStringLiteral("~"));
  text = withoutName(text, qEnvironmentVariable("USER"), QStringLiteral("USER"));
  return withoutName(text, QSysInfo::machineHostName(), QStringLiteral("HOST"));
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
  return withoutNames(text);
}

}  // namespace

void writeFaultReport(const QString& path, const QString& projectFile, const QString& runFolder, QObject* context,
                      std::function<void(const QString& fault)> done) {
  runEngineCommand({QStringLiteral("doctor")}, context, [=](const EngineResult& doctor) {
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
