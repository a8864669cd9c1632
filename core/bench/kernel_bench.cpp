// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/kernel_bench.h"

#include <ATen/ops/_fused_adamw.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/bench/stopwatch.h"
#include "core/checkpoint/loaded_model.h"
#include "core/image/resize.h"
#include "core/kernels/attention.h"
#include "core/kernels/kernel_backends.h"
#include "core/kernels/linear.h"
#include "core/losses/distillation_loss.h"
#include "core/models/layers.h"
#include "core/training/adamw.h"

namespace llavakd {
namespace {

/// Sizes of one sample's step.
struct Sizes {
  int64_t tokens, visual, width, intermediate, teacher_width, words, heads, parameters;
};
// Real: SigLIP-so400m's tokens, Qwen2.5-0.5B behind 0.5B or 3B teachers, 32 answer tokens.
constexpr Sizes real_sizes{824, 728, 896, 4864, 896, 151936, 14, 1 << 27};
constexpr Sizes moderate_sizes{256, 192, 448, 1216, 448, 16384, 7, 1 << 23};

void forget_gradients(std::initializer_list<at::Tensor> tensors) {
  for (const at::Tensor& tensor : tensors) tensor.mutable_grad().reset();
}

/// The first term of the table that is like this.
template <class Predicate>
Term first_term(Predicate holds) {
  return {.kind = &*std::ranges::find_if(loss_terms(), holds)};
}

class KernelBencher {
 public:
  KernelBencher(const KernelBenchOptions& options, const std::function<void(const KernelTiming&)>& on_timing)
      : device_(device_of(options.device)),
        sizes_(options.real ? real_sizes : moderate_sizes),
        budget_(options.real ? 1.0 : 0.3),
        on_timing_(on_timing) {}

  std::vector<KernelTiming> run() {
    products(at::kFloat, MatmulBackend::onednn, "linear, oneDNN");
    products(at::kBFloat16, MatmulBackend::transposed, "linear, turned");
    // The losses with the backend that wins on processors with units for bfloat16.
    const KernelBackends before = current_backends();
    set_matmul_backend(at::kBFloat16, MatmulBackend::transposed);
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      cross_entropy_and_divergence(type);
      relations(type);
      attend(type);
      norm(type);
      rotary(type);
    }
    update();
    resize_image();
    set_backends(before);
    return std::move(timings_);
  }

 private:
  at::Tensor random(at::IntArrayRef shape, at::ScalarType type, double scale = 1) const {
    return (at::randn(shape, at::kFloat) * scale).to(at::TensorOptions().dtype(type).device(device_));
  }

  template <class Ours, class Plain>
  void time(const std::string& kernel, at::ScalarType type, std::string sizes, double operations, Ours&& ours,
            Plain&& plain) {
    KernelTiming timing{.kernel = kernel,
                        .precision = type == at::kFloat ? "fp32" : "bf16",
                        .sizes = std::move(sizes),
                        .operations = operations};
    timing.seconds = best_seconds(device_, budget_, ours);
    timing.plain_seconds = best_seconds(device_, budget_, plain);
    if (on_timing_) on_timing_(timing);
    timings_.push_back(std::move(timing));
  }

  /// A backend against LibTorch's choice: forward, and both products of backward.
  void products(at::ScalarType type, MatmulBackend backend, const std::string& name) {
    const at::Tensor x = random({sizes_.tokens, sizes_.width}, type),
                     w = random({sizes_.intermediate, sizes_.width}, type);
    const at::Tensor dy = random({sizes_.tokens, sizes_.intermediate}, type);
    const double operations = 6.0 * static_cast<double>(sizes_.tokens * sizes_.width * sizes_.intermediate);
    const std::string sizes = fmt::format("{} x {} x {}", sizes_.tokens, sizes_.width, sizes_.intermediate);
    const auto all = [&](auto&& multiply) {
      multiply(x, w);
      multiply(dy, w.t());
      multiply(dy.t(), x.t());
    };
    const auto plain = [&] {
      all([](const at::Tensor& a, const at::Tensor& b) { return at::mm(a, b.t()); });
    };
    const MatmulBackend before = matmul_backend(type);
    set_matmul_backend(type, backend);
    time(
        name, type, sizes, operations, [&] { all(matmul_nt); }, plain);
    set_matmul_backend(type, before);
  }

