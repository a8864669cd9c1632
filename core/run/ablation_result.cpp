// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/ablation_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/task_result.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// "<stage>-<step>.json" -> step
std::optional<int64_t> evaluated_step(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  const size_t dash = stem.rfind('-');
  int64_t step = 0;
  if (file.extension() != ".json" || dash == std::string::npos) return std::nullopt;
  const char* end = stem.data() + stem.size();
  const auto read = std::from_chars(stem.data() + dash + 1, end, step);
  return read.ec == std::errc() && read.ptr == end ? std::optional(step) : std::nullopt;
}

std::optional<std::pair<int64_t, std::filesystem::path>> newest(const std::filesystem::path& evaluations) {
  std::optional<std::pair<int64_t, std::filesystem::path>> best;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(evaluations, error))
    if (const auto step = evaluated_step(entry.path()); step && (!best || *step > best->first))
      best = {*step, entry.path()};
  return best;
}

/// The scores that there are, and all of them as JSON with null for the others.
struct Values {
  std::vector<double> known;
  Json all = Json::array();

  void add(const std::optional<double>& value) {
    if (value) known.push_back(*value);
    all.push_back(value ? Json(*value) : Json());
  }
  /// Adds mean and sd over the known ones to the object: null where there are none, or for the sd only one.
  void write(Json& object) const {
    const Spread s = spread(known);
    object["scores"] = all;
    object["mean"] = known.empty() ? Json() : Json(s.mean);
    object["sd"] = s.sd ? Json(*s.sd) : Json();
  }
  void write_interval(Json& object) const {
    const Spread s = spread(known);
    object["interval"] = s.interval ? Json({s.interval->first, s.interval->second}) : Json();
  }
};

/// The 97.5 % quantile of Student's t: tabulated, and beyond by the expansion of Cornish and Fisher, which is exact to
/// four digits there.
double t_quantile(size_t degrees) {
  constexpr std::array tabulated{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281};
  if (degrees <= tabulated.size()) return tabulated[degrees - 1];
  constexpr double z = 1.959964, z2 = z * z;
  const auto n = static_cast<double>(degrees);
  return z * (1 + (z2 + 1) / (4 * n) + ((5 * z2 + 16) * z2 + 3) / (96 * n * n) +
              (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * n * n * n));
}

/// Of the first seed that has run: all seeds take the same number of steps.
int64_t steps_of(const ArmResult& arm) {
  const auto run = std::ranges::find_if(arm.scores, [](const ArmScore& score) { return score.steps > 0; });
  return run == arm.scores.end() ? 0 : run->steps;
}

std::optional<double> difference(const ArmScore& a, const ArmScore& b) {
  if (!a.score || !b.score) return std::nullopt;
  return *a.score - *b.score;
}

/// What the score of several evaluations is.
std::string meaning_of(const std::vector<TaskResult>& results) {
  const std::string& first = results.front().score_is;
  if (results.size() == 1) return first;
  return fmt::format("mean over {} evaluations{}", results.size(), first.empty() ? "" : ", of the first: " + first);
}

/// The results in an evaluation file. Throws Json::exception for what is none.
std::vector<TaskResult> results_in(const Json& json) {
  std::vector<TaskResult> results = {task_result_from_json(json.at(0))};  // never empty: at() throws
  for (size_t i = 1; i < json.size(); ++i) results.push_back(task_result_from_json(json[i]));
  for (const Json& result : json) static_cast<void>(result.at("score"));
  return results;
}

Json breakdown_means(const ArmResult& arm) {
  std::map<std::string, std::vector<double>> values;
  for (const ArmScore& score : arm.scores)
    for (const auto& [part, percent] : score.breakdown) values[part].push_back(percent);
  Json means = Json::object();
  for (const auto& [part, percents] : values) means[part] = spread(percents).mean;
  return means;
}

std::string signed_list(const Json& values) {
  std::string text;
  for (const Json& value : values) {
    if (!text.empty()) text += ' ';
    text += value.is_number() ? fmt::format("{:+.2f}", value.get<double>()) : std::string("–");
  }
  return text;
}

/// "71.20 ± 0.50", of one seed "71.20 ± –", with how many seeds have a score where not all do.
std::string spread_text(const Json& object, bool with_sign) {
  const Json &mean = object.at("mean"), &scores = object.at("scores");
  if (!mean.is_number()) return "no score";
  const std::string text =
      with_sign ? fmt::format("{:+.2f}", mean.get<double>()) : fmt::format("{:.2f}", mean.get<double>());
  const auto known = std::ranges::count_if(scores, [](const Json& score) { return score.is_number(); });
  const std::string of =
      static_cast<size_t>(known) == scores.size() ? "" : fmt::format(" ({} of {} seeds)", known, scores.size());
  const Json& sd = object.at("sd");
  return fmt::format("{} ± {}{}", text, sd.is_number() ? fmt::format("{:.2f}", sd.get<double>()) : "–", of);
}

