// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A decoder of the Llama and Qwen2 kind in plain loops of float64, as its papers say it: what captured numbers are held
// against. It shares no code with core/models.
#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/models/multimodal_model.h"

namespace llavakd {

using PlainRow = std::vector<double>;
using PlainRows = std::vector<PlainRow>;

inline PlainRows plain_rows(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kDouble).contiguous();
  PlainRows rows;
  for (int64_t i = 0; i < values.size(0); ++i) {
    const double* begin = values[i].const_data_ptr<double>();
    rows.emplace_back(begin, begin + values.size(1));
  }
  return rows;
}

inline double plain_dot(const PlainRow& a, const PlainRow& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Products of all pairs of rows.
inline PlainRows plain_products(const PlainRows& rows) {
  PlainRows products;
  for (const PlainRow& a : rows) {
    products.emplace_back();
    for (const PlainRow& b : rows) products.back().push_back(plain_dot(a, b));
  }
  return products;
}

inline PlainRows plain_slice(const PlainRows& rows, int64_t begin, int64_t end) {
  return {rows.begin() + begin, rows.begin() + end};
}

/// All that the pass computes on its way. [layer][head] of attention from 0.
struct PlainPass {
  std::vector<PlainRows> states;
  std::vector<std::vector<PlainRows>> attention;
  PlainRows logits;
};

class PlainDecoder {
 public:
  explicit PlainDecoder(const MultimodalModel& model) : model_(model), config_(model.config().language) {}

  PlainPass run(PlainRows x) const {
    PlainPass pass;
    pass.states.push_back(x);
    for (int64_t i = 0; i < config_.num_hidden_layers; ++i) {
      const std::string layer = "language_model.model.layers." + std::to_string(i) + ".";
      add(x, attend(layer, norm(layer + "input_layernorm", x), pass));
      add(x, mlp(layer + "mlp.", norm(layer + "post_attention_layernorm", x)));
      pass.states.push_back(x);
    }
    pass.states.back() = norm("language_model.model.norm", x);
    const PlainRows head = plain_rows(model_.head_weight());
    for (const PlainRow& row : pass.states.back()) {
      pass.logits.emplace_back();
      for (const PlainRow& word : head) pass.logits.back().push_back(plain_dot(row, word));
    }
    return pass;
  }

 private:
  static void add(PlainRows& x, const PlainRows& y) {
    for (size_t i = 0; i < x.size(); ++i)
      for (size_t j = 0; j < x[i].size(); ++j) x[i][j] += y[i][j];
  }

  PlainRow vector(const std::string& name) const { return plain_rows(model_.parameters().at(name).unsqueeze(0))[0]; }

  PlainRows norm(const std::string& name, PlainRows x) const {
    const PlainRow weight = vector(name + ".weight");
    for (PlainRow& row : x) {
      const double scale = 1 / std::sqrt(plain_dot(row, row) / double(row.size()) + config_.norm_eps);
      for (size_t j = 0; j < row.size(); ++j) row[j] *= scale * weight[j];
    }
    return x;
  }

  PlainRows linear(const std::string& name, const PlainRows& x) const {
    const PlainRows weight = plain_rows(model_.parameters().at(name + ".weight"));
    const bool biased = model_.parameters().count(name + ".bias") > 0;
    const PlainRow bias = biased ? vector(name + ".bias") : PlainRow(weight.size());
    PlainRows y;
    for (const PlainRow& row : x) {
      y.emplace_back();
      for (size_t o = 0; o < weight.size(); ++o) y.back().push_back(plain_dot(row, weight[o]) + bias[o]);
    }
    return y;
  }

  /// One head of a projection, with rotary positions where `turned`: pairs (j, j + dim / 2).
  PlainRows head(const PlainRows& x, int64_t number, bool turned) const {
    const auto dim = size_t(config_.head_dim), half = dim / 2;
    PlainRows y;
    for (size_t position = 0; position < x.size(); ++position) {
      const auto first = x[position].begin() + number * int64_t(dim);
      PlainRow row(first, first + int64_t(dim));
      for (size_t j = 0; turned && j < half; ++j) {
        const double angle = double(position) * std::pow(config_.rope_theta, -2.0 * double(j) / double(dim));
        const double a = row[j], b = row[j + half];
        row[j] = a * std::cos(angle) - b * std::sin(angle);
        row[j + half] = b * std::cos(angle) + a * std::sin(angle);
      }
      y.push_back(row);
    }
    return y;
  }

  PlainRows attend(const std::string& layer, const PlainRows& x, PlainPass& pass) const {
    const PlainRows q = linear(layer + "self_attn.q_proj", x), k = linear(layer + "self_attn.k_proj", x),
                    v = linear(layer + "self_attn.v_proj", x);
    const int64_t group = config_.num_attention_heads / config_.num_key_value_heads;
    pass.attention.emplace_back();
    PlainRows joined(x.size());
    for (int64_t h = 0; h < config_.num_attention_heads; ++h) {
      const PlainRows hq = head(q, h, true), hk = head(k, h / group, true), hv = head(v, h / group, false);
      PlainRows weights(x.size(), PlainRow(x.size()));
      for (size_t i = 0; i < x.size(); ++i) {
        const size_t window = size_t(config_.sliding_window), begin = window > 0 && i + 1 > window ? i + 1 - window : 0;
        double sum = 0;
        for (size_t j = begin; j <= i; ++j)
          sum += weights[i][j] = std::exp(plain_dot(hq[i], hk[j]) / std::sqrt(double(config_.head_dim)));
        PlainRow out(size_t(config_.head_dim));
        for (size_t j = begin; j <= i; ++j) {
          weights[i][j] /= sum;
          for (size_t d = 0; d < out.size(); ++d) out[d] += weights[i][j] * hv[j][d];
        }
        joined[i].insert(joined[i].end(), out.begin(), out.end());
      }
      pass.attention.back().push_back(weights);
    }
    return linear(layer + "self_attn.o_proj", joined);
  }

  PlainRows mlp(const std::string& prefix, const PlainRows& x) const {
    PlainRows gate = linear(prefix + "gate_proj", x);
    const PlainRows up = linear(prefix + "up_proj", x);
    for (size_t i = 0; i < gate.size(); ++i)
      for (size_t j = 0; j < gate[i].size(); ++j) gate[i][j] *= up[i][j] / (1 + std::exp(-gate[i][j]));
    return linear(prefix + "down_proj", gate);
  }

  const MultimodalModel& model_;
  const LanguageConfig& config_;
};

}  // namespace llavakd
