// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

#include "core/data/data_check.h"
#include "core/data/dataset.h"

namespace llavakd {

/// How long a data file's samples are: means of up to 500 of them, spread evenly over the file.
struct SampleLengths {
  int64_t samples = 0;     ///< In the file.
  double text_tokens = 0;  ///< Of a sample, without the visual ones.
  double visual_tokens = 0;
  double response_tokens = 0;  ///< Those with a label.
  double images = 0;
  int64_t longest = 0;           ///< Tokens of the longest sample, visual ones included.
  int64_t different_images = 0;  ///< Of the whole file.

  double tokens() const { return text_tokens + visual_tokens; }
};

/// Samples that a run would leave out don't count; all zero where none is left.
SampleLengths sample_lengths(const Dataset& dataset, const TextRules& rules);

}  // namespace llavakd
