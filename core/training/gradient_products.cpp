// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/gradient_products.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/errors.h"
#include "core/io/mapped_file.h"
#include "core/losses/compute_type.h"
#include "core/training/stage.h"

namespace llavakd {
namespace {

/// The place of a part in the list, and its name. Decoder layers come in at most four groups.
std::pair<int64_t, std::string> gradient_part_of(const std::string& name, int64_t layers) {
  if (part_of(name) == "vision_tower") return {0, "vision tower"};
  if (part_of(name) == "connector") return {1, "connector"};
  constexpr std::string_view mark = "layers.";
  const size_t at = name.find(mark);
  if (at == std::string::npos) return {1'000'000, "embedding and head"};
  const int64_t layer = std::strtoll(name.c_str() + at + mark.size(), nullptr, 10);
  const int64_t groups = std::min<int64_t>(4, layers), group = layer * groups / layers;
  // The first layer of a group: the smallest one that falls into it.
  const auto first_of = [&](int64_t each) {
    return (each * layers + groups - 1) / groups;
  };
  const int64_t first = first_of(group) + 1, last = first_of(group + 1);
  return {2 + group, first == last ? fmt::format("layer {}", first) : fmt::format("layers {}-{}", first, last)};
}

/// A trained tensor and the gradients of it, one of each term, summed over the micro-batches so far.
struct SummedTensor {
  at::Tensor parameter;
  size_t part = 0;  ///< Of the result.
  std::vector<at::Tensor> sums;
};

/// The parameters that learn, cut into runs whose gradients may be kept together; at least one each.
std::vector<std::vector<SummedTensor>> groups_of(const MultimodalModel& student, size_t terms, int64_t most_bytes,
                                                 std::vector<GradientProducts>& parts) {
  std::map<int64_t, std::pair<std::string, std::vector<at::Tensor>>> by_part;
  for (const auto& [name, parameter] : trained_parameters(student)) {
    const auto [place, part] = gradient_part_of(name, student.config().language.num_hidden_layers);
    by_part[place].first = part;
    by_part[place].second.push_back(parameter);
  }
  std::vector<std::vector<SummedTensor>> groups(1);
  int64_t bytes = 0;
  for (const auto& [place, named] : by_part) {
    parts.push_back({named.first, std::vector<double>(terms * terms)});
    for (const at::Tensor& parameter : named.second) {
      const auto more = static_cast<int64_t>(terms) * parameter.numel() *
                        static_cast<int64_t>(c10::elementSize(compute_type(parameter)));
      if (!groups.back().empty() && bytes + more > most_bytes) {
        groups.emplace_back();
        bytes = 0;
      }
      bytes += more;
      groups.back().push_back({.parameter = parameter, .part = parts.size() - 1, .sums = {}});
    }
  }
  return groups;
}

/// Moves what a backward pass left to the term's sums; what isn't wanted this time is let go.
void take_gradients_of(size_t term, const TensorMap& parameters, std::vector<SummedTensor>& wanted) {
  const at::NoGradGuard no_grad;
  for (SummedTensor& each : wanted) {
    const at::Tensor gradient = std::exchange(each.parameter.mutable_grad(), at::Tensor());
    if (!gradient.defined()) continue;
    at::Tensor& sum = each.sums[term];
    if (sum.defined())
      sum.add_(gradient);
    else
      sum = gradient.to(compute_type(gradient)).contiguous();
  }
  for (const auto& [name, parameter] : parameters) parameter.mutable_grad().reset();
}

/// Adds the products of one tensor's gradients, in float64 and in pieces that cost little memory.
void add_products(const SummedTensor& tensor, std::vector<double>& products) {
  constexpr int64_t piece = 1 << 19;
  const at::NoGradGuard no_grad;
  const auto terms = static_cast<int64_t>(tensor.sums.size());
  const auto options = tensor.parameter.options().dtype(at::kDouble).requires_grad(false);
  at::Tensor sum = at::zeros({terms, terms}, options);
  for (int64_t begin = 0; begin < tensor.parameter.numel(); begin += piece) {
    const int64_t count = std::min(piece, tensor.parameter.numel() - begin);
    at::Tensor rows = at::zeros({terms, count}, options);
    for (int64_t t = 0; t < terms; ++t)
      if (const at::Tensor& gradient = tensor.sums[static_cast<size_t>(t)]; gradient.defined())
        rows[t].copy_(gradient.flatten().narrow(0, begin, count));
    sum.addmm_(rows, rows.t());
  }
  const at::Tensor at_host = sum.cpu();
  for (int64_t i = 0; i < terms * terms; ++i) products[static_cast<size_t>(i)] += at_host.const_data_ptr<double>()[i];
}

/// One pass over the batch for some of the parameters.
class GradientPass {
 public:
  GradientPass(const MultimodalModel* teacher, const MultimodalModel& student, const std::vector<Term>& terms,
               const Forward::Plan& plan)
      : terms_(terms), parameters_(trained_parameters(student)), forward_(teacher, student, plan) {}

