// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "choice.h"

#include <QCommandLineParser>

#include "core/base/errors.h"
#include "views.h"

namespace llavakd {
namespace {

const QString usualLocale = QStringLiteral("en_US");

QString sizeName(const QSize& size) {
  return QStringLiteral("%1x%2").arg(size.width()).arg(size.height());
}

QStringList viewNames() {
  QStringList names;
  for (const GalleryView& view : galleryViews()) names << view.id;
  return names;
}

struct ChoiceOption {
  QString name, help;
  QStringList known;
};

QList<ChoiceOption> choiceOptions() {
  return {{QStringLiteral("view"), QStringLiteral("Only these pages and dialogs."), viewNames()},
          {QStringLiteral("state"), QStringLiteral("Only windows in these states."), galleryStates()},
          {QStringLiteral("size"),
           QStringLiteral("Only these sizes, in pixels of the screen."),
           {QStringLiteral("1024x700"), QStringLiteral("1440x900"), QStringLiteral("2560x1440")}},
          {QStringLiteral("scale"),
           QStringLiteral("Only these, in percent."),
           {QStringLiteral("100"), QStringLiteral("200")}},
          {QStringLiteral("theme"),
           QStringLiteral("Only these appearances."),
           {QStringLiteral("light"), QStringLiteral("dark")}}};
}

QStringList chosen(const QCommandLineParser& parser, const ChoiceOption& option) {
  QStringList names;
  for (const QString& value : parser.values(option.name)) names += value.split(QLatin1Char(','), Qt::SkipEmptyParts);
  for (const QString& name : names)
    if (!option.known.contains(name))
      throw UserError(QStringLiteral("--%1 knows no “%2”; there are %3.")
                          .arg(option.name, name, option.known.join(QStringLiteral(", ")))
                          .toStdString());
  return names.isEmpty() ? option.known : names;
}

}  // namespace

QStringList galleryStates() {
  return {QStringLiteral("empty"),    QStringLiteral("loading"), QStringLiteral("running"),
          QStringLiteral("finished"), QStringLiteral("failed"),  QStringLiteral("many-runs")};
}

QString GalleryPicture::fileName() const {
  QStringList parts{view, state, sizeName(size), QString::number(percent), theme};
  if (locale != usualLocale) parts << QString(locale).replace(QLatin1Char('_'), QLatin1Char('-'));
  return parts.join(QLatin1Char('_')) + QStringLiteral(".png");
}

void addChoiceOptions(QCommandLineParser& parser) {
  for (const ChoiceOption& option : choiceOptions())
    parser.addOption({option.name, QStringLiteral("%1 %2.").arg(option.help, option.known.join(QStringLiteral(", "))),
                      QStringLiteral("names")});
  parser.addOption({QStringLiteral("locale"), QStringLiteral("Numbers and dates as there, for example de_DE."),
                    QStringLiteral("name"), usualLocale});
}

GalleryChoice readChoice(const QCommandLineParser& parser) {
  const QList<ChoiceOption> options = choiceOptions();
  GalleryChoice choice{chosen(parser, options[0]),
                       chosen(parser, options[1]),
                       chosen(parser, options[4]),
                       {},
                       {},
                       parser.value(QStringLiteral("locale"))};
  for (const QString& name : chosen(parser, options[2])) {
    const QStringList sides = name.split(QLatin1Char('x'));
    choice.sizes << QSize(sides[0].toInt(), sides[1].toInt());
  }
  for (const QString& name : chosen(parser, options[3])) choice.percents << name.toInt();
  return choice;
}

}  // namespace llavakd
