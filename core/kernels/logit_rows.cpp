// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/logit_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/kernels/bfloat.h"
#include "core/kernels/clones.h"

// Everything below is compiled once for each clone, at its width.
#define LLAVAKD_INLINE [[gnu::always_inline]] inline

namespace llavakd {

namespace {

using Kind = LogitDivergence::Kind;

constexpr int64_t block = 2048;  // Numbers that are summed in float32.

/// log x of normal x > 0 (Cephes' polynomial).
LLAVAKD_INLINE float fast_log(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  float e = static_cast<float>(static_cast<int32_t>(bits >> 23) - 126);
  bits = (bits & 0x007fffffu) | 0x3f000000u;
  float m;
  std::memcpy(&m, &bits, 4);
  const bool low = m < 0.707106781f;
  e = low ? e - 1 : e;
  m = low ? m + m - 1 : m - 1;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float square = m * m;
  return m + (p * m * square - 0.5f * square - e * 2.12194440e-4f) + e * 0.693359375f;
}

template <typename T>
LLAVAKD_INLINE float row_max(const T* x, int64_t count) {
  float found = -3e38f;
#pragma omp simd reduction(max : found)
  for (int64_t i = 0; i < count; ++i) {
    const float here = to_fp32(x[i]);
    found = found > here ? found : here;
  }
  return found;
}

/// Σ e^(x - top).
template <typename T>
LLAVAKD_INLINE double sum_of_exponentials(const T* x, int64_t count, float top) {
  double total = 0;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t end = std::min(count, begin + block);
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = begin; i < end; ++i) sum += fast_exp(to_fp32(x[i]) - top);
    total += sum;
  }
  return total;
}

/// Ratios to the mixture m = α p + (1-α) q, from d = log(p/q); exact for any d, near 0 too.
struct MixtureRatios {
  float log_m_q;   ///< log(m/q)
  float p_m, q_m;  ///< p/m and q/m
};
LLAVAKD_INLINE MixtureRatios mixture_ratios(float d, float alpha) {
  const float s = fast_exp(d > 0 ? -d : d);
  const float of_larger = d > 0 ? alpha : 1 - alpha, of_smaller = d > 0 ? 1 - alpha : alpha;
  const float sum = of_larger + of_smaller * s, inverse = 1 / sum;
  return {(d < 0 ? 0 : d) + fast_log(sum), (d > 0 ? 1 : s) * inverse, (d > 0 ? s : 1) * inverse};
}

/// What is known of a row of student's logits x and teacher's logits z. With the temperature τ and over the common
/// part,
///   q_i = exp((x_i - max x) / τ) / Σ_j exp((x_j - max x) / τ), p_i likewise of z,
///   d_i = log(p_i / q_i) = (z_i - max z) / τ - (x_i - max x) / τ + log_ratio_shift.
struct RowStats {
  float max_student = 0, max_teacher = 0;                  ///< max x, max z
  float inverse_temperature = 1;                           ///< 1 / τ
  float inverse_sum_student = 0, inverse_sum_teacher = 0;  ///< 1 / Σ_j exp(…), of q and of p
  float log_ratio_shift = 0;                               ///< log Σ exp of the student - log Σ exp of the teacher
  /// Σ_j q_j g_j with g = ∂D/∂q, which the Jacobian of softmax subtracts: ∂D/∂(x_i/τ) = q_i (g_i - Σ_j q_j g_j). For
  /// `weighted_kl`, weight_q Σ_j q_j log(q_j / p_j).
  float jacobian_sum = 0;
  float ce_factor = 0;            ///< Softmax of the whole row without temperature: ce_factor · exp(x_i - max x).
  float ce_scale = 0, scale = 0;  ///< Factors of the derivatives of cross-entropy and divergence.
};

/// g = ∂D/∂q at one logit, without its constant part; mixture_kl and total_variation only.
template <Kind kind>
LLAVAKD_INLINE float divergence_grad(float p, float q, float d, LogitDivergence of) {
  if constexpr (kind == Kind::total_variation) return 0.5f * (static_cast<float>(q > p) - static_cast<float>(q < p));
  const MixtureRatios m = mixture_ratios(d, of.alpha);
  // ∂/∂q of weight_p Σ p log(p/m) + weight_q Σ q log(q/m), less weight_q.
  return -of.weight_q * m.log_m_q - (1 - of.alpha) * (of.weight_p * m.p_m + of.weight_q * m.q_m);
}

