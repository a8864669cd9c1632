// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/curve_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/run/event_log.h"

namespace llavakd {
namespace {

void for_each_step(const std::filesystem::path& log, const std::function<void(const Event&, const StepEvent&)>& use) {
  constexpr size_t piece = size_t{4} << 20;
  EventReader reader(log);
  bool more = true;
  while (more) {
    throw_if_interrupted();
    more = reader.read_some(piece, [&](Event& event) {
      if (const auto* step = event.as<StepEvent>()) use(event, *step);
    });
  }
}

/// In the order in which the log first names them.
std::vector<std::string> names_of_terms(const std::filesystem::path& log) {
  std::vector<std::string> names;
  for_each_step(log, [&](const Event&, const StepEvent& step) {
    for (const auto& [name, value] : step.terms)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  });
  return names;
}

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

std::string row_of(const Event& event, const StepEvent& step, const std::vector<std::string>& terms) {
  std::string row =
      fmt::format("{},{},{},{}", event.step, csv_text(event.stage), event.stage_step, csv_number(step.total));
  for (const std::string& term : terms) row += "," + csv_number(number_of(step.terms, term));
  for (const std::string& term : terms) row += "," + csv_number(number_of(step.weighted, term));
  return row + fmt::format(",{},{},{},{},{},{}\n", csv_number(step.grad_norm), csv_number(step.learning_rate),
                           step.samples, step.skipped, step.tokens, csv_number(step.seconds));
}

}  // namespace

std::string csv_text(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

int64_t write_curve_table(const std::filesystem::path& log, const std::filesystem::path& file) {
  const std::vector<std::string> terms = names_of_terms(log);
  std::string text = "step,stage,stage_step,total";
  for (const char* prefix : {"terms", "weighted"})
    for (const std::string& term : terms) text += "," + csv_text(fmt::format("{}.{}", prefix, term));
  text += ",grad_norm,learning_rate,samples,skipped,tokens,seconds\n";
  constexpr size_t most_waiting = size_t{1} << 20;
  AtomicFile table(file);
  int64_t rows = 0;
  for_each_step(log, [&](const Event& event, const StepEvent& step) {
    text += row_of(event, step, terms);
    ++rows;
    if (text.size() < most_waiting) return;
    table.write(text);
    text.clear();
  });
  table.write(text);
  table.commit();
  return rows;
}

}  // namespace llavakd
