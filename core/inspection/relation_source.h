// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace llavakd {

/// What relations between visual tokens are made of.
enum class RelationKind { logits, hidden, connector, tower, attention };

/// A source of relations. Layers count as the decoder's states do: hidden 0 enters the decoder, hidden n comes out of
/// layer n (the last one out of the final norm), attention n is that of layer n, from 1.
struct RelationSource {
  RelationKind kind = RelationKind::logits;
  int64_t layer = 0;                 ///< The student's; of hidden and attention.
  std::optional<int64_t> head = {};  ///< The student's, from 0; of attention, whose heads are averaged without it.
  bool operator==(const RelationSource&) const = default;
};

/// "logits", "hidden:N", "connector", "tower", "attention:N" or "attention:N:H". `layer` and `head` are what was given
/// besides ("hidden" and 3). Throws UserError for anything else, for a layer that is missing or given twice, and for a
/// layer or head where the source has none.
RelationSource read_relation_source(const std::string& text, std::optional<int64_t> layer = {},
                                    std::optional<int64_t> head = {});

/// The same text again.
std::string source_text(const RelationSource& source);

/// What it is in words, for a model of so many layers: "the states after layer 3 of 24".
std::string source_in_words(const RelationSource& source, int64_t layers);

/// Throws UserError where a model of so many layers, and heads in the source's layer, has no such layer or head.
void refuse_absent(const RelationSource& source, int64_t layers, int64_t heads);

/// The layer of a model of `other_layers` that lies as deep as `layer` does among `layers`: the same share of the
/// depth, layer / layers · other_layers, rounded to the nearest (a half up); a layer above 0 never becomes 0.
int64_t matched_layer(int64_t layer, int64_t layers, int64_t other_layers);

/// The source in such a model: with the matched layer, and without a head, which another model doesn't have.
RelationSource matched_source(const RelationSource& source, int64_t layers, int64_t other_layers);

/// That rule in words.
inline constexpr const char* layer_rule =
    "The teacher's layer is the one at the same share of the depth: layer / layers of the student times the layers of "
    "the teacher, rounded to the nearest.";

/// What compare_relations() does about heads, in words.
inline constexpr const char* head_rule =
    "Heads have no order that two models share: the teacher's head is the one of that layer whose map is nearest to "
    "the "
    "student's.";

}  // namespace llavakd
