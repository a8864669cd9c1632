// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/project/catalog.h"

namespace llavakd {

/// The positions of a sequence that a term reads.
enum class TermPositions {
  response,  ///< Those that predict a labelled token.
  visual     ///< Those of the image tokens.
};

/// How a term's line is drawn. Its colour is never alone.
enum class LineStyle { solid, dash, dot, dash_dot };

/// All that is known of a loss term but how it is computed, which is core/losses/terms/NAME.cpp. Engine, check,
/// commands and window read this table; none of them names a term.
struct TermInfo {
  std::string_view name, label, help;                ///< As those of a CatalogEntry.
  std::string_view formula;                          ///< HTML, for tooltips.
  std::string_view source;                           ///< Where the formula is from: a paper and its equation.
  TermPositions reads = TermPositions::visual;       ///< Samples without such positions don't have the term.
  bool needs_teacher = true;                         ///< Compares the student with the teacher.
  std::span<const std::string_view> parameters;      ///< Fields of TermOptions that it has besides term and weight.
  double paper_weight = 0;                           ///< Its weight in the paper; 0: it is none of the paper's terms.
  uint32_t colour_on_light = 0, colour_on_dark = 0;  ///< 0xAARRGGBB
  LineStyle line = LineStyle::solid;
  ValueRange range = {.lowest = 0};  ///< What the term can be.
  bool has_probe_curve = false;      ///< Drawn under the images of the probes: their relation maps show this term.
};

/// What a divergence has besides the name that mdist terms choose it by; its equations are core/losses/divergences.cpp.
struct DivergenceInfo {
  std::string_view name, label, help;            ///< As those of a CatalogEntry.
  std::span<const std::string_view> parameters;  ///< Fields of TermOptions that only this divergence has.
};

/// All terms, in the order in which people see them and results list them. A new stage has the first.
std::span<const TermInfo> term_catalog();
/// The term of this name, or null.
const TermInfo* term_info(std::string_view name);
std::span<const DivergenceInfo> divergence_catalog();
/// The divergence of this name, or null.
const DivergenceInfo* divergence_info(std::string_view name);

/// Whether TermOptions of this term (or this divergence) have the field. Not of an unknown one.
bool term_has(std::string_view term, std::string_view field);
bool divergence_has(std::string_view divergence, std::string_view field);

/// The term whose course the probes show.
const TermInfo& probe_curve_term();

/// The term's weight after a preset: "paper", or "code", where all of the paper's terms have 1. Others are off in both.
double preset_weight(const TermInfo& term, std::string_view preset);

/// The paper's weights that aren't 1: "NAME 0.5", or by the labels.
std::string paper_weights(std::string_view TermInfo::*called = &TermInfo::name);

/// Help of the options `term` and `weight`: one sentence for all terms.
std::string_view terms_help();
std::string_view term_weight_help();

}  // namespace llavakd
