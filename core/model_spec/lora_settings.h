// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model_spec/module_pattern.h"

namespace llavakd {

/// What an adapter's beginning took out of the base, so that base and adapter together were the published weight: the
/// largest singular directions (PiSSA), the first columns of a QR decomposition (OLoRA), or nothing.
enum class BaseChange { none, singular_values, qr };

/// adapter_config.json of a LoRA adapter, as far as merging depends on it (peft/tuners/lora/config.py).
struct LoraSettings {
  int64_t rank = 8;
  double alpha = 8;
  bool rank_stabilised = false;
  bool magnitudes = false;  ///< DoRA
  BaseChange base_change = BaseChange::none;
  std::vector<std::pair<ModulePattern, int64_t>> rank_pattern;
  std::vector<std::pair<ModulePattern, double>> alpha_pattern;
  std::vector<std::string> modules_to_save;
  std::vector<std::string> target_parameters;
  std::vector<std::pair<std::string, std::vector<int64_t>>> tokens;  ///< Ends of modules' names; token ids.
  bool keeps_tie = false;                                            ///< ensure_weight_tying
  std::vector<std::string> warnings;

  /// Settings of the module (or, for target_parameters, parameter) of that name: the first pattern that matches counts.
  int64_t rank_of(std::string_view name) const;
  /// What B·A is multiplied by: alpha / rank, or alpha / sqrt(rank) if rank-stabilised.
  double scale_of(std::string_view name) const;
};

/// Throws a UserError that names the file and the way out for adapters that can't be merged exactly from these files.
LoraSettings read_lora_settings(const std::filesystem::path& file);

}  // namespace llavakd