  /// One sample of `rows` positions, all labelled or all of a picture, and what both models say of it.
  struct Case {
    at::Tensor hidden, head;
    ModelOutput student, teacher;
    std::vector<Sequence> sequences;
    at::Tensor labels;
    void forget() const { forget_gradients({hidden, head}); }
  };
  Case sample_of(int64_t rows, SegmentKind kind, at::ScalarType type) const {
    Case made;
    made.hidden = random({1, rows, sizes_.width}, type).requires_grad_();
    made.head = random({sizes_.words, sizes_.width}, type, 0.02).requires_grad_();
    made.student = {.hidden = made.hidden, .head_weight = made.head};
    made.teacher = {.hidden = random({1, rows, sizes_.teacher_width}, type),
                    .head_weight = random({sizes_.words, sizes_.teacher_width}, type, 0.02)};
    const bool visual = kind == SegmentKind::visual;
    Sequence sequence{.input_ids = std::vector<int64_t>(size_t(rows), visual ? image_token_index : 1),
                      .labels = std::vector<int64_t>(size_t(rows), visual ? ignore_index : 1),
                      .segments = {{kind, 0, rows}}};
    made.sequences.push_back(std::move(sequence));
    made.labels = at::ones({rows - 1}, at::kLong).to(device_);
    return made;
  }

  /// Both heads, values and both gradients.
  void cross_entropy_and_divergence(at::ScalarType type) {
    const int64_t rows = sizes_.visual;
    const Case c = sample_of(rows, SegmentKind::response, type);
    const std::vector<Term> terms{
        first_term([](const LossTerm& term) { return term.per_row == RowLoss::cross_entropy; }),
        first_term([](const LossTerm& term) { return term.per_row == RowLoss::divergence; })};
    const auto ours = [&] {
      c.forget();
      distillation_loss(c.student, &c.teacher, c.sequences, terms, 1).total.backward();
    };
    const auto plain = [&] {
      c.forget();
      const at::Tensor log_q =
          at::log_softmax(at::linear(c.hidden, c.head)[0].narrow(0, 0, rows - 1).to(at::kFloat), -1);
      const at::Tensor teacher = at::linear(c.teacher.hidden, c.teacher.head_weight)[0].narrow(0, 0, rows - 1);
      const at::Tensor log_p = at::log_softmax(teacher.to(at::kFloat), -1);
      const at::Tensor ce = -log_q.gather(-1, c.labels.unsqueeze(-1)).squeeze(-1);
      const at::Tensor kl = (log_p.exp() * (log_p - log_q)).sum(-1);
      (ce + kl).mean().backward();
    };
    const double each = 2.0 * static_cast<double>(rows * sizes_.words);
    time("head, CE and KL", type, fmt::format("{} rows, {} words", rows, sizes_.words),
         each * static_cast<double>(3 * sizes_.width + sizes_.teacher_width), ours, plain);
  }

  /// The student's head learns; the teacher's relations are computed in each call.
  void relations(at::ScalarType type) {
    const int64_t rows = sizes_.visual;
    const Case c = sample_of(rows, SegmentKind::visual, type);
    const std::vector<Term> terms{first_term([](const LossTerm& term) { return term.reads_head_gram != nullptr; })};
    const auto ours = [&] {
      c.forget();
      distillation_loss(c.student, &c.teacher, c.sequences, terms, 1).total.backward();
    };
    const auto plain = [&] {
      c.forget();
      const auto relation = [](const at::Tensor& hidden, const at::Tensor& head) {
        const at::Tensor z = at::linear(hidden, head).to(at::kFloat);
        return at::bmm(z, z.transpose(1, 2)).flatten(1);
      };
      const at::Tensor of_teacher = relation(c.teacher.hidden, c.teacher.head_weight);
      (1 - at::cosine_similarity(relation(c.hidden, c.head), of_teacher, 1)).sum().backward();
    };
    time("relations", type, fmt::format("{} rows, {} words", rows, sizes_.words), 0, ours, plain);
  }

