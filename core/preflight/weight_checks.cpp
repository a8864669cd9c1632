// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/base/errors.h"
#include "core/model_spec/model_tensors.h"
#include "core/preflight/checks.h"
#include "core/project/project_file.h"
#include "core/project/stage_terms.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Items = std::vector<PreflightItem>;

/// Larger models take longer to read than anybody waits for a check; opening them finds the same.
constexpr uint64_t most_bytes = uint64_t{2} << 30;

/// "NaN", "infinity", or nothing. `exponent` has the bits that are all set in both; what is larger without its sign is
/// NaN.
template <class Bits>
std::string_view broken_value(const StoredTensor& tensor, Bits exponent) {
  constexpr Bits magnitude = static_cast<Bits>(~Bits{0}) >> 1;
  bool infinite = false, nan = false;
  const int64_t count = tensor.elements();
  for (int64_t i = 0; i < count; ++i) {
    Bits bits;
    std::memcpy(&bits, tensor.data + static_cast<size_t>(i) * sizeof bits, sizeof bits);
    const Bits value = bits & magnitude;
    infinite |= value == exponent;
    nan |= value > exponent;
  }
  return nan ? "NaN" : infinite ? "infinity" : "";
}

std::string_view broken_value(const StoredTensor& tensor) {
  if (tensor.blocks || !tensor.is_contiguous()) return "";
  switch (tensor.dtype) {
    case DType::F16:
      return broken_value<uint16_t>(tensor, 0x7c00);
    case DType::BF16:
      return broken_value<uint16_t>(tensor, 0x7f80);
    case DType::F32:
      return broken_value<uint32_t>(tensor, 0x7f800000);
    case DType::F64:
      return broken_value<uint64_t>(tensor, 0x7ff0000000000000);
    default:
      return "";
  }
}

/// What opening the folder, or a part of it, would refuse. What else is wrong with it is said elsewhere.
void check_folder(const fs::path& folder, std::string_view part, const char* key, Items& items) {
  try {
    const ModelTensors model = open_model_tensors(folder);
    if (model.bytes > most_bytes) return;
    for (const auto& [tensor, stored] : model.tensors) {
      if (!std::string_view(tensor).starts_with(part)) continue;
      const std::string_view value = broken_value(stored);
      release_pages(stored.data, stored.bytes());
      if (value.empty()) continue;
      items.push_back({"Weights",
                       MatchLevel::red,
                       fmt::format("{}: the tensor {} holds {}", folder.string(), tensor, value),
                       "Take an earlier checkpoint, or fetch the file again.",
                       {choose_fix("Choose…", key)}});
      return;
    }
  } catch (const UserError&) {
    // The items of the models say it.
  }
}

}  // namespace

void check_weights(const CheckedProject& checked, Items& items) {
  const Project& project = checked.project;
  const auto check = [&](const std::string& option, std::string_view part, const char* key) {
    if (!option.empty()) check_folder(resolve(checked.file, option), part, key, items);
  };
  if (!project.student.checkpoint.empty()) {
    check(project.student.checkpoint, "", "student.checkpoint");
  } else {
    check(project.student.language_model, "language_model.", "student.language_model");
    check(project.student.vision_tower, "vision_tower.", "student.vision_tower");
  }
  if (opens_teacher(project)) check(project.teacher.checkpoint, "", "teacher.checkpoint");
}

}  // namespace llavakd
