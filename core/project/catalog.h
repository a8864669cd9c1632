// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace llavakd {

/// What a number can be; without limits, where nothing is known of it.
struct ValueRange {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
};

/// One thing that can be chosen by name. The code behind a name is in the registry of its own folder; a test
/// asserts that both name the same things.
struct CatalogEntry {
  std::string_view name;   ///< As in files and commands.
  std::string_view label;  ///< As people read it.
  std::string_view help;
  ValueRange range = {};  ///< Of the number that it gives, where it gives one.
};
using Catalog = std::span<const CatalogEntry>;

namespace catalog {
Catalog terms();        // of term_catalog.h
Catalog divergences();  // likewise
Catalog relation_sources();
Catalog model_parts();
Catalog connectors();
Catalog conversation_templates();
Catalog aspect_ratios();
Catalog schedules();
Catalog samplers();
Catalog precisions();
Catalog devices();
Catalog switches();
Catalog automatic_switches();
Catalog not_a_number_policies();
Catalog evaluation_tasks();
Catalog gate_measures();
Catalog gate_references();
Catalog gate_policies();
Catalog project_templates();
}  // namespace catalog

/// Whether the catalog has an entry of this name.
bool contains(Catalog catalog, std::string_view name);

/// "a, b or c": for messages.
std::string list_names(Catalog catalog);

/// The entry of this name. Throws UserError that lists the known names; `what` says what was looked for ("divergence").
const CatalogEntry& find(Catalog catalog, std::string_view name, std::string_view what);

}  // namespace llavakd
