// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/run/estimated_stage.h"

#include <QCoreApplication>
#include <nlohmann/json.hpp>
#include <span>

#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

QString trEstimate(const char* text) {
  return QCoreApplication::translate("llavakd::EstimatedStage", text);
}

std::optional<double> numberAt(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

struct PartName {
  const char *key, *words;
};

// In the order in which they are shown.
constexpr PartName timeParts[] = {{"vision", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Vision tower")},
                                  {"teacher", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Teacher")},
                                  {"student", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Student, losses and data")},
                                  {"optimizer", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Optimizer")}};
constexpr PartName memoryParts[] = {{"student", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Student's weights")},
                                    {"teacher", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Teacher's weights")},
                                    {"gradients", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Gradients")},
                                    {"optimizer", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Optimizer's state")},
                                    {"activations", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Activations")},
                                    {"logits", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Logits")},
                                    {"features", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Features of pictures")},
                                    {"loader", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Pictures that wait")},
                                    {"program", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Program and texts")}};
constexpr PartName diskParts[] = {{"checkpoints", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Checkpoints")},
                                  {"caches", QT_TRANSLATE_NOOP("llavakd::EstimatedStage", "Caches")}};

EstimatedStage::Parts partsAt(const nlohmann::json& estimate, const char* key, std::span<const PartName> names) {
  EstimatedStage::Parts parts;
  const auto object = estimate.find(key);
  if (object == estimate.end() || !object->is_object()) return parts;
  for (const PartName& name : names)
    if (const auto value = numberAt(*object, name.key); value && *value > 0)
      parts.emplace_back(trEstimate(name.words), *value);
  return parts;
}

}  // namespace

QString EstimatedStage::sentence() const {
  const QString sizes =
      trEstimate("%1 memory, %2 disk").arg(theme::bytesText(memoryBytes), theme::bytesText(diskBytes));
  return seconds ? trEstimate("about %1, %2").arg(theme::durationText(*seconds), sizes) : sizes;
}

std::vector<EstimatedStage> readEstimates(const nlohmann::json& list) {
  std::vector<EstimatedStage> estimates;
  if (!list.is_array()) return estimates;
  for (const nlohmann::json& object : list) {
    if (!object.is_object() || !object.contains("stage") || !object["stage"].is_string()) continue;
    EstimatedStage& estimate = estimates.emplace_back();
    estimate.stage = toQString(object["stage"].get<std::string>());
    estimate.steps = qint64(numberAt(object, "steps").value_or(0));
    estimate.seconds = numberAt(object, "seconds");
    estimate.stepSeconds = numberAt(object, "step_seconds");
    estimate.memoryBytes = numberAt(object, "memory_bytes").value_or(0);
    estimate.predictedBytes = numberAt(object, "predicted_memory_bytes").value_or(0);
    estimate.diskBytes = numberAt(object, "disk_bytes").value_or(0);
    if (const auto measured = object.find("measured"); measured != object.end() && measured->is_object())
      estimate.measuredBytes = numberAt(*measured, "peak_memory_bytes");
    if (const auto run = object.find("run"); run != object.end() && run->is_object())
      estimate.run =
          EstimatedStage::InRun{qint64(numberAt(*run, "steps").value_or(0)), numberAt(*run, "seconds").value_or(0),
                                numberAt(*run, "memory_bytes").value_or(0), numberAt(*run, "predicted_seconds"),
                                numberAt(*run, "predicted_memory_bytes")};
    estimate.time = partsAt(object, "time", timeParts);
    estimate.memory = partsAt(object, "memory", memoryParts);
    estimate.disk = partsAt(object, "disk", diskParts);
  }
  return estimates;
}

}  // namespace llavakd
