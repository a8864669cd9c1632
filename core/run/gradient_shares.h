// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// Inner products of the terms' gradients in one part of the student: [terms × terms], row by row. With weights w the
/// total's gradient is Σ w_t g_t, so its squared norm is wᵀGw: whatever the weights are, G says it exactly.
struct GradientProducts {
  std::string part;              ///< "connector", "layers 1-6"
  std::vector<double> products;  ///< G
};

/// One term on the batch.
struct TermOnBatch {
  std::string term;   ///< Its name in the catalog.
  double value = 0;   ///< Raw, the mean over the samples; a term that doesn't apply to a sample adds 0.
  double weight = 0;  ///< In the stage; 0: it is off.
};

/// What `llavakd gradients` finds out: how the terms of a stage pull on what learns there, on one stored batch.
struct TermGradients {
  std::string stage = {};
  std::string student = {};               ///< Where the weights are from; empty: as the project begins.
  uint64_t seed = 0;                      ///< Of the stage's order of samples.
  std::vector<std::string> samples = {};  ///< Ids of those that counted, in that order.
  std::vector<std::string> notes = {};    ///< Samples and terms that were left out, and why: sentences.
  std::vector<TermOnBatch> terms = {};
  std::vector<GradientProducts> parts = {};

  /// G of all parts together.
  std::vector<double> products() const;
  /// The weights of the stage.
  std::vector<double> weights() const;
};

/// What weights make of a matrix of products. NaN where a number isn't defined: nothing has a share of a total without
/// gradient, and an angle needs two gradients.
struct GradientShares {
  double norm = 0;              ///< Of the total's gradient: √(wᵀGw).
  std::vector<double> shares;   ///< Of its square, w_t (Gw)_t / wᵀGw: they sum to 1; below 0 a term pulls against it.
  std::vector<double> cosines;  ///< Between each term's gradient and the total's.
};

/// `products` [terms × terms], `weights` [terms].
GradientShares gradient_shares(const std::vector<double>& products, const std::vector<double>& weights);

/// Norm of each term's own gradient, unweighted, [terms].
std::vector<double> gradient_norms(const std::vector<double>& products);

/// Cosines between the terms' gradients, [terms × terms]; NaN where one of two has none.
std::vector<double> gradient_cosines(const std::vector<double>& products);

/// All that the products of a stage depend on in the project, as text that can be compared: weights are not part of it,
/// and neither is whether a term is on.
std::string gradients_key(const Project& project, const StageOptions& stage);

/// With norms, cosines and the shares at the stage's weights, for those who only read.
nlohmann::ordered_json to_json(const TermGradients& gradients);
/// Reads what to_json() wrote, but what follows from the rest. Throws UserError.
TermGradients term_gradients_from_json(const nlohmann::ordered_json& json);

}  // namespace llavakd
