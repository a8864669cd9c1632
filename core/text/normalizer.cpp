// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/normalizer.h"

#include <fmt/format.h>

#include <map>

#include "core/base/errors.h"
#include "core/text/tokenizer_json.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t longest_normalized = 64;

/// A text that a step puts in: short, so that a chain of steps can't make a small text fill the memory.
std::string replacement_at(const Json& json, const char* key, const std::string& where) {
  std::string text = text_at(json, key, where);
  if (text.size() <= longest_normalized) return text;
  throw UserError(
      fmt::format("{}.{} has {} bytes; at most {} are supported.", where, key, text.size(), longest_normalized));
}

std::string_view strip_white_space(std::string_view text, bool left, bool right) {
  while (left && !text.empty() && is_white_space(code_point_at(text, 0).value)) {
    text.remove_prefix(code_point_at(text, 0).length);
  }
  while (right && !text.empty() && is_white_space(last_code_point(text).value)) {
    text.remove_suffix(last_code_point(text).length);
  }
  return text;
}

NormalForm form_of(const std::string& type, const std::string& where) {
  static const std::map<std::string, NormalForm> forms{
      {"NFC", NormalForm::nfc}, {"NFD", NormalForm::nfd}, {"NFKC", NormalForm::nfkc}, {"NFKD", NormalForm::nfkd}};
  const auto form = forms.find(type);
  if (form != forms.end()) return form->second;
  throw UserError(fmt::format(
      "{}: the normalizer '{}' isn't supported; NFC, NFD, NFKC, NFKD, Prepend, Replace and Strip are.", where, type));
}

}  // namespace

std::string replaced_text(std::string_view text, std::string_view what, std::string_view content) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  size_t done = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, done)) {
    out += text.substr(done, at - done);
    out += content;
    done = at + what.size();
  }
  out += text.substr(done);
  return out;
}

Normalizer Normalizer::from_json(const Json& json, const std::string& where) {
  Normalizer result;
  result.add_step(json, where, 0);
  return result;
}

void Normalizer::add_form(NormalForm form) {
  Step step;
  step.form = form;
  steps_.push_back(std::move(step));
}

void Normalizer::add_prepend(std::string prefix) {
  Step step;
  step.kind = Kind::prepend;
  step.what = std::move(prefix);
  steps_.push_back(std::move(step));
}

void Normalizer::add_replace(std::string what, std::string content) {
  if (what.empty()) return;
  Step step;
  step.kind = Kind::replace;
  step.what = std::move(what);
  step.content = std::move(content);
  steps_.push_back(std::move(step));
}

void Normalizer::add_step(const Json& json, const std::string& where, int depth) {
  if (json.is_null()) return;
  const std::string type = text_at(json, "type", where);
  if (type == "Sequence") {
    const Json& steps = required_key(json, "normalizers", where);
    if (!steps.is_array()) throw UserError(fmt::format("{}.normalizers must be a list.", where));
    if (depth == deepest_sequence) throw UserError(fmt::format("{}: sequences are nested too deeply.", where));
    for (const Json& step : steps) add_step(step, where + ".normalizers", depth + 1);
  } else if (type == "Prepend") {
    add_prepend(replacement_at(json, "prepend", where));
  } else if (type == "Replace") {
    const Json& pattern = required_key(json, "pattern", where);
    std::string content = replacement_at(json, "content", where);
    const bool regex = pattern.is_object() && pattern.contains("Regex");
    const std::string what = text_at(pattern, regex ? "Regex" : "String", where + ".pattern");
    if (regex || what.empty()) {  // the empty text matches between all characters
      Step step;
      step.kind = Kind::replace_pattern;
      step.content = std::move(content);
      step.pattern.emplace_back(what, regex ? SplitPattern::Kind::regex : SplitPattern::Kind::literal,
                                SplitPattern::Matches::isolated, false, where);
      steps_.push_back(std::move(step));
    } else {
      add_replace(what, std::move(content));
    }
  } else if (type == "Strip") {
    Step step;
    step.kind = Kind::strip;
    step.left = flag_at(json, "strip_left", true, where);
    step.right = flag_at(json, "strip_right", true, where);
    steps_.push_back(std::move(step));
  } else if (type == "Precompiled" && (!json.contains("precompiled_charsmap") || json["precompiled_charsmap"] == "" ||
                                       json["precompiled_charsmap"].is_null())) {
    return;  // an empty table changes nothing
  } else {
    add_form(form_of(type, where));
  }
}

void Normalizer::apply(const Step& step, std::string& text) {
  switch (step.kind) {
    case Kind::form:
      text = normalized(text, step.form);
      return;
    case Kind::prepend:
      if (!text.empty()) text.insert(0, step.what);
      return;
    case Kind::replace:
      if (text.find(step.what) != std::string::npos) text = replaced_text(text, step.what, step.content);
      return;
    case Kind::replace_pattern:
      text = step.pattern.front().replaced(text, step.content);
      return;
    case Kind::strip:
      text = std::string(strip_white_space(text, step.left, step.right));
      return;
  }
}

std::string Normalizer::apply(std::string_view text) const {
  std::string result(text);
  for (const Step& step : steps_) {
    apply(step, result);
    check_growth(text.size(), result.size(), "The normalizer of the tokenizer");
  }
  return result;
}

void check_growth(size_t before, size_t after, std::string_view what) {
  constexpr size_t free_bytes = 4 << 20;
  constexpr size_t greatest_factor = 64;
  if (after <= free_bytes || after / greatest_factor <= before) return;
  throw UserError(fmt::format("{} makes {} bytes from {}; that is more than any text needs.", what, after, before));
}

}  // namespace llavakd
