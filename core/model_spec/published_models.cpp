// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/published_models.h"

#include <string>

namespace llavakd {
namespace {

// As the READMEs of projects/ name them.
constexpr std::string_view models_of_templates[] = {"Zhang199/TinyLLaVA-Qwen2.5-3B-SigLIP", "Qwen/Qwen2.5-0.5B",
                                                    "Qwen/Qwen1.5-0.5B", "google/siglip-so400m-patch14-384"};

}  // namespace

std::string_view published_name(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  for (const std::string_view known : models_of_templates)
    if (known.substr(known.find('/') + 1) == name) return known;
  return {};
}

}  // namespace llavakd
