// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/added_token_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/text/tokenizer_json.h"

namespace llavakd {

using Json = nlohmann::ordered_json;

AddedToken added_token_of(const Json& json, int64_t id, const std::string& where) {
  AddedToken token;
  token.id = id;
  token.content = text_at(json, "content", where);
  if (token.content.empty()) throw UserError(fmt::format("{}: an added token has an empty content.", where));
  token.single_word = flag_at(json, "single_word", false, where);
  token.lstrip = flag_at(json, "lstrip", false, where);
  token.rstrip = flag_at(json, "rstrip", false, where);
  token.special = flag_at(json, "special", false, where);
  token.normalized = flag_at(json, "normalized", !token.special, where);
  return token;
}

AddedToken special_added_token(const std::string& content, int64_t id) {
  AddedToken token;
  token.id = id;
  token.content = content;
  token.special = true;
  return token;
}

void read_added_tokens(const Json& added, const std::string& where, TokenizerBuilder& builder) {
  if (!added.is_null() && !added.is_array()) throw UserError(fmt::format("{} must be a list.", where));
  auto next = static_cast<int64_t>(builder.data().tokens.size());
  for (size_t i = 0; i < added.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", where, i);
    AddedToken token = added_token_of(added[i], token_id_of(required_key(added[i], "id", place), place), place);
    const auto known = builder.special_token(token.content);
    if (known ? token.id != known->id : token.id < next) {
      throw UserError(fmt::format("{}: the id of '{}' is {}, but Hugging Face's tokenizers would make it {}.", place,
                                  printable(token.content), token.id, known ? known->id : next));
    }
    next = std::max(next, token.id + 1);
    builder.add(std::move(token), place);
  }
}

bool post_processor_adds_bos(const Json& processor) {
  if (!processor.is_object() || !processor.contains("type")) return false;
  if (processor["type"] == "Sequence" && processor.contains("processors") && processor["processors"].is_array()) {
    for (const Json& part : processor["processors"]) {
      if (part.is_object() && part.value("type", Json()) != "Sequence" && post_processor_adds_bos(part)) return true;
    }
    return false;
  }
  if (processor["type"] != "TemplateProcessing" || !processor.contains("single")) return false;
  const Json& single = processor["single"];
  return single.is_array() && !single.empty() && single[0].is_object() && single[0].contains("SpecialToken");
}

}  // namespace llavakd
