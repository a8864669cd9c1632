// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "core/kernels/denormals.h"
#include "core/kernels/linear.h"
#include "core/kernels/logit_rows.h"
#include "core/kernels/row_data.h"
#include "core/losses/divergences.h"
#include "core/losses/fused_lm_head_backends.h"

namespace llavakd {

namespace {

/// Rows of logits of one model at a time. Fewer than 256 rows make products slow; more than 80 MB gain nothing.
int64_t chosen_chunk(const at::Tensor& head) {
  constexpr int64_t bytes = 80 << 20, fewest = 64, most = 512;
  return std::clamp<int64_t>(bytes / std::max<int64_t>(1, head.size(0) * head.element_size()), fewest, most);
}

/// Equal pieces of at most `most` rows each.
int64_t even_share(int64_t rows, int64_t most) {
  const int64_t pieces = std::max<int64_t>(1, (rows + most - 1) / most);
  return std::max<int64_t>(1, (rows + pieces - 1) / pieces);
}

/// Memory for the logits of one chunk after the other.
class Buffer {
 public:
  at::Tensor rows(int64_t count, int64_t width, at::ScalarType type) {
    if (!memory_.defined() || memory_.numel() < count * width || memory_.scalar_type() != type) {
      memory_.reset();
      memory_ = at::empty({count * width}, type);
    }
    return memory_.narrow(0, 0, count * width).view({count, width});
  }

 private:
  at::Tensor memory_;
};

/// x Wᵀ + b in the type of both.
at::Tensor logits_in(Buffer& buffer, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  at::Tensor z = buffer.rows(x.size(0), weight.size(0), x.scalar_type());
  if (bias.defined() && x.scalar_type() == at::kBFloat16) {
    at::addmm_out(z, bias, x, weight.t());  // rounds once
    return z;
  }
  matmul_nt_into(z, x, weight);
  if (bias.defined()) z.add_(bias);
  return z;
}

class KernelRows {
 public:
  KernelRows(const FusedInput& input, const WantedGradients& wanted, bool one_group, FusedResult& values)
      : input_(input),
        task_(input.task),
        wanted_(wanted),
        one_group_(one_group),
        values_(values),
        row_weights_(task_.row_weights.to(at::kDouble).contiguous()) {
    if (task_.labels.defined()) {
      labels_ = task_.labels.contiguous();
      TORCH_CHECK(labels_.numel() == 0 || labels_.max().item<int64_t>() < input.head.size(0),
                  "a label lies beyond the vocabulary");
    }
    if (wanted.hidden) gradients_.hidden = at::empty_like(input.hidden);
    if (wanted.bias) gradients_.bias = at::zeros_like(input.bias, input.bias.options().dtype(at::kFloat));
  }

  /// Rows [begin, begin + rows): student's logits at once, teacher's in chunks.
  void run_group(int64_t begin, int64_t rows, int64_t chunk_rows);
  FusedGradients result();

 private:
  void run_chunk(int64_t begin, int64_t rows, const at::Tensor& student);
  /// The teacher's logits of these rows in the student's type.
  at::Tensor teacher_logits(int64_t begin, int64_t rows);
  void run_part(const FusedPart& part, int64_t begin, int64_t rows, const at::Tensor& student,
                const at::Tensor& teacher);
  void add_gradients(int64_t begin, int64_t rows, const at::Tensor& dz);

