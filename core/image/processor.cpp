// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/image/decode.h"
#include "core/image/processor_settings.h"
#include "core/io/image_processor_config.h"
#include "core/io/json_file.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<double, 3> imagenet_mean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> imagenet_std{0.229, 0.224, 0.225};

/// A family of towers: how the names of its published models begin, and its processor for a size.
struct Family {
  std::string_view name;
  ImageProcessor (*processor)(int size);
};
constexpr Family families[] = {{"siglip2-", siglip2_processor},
                               {"siglip", siglip_processor},
                               {"clip", clip_processor},
                               {"dinov2", dinov2_processor}};

struct Preset {
  std::string_view name;
  int size;
};

constexpr Preset presets[] = {
    {"siglip-base-patch16-224", 224},
    {"siglip-base-patch16-256", 256},
    {"siglip-base-patch16-384", 384},
    {"siglip-base-patch16-512", 512},
    {"siglip-large-patch16-256", 256},
    {"siglip-large-patch16-384", 384},
    {"siglip-so400m-patch14-224", 224},
    {"siglip-so400m-patch14-384", 384},
    {"siglip2-base-patch16-224", 224},
    {"siglip2-base-patch16-256", 256},
    {"siglip2-base-patch16-384", 384},
    {"siglip2-base-patch16-512", 512},
    {"siglip2-base-patch32-256", 256},
    {"siglip2-large-patch16-256", 256},
    {"siglip2-large-patch16-384", 384},
    {"siglip2-large-patch16-512", 512},
    {"siglip2-giant-opt-patch16-256", 256},
    {"siglip2-giant-opt-patch16-384", 384},
    {"siglip2-so400m-patch14-224", 224},
    {"siglip2-so400m-patch14-384", 384},
    {"siglip2-so400m-patch16-256", 256},
    {"siglip2-so400m-patch16-384", 384},
    {"siglip2-so400m-patch16-512", 512},
    {"clip-vit-base-patch16", 224},
    {"clip-vit-base-patch32", 224},
    {"clip-vit-large-patch14", 224},
    {"clip-vit-large-patch14-336", 336},
    {"dinov2-small", 224},
    {"dinov2-base", 224},
    {"dinov2-large", 224},
    {"dinov2-giant", 224},
};

/// The family that a type or name belongs to; null for none.
const Family* family_of(std::string_view name) {
  const auto* found = std::find_if(std::begin(families), std::end(families),
                                   [&](const Family& each) { return name.starts_with(each.name); });
  return found == std::end(families) ? nullptr : found;
}

/// From a tower's or a whole model's config.json.
ImageProcessor from_config(const Json& json, const std::string& where) {
  const bool nested = json.is_object() && json.contains("vision_config") && json["vision_config"].is_object();
  const Json& vision = nested ? json["vision_config"] : json;
  const std::string place = nested ? where + ", vision_config" : where;
  if (!vision.is_object() || !vision.contains("image_size") || !vision.value("model_type", Json()).is_string()) {
    throw UserError(fmt::format("{}: `model_type` and `image_size` of the vision tower are needed here.", place));
  }
  return processor_for_tower(vision["model_type"].get<std::string>(),
                             image_side(vision["image_size"], place + ", image_size"));
}

std::optional<ImageProcessor> named_processor(std::string_view name) {
  if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  const Family* family = family_of(name);
  if (family == nullptr) return std::nullopt;
  for (const Preset& preset : presets) {
    if (name == preset.name) return family->processor(preset.size);
  }
  const std::string_view digits = name.substr(family->name.size());
  int size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (error != std::errc() || end != digits.data() + digits.size() || size < 1 || size > max_image_side)
    return std::nullopt;
  return family->processor(size);
}

/// The size after the short side has become `edge`, as Hugging Face rounds it.
std::pair<int, int> size_by_short_side(const Image& image, int edge) {
  const int64_t longer = std::max(image.width, image.height);
  const int64_t shorter = std::min(image.width, image.height);
  const auto long_side = static_cast<int64_t>(static_cast<double>(static_cast<int64_t>(edge) * longer) / shorter);
  if (long_side * edge > max_pixels) {
    throw UserError(fmt::format("A picture of {} × {} is too long and narrow to be resized to a short side of {}.",
                                image.width, image.height, edge));
  }
  const int scaled = static_cast<int>(long_side);
  return image.width <= image.height ? std::pair(edge, scaled) : std::pair(scaled, edge);
}

/// The size before the crop.
std::pair<int, int> resized_size(const Image& image, const ImageProcessor& processor) {
  if (!processor.resizes) return {image.width, image.height};
  if (processor.shortest_edge > 0) return size_by_short_side(image, processor.shortest_edge);
  if (processor.resized_width > 0) return {processor.resized_width, processor.resized_height};
  return {processor.width, processor.height};
}

}  // namespace

