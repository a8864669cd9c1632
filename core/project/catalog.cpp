// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/catalog.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/errors.h"

namespace llavakd {
namespace {

constexpr CatalogEntry relation_source_entries[] = {
    {"logits", "Logits", "Relations of the visual tokens' logits, as released."},
    {"hidden", "Hidden states", "Relations of the visual tokens' last hidden states."},
};

constexpr CatalogEntry model_part_entries[] = {
    {"vision_tower", "Tower", "The vision tower; the paper keeps it frozen."},
    {"connector", "Connector", "The layers between tower and language model."},
    {"language_model", "Language model", "All weights of the language model, head included."},
};

constexpr CatalogEntry connector_entries[] = {
    {"mlp2x_gelu", "MLP, two layers", "Linear, GELU, linear: the connector of LLaVA-1.5 and LLaVA-KD."},
    {"linear", "Linear", "One linear layer."},
    {"identity", "Identity", "Nothing; tower and language model must have the same width."},
    {"qformer", "Q-Former", "A BERT of learned queries that look at the picture (BLIP-2); as many visual tokens."},
    {"resampler", "Resampler", "Learned queries in a few layers of attention (Flamingo); as many visual tokens."},
    {"mof_mlp", "MLP for two towers", "Two layers for each tower of a mixture (CLIP and DINOv2), interleaved."},
};

constexpr CatalogEntry conversation_template_entries[] = {
    {"pretrain", "Caption", "The picture followed by its caption; labels on the caption."},
    {"qwen2_base", "Qwen2 base", "USER/ASSISTANT turns with a system sentence, ends with <|endoftext|>."},
    {"phi", "Phi", "Same turns as qwen2_base; used for Qwen1.5 and Phi."},
    {"llama", "Llama", "USER/ASSISTANT turns with a system sentence, ends with </s>."},
    {"gemma", "Gemma", "USER/ASSISTANT turns with a system sentence, ends with <eos>."},
    {"qwen2_instruct", "Qwen2 instruct", "USER/ASSISTANT turns with a system sentence, ends with <|im_end|>."},
    {"no_system", "No system sentence", "The turns of qwen2_base without the system sentence, for very small models."},
    {"llama3", "Llama 3 instruct", "Llama 3's own chat template; answers end with <|eot_id|>."},
    {"qwen_chatml", "Qwen ChatML", "Qwen2's own chat template with its system sentence; ends with <|im_end|>."},
    {"vicuna", "Vicuna", "FastChat's Vicuna 1.1; the text of llama, each answer's tokens and </s> learnt."},
    {"mistral", "Mistral instruct", "Mistral 7B Instruct 0.2's own chat template: [INST] … [/INST]."},
    {"gemma_instruct", "Gemma instruct", "Gemma's own chat template; answers end with <end_of_turn>."},
};

constexpr CatalogEntry aspect_ratio_entries[] = {
    {"square", "Square", "Resize to the tower's size; the aspect ratio is not kept."},
    {"pad", "Pad", "Enlarge to a square with the mean colour, then resize."},
};

constexpr CatalogEntry schedule_entries[] = {
    {"cosine", "Cosine", "Falls to 0 along half a cosine."},
    {"linear", "Linear", "Falls to 0 along a line."},
    {"constant", "Constant", "Stays at its peak."},
};

constexpr CatalogEntry sampler_entries[] = {
    {"random", "Random", "A new random order each epoch."},
    {"modality_length", "Modality and length",
     "Batches of one modality and similar length (group_by_modality_length)."},
};

constexpr CatalogEntry precision_entries[] = {
    {"fp32", "fp32", "Single precision."},
    {"bf16", "bf16", "bfloat16 weights and activations with fp32 master weights."},
};

constexpr CatalogEntry device_entries[] = {
    {"auto", "Automatic", "An accelerator when there is one, else the CPU."},
    {"cpu", "CPU", "The processor."},
    {"cuda", "CUDA", "An NVIDIA GPU; needs a CUDA build of LibTorch."},
};

constexpr CatalogEntry switch_entries[] = {
    {"auto", "Automatic", "When it is needed."},
    {"off", "Off", "Never."},
    {"on", "On", "Always."},
};

constexpr CatalogEntry not_a_number_entries[] = {
    {"stop", "Stop", "The run ends and names the sample."},
    {"skip_sample", "Leave the sample out", "The step is done again without it; it is counted and named."},
    {"roll_back", "Go back", "The run goes back to an earlier checkpoint and on with a lower learning rate."},
};

constexpr CatalogEntry evaluation_task_entries[] = {
    {"exact_match", "Exact match", "The greedy answer equals the given one; mean over the questions' types.", {0, 100}},
};

constexpr CatalogEntry gate_measure_entries[] = {
    {"score", "Score", "Of an evaluation, in percent: must be at least the limit."},
    {"probe", "Probes", "A term's mean over the probes: must be at most the limit."},
    {"loss", "Loss", "A term's mean over the stage's last steps: must be at most the limit."},
};

constexpr CatalogEntry gate_reference_entries[] = {
    {"beginning", "Beginning of the stage", "The limit is how far it may be from what it was as the stage began."},
    {"number", "Number", "The limit is a number of its own."},
};

constexpr CatalogEntry gate_policy_entries[] = {
    {"stop", "Stop", "The run ends there, saved, and says how to go on."},
    {"ask", "Ask", "The run waits for an answer: go on, roll back or stop. Where nobody can answer, it stops."},
    {"tell", "Tell", "The run goes on and says so."},
};

constexpr CatalogEntry project_template_entries[] = {
    {"emoji-quick", "Emoji, quick",
     "DPT, SFT and DFT of a miniature LLaVA on emoji pictures; half a minute to some minutes."},
    {"emoji", "Emoji",
     "The miniature experiment: 550 steps on 800 captions and 800 dialogues, scored on unseen pairs."},
    {"emoji-teacher", "Emoji teacher",
     "Trains the miniature teacher itself: pre-training and fine-tuning on 20,000 dialogues."},
    {"llava-kd-qwen2.5-0.5b", "LLaVA-KD, Qwen2.5 3B to 0.5B",
     "The paper's recipe for Qwen2.5-0.5B; needs the published checkpoints and LLaVA data."},
    {"llava-kd-qwen1.5-0.5b", "LLaVA-KD, Qwen1.5 4B to 0.5B",
     "The paper's recipe for Qwen1.5-0.5B; needs the published checkpoints and LLaVA data."},
};

}  // namespace

namespace catalog {
Catalog relation_sources() {
  return relation_source_entries;
}
Catalog model_parts() {
  return model_part_entries;
}
Catalog connectors() {
  return connector_entries;
}
Catalog conversation_templates() {
  return conversation_template_entries;
}
Catalog aspect_ratios() {
  return aspect_ratio_entries;
}
Catalog schedules() {
  return schedule_entries;
}
Catalog samplers() {
  return sampler_entries;
}
Catalog precisions() {
  return precision_entries;
}
Catalog devices() {
  return device_entries;
}
Catalog switches() {
  return Catalog(switch_entries).subspan(1);
}
Catalog automatic_switches() {
  return switch_entries;
}
Catalog not_a_number_policies() {
  return not_a_number_entries;
}
Catalog evaluation_tasks() {
  return evaluation_task_entries;
}
Catalog gate_measures() {
  return gate_measure_entries;
}
Catalog gate_references() {
  return gate_reference_entries;
}
Catalog gate_policies() {
  return gate_policy_entries;
}
Catalog project_templates() {
  return project_template_entries;
}
}  // namespace catalog

bool contains(Catalog catalog, std::string_view name) {
  return std::ranges::any_of(catalog, [&](const CatalogEntry& entry) { return entry.name == name; });
}

std::string list_names(Catalog catalog) {
  std::string text;
  for (size_t i = 0; i < catalog.size(); ++i) {
    if (i > 0) text += i + 1 == catalog.size() ? " or " : ", ";
    text += catalog[i].name;
  }
  return text;
}

const CatalogEntry& find(Catalog catalog, std::string_view name, std::string_view what) {
  const auto entry = std::ranges::find(catalog, name, &CatalogEntry::name);
  if (entry == catalog.end())
    throw UserError(fmt::format("Unknown {} \"{}\"; known are {}.", what, name, list_names(catalog)));
  return *entry;
}

}  // namespace llavakd