/// The derivative at one logit of the common part.
template <Kind kind, bool two_exponents>
LLAVAKD_INLINE float logit_grad(float x, float z, const RowStats& row, LogitDivergence of) {
  const float exponent = (x - row.max_student) * row.inverse_temperature;
  const float e = fast_exp(exponent);
  const float ce = row.ce_scale * row.ce_factor * (two_exponents ? fast_exp(x - row.max_student) : e);
  if constexpr (kind == Kind::none) return ce;
  const float other = (z - row.max_teacher) * row.inverse_temperature;
  const float q = e * row.inverse_sum_student, p = fast_exp(other) * row.inverse_sum_teacher;
  if constexpr (kind == Kind::forward_kl) return ce + row.scale * (q - p);
  const float d = (other - exponent) + row.log_ratio_shift;
  if constexpr (kind == Kind::weighted_kl)
    return ce + row.scale * (of.weight_p * (q - p) - q * (of.weight_q * d + row.jacobian_sum));
  return ce + row.scale * q * (divergence_grad<kind>(p, q, d, of) - row.jacobian_sum);
}

/// Sums over the common part: of the exponentials and, where they don't need p and q themselves, the cross terms
/// Σ exp(z) · (z - x) and Σ exp(x) · (z - x), with shifted and cooled exponents.
struct SoftmaxSums {
  double s = 0, t = 0, forward = 0, reverse = 0;
};
template <Kind kind, typename T>
LLAVAKD_INLINE SoftmaxSums softmax_sums(const T* student, const T* teacher, int64_t count, const RowStats& row) {
  SoftmaxSums sums;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t end = std::min(count, begin + block);
    float s = 0, t = 0, forward = 0, reverse = 0;
#pragma omp simd reduction(+ : s, t, forward, reverse)
    for (int64_t i = begin; i < end; ++i) {
      const float a = (to_fp32(student[i]) - row.max_student) * row.inverse_temperature,
                  b = (to_fp32(teacher[i]) - row.max_teacher) * row.inverse_temperature;
      const float q = fast_exp(a), p = fast_exp(b);
      s += q;
      t += p;
      if constexpr (kind == Kind::forward_kl || kind == Kind::weighted_kl) forward += p * (b - a);
      if constexpr (kind == Kind::weighted_kl) reverse += q * (b - a);
    }
    sums.s += s;
    sums.t += t;
    sums.forward += forward;
    sums.reverse += reverse;
  }
  return sums;
}

/// The value, and Σ q g, of the kinds that need p and q themselves: a second pass.
struct DivergenceSums {
  double value = 0, jacobian_sum = 0;
};
template <Kind kind, typename T>
LLAVAKD_INLINE DivergenceSums divergence_sums(const T* student, const T* teacher, int64_t count, const RowStats& row,
                                              LogitDivergence of) {
  DivergenceSums sums;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t end = std::min(count, begin + block);
    float value = 0, jacobian_sum = 0;
#pragma omp simd reduction(+ : value, jacobian_sum)
    for (int64_t i = begin; i < end; ++i) {
      const float a = (to_fp32(student[i]) - row.max_student) * row.inverse_temperature,
                  b = (to_fp32(teacher[i]) - row.max_teacher) * row.inverse_temperature;
      const float q = fast_exp(a) * row.inverse_sum_student, p = fast_exp(b) * row.inverse_sum_teacher,
                  d = (b - a) + row.log_ratio_shift;
      jacobian_sum += q * divergence_grad<kind>(p, q, d, of);
      if constexpr (kind == Kind::total_variation) {
        value += 0.5f * std::fabs(q - p);
      } else {
        const float log_m_q = mixture_ratios(d, of.alpha).log_m_q;
        value += of.weight_p * p * (d - log_m_q) - of.weight_q * q * log_m_q;
      }
    }
    sums.value += value;
    sums.jacobian_sum += jacobian_sum;
  }
  return sums;
}

/// The value of the divergence; sets what its derivative needs in `row`.
template <Kind kind, typename T>
LLAVAKD_INLINE double run_divergence(const T* student, const T* teacher, const LogitRowsTask& task,
                                     const SoftmaxSums& sums, RowStats& row) {
  const LogitDivergence of = task.divergence;
  const double log_ratio_shift = std::log(sums.s) - std::log(sums.t);
  row.inverse_sum_student = static_cast<float>(1 / sums.s);
  row.inverse_sum_teacher = static_cast<float>(1 / sums.t);
  row.log_ratio_shift = static_cast<float>(log_ratio_shift);
  const double forward = sums.forward / sums.t + log_ratio_shift;
  if constexpr (kind == Kind::forward_kl) return forward;
  if constexpr (kind == Kind::weighted_kl) {
    const double reverse = -(sums.reverse / sums.s + log_ratio_shift);
    row.jacobian_sum = static_cast<float>(of.weight_q * reverse);
    return of.weight_p * forward + of.weight_q * reverse;
  }
  const DivergenceSums second = divergence_sums<kind>(student, teacher, task.common, row, of);
  row.jacobian_sum = static_cast<float>(second.jacobian_sum);
  return second.value;
}

