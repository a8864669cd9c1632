// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/term_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace llavakd {
namespace {

constexpr std::string_view distribution_parameters[] = {"temperature", "temperature_squared", "divergence"};
constexpr std::string_view relation_parameters[] = {"on"};

constexpr TermInfo term_rows[] = {
    {.name = "ce",
     .label = "Cross entropy",
     .help = "Next-token cross entropy on the labels (L_reg).",
     .formula = "L<sub>reg</sub> = −Σ log p<sub>S</sub>(y)",
     .source = "LLaVA-KD, arXiv 2410.16236, equation 2",
     .reads = TermPositions::response,
     .needs_teacher = false,
     .paper_weight = 1,
     .colour_on_light = 0xff6b6b6b,
     .colour_on_dark = 0xffb4b4b4,
     .line = LineStyle::dot},
    {.name = "mdist_response",
     .label = "MDist response",
     .help = "KL(teacher‖student) on the response positions (L_res).",
     .formula = "L<sub>res</sub> = Σ KL(p<sub>T</sub> ‖ p<sub>S</sub>) on the response",
     .source = "LLaVA-KD, arXiv 2410.16236, equation 3",
     .reads = TermPositions::response,
     .parameters = distribution_parameters,
     .paper_weight = 1,
     .colour_on_light = 0xff0072b2,
     .colour_on_dark = 0xff56b4e9},
    {.name = "mdist_visual",
     .label = "MDist visual",
     .help = "KL(teacher‖student) on the visual positions (L_vis).",
     .formula = "L<sub>vis</sub> = Σ KL(p<sub>T</sub> ‖ p<sub>S</sub>) on the visual tokens",
     .source = "LLaVA-KD, arXiv 2410.16236, equation 4",
     .parameters = distribution_parameters,
     .paper_weight = 1,
     .colour_on_light = 0xffd55e00,
     .colour_on_dark = 0xffff9a4d,
     .line = LineStyle::dash},
    {.name = "rdist",
     .label = "RDist",
     .help = "1 − cosine of the two models' relation matrices of the visual tokens (L_rel).",
     .formula = "L<sub>rel</sub> = 1 − cos(R<sub>T</sub>, R<sub>S</sub>), R = Y·Yᵀ",
     .source = "LLaVA-KD, arXiv 2410.16236, equations 5 and 6",
     .parameters = relation_parameters,
     .paper_weight = 0.5,
     .colour_on_light = 0xff009e73,
     .colour_on_dark = 0xff3dd6a8,
     .line = LineStyle::dash_dot,
     .range = {0, 2},
     .has_probe_curve = true},
};

constexpr std::string_view mixture_parameters[] = {"beta"};

constexpr DivergenceInfo divergence_rows[] = {
    {.name = "forward_kl",
     .label = "Forward KL",
     .help = "KL(teacher‖student): the paper's choice; covers all of the teacher's answers."},
    {.name = "reverse_kl",
     .label = "Reverse KL",
     .help = "KL(student‖teacher): prefers the teacher's likeliest answers."},
    {.name = "symmetric_kl", .label = "Symmetric KL", .help = "0.1 forward + 0.9 reverse KL."},
    {.name = "js_distance", .label = "Jensen–Shannon", .help = "Skewed Jensen–Shannon divergence with 0.9."},
    {.name = "tv_distance",
     .label = "Total variation",
     .help = "Half the sum of absolute differences of the probabilities."},
    {.name = "skewed_forward_kl",
     .label = "Skewed forward KL",
     .help = "Forward KL to a mixture of student and 0.1 teacher."},
    {.name = "skewed_reverse_kl",
     .label = "Skewed reverse KL",
     .help = "Reverse KL to a mixture of teacher and 0.1 student."},
    {.name = "jsd",
     .label = "Generalised JSD",
     .help = "Between forward KL (beta 0) and reverse KL (beta 1), as in TRL's GKD trainer.",
     .parameters = mixture_parameters},
};

template <class Row>
const Row* row_named(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : &*found;
}

template <class Row>
bool has_parameter(const Row* row, std::string_view field) {
  return row && std::ranges::find(row->parameters, field) != row->parameters.end();
}

template <class Row>
std::vector<CatalogEntry> entries_of(std::span<const Row> rows) {
  std::vector<CatalogEntry> entries;
  for (const Row& row : rows) entries.push_back({row.name, row.label, row.help});
  return entries;
}

}  // namespace

std::span<const TermInfo> term_catalog() {
  return term_rows;
}

const TermInfo* term_info(std::string_view name) {
  return row_named(term_catalog(), name);
}

std::span<const DivergenceInfo> divergence_catalog() {
  return divergence_rows;
}

const DivergenceInfo* divergence_info(std::string_view name) {
  return row_named(divergence_catalog(), name);
}

bool term_has(std::string_view term, std::string_view field) {
  return has_parameter(term_info(term), field);
}

bool divergence_has(std::string_view divergence, std::string_view field) {
  return has_parameter(divergence_info(divergence), field);
}

const TermInfo& probe_curve_term() {
  static const TermInfo& chosen = *std::ranges::find(term_rows, true, &TermInfo::has_probe_curve);
  return chosen;
}

double preset_weight(const TermInfo& term, std::string_view preset) {
  if (preset == "paper") return term.paper_weight;
  return term.paper_weight > 0 ? 1 : 0;
}

std::string paper_weights(std::string_view TermInfo::*called) {
  std::string text;
  for (const TermInfo& term : term_rows)
    if (term.paper_weight > 0 && term.paper_weight != 1)
      text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ", term.*called, term.paper_weight);
  return text;
}

std::string_view terms_help() {
  return "Which loss: ce on the labels, mdist_response and mdist_visual = KL(teacher‖student) on response and visual "
         "positions, rdist = 1 − cosine of the visual tokens' relation matrices.";
}

std::string_view term_weight_help() {
  return "Factor of this term in the total. The paper uses 1, 1, 1 and 0.5 for rdist, the released code 1 for all.";
}

namespace catalog {
Catalog terms() {
  static const std::vector<CatalogEntry> entries = entries_of(term_catalog());
  return entries;
}
Catalog divergences() {
  static const std::vector<CatalogEntry> entries = entries_of(divergence_catalog());
  return entries;
}
}  // namespace catalog

}  // namespace llavakd