/// "+0.40 to +1.20"; "–" where there is none.
std::string interval_text(const Json& interval) {
  if (!interval.is_array()) return "–";
  return fmt::format("{:+.2f} to {:+.2f}", interval.at(0).get<double>(), interval.at(1).get<double>());
}

std::string cell(const Json& value) {
  return value.is_number() ? fmt::format(" {:.1f} |", value.get<double>()) : std::string(" – |");
}

/// The parts of all arms' scores, in the order of their names.
std::set<std::string> parts_of(const Json& arms) {
  std::set<std::string> parts;
  for (const Json& arm : arms)
    for (const auto& [part, percent] : arm.at("types").items()) parts.insert(part);
  return parts;
}

}  // namespace

Spread spread(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  if (values.size() < 2) return {mean};
  const double sd = std::sqrt(squares / (n - 1));
  const double half = t_quantile(values.size() - 1) * sd / std::sqrt(n);
  return {mean, sd, std::pair(mean - half, mean + half)};
}

bool has_arm_score(const std::filesystem::path& evaluations) {
  return newest(evaluations) && read_arm_score(evaluations).score;
}

ArmScore read_arm_score(const std::filesystem::path& evaluations) {
  const auto found = newest(evaluations);
  if (!found) throw UserError(fmt::format("{} holds no result.", evaluations.string()));
  const Json json = read_json(found->second);
  try {
    const std::vector<TaskResult> results = results_in(json);
    ArmScore arm{.score_is = meaning_of(results), .steps = found->first};
    double sum = 0;
    for (const TaskResult& result : results) {
      sum += result.score.value_or(0);
      const std::string file =
          results.size() == 1 ? "" : std::filesystem::path(result.settings.file).stem().string() + ": ";
      for (const auto& [part, percent] : result.breakdown.parts)
        if (percent) arm.breakdown[file + part] = *percent;
    }
    if (std::ranges::all_of(results, [](const TaskResult& result) { return result.score.has_value(); }))
      arm.score = sum / static_cast<double>(results.size());
    return arm;
  } catch (const Json::exception& error) {
    throw UserError(
        fmt::format("{} is damaged ({}). Remove it to evaluate again.", found->second.string(), error.what()));
  }
}

Json ablation_json(const std::vector<ArmResult>& arms, const std::vector<int64_t>& seeds) {
  Json by_name = Json::object(), differences = Json::array();
  std::string meaning;
  for (const ArmResult& arm : arms) {
    Values values;
    for (const ArmScore& score : arm.scores) {
      values.add(score.score);
      if (score.score) meaning = score.score_is;
    }
    Json& object = by_name[arm.name];
    values.write(object);
    object["steps"] = steps_of(arm);
    object["types"] = breakdown_means(arm);
  }
  for (size_t a = 0; a < arms.size(); ++a)
    for (size_t b = 0; b < a; ++b) {
      Values values;
      for (size_t i = 0; i < seeds.size(); ++i) values.add(difference(arms[a].scores[i], arms[b].scores[i]));
      Json object = {{"arm", arms[a].name}, {"minus", arms[b].name}};
      values.write(object);
      values.write_interval(object);
      object["equal_steps"] = steps_of(arms[a]) > 0 && steps_of(arms[a]) == steps_of(arms[b]);
      differences.push_back(std::move(object));
    }
  return {{"arms", by_name}, {"score_is", meaning}, {"seeds", seeds}, {"differences", differences}, {"stopped", false}};
}

std::string ablation_tables(const Json& result) {
  if (result.value("stopped", false)) return "Stopped; the same command goes on.\n";
  std::string header = "| arm | steps |", rule = "|---|---|", rows;
  for (const Json& seed : result.at("seeds")) header += fmt::format(" seed {} |", seed.dump()), rule += "---|";
  const auto& arms = result.at("arms");
  const std::set<std::string> parts = parts_of(arms);
  header += " mean ± sd |", rule += "---|";
  for (const auto& part : parts) header += fmt::format(" {} |", part), rule += "---|";
  for (const auto& [name, arm] : arms.items()) {
    rows += fmt::format("| {} | {} |", name, arm.at("steps").dump());
    for (const Json& score : arm.at("scores")) rows += cell(score);
    rows += fmt::format(" {} |", spread_text(arm, false));
    for (const auto& part : parts) rows += cell(arm.at("types").value(part, Json()));
    rows += '\n';
  }
  std::string text = header + '\n' + rule + '\n' + rows;
  const std::string meaning = result.value("score_is", "");
  if (!meaning.empty()) text = fmt::format("Each score in percent: {}.\n\n", meaning) + text;
  if (result.at("differences").empty()) return text;
  text += "\n| paired difference | per seed | mean ± sd | 95 % interval | |\n|---|---|---|---|---|\n";
  for (const Json& d : result.at("differences"))
    text += fmt::format("| {} − {} | {} | {} | {} | {} |\n", d.at("arm").get<std::string>(),
                        d.at("minus").get<std::string>(), signed_list(d.at("scores")), spread_text(d, true),
                        interval_text(d.at("interval")), d.at("equal_steps").get<bool>() ? "equal steps" : "");
  return text;
}

}  // namespace llavakd
