// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/other_models.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

struct OtherModel {
  std::string_view model_type;  ///< With a star at its end: all that begin so.
  std::string_view name;
  std::string_view because;  ///< What it does that isn't computed here; empty for language models.
};

constexpr std::string_view tiles = "cuts a picture into tiles";
constexpr std::string_view many_sizes = "takes pictures of any size";
constexpr std::string_view other_build = "is built in another way";
constexpr std::string_view convolutional_tower = "has a tower of convolutions";

constexpr OtherModel others[] = {
    {"llava_next", "LLaVA-NeXT", tiles},
    {"llava_next_video", "LLaVA-NeXT-Video", tiles},
    {"llava_onevision", "LLaVA-OneVision", tiles},
    {"llava_onevision1_5", "LLaVA-OneVision 1.5", many_sizes},
    {"moe_llava_*", "MoE-LLaVA", "has experts"},
    {"granite4_vision", "Granite Vision 4", tiles},
    {"video_llava", "Video-LLaVA", "looks at videos"},
    {"vipllava", "ViP-LLaVA", "takes features of several layers"},
    {"qwen2_vl", "Qwen2-VL", many_sizes},
    {"qwen2_5_vl", "Qwen2.5-VL", many_sizes},
    {"qwen2_5_omni", "Qwen2.5-Omni", many_sizes},
    {"qwen3_vl", "Qwen3-VL", many_sizes},
    {"qwen3_vl_moe", "Qwen3-VL", many_sizes},
    {"qwen3_5", "Qwen3.5", many_sizes},
    {"qwen3_5_moe", "Qwen3.5", many_sizes},
    {"internvl", "InternVL", tiles},
    {"internvl_chat", "InternVL", tiles},
    {"idefics", "IDEFICS", other_build},
    {"idefics2", "Idefics2", many_sizes},
    {"idefics3", "Idefics3", tiles},
    {"smolvlm", "SmolVLM", tiles},
    {"paligemma", "PaliGemma", "looks at a whole prompt in both directions"},
    {"gemma3", "Gemma 3", "looks at a picture in both directions"},
    {"gemma3n", "Gemma 3n", other_build},
    {"gemma4", "Gemma 4", other_build},
    {"mllama", "Llama 3.2 Vision", other_build},
    {"llama4", "Llama 4", other_build},
    {"mistral3", "Mistral 3", many_sizes},
    {"pixtral", "Pixtral", many_sizes},
    {"phi3_v", "Phi-3-Vision", tiles},
    {"phi4mm", "Phi-4-multimodal", tiles},
    {"phi4_multimodal", "Phi-4-multimodal", tiles},
    {"minicpmv", "MiniCPM-V", tiles},
    {"minicpmo", "MiniCPM-o", tiles},
    {"lfm2_vl", "LFM2-VL", many_sizes},
    {"blip-2", "BLIP-2", other_build},
    {"instructblip", "InstructBLIP", other_build},
    {"kosmos-2", "Kosmos-2", other_build},
    {"fuyu", "Fuyu", many_sizes},
    {"florence2", "Florence-2", other_build},
    {"molmo", "Molmo", tiles},
    {"aya_vision", "Aya Vision", tiles},
    {"cohere2_vision", "Command A Vision", tiles},
    {"deepseek_vl", "DeepSeek-VL", other_build},
    {"deepseek_vl_v2", "DeepSeek-VL2", tiles},
    {"janus", "Janus", other_build},
    {"got_ocr2", "GOT-OCR 2", other_build},
    {"glm4v", "GLM-4V", many_sizes},
    {"kimi_vl", "Kimi-VL", many_sizes},
    {"ovis2", "Ovis2", tiles},
    {"perception_lm", "Perception LM", tiles},
    {"moondream1", "Moondream", other_build},
    {"cambrian_*", "Cambrian-1", "has several towers"},
    {"mobilevlm", "MobileVLM", "has a connector of convolutions"},
    {"fast_vlm", "FastVLM", convolutional_tower},
    {"bunny-*", "Bunny", other_build},
    {"siglip2", "SigLIP 2 of any size (NaFlex)", many_sizes},
    {"siglip2_vision_model", "SigLIP 2 of any size (NaFlex)", many_sizes},
    // Language models.
    {"gemma2", "Gemma 2", ""},
    {"gemma3_text", "Gemma 3", ""},
    {"mixtral", "Mixtral", ""},
    {"qwen2_moe", "Qwen2-MoE", ""},
    {"qwen3_moe", "Qwen3-MoE", ""},
    {"qwen3_next", "Qwen3-Next", ""},
    {"gpt2", "GPT-2", ""},
    {"gpt_neox", "GPT-NeoX", ""},
    {"gpt_oss", "gpt-oss", ""},
    {"opt", "OPT", ""},
    {"mpt", "MPT", ""},
    {"falcon", "Falcon", ""},
    {"bloom", "BLOOM", ""},
    {"olmo", "OLMo", ""},
    {"olmo2", "OLMo 2", ""},
    {"smollm3", "SmolLM3", ""},
    {"cohere", "Command R", ""},
    {"cohere2", "Command R7B", ""},
    {"granite", "Granite", ""},
    {"internlm2", "InternLM2", ""},
    {"baichuan", "Baichuan", ""},
    {"chatglm", "ChatGLM", ""},
    {"deepseek_v2", "DeepSeek-V2", ""},
    {"deepseek_v3", "DeepSeek-V3", ""},
    {"minicpm", "MiniCPM", ""},
    {"phimoe", "Phi-3.5-MoE", ""},
    {"mamba", "Mamba", ""},
    {"ministral", "Ministral", ""},
};

