// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/distillation_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/losses/head_rows.h"
#include "core/losses/rdist.h"
#include "core/losses/rows.h"

namespace llavakd {

namespace {

/// Terms of a batch while they are put together.
class Batch {
 public:
  Batch(const ModelOutput& student, const ModelOutput* teacher, size_t samples, double normaliser)
      : student_(student),
        teacher_(teacher),
        samples_(samples),
        normaliser_(normaliser),
        total_(at::zeros({}, student.hidden.options().dtype(wide_type(student.hidden)).requires_grad(false))),
        values_(at::zeros({4, static_cast<int64_t>(samples)}, total_.options().dtype(at::kDouble))),
        present_(samples) {
    if (teacher) vocabulary_ = std::min(student.head_weight.size(0), teacher->head_weight.size(0));
  }

  /// Rows with cross-entropy and divergence; either may be null.
  struct RowTerms {
    const Rows* rows;
    const Term* ce;
    const Term* mdist;
  };
  /// All in one go, so that the head meets full chunks of rows.
  void add_rows(std::vector<RowTerms> parts);
  void add_relations(const Rows& rows, const Term& term);
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
  /// Adds rows' or images' raw values, already divided by their number in the sample, to the sample's.
  void note(TermKind kind, const std::vector<int64_t>& sample_of, const at::Tensor& shares);
  at::Tensor relations(RelationWay way, const ModelOutput& model, const at::Tensor& rows) const;
  RelationWay relation_way(const ModelOutput& model, const at::Tensor& rows, const Term& term) const {
    return term.on_hidden ? RelationWay::hidden : cheaper_relation(rows, model, vocabulary_);
  }

