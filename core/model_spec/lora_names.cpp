// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/lora_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/model_spec/tensor_names.h"

namespace llavakd {

namespace {

constexpr std::array<std::pair<std::string_view, AdapterPart>, 7> kAdapterParts{
    {{"lora_A", AdapterPart::down},
     {"lora_B", AdapterPart::up},
     {"lora_embedding_A", AdapterPart::embedding_down},
     {"lora_embedding_B", AdapterPart::embedding_up},
     {"lora_magnitude_vector", AdapterPart::magnitude},
     {"token_adapter", AdapterPart::rows},
     {"lora_velora_embed", AdapterPart::of_training}}};

/// Takes ".modules_to_save.default." out, as sharded training leaves it.
std::string without_copies(std::string name) {
  constexpr std::string_view copy = ".modules_to_save.";
  const size_t at = name.find(copy);
  if (at == std::string::npos) return name;
  name.erase(at, copy.size() - 1);
  constexpr std::string_view usual = ".default.";
  if (std::string_view(name).substr(at).starts_with(usual)) name.erase(at, usual.size() - 1);
  return name;
}

}  // namespace

AdapterName read_adapter_name(std::string_view stored) {
  AdapterName name;
  name.base_layer = stored.find(".base_layer.") != std::string_view::npos;
  name.inner = unwrapped_name(stored);
  const size_t lora = name.inner.find(".lora_"), tokens = name.inner.find(".token_adapter.");
  const size_t at = std::min(lora, tokens);
  if (at == std::string::npos) {
    if (name.inner.find(".original_module.") != std::string::npos) name.part = AdapterPart::of_training;
    name.inner = without_copies(std::move(name.inner));
    return name;
  }
  const std::string rest = name.inner.substr(at + 1);
  const std::string_view marker = std::string_view(rest).substr(0, rest.find('.'));
  const auto found =
      std::find_if(kAdapterParts.begin(), kAdapterParts.end(), [&](const auto& part) { return part.first == marker; });
  name.part = found == kAdapterParts.end() ? AdapterPart::other_kind : found->second;
  if (name.part == AdapterPart::rows && rest.find(".trainable_tokens_delta") == std::string::npos)
    name.part = AdapterPart::of_training;
  if (name.part == AdapterPart::up && rest.ends_with(".bias")) name.part = AdapterPart::up_bias;
  name.inner.resize(at);
  return name;
}

}  // namespace llavakd
