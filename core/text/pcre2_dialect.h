// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace llavakd {

/// A pattern for Oniguruma (what Hugging Face's tokenizers use) in PCRE2's dialect, to be compiled with PCRE2_UTF,
/// PCRE2_UCP and PCRE2_MULTILINE. White space, word characters and scripts are written out, as the two count them
/// differently. Throws UserError with `where` for syntax that PCRE2 would read in another way.
std::string pcre2_dialect(std::string_view pattern, const std::string& where);

}  // namespace llavakd
