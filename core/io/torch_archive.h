// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <vector>

#include "core/io/stored_tensor.h"

namespace llavakd {

/// Opens what torch.save wrote of a state dict (`pytorch_model.bin`): a zip with `data.pkl` and `data/<key>` storages.
/// The pickle is read by an interpreter of the few opcodes and names such files use (dict, OrderedDict,
/// _rebuild_tensor_v2, _rebuild_parameter, torch storages); any other name is refused as it is met, and nothing is ever
/// executed. Tensors may be views: strides and shared storages are kept. Throws UserError that names the file and the
/// place.
std::vector<StoredTensor> open_torch_archive(const std::filesystem::path& path);

}  // namespace llavakd