  /// Own blocks against LibTorch's scaled_dot_product_attention; a run takes the quicker one.
  void attend(at::ScalarType type) {
    const int64_t dim = sizes_.width / sizes_.heads, key_heads = sizes_.heads / 7;
    const at::Tensor q = random({1, sizes_.heads, sizes_.tokens, dim}, type).requires_grad_();
    const at::Tensor k = random({1, key_heads, sizes_.tokens, dim}, type).requires_grad_();
    const at::Tensor v = random({1, key_heads, sizes_.tokens, dim}, type).requires_grad_();
    const auto run = [&](AttentionBackend backend) {
      return [&, backend] {
        forget_gradients({q, k, v});
        attention_with(backend, q, k, v, /*causal=*/true).sum().backward();
      };
    };
    time("attention, blocks", type, fmt::format("{} heads of {}, {} tokens", sizes_.heads, dim, sizes_.tokens), 0,
         run(AttentionBackend::blocks), run(AttentionBackend::sdpa));
  }

  void norm(at::ScalarType type) {
    const at::Tensor x = random({sizes_.tokens, sizes_.width}, type).requires_grad_();
    const at::Tensor weight = random({sizes_.width}, type).requires_grad_();
    const auto run = [&](auto&& function) {
      return [&, function] {
        forget_gradients({x, weight});
        function(x, weight, 1e-6).sum().backward();
      };
    };
    time("RMSNorm", type, fmt::format("{} x {}", sizes_.tokens, sizes_.width), 0, run(rms_norm), run(plain_rms_norm));
  }

  void rotary(at::ScalarType type) {
    const int64_t half = sizes_.width / sizes_.heads / 2;
    const at::Tensor x = random({1, sizes_.tokens, sizes_.heads, 2 * half}, type).requires_grad_();
    const at::Tensor angles = random({sizes_.tokens, half}, at::kFloat), cos = angles.cos().to(type),
                     sin = angles.sin().to(type);
    const auto run = [&](auto&& function) {
      return [&, function] {
        forget_gradients({x});
        function(x, cos, sin).sum().backward();
      };
    };
    time("rotary positions", type, fmt::format("{} x {} x {}", sizes_.tokens, sizes_.heads, 2 * half), 0,
         run(apply_rotary), run(plain_rotary));
  }

  /// Norm and update of the optimizer against LibTorch's fused one (not torch.optim's loop, which is slower).
  void update() {
    constexpr int64_t columns = 1024;
    TensorMap parameters{{"w.weight", random({sizes_.parameters / columns, columns}, at::kFloat).requires_grad_()}};
    const at::Tensor weight = parameters["w.weight"], gradient = random(weight.sizes(), at::kFloat);
    GradientBuffer gradients(parameters);
    AdamW optimizer(parameters, {});
    const auto ours = [&] {
      weight.mutable_grad() = gradient;
      gradients.finish_micro_batch();
      optimizer.step(gradients, 1e-5, gradients.norm());
    };
    const at::Tensor other = weight.detach().clone(), moment1 = at::zeros_like(other), moment2 = at::zeros_like(other);
    const at::Tensor steps = at::ones({}, other.options());
    const auto plain = [&] {
      const at::Tensor norm = gradient.norm();
      const at::Tensor scaled = gradient * (1 / (norm + 1e-6)).clamp_max(1);
      at::_fused_adamw_({other}, {scaled}, {moment1}, {moment2}, {}, {steps}, 1e-5, 0.9, 0.999, 0, 1e-8, false, false);
    };
    time("clip and AdamW", at::kFloat, fmt::format("{} parameters", sizes_.parameters), 0, ours, plain);
  }

  void resize_image() {
    if (!device_.is_cpu()) return;
    constexpr int side = 384;
    Image image(640, 480);
    for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<uint8_t>(i * 7 % 251);
    const at::Tensor pixels = at::from_blob(image.rgb.data(), {1, 480, 640, 3}, at::kByte).permute({0, 3, 1, 2});
    const auto plain = [&] {
      at::_upsample_bicubic2d_aa(pixels.to(at::kFloat), {side, side}, false, std::nullopt, std::nullopt);
    };
    time(
        "resize", at::kFloat, "640 x 480 to 384 x 384", 0, [&] { resize(image, side, side); }, plain);
  }

  const at::Device device_;
  const Sizes sizes_;
  const double budget_;
  const std::function<void(const KernelTiming&)>& on_timing_;
  std::vector<KernelTiming> timings_;
};

}  // namespace

std::vector<KernelTiming> bench_kernels(const KernelBenchOptions& options,
                                        const std::function<void(const KernelTiming&)>& on_timing) {
  return KernelBencher(options, on_timing).run();
}

}  // namespace llavakd
