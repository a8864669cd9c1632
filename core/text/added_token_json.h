// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "core/text/tokenizer_builder.h"

namespace llavakd {

/// An added token as tokenizer.json and tokenizer_config.json describe it, with the given id. Throws UserError naming
/// `where` for flags that aren't any and for an empty text.
AddedToken added_token_of(const nlohmann::ordered_json& json, int64_t id, const std::string& where);
/// A special one of which only the text is known.
AddedToken special_added_token(const std::string& content, int64_t id);

/// `added_tokens` of tokenizer.json, after the model. Throws UserError naming `where` and the place for an id that
/// isn't the vocabulary's, or that another token has: Hugging Face's tokenizers would take another one.
void read_added_tokens(const nlohmann::ordered_json& added, const std::string& where, TokenizerBuilder& builder);

/// `post_processor` of tokenizer.json: only a TemplateProcessing puts tokens around a text.
bool post_processor_adds_bos(const nlohmann::ordered_json& processor);

}  // namespace llavakd
