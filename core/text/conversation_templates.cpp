// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <array>
#include <tuple>

#include "core/base/errors.h"
#include "core/text/conversation.h"

namespace llavakd {
namespace {

constexpr std::string_view polite_system =
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions. ";

// One entry per template; the catalog of core/project offers the same names.
constexpr std::array<ConversationTemplate, 12> templates{{
    {"pretrain", "A picture and its caption; the question is dropped. Stages PT and DPT.", "", ""},
    {"qwen2_base", "Qwen1.5, Qwen2 and Qwen2.5 as LLaVA-KD trains them.", polite_system, "<|endoftext|>"},
    {"phi", "Phi-2.", polite_system, "<|endoftext|>"},
    {"llama", "Llama, Vicuna, TinyLlama.", polite_system, "</s>", true, true},
    {"gemma", "Gemma.", polite_system, "<eos>", true},
    {"qwen2_instruct", "Qwen instruct models, whose answers end with <|im_end|>.", polite_system, "<|im_end|>"},
    {"no_system", "qwen2_base without the system sentence, for small models with short contexts.", "", "<|endoftext|>"},
    // tokenizer_config.json of meta-llama/Meta-Llama-3-8B-Instruct.
    {.name = "llama3",
     .help = "Llama 3 instruct models, as Meta publishes them.",
     .eos = "<|eot_id|>",
     .bos = "<|begin_of_text|>",
     .before_question = "<|start_header_id|>user<|end_header_id|>\n\n",
     .before_answer = "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
     .strips = true},
    // tokenizer_config.json of Qwen/Qwen2-7B-Instruct; LLaVA-NeXT calls it qwen_1_5.
    {.name = "qwen_chatml",
     .help = "ChatML with Qwen2's system sentence: Qwen instruct models, as Qwen publishes them.",
     .system = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n",
     .eos = "<|im_end|>",
     .before_question = "<|im_start|>user\n",
     .before_answer = "<|im_end|>\n<|im_start|>assistant\n",
     .after_answer = "\n"},
    // fastchat/conversation.py, vicuna_v1.1; the tokenizer puts <s> in front.
    {.name = "vicuna",
     .help = "Vicuna 1.1 to 1.5, as FastChat publishes them; the text of llama with labels by the answers' ends.",
     .system = polite_system,
     .eos = "</s>",
     .before_question = "USER: ",
     .before_answer = " ASSISTANT:",
     .answer_lead = " "},
    // tokenizer_config.json of mistralai/Mistral-7B-Instruct-v0.2.
    {.name = "mistral",
     .help = "Mistral 7B Instruct 0.2, as Mistral AI publishes it.",
     .eos = "</s>",
     .bos = "<s>",
     .before_question = "[INST] ",
     .before_answer = " [/INST]",
     .answer_lead = " "},
    // tokenizer_config.json of google/gemma-2b-it and gemma-2-2b-it.
    {.name = "gemma_instruct",
     .help = "Gemma instruct models, as Google publishes them.",
     .eos = "<end_of_turn>",
     .bos = "<bos>",
     .before_question = "<start_of_turn>user\n",
     .before_answer = "<end_of_turn>\n<start_of_turn>model\n",
     .after_answer = "\n",
     .strips = true},
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

bool write_alike(const ConversationTemplate& a, const ConversationTemplate& b) {
  const auto text = [](const ConversationTemplate& form) {
    return std::tie(form.system, form.eos, form.bos, form.before_question, form.before_answer, form.answer_lead,
                    form.after_answer, form.strips);
  };
  return text(a) == text(b);
}

}  // namespace llavakd
