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

using Form = LogitDivergence::Form;

constexpr int64_t block = 2048;  // Numbers that are summed in float32.

/// log x of normal x > 0 (Cephes' polynomial).
LLAVAKD_INLINE float log_of(float x) {
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
LLAVAKD_INLINE float largest(const T* x, int64_t count) {
  float found = -3e38f;
#pragma omp simd reduction(max : found)
  for (int64_t i = 0; i < count; ++i) {
    const float here = wide(x[i]);
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
    for (int64_t i = begin; i < end; ++i) sum += fast_exp(wide(x[i]) - top);
    total += sum;
  }
  return total;
}

/// log(p/m) and what else a mixture's terms need, of d = log(p/q); exact for any d, near 0 too.
struct Mixed {
  float log_m_q;   ///< log(m/q)
  float p_m, q_m;  ///< p/m and q/m
};
LLAVAKD_INLINE Mixed mixed(float d, float alpha) {
  const float s = fast_exp(d > 0 ? -d : d);
  const float of_larger = d > 0 ? alpha : 1 - alpha, of_smaller = d > 0 ? 1 - alpha : alpha;
  const float sum = of_larger + of_smaller * s, inverse = 1 / sum;
  return {(d < 0 ? 0 : d) + log_of(sum), (d > 0 ? 1 : s) * inverse, (d > 0 ? s : 1) * inverse};
}

/// What is known of a row while it is worked on. Its exponents are (logit - top) / temperature.
struct Known {
  float top_s = 0, top_t = 0, cooled = 1;  // cooled = 1 / temperature
  float inverse_s = 0, inverse_t = 0;      // 1 / Σ exp of the common part, student's and teacher's
  float shift = 0;                         // log(p/q) = teacher's exponent - student's + shift
  float along = 0;                         // What the chain through softmax subtracts, over q.
  float ce_factor = 0;                     // softmax of the whole row = ce_factor · e^(logit - top_s)
  float ce_scale = 0, scale = 0;
};

/// q ∂D/∂q over q, without the part that is constant; mixture and variation only.
template <Form form>
LLAVAKD_INLINE float pull(float p, float q, float d, LogitDivergence of) {
  if constexpr (form == Form::variation) return 0.5f * (static_cast<float>(q > p) - static_cast<float>(q < p));
  const Mixed m = mixed(d, of.alpha);
  // ∂/∂q of of_p Σ p log(p/m) + of_q Σ q log(q/m), less of_q.
  return -of.of_q * m.log_m_q - (1 - of.alpha) * (of.of_p * m.p_m + of.of_q * m.q_m);
}

/// The derivative at one logit of the common part.
template <Form form, bool two_exponents>
LLAVAKD_INLINE float slope(float x, float z, const Known& row, LogitDivergence of) {
  const float exponent = (x - row.top_s) * row.cooled;
  const float e = fast_exp(exponent);
  const float ce = row.ce_scale * row.ce_factor * (two_exponents ? fast_exp(x - row.top_s) : e);
  if constexpr (form == Form::none) return ce;
  const float other = (z - row.top_t) * row.cooled;
  const float q = e * row.inverse_s, p = fast_exp(other) * row.inverse_t;
  if constexpr (form == Form::forward) return ce + row.scale * (q - p);
  const float d = (other - exponent) + row.shift;
  if constexpr (form == Form::both) return ce + row.scale * (of.of_p * (q - p) - q * (of.of_q * d + row.along));
  return ce + row.scale * q * (pull<form>(p, q, d, of) - row.along);
}

/// Sums of the common part: normalisers and, where they don't need p and q themselves, the cross terms.
struct Sums {
  double s = 0, t = 0, forward = 0, reverse = 0;
};
template <Form form, typename T>
LLAVAKD_INLINE Sums sums_of(const T* student, const T* teacher, int64_t count, const Known& row) {
  Sums sums;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t end = std::min(count, begin + block);
    float s = 0, t = 0, forward = 0, reverse = 0;
#pragma omp simd reduction(+ : s, t, forward, reverse)
    for (int64_t i = begin; i < end; ++i) {
      const float a = (wide(student[i]) - row.top_s) * row.cooled, b = (wide(teacher[i]) - row.top_t) * row.cooled;
      const float q = fast_exp(a), p = fast_exp(b);
      s += q;
      t += p;
      if constexpr (form == Form::forward || form == Form::both) forward += p * (b - a);
      if constexpr (form == Form::both) reverse += q * (b - a);
    }
    sums.s += s;
    sums.t += t;
    sums.forward += forward;
    sums.reverse += reverse;
  }
  return sums;
}

/// Value and Σ q · pull of the forms that need p and q.
struct Second {
  double value = 0, along = 0;
};
template <Form form, typename T>
LLAVAKD_INLINE Second second_sums(const T* student, const T* teacher, int64_t count, const Known& row,
                                  LogitDivergence of) {
  Second sums;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t end = std::min(count, begin + block);
    float value = 0, along = 0;
#pragma omp simd reduction(+ : value, along)
    for (int64_t i = begin; i < end; ++i) {
      const float a = (wide(student[i]) - row.top_s) * row.cooled, b = (wide(teacher[i]) - row.top_t) * row.cooled;
      const float q = fast_exp(a) * row.inverse_s, p = fast_exp(b) * row.inverse_t, d = (b - a) + row.shift;
      along += q * pull<form>(p, q, d, of);
      if constexpr (form == Form::variation) {
        value += 0.5f * std::fabs(q - p);
      } else {
        const float log_m_q = mixed(d, of.alpha).log_m_q;
        value += of.of_p * p * (d - log_m_q) - of.of_q * q * log_m_q;
      }
    }
    sums.value += value;
    sums.along += along;
  }
  return sums;
}

