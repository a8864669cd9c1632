// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <array>

#include "core/project/errors.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

constexpr std::string_view polite_system =
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions. ";

// One line per template; the catalog of core/project offers the same names.
constexpr std::array<ConversationTemplate, 7> templates{{
    {"pretrain", "A picture and its caption; the question is dropped. Stages PT and DPT.", "", ""},
    {"qwen2_base", "Qwen1.5, Qwen2 and Qwen2.5 as LLaVA-KD trains them.", polite_system, "<|endoftext|>"},
    {"phi", "Phi-2.", polite_system, "<|endoftext|>"},
    {"llama", "Llama, Vicuna, TinyLlama.", polite_system, "</s>", true, true},
    {"gemma", "Gemma.", polite_system, "<eos>", true},
    {"qwen2_instruct", "Qwen instruct models, whose answers end with <|im_end|>.", polite_system, "<|im_end|>"},
    {"no_system", "qwen2_base without the system sentence, for small models with short contexts.", "", "<|endoftext|>"},
}};

}  // namespace

std::span<const ConversationTemplate> conversation_templates() {
  return templates;
}

const ConversationTemplate& conversation_template(std::string_view name) {
  std::string known;
  for (const ConversationTemplate& each : templates) {
    if (each.name == name) return each;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
  }
  throw UserError(fmt::format("There is no conversation template '{}'; the known ones are {}.", name, known));
}

}  // namespace llavakd
