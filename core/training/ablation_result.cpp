// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ablation_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/io/json_file.h"
#include "core/project/errors.h"
#include "core/training/ablate.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

// "<stage>-<step>.json" -> step
std::optional<int64_t> step_of(const std::filesystem::path& file) {
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
    if (const auto step = step_of(entry.path()); step && (!best || *step > best->first)) best = {*step, entry.path()};
  return best;
}

std::vector<double> values_of(const ArmResult& arm) {
  std::vector<double> values;
  for (const ArmScore& score : arm.scores) values.push_back(score.score);
  return values;
}

Json type_means(const ArmResult& arm) {
  std::map<std::string, std::vector<double>> values;
  for (const ArmScore& score : arm.scores)
    for (const auto& [type, percent] : score.types) values[type].push_back(percent);
  Json means = Json::object();
  for (const auto& [type, percents] : values) means[type] = spread(percents).mean;
  return means;
}

std::string signed_list(const Json& values) {
  std::string text;
  for (const Json& value : values) text += fmt::format("{}{:+.2f}", text.empty() ? "" : " ", value.get<double>());
  return text;
}

}  // namespace

Spread spread(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

bool has_arm_score(const std::filesystem::path& evaluations) {
  return newest(evaluations).has_value();
}

ArmScore read_arm_score(const std::filesystem::path& evaluations) {
  const auto found = newest(evaluations);
  if (!found) throw UserError(fmt::format("{} holds no result.", evaluations.string()));
  const Json results = read_json(found->second);
  try {
    ArmScore arm{.steps = found->first};
    for (const Json& result : results)
      arm.score += result.at("score").get<double>() / static_cast<double>(results.size());
    for (const auto& [type, percent] : results.at(0).at("types").items()) arm.types[type] = percent.get<double>();
    return arm;
  } catch (const Json::exception& error) {
    throw UserError(
        fmt::format("{} is damaged ({}). Remove it to evaluate again.", found->second.string(), error.what()));
  }
}

Json ablation_json(const std::vector<ArmResult>& arms, const std::vector<int64_t>& seeds) {
  Json by_name = Json::object(), differences = Json::array();
  for (const ArmResult& arm : arms) {
    const Spread s = spread(values_of(arm));
    by_name[arm.name] = {{"scores", values_of(arm)},
                         {"mean", s.mean},
                         {"sd", s.sd},
                         {"steps", arm.scores.empty() ? 0 : arm.scores.front().steps},
                         {"types", type_means(arm)}};
  }
  for (size_t a = 0; a < arms.size(); ++a)
    for (size_t b = 0; b < a; ++b) {
      std::vector<double> difference;
      for (size_t i = 0; i < seeds.size(); ++i) difference.push_back(arms[a].scores[i].score - arms[b].scores[i].score);
      const Spread s = spread(difference);
      const bool equal = !seeds.empty() && arms[a].scores[0].steps == arms[b].scores[0].steps;
      differences.push_back({{"arm", arms[a].name},
                             {"minus", arms[b].name},
                             {"scores", difference},
                             {"mean", s.mean},
                             {"sd", s.sd},
                             {"equal_steps", equal}});
    }
  return {{"arms", by_name}, {"seeds", seeds}, {"differences", differences}, {"stopped", false}};
}

std::string ablation_tables(const Json& result) {
  if (result.value("stopped", false)) return "Stopped; the same command goes on.\n";
  std::string header = "| arm | steps |", rule = "|---|---|", rows;
  for (const Json& seed : result.at("seeds")) header += fmt::format(" seed {} |", seed.dump()), rule += "---|";
  const auto& arms = result.at("arms");
  std::vector<std::string> types;
  if (!arms.empty())
    for (const auto& [type, percent] : arms.begin()->at("types").items()) types.push_back(type);
  header += " mean ± sd |", rule += "---|";
  for (const auto& type : types) header += fmt::format(" {} |", type), rule += "---|";
  for (const auto& [name, arm] : arms.items()) {
    rows += fmt::format("| {} | {} |", name, arm.at("steps").dump());
    for (const Json& score : arm.at("scores")) rows += fmt::format(" {:.1f} |", score.get<double>());
    rows += fmt::format(" {:.2f} ± {:.2f} |", arm.at("mean").get<double>(), arm.at("sd").get<double>());
    for (const auto& type : types) rows += fmt::format(" {:.1f} |", arm.at("types").value(type, 0.0));
    rows += '\n';
  }
  std::string text = header + '\n' + rule + '\n' + rows;
  text += "\n| paired difference | per seed | mean ± sd | |\n|---|---|---|---|\n";
  for (const Json& d : result.at("differences"))
    text += fmt::format("| {} − {} | {} | {:+.2f} ± {:.2f} | {} |\n", d.at("arm").get<std::string>(),
                        d.at("minus").get<std::string>(), signed_list(d.at("scores")), d.at("mean").get<double>(),
                        d.at("sd").get<double>(), d.at("equal_steps").get<bool>() ? "equal steps" : "");
  return text;
}

}  // namespace llavakd
