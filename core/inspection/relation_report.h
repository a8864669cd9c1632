// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/inspection/relation_comparison.h"
#include "core/inspection/trained_source.h"

namespace llavakd {

/// The numbers of a comparison: source and layers, whether it is what is trained and why, terms, distance, the pairs
/// that disagree most, each token's disagreement and place, how tokens were brought together. Rows, columns and tokens
/// count from 0; what a model or a pair doesn't have is null.
nlohmann::ordered_json relation_json(const RelationLook& look, const RelationComparison& comparison,
                                     const TrainedNote& note, const PairOptions& options);

/// The same for people: the source, whether it is trained, the distance and the worst pairs. Rows and columns from 1.
std::string relation_text(const RelationComparison& comparison, const TrainedNote& note);

/// Writes the arrays as a safetensors file, which reads like a probe's (write_probe): relation.teacher,
/// relation.student [n, n]; difference [n, n], disagreement [n], colours.{teacher,student} [n, 3], order.cluster [n],
/// patches [n]. Metadata: image, question, terms, grid, first_patch, tokens_per_patch, and `relations`, which is
/// `json`.
void write_relations(const RelationLook& look, const RelationComparison& comparison, const nlohmann::ordered_json& json,
                     const std::filesystem::path& file);

}  // namespace llavakd
