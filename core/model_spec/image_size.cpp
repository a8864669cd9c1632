// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/image_size.h"

#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/io/image_processor_config.h"

namespace llavakd {
namespace {

constexpr int64_t published_positions = 518, published_image_size = 224, max_image_size = 8192;

/// The side of what the processor cuts out; 0 where it doesn't say a square.
int64_t cropped_side(const nlohmann::ordered_json& processor) {
  if (!processor.is_object() || !processor.contains("crop_size")) return 0;
  const auto& size = processor["crop_size"];
  const auto side = [](const nlohmann::ordered_json& number) {
    return number.is_number_integer() ? number.get<int64_t>() : 0;
  };
  if (!size.is_object()) return side(size);
  const int64_t height = side(size.value("height", nlohmann::ordered_json()));
  return height == side(size.value("width", nlohmann::ordered_json())) ? height : 0;
}

}  // namespace

void set_image_size(VisionConfig& vision, const std::filesystem::path& folder) {
  if (vision.model_type != "dinov2") return;
  int64_t side = vision.image_size == published_positions ? published_image_size : 0;
  const auto settings = find_image_processor_config(folder);
  if (settings) side = cropped_side(settings->json);
  if (side == 0 || side == vision.image_size) return;
  if (side < vision.patch_size || side > max_image_size || side % vision.patch_size != 0)
    throw UserError(fmt::format("{}: crop_size is {}, but the tower's patches have {} pixels; it must be a multiple.",
                                settings->where, side, vision.patch_size));
  vision.stored_image_size = vision.image_size;
  vision.image_size = side;
}

}  // namespace llavakd
