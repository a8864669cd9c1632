// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/model_spec/module_pattern.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <array>
#include <new>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"

namespace llavakd {

namespace {

constexpr uint32_t kMostSteps = 1'000'000;

std::string pcre2_message(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

PCRE2_SPTR bytes_of(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

}  // namespace

ModulePattern::ModulePattern(const std::string& key, std::string where) : where_(std::move(where)) {
  const std::string pattern = fmt::format("(.*\\.)?({})$", key);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code =
      pcre2_compile(bytes_of(pattern), pattern.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C,
                    &error, &offset, nullptr);
  if (!code)
    throw UserError(
        fmt::format("{}: \"{}\" is not a regular expression ({}).", where_, printable(key, 80), pcre2_message(error)));
  code_ = std::shared_ptr<const void>(code, [](pcre2_code* old) { pcre2_code_free(old); });
}

bool ModulePattern::matches(std::string_view module) const {
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(pcre2_match_data_create(1, nullptr),
                                                                                 pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  if (!data || !context) throw std::bad_alloc();
  pcre2_set_match_limit(context.get(), kMostSteps);
  const int found = pcre2_match(static_cast<const pcre2_code*>(code_.get()), bytes_of(module), module.size(), 0, 0,
                                data.get(), context.get());
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH) return false;
  throw UserError(
      fmt::format("{}: a pattern fails on the name {} ({}).", where_, printable(module, 120), pcre2_message(found)));
}

}  // namespace llavakd
