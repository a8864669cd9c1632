// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

#include "core/model_spec/model_config.h"
#include "core/model_spec/model_tensors.h"

namespace llavakd {

/// Puts the adapter's whole weights in place of the base's and its changes into `tensors.changes`, each checked against
/// its weight. A head or an embedding that was trained as a copy of its own unties the two; one that was only saved
/// along doesn't. `part` as in adapt_config. Throws UserError for changes of weights that the model doesn't have, and
/// for a low-rank change of one of two tied matrices, which training changed and merging can't.
void apply_adapter(LanguageConfig& config, ModelTensors& tensors, std::string_view part);

}  // namespace llavakd
