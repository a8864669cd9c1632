// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>

namespace llavakd {

/// Calls work(i) once for each i from 0 to count - 1 on several threads, which give way to other work of the machine;
/// `threads` 0: one for each core that may be used. Indices are begun in ascending order. Ends early where `work`
/// returns false. Throws what `work` threw for the lowest index, once all that had begun is done.
void parallel_for(int64_t count, int threads, const std::function<bool(int64_t index)>& work);

}  // namespace llavakd
