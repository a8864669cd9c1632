// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/text/tokenizer_builder.h"

namespace llavakd {

/// Reads the "model" of tokenizer.json (BPE or Unigram) and its vocabulary into the builder, whose pre-tokenizer must
/// be known. Throws UserError naming `where` and the key for anything broken, and for models of another kind.
void read_model(const nlohmann::ordered_json& model, const std::string& where, TokenizerBuilder& builder);

}  // namespace llavakd
