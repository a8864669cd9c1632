// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/needed_work.h"

#include <algorithm>

namespace llavakd {
namespace {

/// Of one picture through one tower.
double tower(const ModelConfig& config, const VisionConfig& v) {
  const auto n = static_cast<double>(v.tokens()), h = static_cast<double>(v.hidden_size);
  const auto m = static_cast<double>(v.intermediate_size), layers = static_cast<double>(config.layers_used(v));
  const double patch = static_cast<double>(v.num_channels * v.patch_size * v.patch_size);
  return n * (2 * patch * h + layers * (8 * h * h + 4 * h * m + 4 * n * h));
}

double towers(const ModelConfig& config) {
  return tower(config, config.vision) + (config.second_vision ? tower(config, *config.second_vision) : 0);
}

struct DecoderWork {
  double linear = 0, attention = 0;
};

DecoderWork decoder(const LanguageConfig& l, double tokens, double samples) {
  DecoderWork work;
  const auto h = static_cast<double>(l.hidden_size), d = static_cast<double>(l.head_dim);
  for (int64_t i = 0; i < l.num_hidden_layers; ++i) {
    const LayerSizes sizes = l.layer(i);
    const double queries = static_cast<double>(sizes.heads) * d, keys = static_cast<double>(sizes.key_value_heads) * d;
    work.linear += tokens * (4 * h * queries + 4 * h * keys + 6 * h * static_cast<double>(sizes.intermediate));
    work.attention += 4 * tokens * (tokens / samples) * queries;
  }
  return work;
}

double connector(const ModelConfig& config, double visual_tokens) {
  const auto v = static_cast<double>(config.vision.hidden_size), h = static_cast<double>(config.language.hidden_size);
  return visual_tokens * 2 * (v * h + h * h);
}

}  // namespace

double needed_operations(const ModelConfig& teacher, const ModelConfig& student, const WorkOfStep& step) {
  if (connector_layers(student.connector_type) != 2) return 0;
  const auto samples = static_cast<double>(step.samples), visual = static_cast<double>(step.visual_tokens);
  const double tokens = visual + static_cast<double>(step.text_tokens);
  const auto images = static_cast<double>(step.images);
  const double rows = static_cast<double>(step.response_tokens) + (step.distils ? visual : 0);
  const double visual_each = images > 0 ? visual / images : 0;
  const auto words = static_cast<double>(student.language.vocab_size);
  const auto common = static_cast<double>(std::min(student.language.vocab_size, teacher.language.vocab_size));
  const auto width = static_cast<double>(student.language.hidden_size);

  const DecoderWork own = decoder(student.language, tokens, samples);
  const double own_connector = connector(student, visual), own_head = rows * 2 * width * words;
  double sum = images * towers(student) + own.linear + own.attention + own_connector + own_head;
  // Backward: by the inputs, and by the weights of trained parts.
  sum += own.linear * (step.language_learns ? 2 : 1) + own.attention * 2 + own_connector * 1.5;
  sum += own_head * (step.language_learns ? 2 : 1);
  if (!step.distils) return sum;

  const DecoderWork guide = decoder(teacher.language, tokens, samples);
  const auto teacher_width = static_cast<double>(teacher.language.hidden_size);
  if (!step.same_tower) sum += images * towers(teacher);
  sum += guide.linear + guide.attention + connector(teacher, visual) + rows * 2 * teacher_width * common;
  // R = (H G) Hᵀ of both, its backward for the student, and G = WᵀW with its own backward if the head is trained.
  const auto relation = [&](double w) {
    return visual * (2 * w * w + 2 * visual_each * w);
  };
  sum += relation(teacher_width) + 2 * relation(width);
  if (step.language_learns && visual > 0) sum += 4 * width * width * common;
  return sum;
}

}  // namespace llavakd
