// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/segments.h"

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

}  // namespace llavakd