/// Value of the divergence; fills what its derivative needs.
template <Form form, typename T>
LLAVAKD_INLINE double divergence_of(const T* student, const T* teacher, const LogitRowsTask& task, const Sums& sums,
                                    Known& row) {
  const LogitDivergence of = task.divergence;
  const double shift = std::log(sums.s) - std::log(sums.t);
  row.inverse_s = static_cast<float>(1 / sums.s);
  row.inverse_t = static_cast<float>(1 / sums.t);
  row.shift = static_cast<float>(shift);
  const double forward = sums.forward / sums.t + shift;
  if constexpr (form == Form::forward) return forward;
  if constexpr (form == Form::both) {
    const double reverse = -(sums.reverse / sums.s + shift);
    row.along = static_cast<float>(of.of_q * reverse);
    return of.of_p * forward + of.of_q * reverse;
  }
  const Second second = second_sums<form>(student, teacher, task.common, row, of);
  row.along = static_cast<float>(second.along);
  return second.value;
}

template <Form form, bool two_exponents, typename T>
LLAVAKD_INLINE void run_row(T* student, const T* teacher, LogitRow& out, const LogitRowsTask& task) {
  const bool has_ce = out.label >= 0;
  const int64_t common = form == Form::none ? task.vocabulary : task.common, rest = task.vocabulary - common;
  Known row;
  row.top_s = largest(student, common);
  row.cooled = form == Form::none ? 1 : static_cast<float>(1 / task.temperature);
  Sums sums;
  if constexpr (form == Form::none) {
    sums.s = sum_of_exponentials(student, common, row.top_s);
  } else {
    row.top_t = largest(teacher, common);
    sums = sums_of<form>(student, teacher, common, row);
    out.divergence = divergence_of<form>(student, teacher, task, sums, row);
    row.scale = static_cast<float>(out.divergence_scale);
  }

  float rest_top = 0, rest_factor = 0;
  if (has_ce) {
    // Normaliser of the whole row from the common part and the words that only the student has.
    const double own = two_exponents ? sum_of_exponentials(student, common, row.top_s) : sums.s;
    double log_sum = row.top_s + std::log(own);
    if (rest > 0) {
      rest_top = largest(student + common, rest);
      const double log_rest = rest_top + std::log(sum_of_exponentials(student + common, rest, rest_top));
      const double upper = std::max(log_sum, log_rest);
      log_sum = upper + std::log(std::exp(log_sum - upper) + std::exp(log_rest - upper));
      rest_factor = static_cast<float>(std::exp(rest_top - log_sum) * out.ce_scale);
    }
    out.ce = log_sum - wide(student[out.label]);
    row.ce_factor = static_cast<float>(std::exp(row.top_s - log_sum));
    row.ce_scale = static_cast<float>(out.ce_scale);
  }
  if (!task.gradient) return;

  const LogitDivergence of = task.divergence;
  const float of_label = has_ce ? wide(student[out.label]) : 0;
#pragma omp simd
  for (int64_t i = 0; i < common; ++i)
    student[i] =
        narrow<T>(slope<form, two_exponents>(wide(student[i]), form == Form::none ? 0 : wide(teacher[i]), row, of));
  T* const beyond = student + common;
#pragma omp simd
  for (int64_t i = 0; i < rest; ++i) beyond[i] = narrow<T>(rest_factor * fast_exp(wide(beyond[i]) - rest_top));
  if (!has_ce) return;
  // The label's own slope again, so that it is rounded once.
  const float there = out.label < common ? slope<form, two_exponents>(
                                               of_label, form == Form::none ? 0 : wide(teacher[out.label]), row, of)
                                         : rest_factor * fast_exp(of_label - rest_top);
  student[out.label] = narrow<T>(there - row.ce_scale);
}

template <Form form, typename T>
LLAVAKD_INLINE void run_rows(T* student, const T* teacher, int64_t teacher_stride, LogitRow* rows, int64_t count,
                             const LogitRowsTask& task) {
  for (int64_t i = 0; i < count; ++i) {
    T* x = student + i * task.vocabulary;
    const T* z = form == Form::none ? nullptr : teacher + i * teacher_stride;
    if (form != Form::none && task.temperature != 1 && rows[i].label >= 0)
      run_row<form, form != Form::none>(x, z, rows[i], task);
    else
      run_row<form, false>(x, z, rows[i], task);
  }
}

template <typename T>
LLAVAKD_INLINE void run_task(T* student, const T* teacher, int64_t teacher_stride, LogitRow* rows, int64_t count,
                             const LogitRowsTask& task) {
  switch (task.divergence.form) {
    case Form::none:
      return run_rows<Form::none>(student, teacher, teacher_stride, rows, count, task);
    case Form::forward:
      return run_rows<Form::forward>(student, teacher, teacher_stride, rows, count, task);
    case Form::both:
      return run_rows<Form::both>(student, teacher, teacher_stride, rows, count, task);
    case Form::mixture:
      return run_rows<Form::mixture>(student, teacher, teacher_stride, rows, count, task);
    case Form::variation:
      return run_rows<Form::variation>(student, teacher, teacher_stride, rows, count, task);
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
