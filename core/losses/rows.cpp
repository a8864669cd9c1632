// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/losses/rows.h"

#include <stdexcept>

namespace llavakd {

namespace {

void add(Rows& rows, size_t sample, int64_t position, int64_t tokens) {
  if (position >= tokens) throw std::invalid_argument("a sequence is longer than the hidden states");
  rows.index.push_back(static_cast<int64_t>(sample) * tokens + position);
  rows.sample.push_back(static_cast<int64_t>(sample));
  ++rows.of_sample[sample];
}

}  // namespace

Rows response_rows(const std::vector<Sequence>& sequences, int64_t tokens) {
  Rows rows;
  rows.of_sample.resize(sequences.size());
  for (size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].skipped) continue;
    const std::vector<int64_t>& labels = sequences[s].labels;
    for (size_t i = 1; i < labels.size(); ++i) {
      if (labels[i] == ignore_index) continue;
      add(rows, s, static_cast<int64_t>(i) - 1, tokens);
      rows.labels.push_back(labels[i]);
    }
  }
  return rows;
}

Rows visual_rows(const std::vector<Sequence>& sequences, int64_t tokens) {
  Rows rows;
  rows.of_sample.resize(sequences.size());
  for (size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].skipped) continue;
    for (const Segment& image : image_spans(sequences[s])) {
      rows.images.push_back({s, rows.size(), image.size()});
      for (int64_t i = image.begin; i < image.end; ++i) add(rows, s, i, tokens);
    }
  }
  return rows;
}

}  // namespace llavakd
