// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/processor_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/errors.h"
#include "core/image/processor_settings.h"
#include "core/io/image_processor_config.h"
#include "core/io/json_file.h"

namespace llavakd {
namespace {

const char* name_of(ResampleFilter filter) {
  return filter == ResampleFilter::bicubic ? "bicubic" : filter == ResampleFilter::bilinear ? "bilinear" : "Lanczos";
}

std::string shape_text(const ImageProcessor& processor) {
  if (processor.shortest_edge > 0) return fmt::format("short side {}, centre cut out", processor.shortest_edge);
  if (!processor.resizes) return "centre cut out of the picture as it is";
  std::string text = "stretched";
  if (processor.resized_width > 0)
    text += fmt::format(" to {} × {}", processor.resized_width, processor.resized_height);
  return processor.center_crop ? text + ", centre cut out" : text;
}

/// The folder's config.json names a SigLIP 2 as the tower, whose model_type is SigLIP's.
bool names_siglip2(const std::filesystem::path& folder) {
  std::error_code error;
  const auto file = folder / "config.json";
  if (!std::filesystem::is_regular_file(file, error)) return false;
  const nlohmann::ordered_json config = read_json(file);
  const auto names = [](const nlohmann::ordered_json& object, const char* key) {
    return object.is_object() && object.contains(key) && object[key].is_string() &&
           object[key].get<std::string>().find("siglip2-") != std::string::npos;
  };
  return names(config, "vision_model_name_or_path") || names(config, "_name_or_path") ||
         (config.is_object() && config.contains("vision_config") && names(config["vision_config"], "_name_or_path"));
}

}  // namespace

ImageProcessor processor_of_folder(const std::filesystem::path& folder, std::string_view model_type,
                                   int64_t image_size) {
  const auto size = static_cast<int>(std::clamp<int64_t>(image_size, 0, 1 << 20));
  const auto settings = find_image_processor_config(folder);
  if (!settings)
    return names_siglip2(folder) ? processor_for_tower("siglip2-", size) : processor_for_tower(model_type, size);
  const ImageProcessor processor = processor_of_settings(settings->json, settings->where);
  if (processor.width != size || processor.height != size)
    throw UserError(fmt::format(
        "{}: the image processor makes {}×{} pictures, but the tower takes {}×{}. Correct size or crop_size.",
        settings->where, processor.width, processor.height, size, size));
  return processor;
}

std::string processor_text(const ImageProcessor& processor) {
  std::string text =
      fmt::format("{} × {}; {}; {}; mean {}; std {}", processor.width, processor.height, shape_text(processor),
                  name_of(processor.filter), fmt::join(processor.mean, " "), fmt::join(processor.std, " "));
  if (processor.rescale_factor != ImageProcessor{}.rescale_factor)
    text += fmt::format("; times {}", processor.rescale_factor);
  if (processor.pads_to_square) text += "; padded to a square first";
  if (processor.padding) text += fmt::format("; padded with {}", fmt::join(*processor.padding, " "));
  return text;
}

}  // namespace llavakd
