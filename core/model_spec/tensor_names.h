// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace llavakd {

/// The name of a stored tensor in the whole model (TinyLLaVA's Hugging Face layout, see parameter_shapes.h). `origin`
/// says what the file is: "tinyllava_hf", "llava_hf", "llava", or one part: "language_model", "vision_tower",
/// "connector". Several tools wrote these files, so prefixes of the whole model may be there already, or be left out;
/// names that fit no rule stay as they are and become faults. What wrappers add is taken off (unwrapped_name).
std::string name_in_model(std::string_view origin, std::string_view name);

/// The name without what wrappers of a model add to it while it trains: "_orig_mod." (torch.compile), "module."
/// (data parallel), "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_forward_module." (Lightning) and the
/// adapter library's "base_model.model." and "base_layer.", wherever they occur, nested too. Counts each in `wrappers`,
/// if given.
std::string unwrapped_name(std::string_view name, std::map<std::string, size_t>* wrappers = nullptr);

/// Buffers that old versions of the libraries saved; every model computes them itself.
bool is_leftover_buffer(std::string_view name);

}  // namespace llavakd