template <Kind kind, bool two_exponents, typename T>
LLAVAKD_INLINE void run_row(T* student, const T* teacher, LogitRow& out, const LogitRowsTask& task) {
  const bool has_ce = out.label >= 0;
  const int64_t common = kind == Kind::none ? task.vocabulary : task.common, rest = task.vocabulary - common;
  RowStats row;
  row.max_student = row_max(student, common);
  row.inverse_temperature = kind == Kind::none ? 1 : static_cast<float>(1 / task.temperature);
  SoftmaxSums sums;
  if constexpr (kind == Kind::none) {
    sums.s = sum_of_exponentials(student, common, row.max_student);
  } else {
    row.max_teacher = row_max(teacher, common);
    sums = softmax_sums<kind>(student, teacher, common, row);
    out.divergence = run_divergence<kind>(student, teacher, task, sums, row);
    row.scale = static_cast<float>(out.divergence_scale);
  }

  float rest_max = 0, rest_factor = 0;
  if (has_ce) {
    // log Σ exp of the whole row, from the common part and the logits beyond the teacher's vocabulary.
    const double own = two_exponents ? sum_of_exponentials(student, common, row.max_student) : sums.s;
    double log_sum = row.max_student + std::log(own);
    if (rest > 0) {
      rest_max = row_max(student + common, rest);
      const double log_rest = rest_max + std::log(sum_of_exponentials(student + common, rest, rest_max));
      const double upper = std::max(log_sum, log_rest);
      log_sum = upper + std::log(std::exp(log_sum - upper) + std::exp(log_rest - upper));
      rest_factor = static_cast<float>(std::exp(rest_max - log_sum) * out.ce_scale);
    }
    out.ce = log_sum - to_fp32(student[out.label]);
    row.ce_factor = static_cast<float>(std::exp(row.max_student - log_sum));
    row.ce_scale = static_cast<float>(out.ce_scale);
  }
  if (!task.gradient) return;

  const LogitDivergence of = task.divergence;
  const float label_logit = has_ce ? to_fp32(student[out.label]) : 0;
#pragma omp simd
  for (int64_t i = 0; i < common; ++i)
    student[i] = from_fp32<T>(
        logit_grad<kind, two_exponents>(to_fp32(student[i]), kind == Kind::none ? 0 : to_fp32(teacher[i]), row, of));
  T* const rest_logits = student + common;
#pragma omp simd
  for (int64_t i = 0; i < rest; ++i)
    rest_logits[i] = from_fp32<T>(rest_factor * fast_exp(to_fp32(rest_logits[i]) - rest_max));
  if (!has_ce) return;
  // The label's derivative again, so that it is rounded once.
  const float label_grad =
      out.label < common
          ? logit_grad<kind, two_exponents>(label_logit, kind == Kind::none ? 0 : to_fp32(teacher[out.label]), row, of)
          : rest_factor * fast_exp(label_logit - rest_max);
  student[out.label] = from_fp32<T>(label_grad - row.ce_scale);
}

template <Kind kind, typename T>
LLAVAKD_INLINE void run_rows(T* student, const T* teacher, int64_t teacher_stride, LogitRow* rows, int64_t count,
                             const LogitRowsTask& task) {
  for (int64_t i = 0; i < count; ++i) {
    T* x = student + i * task.vocabulary;
    const T* z = kind == Kind::none ? nullptr : teacher + i * teacher_stride;
    if (kind != Kind::none && task.temperature != 1 && rows[i].label >= 0)
      run_row<kind, kind != Kind::none>(x, z, rows[i], task);
    else
      run_row<kind, false>(x, z, rows[i], task);
  }
}

template <typename T>
LLAVAKD_INLINE void run_task(T* student, const T* teacher, int64_t teacher_stride, LogitRow* rows, int64_t count,
                             const LogitRowsTask& task) {
  switch (task.divergence.kind) {
    case Kind::none:
      return run_rows<Kind::none>(student, teacher, teacher_stride, rows, count, task);
    case Kind::forward_kl:
      return run_rows<Kind::forward_kl>(student, teacher, teacher_stride, rows, count, task);
    case Kind::weighted_kl:
      return run_rows<Kind::weighted_kl>(student, teacher, teacher_stride, rows, count, task);
    case Kind::mixture_kl:
      return run_rows<Kind::mixture_kl>(student, teacher, teacher_stride, rows, count, task);
    case Kind::total_variation:
      return run_rows<Kind::total_variation>(student, teacher, teacher_stride, rows, count, task);
  }
}

}  // namespace

LLAVAKD_CLONES void logit_rows(float* student, const float* teacher, int64_t teacher_stride, LogitRow* rows,
                               int64_t count, const LogitRowsTask& task) {
  run_task(student, teacher, teacher_stride, rows, count, task);
}

LLAVAKD_CLONES void logit_rows(Bfloat* student, const Bfloat* teacher, int64_t teacher_stride, LogitRow* rows,
                               int64_t count, const LogitRowsTask& task) {
  run_task(student, teacher, teacher_stride, rows, count, task);
}

}  // namespace llavakd
