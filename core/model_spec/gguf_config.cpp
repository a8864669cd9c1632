// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/gguf_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/base/errors.h"
#include "core/model_spec/gguf_keys.h"

namespace llavakd {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kArchitectures{"llama", "qwen2", "qwen3"};
constexpr int64_t kLargest = 1 << 30;

[[noreturn]] void refuse_gguf(const GgufFile& file, const std::string& reason) {
  throw UserError(fmt::format("{}: {}.", file.path().string(), reason));
}

/// Files that aren't a whole language model, by what they are.
void refuse_other_gguf_kinds(const GgufFile& file, const std::string& architecture) {
  const std::string type = file.text("general.type").value_or("model");
  if (architecture == "clip" || type == "mmproj")
    refuse_gguf(
        file,
        "it is the picture part of a model (mmproj) in llama.cpp's form, which can't be read. Give the tower as a "
        "Hugging Face folder (config.json and model.safetensors)");
  if (type == "adapter")
    refuse_gguf(file,
                "it is a LoRA adapter in llama.cpp's form, which can't be read. Give the folder that peft saved "
                "(adapter_config.json and adapter_model.safetensors)");
  if (type != "model") refuse_gguf(file, fmt::format("general.type is \"{}\", so it isn't a model", type));
  if (const int64_t parts = file.integer("split.count").value_or(1); parts > 1)
    refuse_gguf(file, fmt::format("it is part {} of {} of a split file; join them (llama-gguf-split --merge)",
                                  file.integer("split.no").value_or(0) + 1, parts));
}

std::string architecture_of(const GgufFile& file) {
  const auto architecture = file.text("general.architecture");
  refuse_other_gguf_kinds(file, architecture.value_or(""));
  if (!architecture) refuse_gguf(file, "the metadata entry general.architecture is missing");
  if (std::ranges::find(kArchitectures, *architecture) == kArchitectures.end())
    refuse_gguf(
        file,
        fmt::format("general.architecture \"{}\" can't be read; known: {}. Give the model as a Hugging Face folder",
                    *architecture, fmt::join(kArchitectures, ", ")));
  return *architecture;
}

/// The metadata entries of the architecture.
class Sizes {
 public:
  Sizes(const GgufFile& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {}

  int64_t needed(const char* key) const {
    const auto value = optional(key);
    if (!value) refuse_gguf(file_, fmt::format("the metadata entry {}{} is missing", prefix_, key));
    return *value;
  }
  std::optional<int64_t> optional(const char* key) const {
    const auto value = file_.integer(prefix_ + key);
    if (value && (*value < 1 || *value > kLargest))
      refuse_gguf(file_, fmt::format("{}{} is {}, not 1 to {}", prefix_, key, *value, kLargest));
    return value;
  }
  double number(const char* key, double least, double most, std::optional<double> fallback) const {
    const auto value = file_.number(prefix_ + key);
    if (!value && !fallback) refuse_gguf(file_, fmt::format("the metadata entry {}{} is missing", prefix_, key));
    if (value && !(*value >= least && *value <= most))
      refuse_gguf(file_, fmt::format("{}{} is {}, not {} to {}", prefix_, key, *value, least, most));
    return value.value_or(fallback.value_or(0));
  }
  /// A size that must be what the others make of it.
  void same(const char* key, int64_t expected, const char* what) const {
    if (const auto value = optional(key); value && *value != expected)
      refuse_gguf(file_, fmt::format("{}{} is {}, but {} has {}; other sizes can't be computed", prefix_, key, *value,
                                     what, expected));
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

const StoredTensor* find(const GgufFile& file, std::string_view name) {
  const auto found = std::ranges::find(file.tensors(), name, &StoredTensor::name);
  return found == file.tensors().end() ? nullptr : &*found;
}

/// What must be as it always is, since nothing else can be computed.
void check_fixed(const GgufFile& file, const std::string& architecture, int64_t head, int64_t positions) {
  const auto value_of = [&](const char* key) {
    return file.number(architecture + key);
  };
  if (const auto window = value_of(".attention.sliding_window");
      window && *window != 0 && *window < static_cast<double>(positions))
    refuse_gguf(file,
                fmt::format("{}.attention.sliding_window is {} of {} positions; attention through a window can't be "
                            "computed for this architecture",
                            architecture, *window, positions));
  const double usual = 1 / std::sqrt(static_cast<double>(head));
  if (const auto scale = value_of(".attention.scale"); scale && *scale != 0 && std::abs(*scale - usual) > 1e-6 * usual)
    refuse_gguf(file,
                fmt::format("{}.attention.scale is {}; only 1 / √{} can be computed", architecture, *scale, head));
  const bool quantised =
      std::ranges::any_of(file.tensors(), [](const auto& tensor) { return tensor.blocks.has_value(); });
  if (const auto version = file.integer("general.quantization_version"); version && *version != 2 && quantised)
    refuse_gguf(file,
                fmt::format("general.quantization_version is {}; blocks of version 2 can be read. Choose a newer file",
                            *version));
}

/// llama.cpp's "llama" has biases wherever the file has them; each of Hugging Face's classes has its own set.
void set_biases(const GgufFile& file, Json& config) {
  const bool attention = find(file, "blk.0.attn_q.bias") != nullptr;
  if (attention && !find(file, "blk.0.attn_output.bias")) {
    config["model_type"] = "qwen2";
  } else if (attention) {
    config["attention_bias"] = true;
  }
  if (find(file, "blk.0.ffn_down.bias")) config["mlp_bias"] = true;
}

/// Ids of tokens; generation ends at any of the end of a text, of a turn (eot) or of a message (eom).
void set_tokens(const GgufFile& file, Json& config) {
  if (const auto id = file.integer("tokenizer.ggml.bos_token_id")) config["bos_token_id"] = *id;
  Json ends = Json::array();
  for (const char* name : {"eos", "eot", "eom"}) {
    const auto id = file.integer(fmt::format("tokenizer.ggml.{}_token_id", name));
    if (id && std::ranges::find(ends, Json(*id)) == ends.end()) ends.push_back(*id);
  }
  if (ends.size() == 1) config["eos_token_id"] = ends.front();
  if (ends.size() > 1) config["eos_token_id"] = ends;
}

}  // namespace

Json gguf_config(const GgufFile& file) {
  const std::string architecture = architecture_of(file);
  refuse_gguf_keys(file);
  const Sizes sizes(file, architecture + ".");
  const StoredTensor* embedding = find(file, "token_embd.weight");
  if (!embedding || embedding->shape.size() != 2)
    refuse_gguf(file, "the tensor token_embd.weight is missing or no matrix");
  const int64_t heads = sizes.needed("attention.head_count"), width = sizes.needed("embedding_length");
  const int64_t positions = sizes.needed("context_length");
  Json config{{"model_type", architecture},
              {"vocab_size", embedding->shape[0]},
              {"hidden_size", width},
              {"intermediate_size", sizes.needed("feed_forward_length")},
              {"num_hidden_layers", sizes.needed("block_count")},
              {"num_attention_heads", heads},
              {"num_key_value_heads", sizes.optional("attention.head_count_kv").value_or(heads)},
              {"max_position_embeddings", positions},
              {"rms_norm_eps", sizes.number("attention.layer_norm_rms_epsilon", 0, 1, std::nullopt)},
              {"rope_theta", sizes.number("rope.freq_base", 1, 1e15, 10000)},
              {"tie_word_embeddings", find(file, "output.weight") == nullptr}};
  const auto own_head = sizes.optional("attention.key_length");
  if (own_head) config["head_dim"] = *own_head;
  const int64_t head = own_head.value_or(width / heads);
  sizes.same("attention.value_length", head, "a key");
  sizes.same("rope.dimension_count", head, "a head");
  sizes.same("vocab_size", embedding->shape[0], "token_embd.weight");
  check_fixed(file, architecture, head, positions);
  if (const Json scaling = gguf_rope_scaling(file, architecture, positions, head / 2); !scaling.is_null())
    config["rope_scaling"] = scaling;
  if (architecture == "llama") set_biases(file, config);
  set_tokens(file, config);
  return config;
}

}  // namespace llavakd
