// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/io/stored_tensor.h"
#include "core/model_spec/matching.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/parameter_shapes.h"

namespace llavakd {

namespace {

/// What opening the part of that name from this folder would complain of: a whole model's other parts don't matter.
void add_part_faults(ModelFacts& facts, const ModelFacts& given, std::string_view part) {
  const std::string_view other = part == "language_model" ? "vision_tower:" : "language_model:";
  const size_t count = given.faults.size() - (part == "language_model" ? 0 : given.text_faults);
  for (size_t i = 0; i < count; ++i) {
    const std::string& fault = given.faults[i];
    if (given.is_whole_model() && (fault.starts_with(other) || fault.starts_with("connector:"))) continue;
    facts.faults.push_back(fault);
  }
  if (given.layout.empty() || given.layout == part || given.is_whole_model()) return;
  facts.faults.push_back(fmt::format("{} should hold a {}, but is a {}.", given.path.string(), part, given.layout));
}

int64_t count_of(const ModelFacts& facts, const char* part) {
  const auto found = facts.parameters.find(part);
  return found == facts.parameters.end() ? 0 : found->second;
}

/// The fresh connector's parameters, and what speaks against it.
void add_connector(ModelFacts& facts, const std::string& type, int64_t num_queries) {
  facts.connector = type;
  ConnectorSizes sizes;
  if (num_queries > 0) sizes.num_queries = num_queries;
  facts.visual_tokens =
      has_queries(type) ? sizes.num_queries : std::max<int64_t>(0, feature_tokens(facts.tower, facts.select_strategy));
  if ((type == "mof_mlp") == facts.tower.second_type.empty())
    facts.faults.emplace_back(type == "mof_mlp" ? "The connector mof_mlp needs a mixture of two vision towers."
                                                : "A mixture of two vision towers needs the connector mof_mlp.");
  if (type == "identity" && facts.tower.width != facts.hidden_size)
    facts.faults.push_back(
        fmt::format("The connector identity needs equal widths, but tower and language model have {} "
                    "and {}; use mlp2x_gelu or linear.",
                    facts.tower.width, facts.hidden_size));
  // Facts hold what a file says, be it right or not; only widths that opening accepts have products that fit.
  const auto opens = [](int64_t width) {
    return width >= 1 && width <= (1 << 17);
  };
  if (!opens(facts.tower.width) || !opens(facts.hidden_size)) return;
  try {
    for (const auto& [name, shape] :
         connector_parameter_shapes(type, facts.tower.width, facts.hidden_size, std::string(kConnectorPrefix), sizes)) {
      facts.parameters["connector"] += checked_elements(shape);
    }
  } catch (const UserError& error) {
    facts.faults.emplace_back(error.what());
  }
}

}  // namespace

ModelFacts combine_parts(const ModelFacts& language_model, const ModelFacts& vision_tower, const std::string& connector,
                         int64_t num_queries) {
  ModelFacts facts = language_model;
  facts.faults.clear();
  add_part_faults(facts, language_model, "language_model");
  add_part_faults(facts, vision_tower, "vision_tower");
  if (vision_tower.path != language_model.path)
    facts.warnings.insert(facts.warnings.end(), vision_tower.warnings.begin(), vision_tower.warnings.end());
  if (vision_tower.path != language_model.path)
    facts.missing.insert(facts.missing.end(), vision_tower.missing.begin(), vision_tower.missing.end());
  facts.tower = vision_tower.tower;
  facts.aspect_ratio.clear();
  facts.select_strategy = vision_tower.select_strategy;
  facts.image_processor_from = vision_tower.image_processor_from;
  facts.bytes += vision_tower.path == language_model.path ? 0 : vision_tower.bytes;
  facts.parameters = {{"language_model", count_of(language_model, "language_model")},
                      {"vision_tower", count_of(vision_tower, "vision_tower")}};
  add_connector(facts, connector, num_queries);
  facts.total_parameters = 0;
  for (const auto& [part, count] : facts.parameters) facts.total_parameters += count;
  facts.layout = "parts";
  return facts;
}

}  // namespace llavakd
