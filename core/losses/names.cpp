// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <utility>

#include "core/losses/distillation_loss.h"

namespace llavakd {

namespace {

using namespace std::string_view_literals;

constexpr std::pair<TermKind, std::string_view> term_names[] = {{TermKind::ce, "ce"sv},
                                                                {TermKind::mdist_response, "mdist_response"sv},
                                                                {TermKind::mdist_visual, "mdist_visual"sv},
                                                                {TermKind::rdist, "rdist"sv}};

constexpr std::pair<Divergence, std::string_view> divergence_names[] = {
    {Divergence::forward_kl, "forward_kl"sv},
    {Divergence::reverse_kl, "reverse_kl"sv},
    {Divergence::symmetric_kl, "symmetric_kl"sv},
    {Divergence::js_distance, "js_distance"sv},
    {Divergence::tv_distance, "tv_distance"sv},
    {Divergence::skewed_forward_kl, "skewed_forward_kl"sv},
    {Divergence::skewed_reverse_kl, "skewed_reverse_kl"sv},
    {Divergence::jsd, "jsd"sv}};

constexpr std::pair<RelationWay, std::string_view> way_names[] = {{RelationWay::none, "none"sv},
                                                                  {RelationWay::hidden, "hidden"sv},
                                                                  {RelationWay::logits, "logits"sv},
                                                                  {RelationWay::gram, "gram"sv}};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [known, text] : table)
    if (known == value) return text;
  return {};
}

template <typename Value, size_t n>
std::optional<Value> value_in(const std::pair<Value, std::string_view> (&table)[n], std::string_view text) {
  for (const auto& [value, known] : table)
    if (known == text) return value;
  return std::nullopt;
}

}  // namespace

std::string_view name(TermKind kind) {
  return name_in(term_names, kind);
}
std::optional<TermKind> term_named(std::string_view text) {
  return value_in(term_names, text);
}
std::string_view name(RelationWay way) {
  return name_in(way_names, way);
}
std::string_view name(Divergence divergence) {
  return name_in(divergence_names, divergence);
}
std::optional<Divergence> divergence_named(std::string_view text) {
  return value_in(divergence_names, text);
}

}  // namespace llavakd
