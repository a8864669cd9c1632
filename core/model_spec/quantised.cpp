// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/quantised.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"
#include "core/model_spec/tensor_names.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

const Json* member(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found == json.end() ? nullptr : &*found;
}

bool is_true(const Json& json, const char* key) {
  const Json* value = member(json, key);
  return value && *value == Json(true);
}

/// " 4-bit" of `bits`; nothing where it isn't said.
std::string bits_of(const Json& json) {
  const Json* bits = member(json, "bits");
  return bits && bits->is_number_integer() ? fmt::format(" {}-bit", bits->dump()) : std::string();
}

std::string bitsandbytes(const Json& json) {
  if (is_true(json, "load_in_8bit") || is_true(json, "_load_in_8bit")) return "a bitsandbytes 8-bit (int8) checkpoint";
  const std::string type = text_or_empty(json, "bnb_4bit_quant_type");
  return fmt::format("a bitsandbytes 4-bit ({}) checkpoint", type.empty() ? "fp4" : printable(type, 20));
}

/// `quant_method` of transformers' quantisers -> what they are called.
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kMethods{
    {{"gptq", "a GPTQ"},
     {"awq", "an AWQ"},
     {"fp8", "a fine-grained fp8"},
     {"fbgemm_fp8", "an FBGEMM fp8"},
     {"compressed-tensors", "a compressed-tensors"},
     {"hqq", "an HQQ"},
     {"eetq", "an EETQ (int8)"},
     {"torchao", "a torchao"},
     {"quanto", "a quanto"},
     {"mxfp4", "an MXFP4"},
     {"aqlm", "an AQLM"},
     {"vptq", "a VPTQ"},
     {"spqr", "an SpQR"},
     {"quip", "a QuIP#"},
     {"bitnet", "a BitNet"},
     {"higgs", "a HIGGS"},
     {"auto-round", "an AutoRound"},
     {"modelopt", "a ModelOpt"},
     {"quark", "a Quark"},
     {"exl2", "an EXL2"}}};

constexpr std::string_view kUnnamedMethod = "a quantised";

std::string described(const Json& json) {
  const std::string method = text_or_empty(json, "quant_method");
  if (method.starts_with("bitsandbytes") || is_true(json, "load_in_4bit") || is_true(json, "load_in_8bit"))
    return bitsandbytes(json);
  std::string format = text_or_empty(json, "format");
  if (format.empty()) format = text_or_empty(json, "quant_algo");
  const std::string detail = format.empty() ? std::string() : fmt::format(" ({})", printable(format, 40));
  for (const auto& [name, words] : kMethods)
    if (method == name) return fmt::format("{}{}{} checkpoint", words, bits_of(json), detail);
  if (!method.empty()) return fmt::format("a checkpoint quantised by \"{}\"", printable(method, 40));
  return fmt::format("{}{}{} checkpoint", kUnnamedMethod, bits_of(json), detail);
}

/// The tensors of one file set, asked for the ends of their names.
struct Names {
  const std::vector<StoredTensor>& tensors;

  const StoredTensor* ending(std::string_view end) const {
    const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const StoredTensor& tensor) {
      return std::string_view(tensor.name).ends_with(end);
    });
    return found == tensors.end() ? nullptr : &*found;
  }
  bool any(std::string_view end) const { return ending(end) != nullptr; }
  bool holds(std::string_view part) const {
    return std::any_of(tensors.begin(), tensors.end(),
                       [&](const StoredTensor& tensor) { return tensor.name.find(part) != std::string::npos; });
  }
};

/// Scales next to a layer's weight: their shape tells the method.
std::string with_weight_scale(const Names& names, std::string_view scale_name) {
  constexpr std::string_view end = "_scale";
  const StoredTensor* weight = names.ending(scale_name.substr(0, scale_name.size() - end.size()));
  if (!weight) return "a checkpoint with scales (weight_scale)";
  switch (weight->dtype) {
    case DType::I8:
      return "an int8 checkpoint with scales (compressed-tensors)";
    case DType::F8_E4M3:
    case DType::F8_E5M2:
      return "an fp8 checkpoint with scales (compressed-tensors, FBGEMM or ModelOpt)";
    case DType::U8:
      return "a packed 2-bit or 4-bit checkpoint with scales (BitNet, ModelOpt)";
    default:
      return "a checkpoint with scales (weight_scale)";
  }
}

