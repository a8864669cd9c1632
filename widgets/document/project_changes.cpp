// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/document/project_changes.h"

#include <QCoreApplication>

#include "core/project/project_merge.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

QString changeText(const char* text) {
  return QCoreApplication::translate("ProjectChanges", text);
}

// "stages.DFT.terms.NAME.weight" as people say it: "DFT NAME weight".
QString optionName(const std::string& option) {
  QString name = toQString(option);
  if (name.startsWith(QStringLiteral("stages."))) name.remove(0, 7);
  name.replace(QStringLiteral(".terms."), QStringLiteral("."));
  return name.replace(QLatin1Char('.'), QLatin1Char(' '));
}

// A line holds two values: long texts are cut.
QString shortValueText(const nlohmann::ordered_json& value) {
  constexpr qsizetype longest = 60;
  const QString text = value == "" ? changeText("empty") : optionValueText(value);
  return text.size() > longest ? text.left(longest - 1) + QStringLiteral("…") : text;
}

QString changeLine(const ProjectDifference& difference) {
  const QString name = optionName(difference.option);
  // A stage or a term as a whole; of a list, the elements say little.
  if (difference.was.is_null() && difference.is.is_object()) return changeText("%1 is new").arg(name);
  if (difference.is.is_null() && difference.was.is_object()) return changeText("%1 is gone").arg(name);
  const auto isShort = [](const nlohmann::ordered_json& value) {
    return !value.is_object() && (!value.is_array() || value.empty() || !value.front().is_object());
  };
  if (!isShort(difference.was) || !isShort(difference.is)) return changeText("%1 differ").arg(name);
  return changeText("%1 %2 (was %3)").arg(name, shortValueText(difference.is), shortValueText(difference.was));
}

}  // namespace

QString optionValueText(const nlohmann::ordered_json& value) {
  if (value.is_null()) return QStringLiteral("–");
  if (value.is_number()) return theme::fieldNumber(value.get<double>());
  if (value.is_string()) return toQString(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? changeText("on") : changeText("off");
  if (!value.is_array()) return toQString(value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  QStringList parts;
  for (const auto& part : value) parts << optionValueText(part);
  return parts.join(QStringLiteral(", "));
}

QStringList projectChangeTexts(const Project& was, const Project& is, qsizetype most) {
  QStringList lines;
  for (const ProjectDifference& difference : project_differences(was, is)) lines << changeLine(difference);
  const qsizetype more = lines.size() - most;
  if (more > 0) lines = lines.mid(0, most) << changeText("and %1 more").arg(theme::wholeNumber(more));
  return lines;
}

}  // namespace llavakd
