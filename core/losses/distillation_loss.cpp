// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/distillation_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/losses/compute_type.h"
#include "core/losses/fused_lm_head.h"
#include "core/losses/rows.h"

namespace llavakd {

namespace {

/// Rows with cross-entropy and divergence, which share the rows' logits; either may be null.
struct RowTerms {
  const Rows* rows;
  const Term* ce;
  const Term* divergence;
};

/// Terms of a batch while they are put together.
class Batch {
 public:
  Batch(const ModelOutput& student, const ModelOutput* teacher, size_t samples, const std::vector<Term>& terms,
        double normaliser)
      : student_(student),
        teacher_(teacher),
        samples_(samples),
        terms_(terms),
        normaliser_(normaliser),
        total_(at::zeros({}, student.hidden.options().dtype(compute_type(student.hidden)).requires_grad(false))),
        values_(at::zeros({std::ssize(terms), static_cast<int64_t>(samples)}, total_.options().dtype(at::kDouble))),
        present_(samples, std::vector<bool>(terms.size())) {
    if (teacher) vocabulary_ = std::min(student.head_weight.size(0), teacher->head_weight.size(0));
  }

  /// All in one go, so that the head meets full chunks of rows.
  void add_rows(std::vector<RowTerms> parts);
  /// A term with a per-image function. `rows`: those at its positions.
  void add_images(const Rows& rows, const Term& term);
  LossResult result();

 private:
  at::Tensor to_device(const std::vector<int64_t>& numbers) const {
    return at::tensor(numbers, at::kLong).to(student_.hidden.device());
  }
  at::Tensor to_device(const std::vector<double>& numbers) const {
    return at::tensor(numbers, at::kDouble).to(total_.options());
  }
  static at::Tensor gather(const at::Tensor& hidden, const at::Tensor& index) {
    return hidden.flatten(0, 1).index_select(0, index);
  }
  /// Adds rows' or images' raw values, already divided by their number in the sample, to the sample's. `term`: one of
  /// `terms_`.
  void note(const Term& term, const std::vector<int64_t>& sample_of, const at::Tensor& shares);

