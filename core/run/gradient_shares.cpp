// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/gradient_shares.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/errors.h"
#include "core/project/visitors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr double undefined_number = std::numeric_limits<double>::quiet_NaN();

size_t terms_in(const std::vector<double>& products) {
  return static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(products.size()))));
}

/// ⟨g_t, total⟩ for each term: Gw.
std::vector<double> along_total(const std::vector<double>& products, const std::vector<double>& weights) {
  std::vector<double> along(weights.size());
  for (size_t t = 0; t < weights.size(); ++t)
    for (size_t s = 0; s < weights.size(); ++s) along[t] += products[t * weights.size() + s] * weights[s];
  return along;
}

/// NaN has no number in JSON.
Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(std::isfinite(value) ? Json(value) : Json());
  return list;
}

Json rows(const std::vector<double>& matrix) {
  const auto size = static_cast<std::ptrdiff_t>(terms_in(matrix));
  Json list = Json::array();
  for (std::ptrdiff_t row = 0; row < size; ++row)
    list.push_back(numbers({matrix.begin() + row * size, matrix.begin() + (row + 1) * size}));
  return list;
}

/// Norms, cosines and shares of one matrix of products.
Json derived(const std::vector<double>& products, const std::vector<double>& weights) {
  const GradientShares total = gradient_shares(products, weights);
  return {{"products", rows(products)},
          {"norms", numbers(gradient_norms(products))},
          {"cosines", rows(gradient_cosines(products))},
          {"total_norm", total.norm},
          {"shares", numbers(total.shares)},
          {"cosines_to_total", numbers(total.cosines)}};
}

/// Products that no gradients can have would show shares that mean nothing.
std::vector<double> products_from_json(const Json& matrix, size_t terms) {
  std::vector<double> products;
  for (const Json& row : matrix)
    for (const Json& value : row) products.push_back(value.get<double>());
  if (matrix.size() != terms || products.size() != terms * terms)
    throw UserError("The products of the gradients have another size than the list of terms.");
  for (size_t t = 0; t < terms; ++t)
    if (products[t * terms + t] < 0) throw UserError("A gradient's product with itself is below 0.");
  return products;
}

}  // namespace

std::vector<double> TermGradients::products() const {
  std::vector<double> sum(terms.size() * terms.size());
  for (const GradientProducts& part : parts)
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += part.products[i];
  return sum;
}

std::vector<double> TermGradients::weights() const {
  std::vector<double> all;
  for (const TermOnBatch& each : terms) all.push_back(each.weight);
  return all;
}

GradientShares gradient_shares(const std::vector<double>& products, const std::vector<double>& weights) {
  const size_t count = weights.size();
  const std::vector<double> along = along_total(products, weights), norms = gradient_norms(products);
  double square = 0, most = 0;
  for (size_t t = 0; t < count; ++t) {
    square += weights[t] * along[t];
    most += std::abs(weights[t]) * norms[t];
  }
  // Gradients that cancel each other leave what the sums' last bits were.
  constexpr double rounding = 1e-14;
  const bool vanishes = square <= rounding * most * most;
  GradientShares result{.norm = vanishes ? 0 : std::sqrt(square)};
  for (size_t t = 0; t < count; ++t) {
    result.shares.push_back(vanishes ? undefined_number : weights[t] * along[t] / square);
    result.cosines.push_back(vanishes || norms[t] == 0 ? undefined_number : along[t] / (norms[t] * result.norm));
  }
  return result;
}

std::vector<double> gradient_norms(const std::vector<double>& products) {
  const size_t count = terms_in(products);
  std::vector<double> norms;
  for (size_t t = 0; t < count; ++t) norms.push_back(std::sqrt(products[t * count + t]));
  return norms;
}

std::vector<double> gradient_cosines(const std::vector<double>& products) {
  const std::vector<double> norms = gradient_norms(products);
  const size_t count = norms.size();
  std::vector<double> cosines;
  for (size_t i = 0; i < products.size(); ++i) {
    const double both = norms[i / count] * norms[i % count];
    cosines.push_back(both > 0 ? products[i] / both : undefined_number);
  }
  return cosines;
}

std::string gradients_key(const Project& project, const StageOptions& stage) {
  StageOptions same;
  same.name = {};
  same.train = stage.train;
  same.data = stage.data;
  same.images = stage.images;
  same.conversation_template =
      stage.conversation_template.empty() ? project.conversation_template : stage.conversation_template;
  same.batch_size = stage.batch_size;  // what the order of samples depends on, besides the seed
  same.sampler = stage.sampler;
  same.terms.clear();
  for (const TermInfo& info : term_catalog()) {
    const auto own = std::ranges::find(stage.terms, info.name, &TermOptions::term);
    TermOptions term = own == stage.terms.end() ? TermOptions{.term = std::string(info.name)} : *own;
    term.weight = 0;
    same.terms.push_back(std::move(term));
  }
  Project common;
  common.teacher = project.teacher;
  common.student = project.student;
  common.image = project.image;
  common.max_length = project.max_length;
  common.stages = {std::move(same)};
  common.run.seed = project.run.seed;
  common.run.precision = project.run.precision;
  common.run.device = project.run.device;
  // A stage's place among those that run decides its seed.
  const auto place = project.schedule.empty()
                         ? std::ranges::find(project.stages, stage.name, &StageOptions::name) - project.stages.begin()
                         : std::ranges::find(project.schedule, stage.name) - project.schedule.begin();
  return std::to_string(place) + ' ' + to_json(common).dump();
}

Json to_json(const TermGradients& gradients) {
  const std::vector<double> weights = gradients.weights();
  Json json = {{"stage", gradients.stage},     {"student", gradients.student}, {"seed", gradients.seed},
               {"samples", gradients.samples}, {"notes", gradients.notes},     {"terms", Json::array()}};
  for (const TermOnBatch& each : gradients.terms)
    json["terms"].push_back({{"term", each.term}, {"value", each.value}, {"weight", each.weight}});
  json["total"] = derived(gradients.products(), weights);
  json["parts"] = Json::array();
  for (const GradientProducts& part : gradients.parts) {
    Json of_part = {{"part", part.part}};
    of_part.update(derived(part.products, weights));
    json["parts"].push_back(std::move(of_part));
  }
  return json;
}

TermGradients term_gradients_from_json(const Json& json) try {
  TermGradients read{.stage = json.at("stage").get<std::string>(), .student = json.at("student").get<std::string>()};
  read.seed = json.at("seed").get<uint64_t>();
  read.samples = json.at("samples").get<std::vector<std::string>>();
  read.notes = json.at("notes").get<std::vector<std::string>>();
  for (const Json& each : json.at("terms"))
    read.terms.push_back(
        {each.at("term").get<std::string>(), each.at("value").get<double>(), each.at("weight").get<double>()});
  for (const Json& part : json.at("parts"))
    read.parts.push_back(
        {part.at("part").get<std::string>(), products_from_json(part.at("products"), read.terms.size())});
  return read;
} catch (const Json::exception&) {
  throw UserError("The gradients of the terms aren't as `llavakd gradients --json` writes them.");
}

}  // namespace llavakd
