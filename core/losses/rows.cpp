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
    for (const int64_t position : response_positions(sequences[s])) {
      add(rows, s, position, tokens);
      rows.labels.push_back(sequences[s].labels[static_cast<size_t>(position) + 1]);
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