  const ModelOutput& student_;
  const ModelOutput* teacher_;
  size_t samples_;
  const std::vector<Term>& terms_;
  double normaliser_;
  int64_t vocabulary_ = 0;
  at::Tensor total_;
  at::Tensor values_;                       // [terms, samples], float64, on the device until the end
  std::vector<std::vector<bool>> present_;  // [samples][terms]
  RelationMethod relation_ = RelationMethod::none;
};

void Batch::note(const Term& term, const std::vector<int64_t>& sample_of, const at::Tensor& shares) {
  const auto row = &term - terms_.data();
  values_.select(0, row).index_add_(0, to_device(sample_of), shares.detach().to(at::kDouble));
  for (const int64_t sample : sample_of) present_[static_cast<size_t>(sample)][static_cast<size_t>(row)] = true;
}

void Batch::add_rows(std::vector<RowTerms> parts) {
  std::erase_if(parts, [](const RowTerms& part) { return part.rows->size() == 0; });
  if (parts.empty()) return;
  FusedTask task;
  std::vector<int64_t> all, labels;
  std::vector<double> share;
  bool has_divergence = false;
  for (const auto& [rows, ce, divergence] : parts) {
    all.insert(all.end(), rows->index.begin(), rows->index.end());
    if (ce) labels.insert(labels.end(), rows->labels.begin(), rows->labels.end());
    labels.resize(all.size(), ignore_index);
    for (const int64_t sample : rows->sample)
      share.push_back(1.0 / static_cast<double>(rows->of_sample[static_cast<size_t>(sample)]));
    FusedPart& part = task.parts.emplace_back();
    part.rows = rows->size();
    if (ce) part.ce_weight = ce->weight;
    if (divergence) part.divergence = *divergence;
    has_divergence = has_divergence || divergence;
  }
  const at::Tensor shares = to_device(share), index = to_device(all);
  task.row_weights = shares / normaliser_;
  task.labels = to_device(labels);
  if (has_divergence) {
    task.teacher_hidden = gather(teacher_->hidden, index).detach();
    task.teacher_head = teacher_->head_weight.detach();
    if (teacher_->head_bias.defined()) task.teacher_bias = teacher_->head_bias.detach();
    task.vocabulary = vocabulary_;
  }
  const FusedResult result =
      fused_lm_head_loss(gather(student_.hidden, index), student_.head_weight, task, student_.head_bias);
  total_ = total_ + result.total;
  int64_t begin = 0;
  for (const auto& [rows, ce, divergence] : parts) {
    const auto of_part = [&, begin, count = rows->size()](const at::Tensor& values) {
      return (values * shares).narrow(0, begin, count);
    };
    if (ce) note(*ce, rows->sample, of_part(result.ce));
    if (divergence) note(*divergence, rows->sample, of_part(result.divergence));
    begin += rows->size();
  }
}

void Batch::add_images(const Rows& rows, const Term& term) {
  std::vector<double> images_of(samples_);
  std::map<int64_t, std::vector<const ImageRows*>> by_count;  // Images of equal size make one batched product.
  for (const ImageRows& image : rows.images) {
    ++images_of[image.sample];
    by_count[image.count].push_back(&image);
  }
  for (const auto& [count, images] : by_count) {
    std::vector<int64_t> index, sample_of;
    std::vector<double> share;
    for (const ImageRows* image : images) {
      const auto first = rows.index.begin() + image->begin;
      index.insert(index.end(), first, first + count);
      sample_of.push_back(static_cast<int64_t>(image->sample));
      share.push_back(1 / images_of[image->sample]);
    }
    const at::Tensor at_rows = to_device(index);
    const auto stacked = [&, n = count](const ModelOutput& model) {
      return ImageOutputs{gather(model.hidden, at_rows).unflatten(0, {-1, n}), model};
    };
    std::optional<ImageOutputs> teacher;
    if (teacher_) {
      const at::NoGradGuard no_grad;
      teacher.emplace(stacked(*teacher_));
    }
    const ImageLoss loss = term.kind->per_image(stacked(student_), teacher ? &*teacher : nullptr, vocabulary_, term);
    if (loss.relation != RelationMethod::none) relation_ = loss.relation;
    const at::Tensor shares = loss.values * to_device(share).to(at::kDouble);
    total_ = total_ + (shares.sum() * (term.weight / normaliser_)).to(total_.scalar_type());
    note(term, sample_of, shares);
  }
}

LossResult Batch::result() {
  LossResult result;
  // A batch in which nothing is left still has a graph to go back through; an empty sum reads no number.
  result.total = total_ + student_.hidden.flatten().narrow(0, 0, 0).sum().to(total_.scalar_type());
  result.relation = relation_;
  if (values_.is_meta()) return result;  // Shapes alone: there are no numbers.
  const at::Tensor values = values_.to(at::kCPU);
  const auto at_host = values.accessor<double, 2>();
  for (size_t s = 0; s < samples_; ++s) {
    SampleTerms& sample = result.samples.emplace_back();
    for (size_t k = 0; k < terms_.size(); ++k)
      if (present_[s][k])
        sample.values.emplace(terms_[k].kind->name, at_host[static_cast<int64_t>(k)][static_cast<int64_t>(s)]);
  }
  return result;
}

void check(const ModelOutput& student, const ModelOutput* teacher, const std::vector<Sequence>& sequences,
           const std::vector<Term>& terms, double normaliser) {
  if (student.hidden.dim() != 3 || student.hidden.size(0) != static_cast<int64_t>(sequences.size()))
    throw std::invalid_argument("hidden states must be [samples, tokens, width] with one sequence a sample");
  if (!(normaliser > 0)) throw std::invalid_argument("the number of samples to divide by must be positive");
  for (const Term& term : terms) {
    if (!term.kind) throw std::invalid_argument("a term has no kind");
    if (std::ranges::count(terms, term.kind, &Term::kind) > 1)
      throw std::invalid_argument("a term is given twice: " + std::string(term.kind->name));
  }
  if (std::ranges::none_of(terms, [](const Term& term) { return term.kind->info->needs_teacher; })) return;
  if (!teacher) throw std::invalid_argument("a distilled term needs a teacher");
  if (teacher->hidden.sizes().slice(0, 2) != student.hidden.sizes().slice(0, 2))
    throw std::invalid_argument("teacher and student must see the same samples and tokens");
}

/// The terms that read logits at these positions. A cross-entropy shares its rows with a divergence; a second one of
/// either needs the rows again.
void add_parts(std::vector<RowTerms>& parts, const Rows& rows, TermPositions positions,
               const std::vector<Term>& terms) {
  std::vector<const Term*> entropies, divergences;
  for (const Term& term : terms) {
    if (term.kind->info->reads != positions) continue;
    if (term.kind->per_row == RowLoss::cross_entropy) entropies.push_back(&term);
    if (term.kind->per_row == RowLoss::divergence) divergences.push_back(&term);
  }
  for (size_t i = 0; i < std::max(entropies.size(), divergences.size()); ++i)
    parts.push_back(
        {&rows, i < entropies.size() ? entropies[i] : nullptr, i < divergences.size() ? divergences[i] : nullptr});
}

}  // namespace

LossResult distillation_loss(const ModelOutput& student, const ModelOutput* teacher,
                             const std::vector<Sequence>& sequences, const std::vector<Term>& terms,
                             double normaliser) {
  check(student, teacher, sequences, terms, normaliser);
  const int64_t tokens = student.hidden.size(1);
  const auto anything_reads = [&](TermPositions positions) {
    return std::ranges::any_of(terms, [&](const Term& term) { return term.kind->info->reads == positions; });
  };
  using enum TermPositions;
  const Rows at_response = anything_reads(response) ? response_rows(sequences, tokens) : Rows{};
  const Rows at_visual = anything_reads(visual) ? visual_rows(sequences, tokens) : Rows{};
  Batch batch(student, teacher, sequences.size(), terms, normaliser);
  std::vector<RowTerms> parts;
  add_parts(parts, at_response, response, terms);
  add_parts(parts, at_visual, visual, terms);
  batch.add_rows(std::move(parts));
  for (const Term& term : terms)
    if (term.kind->per_image) batch.add_images(at_visual, term);
  return batch.result();
}

}  // namespace llavakd
