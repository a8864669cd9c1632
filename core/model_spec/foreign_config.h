// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace llavakd {

/// The configuration of a model in the form of TinyLLaVA's config.json (whole models) or Hugging Face's (bare parts),
/// whatever the folder holds: that very file, llava-hf's, the original LLaVA's with its tower's next to it, or the
/// metadata of a GGUF file. Parts whose type the file leaves to the whole model's ("clip", "siglip", "llava") have it.
/// Values are not checked here. Throws UserError that names the file.
nlohmann::ordered_json read_model_json(const std::filesystem::path& path);

/// What messages call the place that read_model_json reads: "…/config.json" or the GGUF file.
std::string config_place(const std::filesystem::path& path);

/// Where the tokenizer's files are: the folder itself, or the base model's where an adapter comes without any.
std::filesystem::path tokenizer_folder(const std::filesystem::path& path);

/// config.json is the original LLaVA's (it has mm_vision_tower).
bool is_original_llava(const nlohmann::ordered_json& config);

/// The folder of the tower that an original LLaVA's config.json names (`mm_vision_tower`, "openai/clip-vit-large-…"):
/// that path as it is, relative to the checkpoint, or its last part in the checkpoint or next to it. Throws
/// UserError that lists where it was looked for.
std::filesystem::path tower_folder(const std::filesystem::path& checkpoint, const nlohmann::ordered_json& config);

/// The folder whose files say how a model's images are prepared: the tower's of an original LLaVA, which takes its
/// processor from there, and the base's of an adapter that comes without; otherwise the folder itself.
std::filesystem::path image_processor_folder(const std::filesystem::path& path);

/// A model's name without the slashes at its end: "openai/tower/" -> "openai/tower".
std::string without_slashes(std::string name);

/// A folder that another one names by a hub's name or a path: looked for as above; empty when it isn't there, or when
/// the name has no last part of its own ("..").
std::filesystem::path find_beside(const std::filesystem::path& checkpoint, const std::string& name);

}  // namespace llavakd