  const FusedInput& input_;
  const FusedTask& task_;
  const WantedGradients wanted_;
  const bool one_group_;
  FusedResult& values_;
  at::Tensor row_weights_, labels_;
  FusedGradients gradients_;
  Buffer student_buffer_, teacher_buffer_;
};

at::Tensor KernelRows::teacher_logits(int64_t begin, int64_t rows) {
  const int64_t common = task_.vocabulary;
  const at::Tensor bias = task_.teacher_bias.defined() ? task_.teacher_bias.narrow(0, 0, common) : at::Tensor();
  return logits_in(teacher_buffer_, task_.teacher_hidden.narrow(0, begin, rows),
                   task_.teacher_head.narrow(0, 0, common), bias)
      .to(input_.head.scalar_type());
}

void KernelRows::run_part(const FusedPart& part, int64_t begin, int64_t rows, const at::Tensor& student,
                          const at::Tensor& teacher) {
  const double* weights = row_weights_.const_data_ptr<double>() + begin;
  const int64_t* labels = part.ce_weight ? labels_.const_data_ptr<int64_t>() + begin : nullptr;
  LogitRowsTask task{.vocabulary = student.size(1), .common = task_.vocabulary, .gradient = wanted_.any()};
  std::vector<LogitRow> found(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i) {
    LogitRow& row = found[static_cast<size_t>(i)];
    if (labels) row.label = labels[i];
    row.ce_scale = weights[i] * part.ce_weight.value_or(0);
    // The inner derivative is by logits / temperature.
    if (part.divergence)
      row.divergence_scale =
          weights[i] * part.divergence->weight * temperature_factor(*part.divergence) / part.divergence->temperature;
  }
  if (part.divergence) {
    task.divergence = part.divergence->divergence->logit_divergence(part.divergence->beta);
    task.temperature = part.divergence->temperature;
  }
  const int64_t stride = part.divergence ? teacher.stride(0) : 0;
  at::parallel_for(0, rows, 1, [&](int64_t from, int64_t to) {
    const FlushDenormals flush;
    with_row_type(student, [&]<typename Type>(Type) {
      Type* x = mutable_row_data<Type>(student) + from * student.size(1);
      const Type* z = part.divergence ? row_data<Type>(teacher) + from * stride : nullptr;
      logit_rows(x, z, stride, found.data() + from, to - from, task);
    });
  });
  float* ce = values_.ce.mutable_data_ptr<float>() + begin;
  float* divergence = values_.divergence.mutable_data_ptr<float>() + begin;
  const double factor = part.divergence ? temperature_factor(*part.divergence) : 0;
  for (int64_t i = 0; i < rows; ++i) {
    ce[i] = static_cast<float>(found[static_cast<size_t>(i)].ce);
    if (part.divergence) divergence[i] = static_cast<float>(found[static_cast<size_t>(i)].divergence * factor);
  }
}

void KernelRows::run_chunk(int64_t begin, int64_t rows, const at::Tensor& student) {
  struct Piece {
    const FusedPart& part;
    int64_t begin, end;
  };
  std::vector<Piece> pieces;
  // The teacher speaks of the rows from the first to the last that need it.
  int64_t part_begin = 0, first = begin + rows, last = begin;
  for (const FusedPart& part : task_.parts) {
    const int64_t from = std::max(begin, part_begin), to = std::min(begin + rows, part_begin + part.rows);
    part_begin += part.rows;
    if (from >= to) continue;
    pieces.push_back({part, from, to});
    if (!part.divergence) continue;
    first = std::min(first, from);
    last = std::max(last, to);
  }
  const at::Tensor teacher = first < last ? teacher_logits(first, last - first) : at::Tensor();
  for (const Piece& piece : pieces) {
    const int64_t count = piece.end - piece.begin;
    run_part(piece.part, piece.begin, count, student.narrow(0, piece.begin - begin, count),
             piece.part.divergence ? teacher.narrow(0, piece.begin - first, count) : at::Tensor());
  }
}

void KernelRows::add_gradients(int64_t begin, int64_t rows, const at::Tensor& dz) {
  const at::Tensor h = input_.hidden.narrow(0, begin, rows);
  if (wanted_.bias) gradients_.bias.add_(dz.sum(0, false, at::kFloat));
  if (wanted_.hidden) matmul_nt_into(gradients_.hidden.narrow(0, begin, rows), dz, input_.head.t());
  if (!wanted_.head) return;
  if (one_group_) {
    gradients_.head = matmul_nt(dz.t(), h.t());
    return;
  }
  // In float32, so that not each addition rounds.
  if (!gradients_.head.defined()) gradients_.head = at::zeros(input_.head.sizes(), dz.options().dtype(at::kFloat));
  if (dz.scalar_type() == at::kFloat)
    matmul_nt_into(gradients_.head, dz.t(), h.t(), /*add=*/true);
  else
    gradients_.head.add_(matmul_nt(dz.t(), h.t()));
}

void KernelRows::run_group(int64_t begin, int64_t rows, int64_t chunk_rows) {
  const at::Tensor student = logits_in(student_buffer_, input_.hidden.narrow(0, begin, rows), input_.head, input_.bias);
  const int64_t chunk = even_share(rows, chunk_rows);
  for (int64_t from = 0; from < rows; from += chunk) {
    const int64_t count = std::min(chunk, rows - from);
    run_chunk(begin + from, count, student.narrow(0, from, count));
  }
  if (wanted_.any()) add_gradients(begin, rows, student);
}

FusedGradients KernelRows::result() {
  if (wanted_.head && !gradients_.head.defined()) gradients_.head = at::zeros_like(input_.head);
  if (wanted_.head) gradients_.head = gradients_.head.to(input_.head.scalar_type());
  if (wanted_.bias) gradients_.bias = gradients_.bias.to(input_.bias.scalar_type());
  return std::move(gradients_);
}

}  // namespace

bool kernel_can_run(const FusedInput& input) {
  const FusedTask& task = input.task;
  const at::ScalarType type = input.head.scalar_type();
  const auto suits = [&](const at::Tensor& tensor, bool may_be_narrower = false) {
    return !tensor.defined() || (tensor.is_cpu() && tensor.layout() == at::kStrided &&
                                 (tensor.scalar_type() == type ||
                                  (may_be_narrower && type == at::kFloat && tensor.scalar_type() == at::kBFloat16)));
  };
  const bool same_teacher =
      !task.teacher_hidden.defined() ||
      (task.teacher_hidden.scalar_type() == task.teacher_head.scalar_type() &&
       (!task.teacher_bias.defined() || task.teacher_bias.scalar_type() == task.teacher_head.scalar_type()));
  return (type == at::kFloat || type == at::kBFloat16) && suits(input.head) && suits(input.hidden) &&
         suits(input.bias) && same_teacher && suits(task.teacher_hidden, true) && suits(task.teacher_head, true) &&
         suits(task.teacher_bias, true);
}

FusedGradients fused_rows_by_kernel(const FusedInput& input, const WantedGradients& wanted, const FusedOptions& options,
                                    FusedResult& values) {
  const int64_t rows = input.hidden.size(0);
  const int64_t chunk = options.chunk_rows > 0 ? options.chunk_rows : chosen_chunk(input.head);
  // A head that learns wants few products over many rows; one that doesn't wants little memory.
  const int64_t row_bytes = std::max<int64_t>(1, input.head.size(0) * input.head.element_size());
  const int64_t group = even_share(rows, wanted.head ? std::max(chunk, options.kept_bytes / row_bytes) : chunk);
  KernelRows run(input, wanted, group >= rows, values);
  for (int64_t begin = 0; begin < rows; begin += group) run.run_group(begin, std::min(group, rows - begin), chunk);
  return run.result();
}

}  // namespace llavakd
