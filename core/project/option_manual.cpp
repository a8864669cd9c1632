// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/project/option_traits.h"
#include "core/project/visitors.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

/// Terms and divergences under which a term has a field.
struct Having {
  std::set<std::string> terms, divergences;
};

struct FieldNames {
  std::vector<std::string> names;
  template <class T>
  void operator()(T&, const Field& field) {
    names.emplace_back(field.name);
  }
};

class Manual {
 public:
  std::string text;
  std::string where;
  std::set<std::string> told;          ///< Places that have their line.
  std::map<std::string, Having> only;  ///< Fields of terms: which terms have them.

  template <class T>
  void operator()(T& value, const Field& field) {
    std::string place = join(where, field.name);
    if constexpr (is_options<T>) {
      line(place, field, "");
      Manual inner{{}, place, {}, {}};
      describe(value, inner);
      text += inner.text;
    } else if constexpr (is_list<T> && !std::is_same_v<T, std::vector<std::string>>) {
      line(place + "[]", field, "");
      Manual inner{{}, place + "[]", {}, {}};
      typename T::value_type element;
      if constexpr (std::is_same_v<typename T::value_type, TermOptions>)
        inner.describe_terms();
      else
        describe(element, inner);
      text += inner.text;
    } else {
      Json initial = value;
      line(place, field, initial.dump());
    }
  }

  /// Which fields a term has depends on its kind and divergence: those of all together.
  void describe_terms() {
    std::vector<TermOptions> all;
    for (const CatalogEntry& term : catalog::terms())
      for (const CatalogEntry& divergence : catalog::divergences())
        all.push_back({.term = std::string(term.name), .divergence = std::string(divergence.name)});
    for (TermOptions& options : all) {
      FieldNames fields;
      describe(options, fields);
      for (const std::string& name : fields.names) {
        only[join(where, name)].terms.insert(options.term);
        only[join(where, name)].divergences.insert(options.divergence);
      }
    }
    for (TermOptions& options : all) describe(options, *this);
  }

 private:
  std::string condition(const std::string& place) const {
    const auto found = only.find(place);
    if (found == only.end()) return {};
    std::string sentence;
    if (found->second.terms.size() < catalog::terms().size())
      sentence += fmt::format(" With {} only.", fmt::join(found->second.terms, " and "));
    if (found->second.divergences.size() < catalog::divergences().size())
      sentence += fmt::format(" With the divergence {} only.", fmt::join(found->second.divergences, " and "));
    return sentence;
  }

  void line(const std::string& place, const Field& field, const std::string& initial) {
    if (!told.insert(place).second) return;
    std::string facts = condition(place);
    if (!initial.empty()) facts += fmt::format(" Default {}.", initial);
    if (field.choices)
      facts += fmt::format(" One of {}.", list_names(field.choices()));
    else if (!std::isinf(field.min))
      facts += fmt::format(" Must {}.", bounds_text(field));
    text += fmt::format("  {}\n      {}{}\n", place, field.help, facts);
  }
};

}  // namespace

std::string option_manual() {
  Project project;
  Manual manual;
  describe(project, manual);
  return std::move(manual.text);
}

}  // namespace llavakd
