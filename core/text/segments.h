// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llavakd {

/// Label of a position that no loss reads (Hugging Face's ignore_index).
inline constexpr int64_t ignore_index = -100;
/// Placeholder id of an image in `input_ids`; after expansion every visual position holds it.
inline constexpr int64_t image_token_index = -200;

enum class SegmentKind { visual, prompt, response };

/// "visual", "prompt" or "response".
std::string_view name(SegmentKind kind);

/// A run of positions [begin, end) of an expanded sequence. A visual segment is one image, a response segment covers
/// labelled positions.
struct Segment {
  SegmentKind kind = SegmentKind::prompt;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
  bool operator==(const Segment&) const = default;
};

/// One sample as the model sees it, after each image has been expanded to its visual tokens.
struct Sequence {
  std::string id;
  std::string prompt;              ///< The whole text, with "<image>" in place of each image.
  std::vector<int64_t> input_ids;  ///< [tokens]; visual positions hold image_token_index.
  std::vector<int64_t> labels;     ///< [tokens]; ignore_index where masked. Not shifted.
  std::vector<Segment> segments;   ///< Ordered, without gaps: together they cover all positions.
  /// Why the sample is left out of every loss, as a part of a sentence for people; or nothing.
  std::optional<std::string> skipped;
  /// The label rules did not add up, so that all labels were masked, as the released code does.
  bool tokenization_mismatch = false;
};

/// The positions of each image of a sequence, in order: its visual segments. One that was cut short has fewer than
/// the model gives an image, one that was cut out whole isn't there.
std::vector<Segment> image_spans(const Sequence& sequence);

/// The positions that predict a labelled token, in order: i - 1 for a label at position i >= 1. None where the sequence
/// is skipped.
std::vector<int64_t> response_positions(const Sequence& sequence);

}  // namespace llavakd
