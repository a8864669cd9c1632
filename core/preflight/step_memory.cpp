// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/step_memory.h"

#include <algorithm>

#include "core/model_spec/model_config_language.h"

namespace llavakd {
namespace {

/// Numbers a token of one decoder layer.
struct LayerNumbers {
  double kept = 0;     ///< For backward.
  double passing = 0;  ///< That one layer needs for a moment, with and without backward.
};

LayerNumbers layer_numbers(const LanguageConfig& language, int64_t number, bool learns) {
  const LayerSizes sizes = language.layer(number);
  const auto width = static_cast<double>(language.hidden_size), inner = static_cast<double>(sizes.intermediate);
  const double queries = static_cast<double>(sizes.heads * language.head_dim);
  const double keys = static_cast<double>(sizes.key_value_heads * language.head_dim);
  const LanguageNames& names = language_traits(language.model_type).names;
  const double halves = names.gate.empty() && names.fused_gate.empty() ? 1 : 2;
  LayerNumbers numbers;
  numbers.kept = 2 * width + 2 * queries + 2 * keys + halves * inner;
  if (language.qk_norm) numbers.kept += queries + keys;
  if (learns) numbers.kept += 2 * width + queries + inner;
  numbers.passing = 2 * width + (halves + 1) * inner;
  return numbers;
}

/// Activations of the decoder for backward, with what one layer's backward works on.
double decoder_bytes(const LanguageConfig& language, const StepShape& shape) {
  double kept = 0, largest = 0;
  // Norms without a kernel of their own compute on float32 copies, which autograd keeps.
  const double plain_norms = shape.on_host ? 0 : 2.0 * static_cast<double>(language.hidden_size) * 8;
  const auto number_bytes = static_cast<double>(shape.bytes_per_number);
  for (int64_t i = 0; i < language.num_hidden_layers; ++i) {
    const LayerNumbers numbers = layer_numbers(language, i, shape.language_learns);
    const double whole = numbers.kept * number_bytes + plain_norms;
    kept += shape.recompute ? static_cast<double>(language.hidden_size) * number_bytes : whole;
    largest = std::max(largest, (shape.recompute ? whole : 0) + numbers.passing * number_bytes);
  }
  // The final norm's input and its result.
  kept += 2 * static_cast<double>(language.hidden_size) * number_bytes;
  return (kept + largest) * static_cast<double>(shape.tokens_at_once);
}

/// Of the parts before the decoder.
double vision_bytes(const ModelConfig& model, const StepShape& shape) {
  const auto width = static_cast<double>(model.vision.hidden_size),
             inner = static_cast<double>(model.vision.intermediate_size);
  const auto visual = static_cast<double>(shape.visual_at_once);
  double numbers = 0;
  if (shape.connector_learns || shape.tower_learns)
    numbers += visual * (width + 3 * static_cast<double>(model.language.hidden_size));
  if (shape.tower_learns) numbers += visual * static_cast<double>(model.tower_layers_used()) * (8 * width + 2 * inner);
  // Whatever learns, a tower's layer is computed for all pictures of the micro-batch.
  numbers += visual * (4 * width + inner);
  return numbers * static_cast<double>(shape.bytes_per_number);
}

/// A model's forward pass without backward: one layer at a time, and the last hidden states.
double passing_bytes(const LanguageConfig& language, const StepShape& shape) {
  double largest = 0;
  for (int64_t i = 0; i < language.num_hidden_layers; ++i) {
    const LayerNumbers numbers = layer_numbers(language, i, false);
    largest = std::max(largest, numbers.passing + numbers.kept);
  }
  return largest * static_cast<double>(shape.tokens_at_once * shape.bytes_per_number);
}

/// Rows of logits at a time: see chosen_chunk of core/losses/fused_lm_head_kernel.cpp and FusedOptions.
double logit_bytes(const ModelConfig* teacher, const ModelConfig& student, const StepShape& shape) {
  constexpr double chunk_bytes = 80 << 20, kept_bytes = 1 << 29;
  const auto bytes = static_cast<double>(shape.bytes_per_number);
  const auto rows = static_cast<double>(shape.loss_rows);
  const double row = static_cast<double>(student.language.vocab_size) * bytes;
  const double chunk = std::clamp(chunk_bytes / row, 64.0, 512.0);
  const double group = shape.language_learns ? std::max(chunk, kept_bytes / row) : chunk;
  double sum = std::min(rows, group) * row;
  if (shape.distils && teacher)
    sum += std::min(rows, chunk) * static_cast<double>(teacher->language.vocab_size) * bytes;
  if (!shape.language_learns) return sum;
  const double head =
      static_cast<double>(student.language.vocab_size) * static_cast<double>(student.language.hidden_size);
  // Of one group in the weights' type; of several a sum in float32, too.
  return sum + head * (rows > group && shape.bytes_per_number < 4 ? 4 + bytes : bytes);
}

}  // namespace

StepMemory step_memory(const ModelConfig* teacher, const ModelConfig& student, const StepShape& shape) {
  const auto bytes = static_cast<double>(shape.bytes_per_number);
  const auto trained = static_cast<double>(shape.trained_parameters);
  StepMemory memory;
  memory.student = static_cast<double>(shape.student_parameters) * bytes;
  memory.teacher = static_cast<double>(shape.teacher_parameters) * bytes;
  // Autograd adds to a gradient of float32 where it is; those of 16 bits are summed elsewhere.
  const double sums = shape.bytes_per_number < 4 && shape.several_micro_batches ? 4 * trained : 0;
  memory.gradients = trained * bytes + sums;
  memory.optimizer = trained * (8 + (shape.bytes_per_number < 4 ? (shape.on_host ? 2 : 4) : 0));
  memory.activations = decoder_bytes(student.language, shape) + vision_bytes(student, shape);
  if (shape.distils && teacher) {
    const double hidden =
        static_cast<double>(shape.tokens_at_once * teacher->language.hidden_size) * bytes;  // until the loss is known
    memory.activations = std::max(memory.activations + hidden, passing_bytes(teacher->language, shape));
  }
  memory.logits = logit_bytes(teacher, student, shape);
  // In float32 all gradients stay from one micro-batch to the next; of 16 bits those of the micro-batch come and go.
  const bool stay = shape.bytes_per_number == 4 && shape.several_micro_batches;
  const double first = memory.activations + memory.logits, last = trained * bytes;
  memory.highest =
      memory.student + memory.teacher + memory.optimizer + sums + (stay ? first + last : std::max(first, last));
  return memory;
}

}  // namespace llavakd
