// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/shards.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/base/name_list.h"

namespace llavakd {

void refuse_shards(const std::string& place, const std::vector<StoredTensor>& tensors) {
  std::vector<std::string> empty, flat;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.elements() == 0) empty.push_back(tensor.name);
    if (tensor.name.find("flat_param") != std::string::npos) flat.push_back(tensor.name);
  }
  if (!empty.empty())
    throw UserError(fmt::format(
        "{} holds tensors without a number in them, as DeepSpeed ZeRO-3 leaves them in place of its shards: {}. Gather "
        "the weights with the folder's zero_to_fp32.py, or save again with stage3_gather_16bit_weights_on_model_save.",
        place, name_list(empty)));
  if (!flat.empty())
    throw UserError(fmt::format(
        "{} holds weights that FSDP has joined into flat ones: {}. Save a full state dict (FULL_STATE_DICT), or merge "
        "the shards with `accelerate merge-weights`.",
        place, name_list(flat)));
}

}  // namespace llavakd
