// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/gguf_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "core/project/errors.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kFamilies{"llama", "qwen2", "qwen3"};

/// gguf-py/gguf/tensor_mapping.py, for the families above.
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

std::string published_name(const std::string& name) {
  if (name == "token_embd.weight") return "model.embed_tokens.weight";
  if (name == "output_norm.weight") return "model.norm.weight";
  if (name == "output.weight") return "lm_head.weight";
  if (!name.starts_with("blk.")) return name;
  const size_t number = name.find('.', 4), end = name.rfind('.');
  if (number == std::string::npos || end <= number) return name;
  const std::string_view inner = std::string_view(name).substr(number + 1, end - number - 1);
  for (const auto& [stored, published] : kLayerNames) {
    if (stored == inner)
      return fmt::format("model.layers.{}.{}{}", name.substr(4, number - 4), published, name.substr(end));
  }
  return name;
}

[[noreturn]] void refuse(const GgufFile& file, const std::string& reason) {
  throw UserError(fmt::format("{}: {}.", file.path().string(), reason));
}

void refuse_what_we_cannot_compute(const GgufFile& file, const std::string& family) {
  if (std::find(kFamilies.begin(), kFamilies.end(), family) == kFamilies.end())
    refuse(file, fmt::format("general.architecture \"{}\" is not supported; known: llama, qwen2, qwen3", family));
  if (file.integer("split.count").value_or(1) > 1) refuse(file, "it is one part of several; join them (gguf-split)");
  if (file.integer(family + ".expert_count").value_or(0) > 0) refuse(file, "mixtures of experts are not supported");
  const auto scaling = file.text(family + ".rope.scaling.type");
  if (scaling.value_or("none") != "none")
    refuse(file, fmt::format("{}.rope.scaling.type \"{}\" is not supported", family, *scaling));
  // Without a type a factor means linear scaling; older files have it under another name.
  for (const char* key : {".rope.scaling.factor", ".rope.scale_linear"}) {
    const double factor = file.number(family + key).value_or(1);
    if (!scaling && factor != 0 && factor != 1)
      refuse(file, fmt::format("{}{} {} is not supported", family, key, factor));
  }
}

const StoredTensor* find(const GgufFile& file, std::string_view name) {
  const auto& tensors = file.tensors();
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const StoredTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

}  // namespace

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

Json gguf_config(const GgufFile& file) {
  const std::string family = file.text("general.architecture").value_or("");
  refuse_what_we_cannot_compute(file, family);
  const auto needed = [&](const std::string& key) {
    const auto value = file.integer(family + key);
    if (!value) refuse(file, fmt::format("the metadata entry {}{} is missing", family, key));
    return *value;
  };
  const StoredTensor* embedding = find(file, "token_embd.weight");
  if (!embedding || embedding->shape.size() != 2) refuse(file, "the tensor token_embd.weight is missing or no matrix");
  const int64_t heads = needed(".attention.head_count"), width = needed(".embedding_length");
  Json config{{"model_type", family},
              {"vocab_size", embedding->shape[0]},
              {"hidden_size", width},
              {"intermediate_size", needed(".feed_forward_length")},
              {"num_hidden_layers", needed(".block_count")},
              {"num_attention_heads", heads},
              {"num_key_value_heads", file.integer(family + ".attention.head_count_kv").value_or(heads)},
              {"max_position_embeddings", file.integer(family + ".context_length").value_or(2048)},
              {"rms_norm_eps", file.number(family + ".attention.layer_norm_rms_epsilon").value_or(1e-6)},
              {"rope_theta", file.number(family + ".rope.freq_base").value_or(10000)},
              {"tie_word_embeddings", find(file, "output.weight") == nullptr}};
  const auto head_dim = file.integer(family + ".attention.key_length");
  if (head_dim) config["head_dim"] = *head_dim;
  const int64_t per_head = head_dim.value_or(heads > 0 ? width / heads : 0);
  if (const auto turned = file.integer(family + ".rope.dimension_count"); turned && *turned != per_head)
    refuse(file, fmt::format("{}.rope.dimension_count is {}, but a head has {}", family, *turned, per_head));
  for (const char* name : {"bos", "eos"}) {
    if (const auto id = file.integer(fmt::format("tokenizer.ggml.{}_token_id", name)))
      config[fmt::format("{}_token_id", name)] = *id;
  }
  return config;
}

std::vector<StoredTensor> gguf_tensors(const GgufFile& file, const Json& config) {
  const bool paired = config.at("model_type") == "llama";
  std::vector<StoredTensor> tensors;
  for (const StoredTensor& stored : file.tensors()) {
    StoredTensor& tensor = tensors.emplace_back(stored);
    tensor.name = published_name(stored.name);
    if (!paired) continue;
    const bool queries = tensor.name.find(".self_attn.q_proj.") != std::string::npos;
    if (!queries && tensor.name.find(".self_attn.k_proj.") == std::string::npos) continue;
    tensor.paired_heads = config.at(queries ? "num_attention_heads" : "num_key_value_heads").get<int64_t>();
    if (tensor.shape.empty() || tensor.shape[0] < 1 || tensor.paired_heads < 1 || tensor.shape[0] % 2 != 0 ||
        tensor.shape[0] / 2 % tensor.paired_heads != 0)
      refuse(file, fmt::format("the tensor {} of the shape {} can't be split into {} heads", stored.name,
                               shape_text(tensor.shape), tensor.paired_heads));
  }
  return tensors;
}

}  // namespace llavakd
