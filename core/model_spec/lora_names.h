// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace llavakd {

/// What one tensor of an adapter file is.
enum class AdapterPart {
  down,            ///< lora_A
  up,              ///< lora_B
  up_bias,         ///< lora_B.bias
  embedding_down,  ///< lora_embedding_A
  embedding_up,    ///< lora_embedding_B
  magnitude,       ///< lora_magnitude_vector (DoRA)
  rows,            ///< token_adapter.trainable_tokens_delta
  whole,           ///< A weight of the model, in place of the base's.
  of_training,     ///< Not needed for the merged weights.
  other_kind,      ///< Part of a kind of adapter that isn't supported.
};

/// A tensor's name in an adapter file, read.
struct AdapterName {
  AdapterPart part = AdapterPart::whole;
  std::string inner;        ///< The module's name without wrappers; of `whole` the weight's.
  bool base_layer = false;  ///< The base's own weight, stored with the adapter.
};

/// "base_model.model.x.q_proj.lora_A.default.weight" -> down, "x.q_proj": the names of peft/utils/save_and_load.py,
/// with or without the adapter's own name in them.
AdapterName read_adapter_name(std::string_view stored);

}  // namespace llavakd
