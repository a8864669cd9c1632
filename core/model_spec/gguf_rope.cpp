// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/errors.h"
#include "core/model_spec/gguf_config.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

/// The metadata entries under "ARCHITECTURE.rope.scaling.".
class Scaling {
 public:
  Scaling(const GgufFile& file, const std::string& architecture)
      : file_(file), prefix_(architecture + ".rope.scaling.") {}

  double number(const char* key, double fallback) const { return file_.number(prefix_ + key).value_or(fallback); }
  double positive(const char* key, double fallback) const {
    const double value = number(key, fallback);
    if (!(value > 0) || !std::isfinite(value)) refuse(key, value, "isn't a positive number");
    return value;
  }
  [[noreturn]] void refuse(const char* key, double value, const char* why) const {
    throw UserError(fmt::format("{}: {}{} is {}, which {}.", file_.path().string(), prefix_, key, value, why));
  }
  std::string type() const { return file_.text(prefix_ + "type").value_or("linear"); }
  int64_t original_positions(int64_t fallback) const {
    const int64_t value = file_.integer(prefix_ + "original_context_length").value_or(fallback);
    if (value < 1) refuse("original_context_length", static_cast<double>(value), "isn't a positive number");
    return value;
  }
  /// By how much positions are stretched; older files have it under another name, and 0 means not at all.
  double factor(const std::string& architecture) const {
    const double older = file_.number(architecture + ".rope.scale_linear").value_or(1);
    const double value = number("factor", older);
    return value == 0 ? 1 : file_.has(prefix_ + "factor") ? positive("factor", 1) : older;
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

/// The numbers of kRopeFactors; empty where the file has none.
std::vector<double> stored_factors(const GgufFile& file, int64_t pairs) {
  const auto found = std::ranges::find(file.tensors(), kRopeFactors, &StoredTensor::name);
  if (found == file.tensors().end()) return {};
  const auto refuse = [&](const std::string& why) {
    throw UserError(fmt::format("{}: the tensor {} {}.", file.path().string(), kRopeFactors, why));
  };
  if (found->blocks || found->dtype != DType::F32) refuse(fmt::format("is of type {}, not F32", found->type_name()));
  if (found->shape != std::vector<int64_t>{pairs})
    refuse(fmt::format("has the shape {}, but a head has {} pairs to turn", shape_text(found->shape), pairs));
  std::vector<double> factors;
  for (int64_t i = 0; i < pairs; ++i) {
    float value;
    std::memcpy(&value, found->data + static_cast<size_t>(i) * sizeof value, sizeof value);
    if (!(value > 0) || !std::isfinite(value)) refuse(fmt::format("holds {}, which can't divide a frequency", value));
    factors.push_back(value);
  }
  return factors;
}

Json yarn(const Scaling& scaling, double factor, int64_t positions) {
  if (const double mix = scaling.number("yarn_ext_factor", 1); mix >= 0 && mix != 1)
    scaling.refuse("yarn_ext_factor", mix, "can't be computed: only 1 can");
  if (const double strength = scaling.number("yarn_log_multiplier", 0); strength != 0)
    scaling.refuse("yarn_log_multiplier", strength, "can't be computed: only 0 can");
  const double usual = factor <= 1 ? 1 : 0.1 * std::log(factor) + 1;
  return {{"rope_type", "yarn"},
          {"factor", factor},
          {"original_max_position_embeddings", scaling.original_positions(positions)},
          {"beta_fast", scaling.positive("yarn_beta_fast", 32)},
          {"beta_slow", scaling.positive("yarn_beta_slow", 1)},
          {"attention_factor", scaling.positive("yarn_attn_factor", usual) * scaling.positive("attn_factor", 1)}};
}

}  // namespace

Json gguf_rope_scaling(const GgufFile& file, const std::string& architecture, int64_t positions, int64_t pairs) {
  const Scaling scaling(file, architecture);
  const std::string type = scaling.type();
  if (type != "none" && type != "linear" && type != "yarn")
    throw UserError(fmt::format("{}: {}.rope.scaling.type \"{}\" can't be computed; known: none, linear, yarn.",
                                file.path().string(), architecture, type));
  // llama.cpp reads the tensor for llama alone; elsewhere it is one too many.
  std::vector<double> factors = architecture == "llama" ? stored_factors(file, pairs) : std::vector<double>();
  if (type == "yarn") {
    if (!factors.empty())
      throw UserError(fmt::format("{}: it has both {} and {}.rope.scaling.type \"yarn\", which can't be computed.",
                                  file.path().string(), kRopeFactors, architecture));
    return yarn(scaling, scaling.factor(architecture), positions);
  }
  const double factor = type == "none" ? 1 : scaling.factor(architecture);
  const double attention = scaling.positive("attn_factor", 1);
  if (factors.empty() && attention == 1)
    return factor == 1 ? Json() : Json{{"rope_type", "linear"}, {"factor", factor}};
  if (factors.empty()) factors.assign(static_cast<size_t>(pairs), 1);
  for (double& value : factors) value *= factor;
  return {{"rope_type", "longrope"}, {"short_factor", factors},       {"long_factor", factors},
          {"factor", 1.0},           {"attention_factor", attention}, {"original_max_position_embeddings", positions}};
}

}  // namespace llavakd