const OtherModel* find_other(std::string_view model_type) {
  for (const OtherModel& other : others) {
    std::string_view row = other.model_type;
    const bool begins = row.ends_with('*');
    if (begins) row.remove_suffix(1);
    if (begins ? model_type.starts_with(row) : model_type == row) return &other;
  }
  return nullptr;
}

[[noreturn]] void refuse_model(const std::string& where, std::string_view name, const std::string& sign,
                               std::string_view because) {
  throw UserError(fmt::format(
      "{}: this is {} ({}), which {}; this version can't compute that. Choose a model of the kind of "
      "LLaVA-1.5 (llava of Hugging Face, the original LLaVA, TinyLLaVA), or start a student from a language "
      "model and a vision tower.",
      where, name, sign, because));
}

/// Whether a config.json with a vision_config is of a kind that is read: LLaVA, TinyLLaVA, or a tower of two.
bool is_kind_read(const Json& config, std::string_view type) {
  if (type.empty() || config.contains("connector_type") || config.contains("mm_vision_tower")) return true;
  if (type == "llava" || type.starts_with("tinyllava")) return true;
  return type.starts_with("siglip") || type.starts_with("clip") || type.starts_with("dinov2");
}

}  // namespace

std::string_view other_model_name(std::string_view model_type) {
  const OtherModel* other = find_other(model_type);
  return other ? other->name : std::string_view();
}

std::string type_with_name(const std::string& model_type) {
  const std::string shown = printable(model_type, 60);
  const std::string_view name = other_model_name(model_type);
  return name.empty() ? fmt::format("\"{}\"", shown) : fmt::format("\"{}\" ({})", shown, name);
}

void refuse_other_model(const Json& config, const std::string& where) {
  const std::string type = text_or_empty(config, "model_type");
  if (const OtherModel* other = find_other(type); other && !other->because.empty())
    refuse_model(where, other->name, fmt::format("model_type \"{}\"", type), other->because);
  if (config.contains("vision_config") && !is_kind_read(config, type))
    refuse_model(where, "another model of pictures and texts", fmt::format("model_type \"{}\"", printable(type, 60)),
                 "isn't known here");
  if (!type.starts_with("llava") && type != "tinyllava") return;
  if (config.contains("llm_cfg")) refuse_model(where, "VILA", "llm_cfg", other_build);
  if (const std::string tower = text_or_empty(config, "mm_vision_tower"); tower.starts_with("mobileclip"))
    refuse_model(where, "FastVLM", fmt::format("mm_vision_tower \"{}\"", printable(tower, 40)), convolutional_tower);
  // LLaVA-NeXT and LLaVA-OneVision keep LLaVA's model_type in the original layout; only the latter bounds its tiles.
  if (const std::string aspect = text_or_empty(config, "image_aspect_ratio"); aspect.starts_with("anyres"))
    refuse_model(where, aspect.starts_with("anyres_max") ? "LLaVA-OneVision" : "LLaVA-NeXT",
                 fmt::format("image_aspect_ratio \"{}\"", printable(aspect, 40)), tiles);
  if (const std::string merge = text_or_empty(config, "mm_patch_merge_type"); merge.starts_with("spatial"))
    refuse_model(where, "LLaVA-NeXT", fmt::format("mm_patch_merge_type \"{}\"", printable(merge, 40)), tiles);
}

}  // namespace llavakd