  /// `told` after each backward pass. Adds the raw values of the samples to `values` where that isn't null.
  void add(const MicroBatch& micro, std::vector<SummedTensor>& wanted, std::vector<double>* values,
           const std::function<void()>& told);

 private:
  const std::vector<Term>& terms_;
  const TensorMap parameters_;
  std::shared_ptr<RowGradients> rows_ = std::make_shared<RowGradients>();
  Forward forward_;
};

void GradientPass::add(const MicroBatch& micro, std::vector<SummedTensor>& wanted, std::vector<double>* values,
                       const std::function<void()>& told) {
  StepPhases ignored;
  const auto [teacher, student] = forward_(micro, /*recompute=*/false, ignored, rows_);
  for (size_t t = 0; t < terms_.size(); ++t) {
    const LossResult loss =
        distillation_loss(student, teacher ? &*teacher : nullptr, micro.sequences, {terms_[t]}, /*normaliser=*/1);
    if (values)
      for (const SampleTerms& sample : loss.samples) (*values)[t] += sample[terms_[t].kind->name].value_or(0);
    // The graph of the student serves all terms.
    if (loss.total.requires_grad()) loss.total.backward({}, /*retain_graph=*/t + 1 < terms_.size());
    for (const RowGradient& row : *rows_) row.add_to(row.table.mutable_grad());
    rows_->clear();
    take_gradients_of(t, parameters_, wanted);
    told();
  }
  refuse_changed_mappings();
}

void refuse_nonfinite(const BatchGradients& found, const std::vector<Term>& terms) {
  for (const GradientProducts& part : found.parts)
    for (size_t t = 0; t < terms.size(); ++t)
      if (!std::isfinite(part.products[t * terms.size() + t]))
        throw RunError(
            fmt::format("The gradient of {} in the {} is not a number, so it has no share. A run would stop "
                        "there, too: look at the batch's samples.",
                        terms[t].kind->name, part.part));
}

}  // namespace

BatchGradients gradient_products(const MultimodalModel* teacher, const MultimodalModel& student,
                                 std::vector<Term> terms, const std::vector<MicroBatch>& batch,
                                 const Forward::Plan& plan, const GradientProductsOptions& options) {
  for (Term& term : terms) term.weight = 1;
  BatchGradients found{.values = std::vector<double>(terms.size()), .parts = {}};
  auto groups = groups_of(student, terms.size(), options.most_bytes, found.parts);
  int64_t samples = 0, done = 0;
  for (const MicroBatch& micro : batch) samples += std::ssize(micro.sequences);
  const auto of = static_cast<int64_t>(groups.size() * batch.size() * terms.size());
  GradientPass pass(teacher, student, terms, plan);
  const auto told = [&] {
    if (options.progress) options.progress(++done, of);
  };
  for (auto& group : groups) {
    for (SummedTensor& each : group) each.sums.resize(terms.size());
    for (const MicroBatch& micro : batch)
      pass.add(micro, group, &group == &groups.front() ? &found.values : nullptr, told);
    for (const SummedTensor& each : group) add_products(each, found.parts[each.part].products);
    group.clear();
  }
  // Sums over the samples so far; a stage's loss is their mean.
  const auto count = static_cast<double>(samples);
  for (double& value : found.values) value /= count;
  for (GradientProducts& part : found.parts)
    for (double& product : part.products) product /= count * count;
  refuse_nonfinite(found, terms);
  return found;
}

}  // namespace llavakd