  const ModelOutput& student_;
  const ModelOutput* teacher_;
  size_t samples_;
  double normaliser_;
  int64_t vocabulary_ = 0;
  at::Tensor total_;
  at::Tensor values_;                         // [terms, samples], float64, on the device until the end
  std::vector<std::array<bool, 4>> present_;  // [samples]
  RelationWay relation_ = RelationWay::none;
};

void Batch::note(TermKind kind, const std::vector<int64_t>& sample_of, const at::Tensor& shares) {
  values_.select(0, static_cast<int64_t>(kind)).index_add_(0, to_device(sample_of), shares.detach().to(at::kDouble));
  for (const int64_t sample : sample_of) present_[static_cast<size_t>(sample)][static_cast<size_t>(kind)] = true;
}

void Batch::add_rows(std::vector<RowTerms> parts) {
  std::erase_if(parts, [](const RowTerms& part) { return part.rows->size() == 0 || (!part.ce && !part.mdist); });
  if (parts.empty()) return;
  HeadRowsTask task;
  std::vector<int64_t> all, labels;
  std::vector<double> share;
  bool has_mdist = false;
  for (const auto& [rows, ce, mdist] : parts) {
    all.insert(all.end(), rows->index.begin(), rows->index.end());
    if (ce) labels.insert(labels.end(), rows->labels.begin(), rows->labels.end());
    labels.resize(all.size(), ignore_index);
    for (const int64_t sample : rows->sample)
      share.push_back(1.0 / static_cast<double>(rows->of_sample[static_cast<size_t>(sample)]));
    HeadRowsPart& part = task.parts.emplace_back();
    part.rows = rows->size();
    if (ce) part.ce_weight = ce->weight;
    if (mdist) part.mdist = *mdist;
    has_mdist = has_mdist || mdist;
  }
  const at::Tensor shares = to_device(share), index = to_device(all);
  task.row_weights = shares / normaliser_;
  task.labels = to_device(labels);
  if (has_mdist) {
    task.teacher_hidden = gather(teacher_->hidden, index).detach();
    task.teacher_head = teacher_->head_weight.detach();
    if (teacher_->head_bias.defined()) task.teacher_bias = teacher_->head_bias.detach();
    task.vocabulary = vocabulary_;
  }
  const HeadRowsResult result =
      head_rows(gather(student_.hidden, index), student_.head_weight, task, student_.head_bias);
  total_ = total_ + result.total;
  int64_t begin = 0;
  for (const auto& [rows, ce, mdist] : parts) {
    const auto of_part = [&, begin, count = rows->size()](const at::Tensor& values) {
      return (values * shares).narrow(0, begin, count);
    };
    if (ce) note(ce->kind, rows->sample, of_part(result.ce));
    if (mdist) note(mdist->kind, rows->sample, of_part(result.mdist));
    begin += rows->size();
  }
}

at::Tensor Batch::relations(RelationWay way, const ModelOutput& model, const at::Tensor& rows) const {
  return way == RelationWay::hidden ? relation_matrix(widened(rows))
                                    : relation_of_logits(way, rows, model, vocabulary_);
}

void Batch::add_relations(const Rows& rows, const Term& term) {
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
    const auto stacked = [&, n = count](const at::Tensor& hidden) {
      return gather(hidden, at_rows).unflatten(0, {-1, n});
    };
    const at::Tensor of_teacher = [&] {
      const at::NoGradGuard no_grad;
      const at::Tensor taught = stacked(teacher_->hidden);
      return relations(relation_way(*teacher_, taught, term), *teacher_, taught);
    }();
    const at::Tensor learnt = stacked(student_.hidden);
    relation_ = relation_way(student_, learnt, term);
    const at::Tensor of_student = relations(relation_, student_, learnt);
    const at::Tensor shares = relation_distance(of_student, of_teacher) * to_device(share).to(at::kDouble);
    total_ = total_ + (shares.sum() * (term.weight / normaliser_)).to(total_.scalar_type());
    note(TermKind::rdist, sample_of, shares);
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
    SampleTerms& terms = result.samples.emplace_back();
    for (size_t k = 0; k < all_terms.size(); ++k)
      if (present_[s][k]) terms.values[k] = at_host[static_cast<int64_t>(k)][static_cast<int64_t>(s)];
  }
  return result;
}

/// The one term of each kind.
std::array<const Term*, 4> by_kind(const std::vector<Term>& terms) {
  std::array<const Term*, 4> found = {};
  for (const Term& term : terms) {
    const Term*& slot = found[static_cast<size_t>(term.kind)];
    if (slot) throw std::invalid_argument("a term is given twice: " + std::string(name(term.kind)));
    slot = &term;
  }
  return found;
}

void check(const ModelOutput& student, const ModelOutput* teacher, const std::vector<Sequence>& sequences,
           const std::array<const Term*, 4>& terms, double normaliser) {
  if (student.hidden.dim() != 3 || student.hidden.size(0) != static_cast<int64_t>(sequences.size()))
    throw std::invalid_argument("hidden states must be [samples, tokens, width] with one sequence a sample");
  if (!(normaliser > 0)) throw std::invalid_argument("the number of samples to divide by must be positive");
  const bool needs_teacher = terms[1] || terms[2] || terms[3];
  if (!needs_teacher) return;
  if (!teacher) throw std::invalid_argument("a distilled term needs a teacher");
  if (teacher->hidden.sizes().slice(0, 2) != student.hidden.sizes().slice(0, 2))
    throw std::invalid_argument("teacher and student must see the same samples and tokens");
}

}  // namespace

LossResult distillation_loss(const ModelOutput& student, const ModelOutput* teacher,
                             const std::vector<Sequence>& sequences, const std::vector<Term>& terms,
                             double normaliser) {
  const auto [ce, mdist_response, mdist_visual, rdist] = by_kind(terms);
  check(student, teacher, sequences, {ce, mdist_response, mdist_visual, rdist}, normaliser);
  const int64_t tokens = student.hidden.size(1);
  Batch batch(student, teacher, sequences.size(), normaliser);
  const Rows response = ce || mdist_response ? response_rows(sequences, tokens) : Rows{};
  const Rows visual = mdist_visual || rdist ? visual_rows(sequences, tokens) : Rows{};
  batch.add_rows({{&response, ce, mdist_response}, {&visual, nullptr, mdist_visual}});
  if (rdist) batch.add_relations(visual, *rdist);
  return batch.result();
}

}  // namespace llavakd
