// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every page and dialog of the window in every state, size, scale and appearance: see README.md.
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QProcess>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

#include "choice.h"
#include "core/base/errors.h"
#include "index_page.h"
#include "projects.h"
#include "taking.h"

using namespace llavakd;

namespace {

const QString takingOption = QStringLiteral("taking");  // how this program calls itself for each scale

void addOptions(QCommandLineParser& parser) {
  parser.setApplicationDescription(
      QStringLiteral("Pictures of every page of the window in every state, size, scale and appearance."));
  parser.addHelpOption();
  addChoiceOptions(parser);
  parser.addOption({QStringLiteral("out"), QStringLiteral("Folder of the pictures and of index.html."),
                    QStringLiteral("folder"), QStringLiteral("gallery")});
  QCommandLineOption taking(takingOption, QStringLiteral("Takes pictures at this scale."), QStringLiteral("percent"));
  taking.setFlags(QCommandLineOption::HiddenFromHelp);
  parser.addOption(taking);
}

/// The windows have a home folder of their own, so that they find no settings and leave none.
QString homeFolder(const QString& folder) {
  return folder + QStringLiteral("/home");
}

// Qt reads the scale once, before the first window: each scale is a process of its own.
int takeScale(const QString& folder, int percent, const QString& locale) {
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LANGUAGE"})
    environment.remove(QLatin1String(name));
  environment.insert(QStringLiteral("HOME"), homeFolder(folder));
  environment.insert(QStringLiteral("LC_ALL"), locale + QStringLiteral(".UTF-8"));
  environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
  environment.insert(QStringLiteral("QT_SCALE_FACTOR"), QString::number(percent / 100.0));
  environment.insert(QStringLiteral("PATH"),
                     QStringLiteral(LLAVAKD_BIN_DIR ":") + environment.value(QStringLiteral("PATH")));
  QProcess process;
  process.setProcessEnvironment(environment);
  process.setProcessChannelMode(QProcess::ForwardedChannels);
  process.start(QCoreApplication::applicationFilePath(),
                QCoreApplication::arguments().mid(1) +
                    QStringList{QStringLiteral("--") + takingOption, QString::number(percent)});
  process.waitForFinished(-1);
  if (process.exitStatus() == QProcess::NormalExit) return process.exitCode();
  std::fprintf(stderr, "llavakd-gallery: the window crashed at %d %%.\n", percent);
  return 1;
}

int takeAll(const GalleryChoice& choice, const QString& folder) {
  const QString home = homeFolder(folder);
  if (!QDir().mkpath(home)) throw UserError(folder.toStdString() + " can't be made.");
  makeGalleryProjects(home, choice.states);
  std::unique_ptr<QProcess> run;
  if (choice.states.contains(QStringLiteral("running"))) run = haltedRun(home);
  int failed = 0;
  for (const int percent : choice.percents) failed |= takeScale(folder, percent, choice.locale);
  writeIndexPage(folder);
  std::printf("%s/index.html shows them.\n", qPrintable(folder));
  return failed;
}

int run(QCommandLineParser& parser) {
  const GalleryChoice choice = readChoice(parser);
  const QString folder = QDir().absoluteFilePath(parser.value(QStringLiteral("out")));
  if (!parser.isSet(takingOption)) return takeAll(choice, folder);
  takePictures(choice, homeFolder(folder), folder, parser.value(takingOption).toInt());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool takes = false;
  for (int i = 1; i < argc; ++i) takes |= std::strcmp(argv[i], "--taking") == 0;
  // Only what takes pictures has windows.
  std::unique_ptr<QCoreApplication> application;
  if (takes)
    application = std::make_unique<QApplication>(argc, argv);
  else
    application = std::make_unique<QCoreApplication>(argc, argv);
  QCoreApplication::setOrganizationName(QStringLiteral("LLaVA-KD Studio"));
  QCoreApplication::setApplicationName(QStringLiteral("llavakd-studio"));
  QCommandLineParser parser;
  addOptions(parser);
  parser.process(*application);
  try {
    return run(parser);
  } catch (const UserError& error) {
    std::fprintf(stderr, "llavakd-gallery: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "llavakd-gallery: %s\n", error.what());
    return 1;
  }
}
