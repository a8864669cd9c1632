// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/run_differences.h"

#include <QCoreApplication>
#include <map>

#include "core/project/visitors.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_changes.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;
using Values = std::vector<std::pair<QString, QString>>;

QString differenceText(const char* text) {
  return QCoreApplication::translate("RunDifferences", text);
}

// The limits of a gate, each as its values: "score test.json beginning 2 ask".
QString gateValue(const Json& gate) {
  QStringList limits;
  for (const Json& limit : gate) {
    QStringList values;
    if (limit.is_object())
      for (const auto& [field, value] : limit.items()) values << optionValueText(value);
    limits << values.join(QLatin1Char(' '));
  }
  return limits.join(QStringLiteral(", "));
}

// Key and value of all options, those of a term under its name: "NAME weight".
Values valuesOf(const Json& options) {
  Values values;
  if (!options.is_object()) return values;
  for (const auto& [key, value] : options.items()) {
    if (key == "gate" && value.is_array()) {
      values.emplace_back(toQString(key), gateValue(value));
      continue;
    }
    if (key != "terms" || !value.is_array()) {
      values.emplace_back(toQString(key), optionValueText(value));
      continue;
    }
    for (const Json& term : value) {
      if (!term.is_object() || !term.contains("term")) continue;
      const QString name = optionValueText(term["term"]);
      for (const auto& [field, each] : term.items())
        if (field != "term") values.emplace_back(name + QLatin1Char(' ') + toQString(field), optionValueText(each));
    }
  }
  return values;
}

const QString* valueAt(const Values& values, const QString& key) {
  for (const auto& [name, value] : values)
    if (name == key) return &value;
  return nullptr;
}

void compareStage(const QString& name, const Values& run, const Values& page, QStringList& differences) {
  const QString none = QStringLiteral("–");
  for (const auto& [key, value] : run)
    if (const QString* here = valueAt(page, key); !here || *here != value)
      differences << differenceText("%1 %2 %3 (here %4)").arg(name, key, value, here ? *here : none);
  for (const auto& [key, value] : page)
    if (!valueAt(run, key)) differences << differenceText("%1 %2 %3 (here %4)").arg(name, key, none, value);
}

}  // namespace

QStringList runDifferences(const Json& runStages, const std::vector<StageOptions>& page) {
  QStringList differences;
  if (!runStages.is_array()) return differences;
  std::map<std::string, Values> run;
  for (const Json& stage : runStages)
    if (stage.is_object() && stage.contains("name") && stage["name"].is_string())
      run[stage["name"].get<std::string>()] = valuesOf(stage);
  for (const StageOptions& stage : page) {
    const auto found = run.find(stage.name);
    if (found == run.end()) {
      differences << differenceText("%1 is not in the run").arg(toQString(stage.name));
      continue;
    }
    compareStage(toQString(stage.name), found->second, valuesOf(to_json(stage)), differences);
    run.erase(found);
  }
  for (const auto& [name, values] : run) differences << differenceText("%1 is only in the run").arg(toQString(name));
  return differences;
}

QStringList optionLines(const Json& options) {
  QStringList lines;
  for (const auto& [key, value] : valuesOf(options)) lines << QStringLiteral("%1: %2").arg(key, value);
  return lines;
}

}  // namespace llavakd
