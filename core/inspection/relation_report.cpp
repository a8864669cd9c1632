// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/relation_report.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/checkpoint/tensor_io.h"
#include "core/evaluation/sample_losses.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

Json side_json(const RelationSide& side) {
  const bool has_layer = side.source.kind == RelationKind::hidden || side.source.kind == RelationKind::attention;
  return {{"what", source_in_words(side.source, side.layers)},
          {"layer", has_layer ? Json(side.source.layer) : Json()},
          {"layers", side.layers},
          {"head", side.source.head ? Json(*side.source.head) : Json()},
          {"tokens", side.tokens}};
}

Json place_json(const TokenPlane& plane, int64_t token) {
  const auto placed = [](int64_t place) {
    return place < 0 ? Json() : Json(place);
  };
  return {{"token", token}, {"row", placed(plane.row_of(token))}, {"column", placed(plane.column_of(token))}};
}

Json pairs_json(const RelationComparison& comparison) {
  Json pairs = Json::array();
  for (const DisagreeingPair& pair : comparison.worst)
    pairs.push_back({{"first", place_json(comparison.plane, pair.first)},
                     {"second", place_json(comparison.plane, pair.second)},
                     {"teacher", pair.teacher},
                     {"student", pair.student},
                     {"difference", pair.difference()}});
  return pairs;
}

Json numbers_json(const at::Tensor& numbers) {
  Json list = Json::array();
  if (!numbers.defined()) return list;
  const at::Tensor values = numbers.to(at::kDouble).contiguous();
  for (int64_t i = 0; i < values.numel(); ++i) list.push_back(values.const_data_ptr<double>()[i]);
  return list;
}

std::string tokens_in_words(const RelationComparison& comparison) {
  if (!comparison.teacher) return "The student's tokens alone.";
  if (!comparison.averaged) return "Token by token.";
  return fmt::format(
      "The teacher has {} tokens and the student {}: the relations of both are means over the patches of one grid of "
      "{} × {}, weighted by the area that patches share.",
      comparison.teacher->tokens, comparison.student.tokens, comparison.plane.rows, comparison.plane.columns);
}

/// How a probe's file tells places: the first token's patch, and how many tokens a patch has. Where places don't follow
/// that rule, no grid is told, and `patches` has them.
struct PlaceRule {
  int64_t rows = 0, columns = 0, first = 0, each = 1;
};

PlaceRule place_rule(const TokenPlane& plane) {
  if (!plane.has_places() || plane.patches.empty()) return {};
  const auto same = std::ranges::count(plane.patches, plane.patches.front());
  const PlaceRule rule{plane.rows, plane.columns, plane.patches.front(), same};
  for (int64_t token = 0; token < plane.tokens(); ++token)
    if (plane.patches[static_cast<size_t>(token)] != rule.first + token / rule.each) return {};
  return rule;
}

std::string place_in_words(const TokenPlane& plane, int64_t token) {
  if (plane.row_of(token) < 0) return fmt::format("token {}", token + 1);
  return fmt::format("row {}, column {}", plane.row_of(token) + 1, plane.column_of(token) + 1);
}

}  // namespace

Json relation_json(const RelationLook& look, const RelationComparison& comparison, const TrainedNote& note,
                   const PairOptions& options) {
  const bool has_heads = comparison.student.source.head.has_value();
  Json json;
  json["source"] = source_text(comparison.student.source);
  json["student"] = side_json(comparison.student);
  json["teacher"] = comparison.teacher ? side_json(*comparison.teacher) : Json();
  json["matching"] = std::string(layer_rule) + (has_heads ? std::string(" ") + head_rule : "");
  json["trained"] = note.trained ? Json(*note.trained) : Json();
  json["why"] = note.why;
  json["image"] = look.image;
  json["question"] = look.question;
  json["terms"] = terms_json(look.terms);
  json["distance"] = comparison.distance ? Json(*comparison.distance) : Json();
  json["tokens"] = comparison.plane.tokens();
  json["averaged"] = comparison.averaged;
  json["tokens_compared"] = tokens_in_words(comparison);
  json["grid"] = {{"rows", comparison.plane.rows}, {"columns", comparison.plane.columns}};
  json["unit"] = "Values of pairs are divided by the root mean square of their matrix.";
  json["radius"] = options.radius;
  json["worst_pairs"] = pairs_json(comparison);
  json["disagreement"] = numbers_json(comparison.disagreement);
  json["patches"] = comparison.plane.patches;
  json["cluster_order"] = comparison.cluster_order;
  json["colour_shares"] = comparison.colours.shares;
  return json;
}

std::string relation_text(const RelationComparison& comparison, const TrainedNote& note) {
  std::string text =
      fmt::format("student         {}\n", source_in_words(comparison.student.source, comparison.student.layers));
  if (comparison.teacher)
    text +=
        fmt::format("teacher         {}\n", source_in_words(comparison.teacher->source, comparison.teacher->layers));
  text += fmt::format("trained         {}. {}\n", !note.trained ? "unknown" : *note.trained ? "yes" : "no", note.why);
  text += fmt::format("tokens          {}. {}\n", comparison.plane.tokens(), tokens_in_words(comparison));
  if (comparison.distance) text += fmt::format("1 - cosine      {:.6g}\n", *comparison.distance);
  for (const DisagreeingPair& pair : comparison.worst)
    text += fmt::format("{} with {}: teacher {:.4f}, student {:.4f}, difference {:+.4f}\n",
                        place_in_words(comparison.plane, pair.first), place_in_words(comparison.plane, pair.second),
                        pair.teacher, pair.student, pair.difference());
  return text;
}

void write_relations(const RelationLook& look, const RelationComparison& comparison, const Json& json,
                     const std::filesystem::path& file) {
  TensorMap tensors;
  const auto add = [&](const char* name, const at::Tensor& tensor) {
    if (tensor.defined()) tensors[name] = tensor.contiguous();
  };
  add("relation.student", comparison.student.relation);
  if (comparison.teacher) add("relation.teacher", comparison.teacher->relation);
  add("difference", comparison.difference);
  add("disagreement", comparison.disagreement);
  add("colours.teacher", comparison.colours.teacher);
  add("colours.student", comparison.colours.student);
  add("order.cluster", at::tensor(comparison.cluster_order, at::kLong));
  add("patches", at::tensor(comparison.plane.patches, at::kLong));
  const PlaceRule rule = place_rule(comparison.plane);
  const auto dumped = [](const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  write_tensors(file, tensors,
                {{"format", "pt"},
                 {"relations", dumped(json)},
                 {"terms", dumped(terms_json(look.terms))},
                 {"image", look.image},
                 {"question", look.question},
                 {"grid", fmt::format("{}x{}", rule.rows, rule.columns)},
                 {"first_patch", fmt::format("{}", rule.first)},
                 {"tokens_per_patch", fmt::format("{}", rule.each)}});
}

}  // namespace llavakd
