// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace llavakd {

/// A share with its bounds, all from 0 to 1.
struct ShareInterval {
  double low = 0;
  double high = 1;
};

/// The 95 % interval of a share of which `count` of `of` were seen (E. B. Wilson, Probable inference, 1927). 0 to 1
/// where there is none to count. 0 <= count <= of.
ShareInterval wilson_interval(int64_t count, int64_t of);

/// The two-sided exact sign test: how likely a split at least as uneven as `one` to `other` is where both are equally
/// likely. 1 where there is none to count. Of the questions that one of two models alone has right it is McNemar's
/// exact test.
double exact_sign_test(int64_t one, int64_t other);

}  // namespace llavakd
