// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <cstdio>
#include <cstring>

#include "app/home_folder.h"
#include "app/main_window.h"
#include "app/screenshots.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/theme/theme.h"

namespace {

// Qt reads these before there is a QApplication to parse the command line with.
void prepareEnvironment(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--screenshots") == 0 && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
      qputenv("QT_QPA_PLATFORM", "offscreen");
    if (std::strcmp(argv[i], "--scale") == 0 && i + 1 < argc) qputenv("QT_SCALE_FACTOR", argv[i + 1]);
  }
}

llavakd::theme::Appearance storedAppearance() {
  const QString name = QSettings().value(QStringLiteral("appearance")).toString();
  if (name == QStringLiteral("light")) return llavakd::theme::Appearance::light;
  if (name == QStringLiteral("dark")) return llavakd::theme::Appearance::dark;
  return llavakd::theme::Appearance::system;
}

QSize parsedSize(const QString& text) {
  const QStringList parts = text.split(QLatin1Char('x'));
  const QSize size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
  return size.width() >= 320 && size.height() >= 240 && size.width() <= 16384 && size.height() <= 16384 ? size
                                                                                                        : QSize();
}

void addOptions(QCommandLineParser& parser) {
  parser.setApplicationDescription(
      QStringLiteral("The window of LLaVA-KD Studio: prepare, watch and inspect distillation runs."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("project"), QStringLiteral("Project file to open."),
                               QStringLiteral("[project]"));
  parser.addOption({QStringLiteral("screenshots"),
                    QStringLiteral("Write every page, light and dark, as PNG into this folder and quit."),
                    QStringLiteral("folder")});
  parser.addOption({QStringLiteral("size"), QStringLiteral("Size of the window, for example 1440x900."),
                    QStringLiteral("WxH"), QStringLiteral("1440x900")});
  parser.addOption(
      {QStringLiteral("scale"), QStringLiteral("Enlarge everything, for example 2."), QStringLiteral("factor")});
}

/// Whether it is asked for a text alone, for which no screen is needed.
bool asksForText(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    for (const char* option : {"-h", "--help", "--help-all", "-v", "--version"})
      if (std::strcmp(argv[i], option) == 0) return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  prepareEnvironment(argc, argv);
  llavakd::prepare_home_folder();
  QCoreApplication::setOrganizationName(QStringLiteral("LLaVA-KD Studio"));
  QCoreApplication::setApplicationName(QStringLiteral("llavakd-studio"));
  QCoreApplication::setApplicationVersion(QStringLiteral(LLAVAKD_VERSION));
  QCommandLineParser parser;
  addOptions(parser);
  if (asksForText(argc, argv)) {
    const QCoreApplication application(argc, argv);
    parser.process(application);  // ends the program
  }
  QApplication application(argc, argv);
  QGuiApplication::setApplicationDisplayName({});  // the window's title says it already
  QGuiApplication::setDesktopFileName(QStringLiteral("org.llavakd.Studio"));
  application.setWindowIcon(QIcon(QStringLiteral(":/icons/llavakd-studio.svg")));

  parser.process(application);
  const QStringList arguments = parser.positionalArguments();
  const QSize size = parsedSize(parser.value(QStringLiteral("size")));
  if (arguments.size() > 1 || !size.isValid()) {
    std::fputs(arguments.size() > 1 ? "llavakd-studio: give at most one project file.\n"
                                    : "llavakd-studio: --size wants WIDTHxHEIGHT, for example 1440x900.\n",
               stderr);
    return 2;
  }

  llavakd::theme::apply(application, storedAppearance());
  llavakd::MainWindow window;
  if (parser.isSet(QStringLiteral("size"))) window.resize(size);
  if (parser.isSet(QStringLiteral("screenshots"))) {
    llavakd::Screenshots screenshots(&window, parser.value(QStringLiteral("screenshots")), size);
    screenshots.start(arguments.value(0));
    return QApplication::exec();
  }
  window.show();
  const QString project = arguments.value(0, llavakd::projectToReopen());
  if (!project.isEmpty()) window.openProject(project);
  return QApplication::exec();
}
