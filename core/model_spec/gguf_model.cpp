// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/gguf_model.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "core/base/errors.h"
#include "core/model_spec/gguf_config.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// gguf-py/gguf/tensor_mapping.py, for llama, qwen2 and qwen3.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kLayerNames{
    {{"attn_norm", "input_layernorm"},
     {"ffn_norm", "post_attention_layernorm"},
     {"attn_q", "self_attn.q_proj"},
     {"attn_k", "self_attn.k_proj"},
     {"attn_v", "self_attn.v_proj"},
     {"attn_output", "self_attn.o_proj"},
     {"attn_q_norm", "self_attn.q_norm"},
     {"attn_k_norm", "self_attn.k_norm"},
     {"ffn_gate", "mlp.gate_proj"},
     {"ffn_up", "mlp.up_proj"},
     {"ffn_down", "mlp.down_proj"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOuterNames{
    {{"token_embd.weight", "model.embed_tokens.weight"},
     {"output_norm.weight", "model.norm.weight"},
     {"output.weight", "lm_head.weight"}}};

constexpr std::string_view kLayers = "model.layers.";

std::string published_name(const std::string& name) {
  for (const auto& [stored, published] : kOuterNames)
    if (stored == name) return std::string(published);
  if (!name.starts_with("blk.")) return name;
  const size_t number = name.find('.', 4), end = name.rfind('.');
  if (number == std::string::npos || end <= number) return name;
  const std::string_view inner = std::string_view(name).substr(number + 1, end - number - 1);
  for (const auto& [stored, published] : kLayerNames) {
    if (stored == inner)
      return fmt::format("{}{}.{}{}", kLayers, name.substr(4, number - 4), published, name.substr(end));
  }
  return name;
}

}  // namespace

std::string gguf_name(const std::string& published) {
  for (const auto& [stored, outer] : kOuterNames)
    if (outer == published) return std::string(stored);
  const size_t number = published.find('.', kLayers.size()), end = published.rfind('.');
  if (!published.starts_with(kLayers) || number == std::string::npos || end <= number) return published;
  const std::string_view inner = std::string_view(published).substr(number + 1, end - number - 1);
  for (const auto& [stored, name] : kLayerNames) {
    if (name == inner)
      return fmt::format("blk.{}.{}{}", published.substr(kLayers.size(), number - kLayers.size()), stored,
                         published.substr(end));
  }
  return published;
}

fs::path gguf_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return path;
  if (!fs::is_directory(path, error) || fs::exists(path / "config.json", error)) return {};
  fs::path only;
  for (const auto& entry : fs::directory_iterator(path, fs::directory_options::skip_permission_denied, error)) {
    if (entry.path().extension() != ".gguf") continue;
    if (!only.empty())
      throw UserError(fmt::format("{} holds several GGUF files ({} and {}); name the file itself.", path.string(),
                                  only.filename().string(), entry.path().filename().string()));
    only = entry.path();
  }
  return only;
}

std::vector<StoredTensor> gguf_tensors(const GgufFile& file, const Json& config) {
  const bool paired = file.text("general.architecture") == "llama";
  std::vector<StoredTensor> tensors;
  for (const StoredTensor& stored : file.tensors()) {
    if (paired && stored.name == kRopeFactors) continue;  // of the configuration
    StoredTensor& tensor = tensors.emplace_back(stored);
    tensor.name = published_name(stored.name);
    if (!paired) continue;
    const bool queries = tensor.name.find(".self_attn.q_proj.") != std::string::npos;
    if (!queries && tensor.name.find(".self_attn.k_proj.") == std::string::npos) continue;
    tensor.paired_heads = config.at(queries ? "num_attention_heads" : "num_key_value_heads").get<int64_t>();
    if (tensor.shape.empty() || tensor.shape[0] < 1 || tensor.paired_heads < 1 || tensor.shape[0] % 2 != 0 ||
        tensor.shape[0] / 2 % tensor.paired_heads != 0)
      throw UserError(fmt::format("{}: the tensor {} of the shape {} can't be split into {} heads.",
                                  file.path().string(), stored.name, shape_text(tensor.shape), tensor.paired_heads));
  }
  return tensors;
}

}  // namespace llavakd
