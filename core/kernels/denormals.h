// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace llavakd {

/// While it lives, this thread takes numbers below 1.2e-38 for zero. A processor may need a hundred cycles for one of
/// them, and loops meet them even where no number of theirs is so small: compilers multiply with the bounds of
/// `fast_exp` too, before they choose.
class FlushDenormals {
 public:
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
#if defined(__SSE__)
  FlushDenormals() : before_(_mm_getcsr()) {
    constexpr unsigned results = 0x8000, operands = 0x0040;
    _mm_setcsr(before_ | results | operands);
  }
  ~FlushDenormals() {
    _mm_setcsr(before_);
  }

 private:
  unsigned before_;
#else
  FlushDenormals() = default;
  ~FlushDenormals() = default;
#endif
};

}  // namespace llavakd
