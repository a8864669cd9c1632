// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/chart_settings.h"

#include <QSettings>
#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/document/conversions.h"

namespace llavakd {
namespace {

// Written as words: an enumeration grows, and a number then means another choice.
constexpr std::array viewWords{"raw", "weighted", "share"};
constexpr std::array axisWords{"step", "stage", "samples", "tokens", "hours"};
constexpr std::array smoothingWords{"off", "exponential", "centred"};

template <class Choice, std::size_t count>
Choice readChoice(const char* key, const std::array<const char*, count>& words, Choice otherwise) {
  const QString word = QSettings().value(QLatin1String(key)).toString();
  for (std::size_t i = 0; i < count; ++i)
    if (word == QLatin1String(words[i])) return Choice(i);
  return otherwise;
}

bool readSwitch(const char* key, bool otherwise) {
  return QSettings().value(QLatin1String(key), otherwise).toBool();
}

QString termKey(const std::string& term) {
  return QStringLiteral("train/hidden/") + toQString(term);
}

QString panelKey(const QString& panel) {
  return QStringLiteral("train/panel/") + panel;
}

}  // namespace

ChartSettings readChartSettings() {
  ChartSettings settings;
  settings.view = readChoice("train/view", viewWords, settings.view);
  settings.axis = readChoice("train/axis", axisWords, settings.axis);
  settings.smoothing.kind = readChoice("train/smoothing_kind", smoothingWords, settings.smoothing.kind);
  const int percent =
      QSettings().value(QStringLiteral("train/smoothing"), int(std::lround(100 * settings.smoothing.factor))).toInt();
  settings.smoothing.factor = std::clamp(percent, 0, 99) / 100.0;
  settings.bandOfExtremes = readSwitch("train/band", settings.bandOfExtremes);
  settings.logValues = readSwitch("train/log", settings.logValues);
  settings.logSteps = readSwitch("train/log_steps", settings.logSteps);
  settings.stages = readSwitch("train/stages", settings.stages);
  return settings;
}

void writeChartSettings(const ChartSettings& settings) {
  QSettings file;
  const auto write = [&file](const char* key, const QVariant& value) {
    file.setValue(QLatin1String(key), value);
  };
  write("train/view", QLatin1String(viewWords[std::size_t(settings.view)]));
  write("train/axis", QLatin1String(axisWords[std::size_t(settings.axis)]));
  write("train/smoothing_kind", QLatin1String(smoothingWords[std::size_t(settings.smoothing.kind)]));
  write("train/smoothing", int(std::lround(100 * settings.smoothing.factor)));
  write("train/band", settings.bandOfExtremes);
  write("train/log", settings.logValues);
  write("train/log_steps", settings.logSteps);
  write("train/stages", settings.stages);
}

bool isTermHidden(const std::string& term) {
  return QSettings().value(termKey(term)).toBool();
}

void setTermHidden(const std::string& term, bool hidden) {
  QSettings().setValue(termKey(term), hidden);
}

bool isPanelShown(const QString& panel, bool otherwise) {
  return QSettings().value(panelKey(panel), otherwise).toBool();
}

void setPanelShown(const QString& panel, bool shown) {
  QSettings().setValue(panelKey(panel), shown);
}

}  // namespace llavakd