/// Ends of names that only one method writes; seen with the libraries named, of the versions in docs/behaviour.md.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kEnds{
    {{".quant_state.bitsandbytes__nf4", "a bitsandbytes 4-bit (nf4) checkpoint"},
     {".quant_state.bitsandbytes__fp4", "a bitsandbytes 4-bit (fp4) checkpoint"},
     {".absmax", "a bitsandbytes 4-bit checkpoint"},
     {".quant_map", "a bitsandbytes 4-bit checkpoint"},
     {".SCB", "a bitsandbytes 8-bit (int8) checkpoint"},
     {".weight_global_scale", "a compressed-tensors (nvfp4) checkpoint"},
     {".weight_packed", "a compressed-tensors (pack-quantized) checkpoint"},
     {".weight_scale_inv", "a fine-grained fp8 checkpoint"},
     {".weight_scale_2", "a ModelOpt (NVFP4) checkpoint"},
     {".W_q", "an HQQ checkpoint"},
     {".weight_scales", "an EETQ (int8) checkpoint"},
     {".codebooks", "an AQLM checkpoint"},
     {".centroids", "a VPTQ checkpoint"},
     {".Qidxs", "a QuIP# checkpoint"},
     {".q_weight", "an EXL2 checkpoint"},
     {".trellis", "an EXL3 checkpoint"},
     {".weight._data", "a quanto checkpoint"}}};

bool has_codes_for_weights(const std::vector<StoredTensor>& tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const StoredTensor& tensor) {
    return !is_floating(tensor.dtype) && !is_leftover_buffer(tensor.name);
  });
}

}  // namespace

std::string quantisation_in_config(const Json& config) {
  for (const char* key : {"quantization_config", "compression_config", "quantization"})
    if (const Json* found = member(config, key); found && found->is_object() && !found->empty())
      return described(*found);
  for (const char* part : {"text_config", "vision_config", "llm_config", "language_config"})
    if (const Json* inner = member(config, part))
      if (std::string found = quantisation_in_config(*inner); !found.empty()) return found;
  return {};
}

std::string quantisation_of_tensors(const std::vector<StoredTensor>& tensors) {
  const Names names{tensors};
  for (const auto& [end, words] : kEnds)
    if (names.any(end)) return std::string(words);
  if (names.any(".qweight")) {
    if (names.any(".g_idx")) return "a GPTQ checkpoint";
    return names.any(".qzeros") ? "an AWQ checkpoint" : "a GPTQ or AWQ checkpoint";
  }
  if (names.any("_blocks") && names.any("_scales")) return "an MXFP4 checkpoint";
  if (names.holds("weight_qdata") || names.holds(":_data")) return "a torchao checkpoint";
  if (names.any(".biases") && names.any(".scales")) return "an MLX checkpoint";
  if (const StoredTensor* scale = names.ending(".weight_scale")) return with_weight_scale(names, scale->name);
  return {};
}

void refuse_quantised(const std::string& place, const Json& config, const std::vector<StoredTensor>& tensors,
                      std::vector<std::string>& warnings) {
  const std::string said = quantisation_in_config(config), seen = quantisation_of_tensors(tensors);
  if (seen.empty() && (said.empty() || !has_codes_for_weights(tensors))) {
    if (!said.empty())
      warnings.push_back(
          fmt::format("config.json says that this is {}, but the weights are plain; they are read as they are.", said));
    return;
  }
  // A configuration that names no method (MLX writes bits and group_size alone) tells less than the tensors.
  const bool tensors_tell = !seen.empty() && (said.empty() || said.starts_with(kUnnamedMethod));
  throw UserError(
      fmt::format("{} is {}: its weights are quantised, which is not opened. Take the model as it was before, take a "
                  "GGUF file of it, or dequantise it in Python (model.dequantize(), then save_pretrained).",
                  place, tensors_tell ? seen : said));
}

}  // namespace llavakd
