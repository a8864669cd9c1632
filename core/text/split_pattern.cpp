// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/text/split_pattern.h"

#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "core/base/errors.h"
#include "core/text/newer_characters.h"
#include "core/text/pcre2_dialect.h"
#include "core/text/unicode.h"

namespace llavakd {
namespace {

/// What a thread needs in addition to the shared pattern. Without it every text would look as if it could not be split.
struct Workspace {
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data{pcre2_match_data_create(1, nullptr),
                                                                           pcre2_match_data_free};
  std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context{pcre2_match_context_create(nullptr),
                                                                                    pcre2_match_context_free};
  /// None where there is no JIT.
  std::unique_ptr<pcre2_jit_stack, decltype(&pcre2_jit_stack_free)> stack{
      pcre2_jit_stack_create(32 << 10, 8 << 20, nullptr), pcre2_jit_stack_free};

  Workspace() {
    if (!data || !context) throw std::bad_alloc();
    pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  }
};

std::string pcre2_message(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct SplitPattern::Code {
  pcre2_code* code = nullptr;
  bool is_regex;
  std::string where;

  Code(pcre2_code* compiled, bool regex, std::string place)
      : code(compiled), is_regex(regex), where(std::move(place)) {}
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code); }
};

SplitPattern::SplitPattern(std::string_view pattern, Kind kind, Matches matches, bool invert, const std::string& where)
    : matches_(matches), invert_(invert) {
  const std::string text = kind == Kind::regex ? pcre2_dialect(pattern, where) : std::string(pattern);
  const uint32_t options =
      PCRE2_UTF | (kind == Kind::literal ? PCRE2_LITERAL : PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options, &error, &offset, nullptr);
  if (error == PCRE2_ERROR_HEAP_FAILED && code == nullptr) throw std::bad_alloc();
  if (code == nullptr) {
    throw UserError(fmt::format("{}: the split pattern can't be compiled (at character {}: {}).", where, offset,
                                pcre2_message(error)));
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is no JIT the interpreter runs it
  code_ = std::make_shared<const Code>(code, kind == Kind::regex, where);
}

template <typename Visit>
void SplitPattern::for_each_part(std::string_view text, const Visit& visit) const {
  thread_local Workspace workspace;
  const auto older = code_->is_regex ? with_older_characters(text) : std::nullopt;
  const auto subject = reinterpret_cast<PCRE2_SPTR>(older ? older->data() : text.data());
  size_t done = 0;   // everything before is in words
  size_t start = 0;  // where the next search begins: after done where a match was empty
  bool matched = false;
  while (!text.empty() && start <= text.size()) {
    const auto match = [&](uint32_t options) {
      return pcre2_match(code_->code, subject, text.size(), start, options, workspace.data.get(),
                         workspace.context.get());
    };
    int rc = match(PCRE2_NO_UTF_CHECK);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) rc = match(PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT);
    if (rc == PCRE2_ERROR_NOMATCH) break;
    if (rc == PCRE2_ERROR_NOMEMORY) throw std::bad_alloc();
    if (rc < 0) {
      throw UserError(fmt::format("{}: the split pattern fails on a text of {} bytes ({}).", code_->where, text.size(),
                                  pcre2_message(rc)));
    }
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(workspace.data.get());
    const size_t begin = range[0];
    const size_t end = range[1];
    if (begin == end && matched && end == done) {  // an empty match right behind another isn't one
      if (start == text.size()) break;
      start += code_point_at(text, start).length;
      continue;
    }
    if (done < begin) visit(text.substr(done, begin - done), false);
    visit(text.substr(begin, end - begin), true);
    done = start = end;
    matched = true;
  }
  if (done < text.size()) visit(text.substr(done), false);
}

void SplitPattern::split(std::string_view text, std::vector<std::string_view>& words) const {
  if (matches_ == Matches::isolated || matches_ == Matches::removed) {
    return for_each_part(text, [&](std::string_view part, bool is_match) {
      if (part.empty() || (is_match != invert_ && matches_ == Matches::removed)) return;
      words.push_back(part);
    });
  }
  std::vector<std::pair<std::string_view, bool>> parts;
  for_each_part(text, [&](std::string_view part, bool is_match) { parts.emplace_back(part, is_match != invert_); });
  // As in tokenizers' normalizer.rs: of two adjacent matches only the first joins the neighbouring text.
  const auto joins = [&](size_t i) {
    if (i == 0) return false;
    if (matches_ == Matches::contiguous) return parts[i].second == parts[i - 1].second;
    if (matches_ == Matches::merged_with_previous) return parts[i].second && !parts[i - 1].second;
    return parts[i - 1].second && !parts[i].second;
  };
  const size_t before = words.size();
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = parts[i].first;
    if (joins(i)) {
      words.back() = std::string_view(words.back().data(), words.back().size() + part.size());
    } else {
      words.push_back(part);
    }
  }
  const auto empty = [](std::string_view word) {
    return word.empty();
  };
  words.erase(std::remove_if(words.begin() + static_cast<ptrdiff_t>(before), words.end(), empty), words.end());
}

std::string SplitPattern::replaced(std::string_view text, std::string_view content) const {
  std::string out;
  for_each_part(text, [&](std::string_view part, bool is_match) { out += is_match ? content : part; });
  return out;
}

}  // namespace llavakd
