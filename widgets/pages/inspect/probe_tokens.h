// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/text/segments.h"

namespace llavakd {

/// A token that a model may go on with.
struct TokenChoice {
  int64_t id = 0;
  float probability = 0;
};

/// One position of a probe's sequence, and what both models expect behind it.
struct ProbeToken {
  int64_t id = 0;  ///< image_token_index at the picture's positions.
  SegmentKind kind = SegmentKind::prompt;
  int visual = -1;                            ///< Number of the picture's token; -1 for text.
  double divergence = 0;                      ///< KL of the teacher's next token from the student's, in nats.
  std::vector<TokenChoice> teacher, student;  ///< The likeliest next tokens, the likeliest first.
};

/// The positions of a probe file (format: `llavakd inspect`); empty where no teacher took part. Throws UserError,
/// naming the file, where what it says of its tokens doesn't fit together.
std::vector<ProbeToken> read_probe_tokens(const std::filesystem::path& file);

}  // namespace llavakd
