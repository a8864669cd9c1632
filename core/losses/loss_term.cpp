// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/loss_term.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace llavakd {
namespace {

std::vector<LossTerm> in_catalog_order(std::vector<LossTerm> terms) {
  for (LossTerm& term : terms) {
    term.info = term_info(term.name);
    if (!term.info) throw std::logic_error("the catalog of terms lacks " + std::string(term.name));
  }
  // The entries are one array.
  std::ranges::sort(terms, {}, &LossTerm::info);
  return terms;
}

}  // namespace

const std::vector<LossTerm>& loss_terms() {
  static const std::vector<LossTerm> terms = in_catalog_order(terms_of_files());
  return terms;
}

const LossTerm* term_named(std::string_view name) {
  const auto found = std::ranges::find(loss_terms(), name, &LossTerm::name);
  return found == loss_terms().end() ? nullptr : &*found;
}

bool read_head_gram(const std::vector<Term>& terms) {
  return std::ranges::any_of(
      terms, [](const Term& term) { return term.kind->reads_head_gram && term.kind->reads_head_gram(term); });
}

}  // namespace llavakd
