// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace llavakd {

/// Well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// Bytes of a file as they may appear in a message: what isn't UTF-8, and control characters, as "\xff"; cut
/// between two characters with "…" once there are `longest` bytes of it.
std::string printable(std::string_view bytes, size_t longest = 300);

/// The word as a POSIX shell takes it in a command: as it is where no character means anything there, else quoted.
std::string shell_word(std::string_view word);

}  // namespace llavakd
