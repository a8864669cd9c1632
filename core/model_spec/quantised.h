// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/io/stored_tensor.h"

namespace llavakd {

/// What config.json says of quantised weights ("a bitsandbytes 4-bit (nf4) checkpoint"): `quantization_config` and the
/// keys that other programs use, of the whole model or of a part. Empty: nothing.
std::string quantisation_in_config(const nlohmann::ordered_json& config);

/// The same from the names and types of the tensors, which tell it where config.json is silent. Empty: they are plain
/// weights.
std::string quantisation_of_tensors(const std::vector<StoredTensor>& tensors);

/// Throws a UserError that says what the weights of `place` are and the way out, if they are quantised. A config.json
/// that says so although the weights are plain gives a warning.
void refuse_quantised(const std::string& place, const nlohmann::ordered_json& config,
                      const std::vector<StoredTensor>& tensors, std::vector<std::string>& warnings);

}  // namespace llavakd
