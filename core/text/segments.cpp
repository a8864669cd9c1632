// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/segments.h"

#include <algorithm>
#include <iterator>

namespace llavakd {

std::string_view name(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::visual:
      return "visual";
    case SegmentKind::response:
      return "response";
    case SegmentKind::prompt:
      break;
  }
  return "prompt";
}

std::vector<Segment> image_spans(const Sequence& sequence) {
  std::vector<Segment> images;
  std::ranges::copy_if(sequence.segments, std::back_inserter(images), [](const Segment& segment) {
    return segment.kind == SegmentKind::visual && segment.size() > 0;
  });
  return images;
}

std::vector<int64_t> response_positions(const Sequence& sequence) {
  std::vector<int64_t> positions;
  if (sequence.skipped) return positions;
  for (size_t i = 1; i < sequence.labels.size(); ++i)
    if (sequence.labels[i] != ignore_index) positions.push_back(static_cast<int64_t>(i) - 1);
  return positions;
}

}  // namespace llavakd
