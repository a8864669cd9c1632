// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspection/relation_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/errors.h"

namespace llavakd {
namespace {

constexpr std::pair<RelationKind, std::string_view> kinds[] = {{RelationKind::logits, "logits"},
                                                               {RelationKind::hidden, "hidden"},
                                                               {RelationKind::connector, "connector"},
                                                               {RelationKind::tower, "tower"},
                                                               {RelationKind::attention, "attention"}};

constexpr const char* known_sources =
    "logits, hidden:LAYER, connector, tower, attention:LAYER and attention:LAYER:HEAD";

std::string_view name_of(RelationKind kind) {
  return std::ranges::find(kinds, kind, &std::pair<RelationKind, std::string_view>::first)->second;
}

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> fields;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find(':');
    fields.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return fields;
}

/// The number of a field, or what was given besides; never both.
std::optional<int64_t> number_of(const std::string& text, const std::vector<std::string_view>& fields, size_t at,
                                 std::optional<int64_t> besides, const char* what) {
  std::optional<int64_t> number = besides;
  if (at < fields.size()) {
    if (besides)
      throw UserError(fmt::format("The source “{}” says its {} already; leave out the other {}.", text, what, what));
    int64_t value = -1;
    const std::string_view field = fields[at];
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || field.starts_with('-'))
      throw UserError(fmt::format("The source “{}”: “{}” is no {}, which is a whole number.", text, field, what));
    number = value;
  }
  if (number && *number < 0) throw UserError(fmt::format("The {} {} of a source is negative.", what, *number));
  return number;
}

}  // namespace

RelationSource read_relation_source(const std::string& text, std::optional<int64_t> layer,
                                    std::optional<int64_t> head) {
  const std::vector<std::string_view> fields = fields_of(text);
  const auto kind = std::ranges::find(kinds, fields.front(), &std::pair<RelationKind, std::string_view>::second);
  const size_t most = kind == std::end(kinds)                  ? 0
                      : kind->first == RelationKind::attention ? 3
                      : kind->first == RelationKind::hidden    ? 2
                                                               : 1;
  if (most == 0 || fields.size() > most)
    throw UserError(fmt::format("“{}” is no source of relations; known are {}.", text, known_sources));
  const auto of_layer = number_of(text, fields, 1, layer, "layer");
  const auto of_head = number_of(text, fields, 2, head, "head");
  if (most > 1 && !of_layer)
    throw UserError(fmt::format("The source “{}” needs a layer: {}:LAYER.", text, fields.front()));
  if (most == 1 && of_layer) throw UserError(fmt::format("The source “{}” has no layers.", text));
  if (most < 3 && of_head) throw UserError(fmt::format("The source “{}” has no heads; attention:LAYER has.", text));
  return {kind->first, of_layer.value_or(0), of_head};
}

std::string source_text(const RelationSource& source) {
  std::string text(name_of(source.kind));
  if (source.kind == RelationKind::hidden || source.kind == RelationKind::attention)
    text += fmt::format(":{}", source.layer);
  if (source.head) text += fmt::format(":{}", *source.head);
  return text;
}

std::string source_in_words(const RelationSource& source, int64_t layers) {
  switch (source.kind) {
    case RelationKind::logits:
      return "the logits of the visual tokens";
    case RelationKind::hidden:
      if (source.layer == 0) return "the states that enter the decoder";
      return fmt::format("the states after layer {} of {}{}", source.layer, layers,
                         source.layer == layers ? " and the final norm" : "");
    case RelationKind::connector:
      return "the connector's visual tokens";
    case RelationKind::tower:
      return "the tower's features, which the connector reads";
    case RelationKind::attention:
      return source.head ? fmt::format("attention of head {} in layer {} of {}", *source.head, source.layer, layers)
                         : fmt::format("attention in layer {} of {}, the mean over its heads", source.layer, layers);
  }
  return {};
}

void refuse_absent(const RelationSource& source, int64_t layers, int64_t heads) {
  if (source.kind != RelationKind::hidden && source.kind != RelationKind::attention) return;
  const int64_t first = source.kind == RelationKind::attention ? 1 : 0;
  if (source.layer < first || source.layer > layers)
    throw UserError(fmt::format("The student has no layer {} for {}; choose one from {} to {}.", source.layer,
                                source.kind == RelationKind::attention ? "attention" : "hidden states", first, layers));
  if (source.head && *source.head >= heads)
    throw UserError(fmt::format("Layer {} of the student has no head {}; choose one from 0 to {}.", source.layer,
                                *source.head, heads - 1));
}

int64_t matched_layer(int64_t layer, int64_t layers, int64_t other_layers) {
  const int64_t nearest = (2 * layer * other_layers + layers) / (2 * layers);
  return layer > 0 ? std::max<int64_t>(1, nearest) : 0;
}

RelationSource matched_source(const RelationSource& source, int64_t layers, int64_t other_layers) {
  return {source.kind, matched_layer(source.layer, layers, other_layers), std::nullopt};
}

}  // namespace llavakd