float level_value(const ImageProcessor& processor, size_t channel, int level) {
  const auto scaled = static_cast<float>(level * processor.rescale_factor);
  return (scaled - static_cast<float>(processor.mean[channel])) / static_cast<float>(processor.std[channel]);
}

AspectRatio aspect_ratio_from_name(std::string_view name) {
  if (name == "square") return AspectRatio::square;
  if (name == "pad") return AspectRatio::pad;
  throw UserError(fmt::format("The aspect ratio \"{}\" is not known; \"square\" and \"pad\" are.", printable(name)));
}

ImageProcessor siglip_processor(int size) {
  return {.width = size, .height = size};
}

ImageProcessor siglip2_processor(int size) {
  ImageProcessor processor = siglip_processor(size);
  processor.filter = ResampleFilter::bilinear;
  return processor;
}

ImageProcessor clip_processor(int size) {
  return {.width = size,
          .height = size,
          .shortest_edge = size,
          .center_crop = true,
          .mean = openai_mean,
          .std = openai_std};
}

ImageProcessor dinov2_processor(int size) {
  return {.width = size,
          .height = size,
          .shortest_edge = (size * 256 + 112) / 224,
          .center_crop = true,
          .mean = imagenet_mean,
          .std = imagenet_std};
}

ImageProcessor processor_for_tower(std::string_view model_type, int image_size) {
  if (image_size < 1 || image_size > max_image_side) {
    throw UserError(
        fmt::format("image_size {} is not a picture size; it must be from 1 to {}.", image_size, max_image_side));
  }
  if (const Family* family = family_of(model_type)) return family->processor(image_size);
  throw UserError(
      fmt::format("No image processor is known for a vision tower of type \"{}\"; put its "
                  "preprocessor_config.json into the checkpoint folder.",
                  printable(model_type)));
}

ImageProcessor read_processor(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    const Json json = read_json(path);
    const bool inside = json.is_object() && json.contains("image_processor") && json["image_processor"].is_object();
    return inside ? processor_of_settings(json["image_processor"], printable(path.string()) + ": image_processor")
                  : processor_of_settings(json, printable(path.string()));
  }
  if (const auto settings = find_image_processor_config(path))
    return processor_of_settings(settings->json, settings->where);
  const std::filesystem::path config = path / "config.json";
  if (std::filesystem::exists(config, error)) return from_config(read_json(config), printable(config.string()));
  throw UserError(
      fmt::format("{}: there is neither processor_config.json nor preprocessor_config.json nor config.json in this "
                  "folder, so how pictures are prepared is unknown.",
                  printable(path.string())));
}

ImageProcessor find_processor(const std::string& folder_or_name) {
  std::error_code error;
  if (std::filesystem::exists(folder_or_name, error)) return read_processor(folder_or_name);
  if (const auto processor = named_processor(folder_or_name)) return *processor;
  throw UserError(
      fmt::format("\"{}\" is neither a folder nor the name of an image processor. Names are {}, and siglip, clip "
                  "or dinov2 followed by a size.",
                  printable(folder_or_name), name_list(processor_names())));
}

std::vector<std::string> processor_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets) names.emplace_back(preset.name);
  return names;
}

Image prepare(const Image& image, const ImageProcessor& processor, AspectRatio aspect) {
  if (image.width < 1 || image.height < 1) throw UserError("A picture without pixels cannot be prepared.");
  const bool pads = aspect == AspectRatio::pad || processor.pads_to_square;
  if (pads && image.width != image.height) {
    const std::array<double, 3> colour = processor.padding.value_or(processor.mean);
    const auto background = [&](int channel) {
      return static_cast<uint8_t>(std::clamp(colour[channel] * 255, 0.0, 255.0));
    };
    return prepare(pad_to_square(image, {background(0), background(1), background(2)}), processor, AspectRatio::square);
  }
  const auto [width, height] = resized_size(image, processor);
  Image resized = resize(image, width, height, processor.filter);
  return processor.center_crop ? center_crop(resized, processor.width, processor.height) : resized;
}

std::vector<float> pixel_values(const Image& image, const ImageProcessor& processor, AspectRatio aspect) {
  const Image prepared = prepare(image, processor, aspect);
  const size_t plane = static_cast<size_t>(prepared.width) * prepared.height;
  std::vector<float> values(plane * 3);
  for (size_t channel = 0; channel < 3; ++channel) {
    std::array<float, 256> table;
    for (int level = 0; level < 256; ++level) table[level] = level_value(processor, channel, level);
    const uint8_t* pixel = prepared.rgb.data() + channel;
    float* out = values.data() + channel * plane;
    for (size_t i = 0; i < plane; ++i) out[i] = table[pixel[i * 3]];
  }
  return values;
}

}  // namespace llavakd
