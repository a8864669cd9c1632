// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/processor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/image/decode.h"
#include "core/io/json_file.h"
#include "core/io/printable.h"
#include "core/project/errors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<double, 3> openai_mean{0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> openai_std{0.26862954, 0.26130258, 0.27577711};
constexpr std::array<double, 3> imagenet_mean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> imagenet_std{0.229, 0.224, 0.225};
constexpr int largest_side = 8192;  // far above any tower; keeps a wrong file from asking for gigabytes

/// A family of towers: how the names of its published models begin, and its processor for a size.
struct Family {
  std::string_view name;
  ImageProcessor (*processor)(int size);
};
constexpr Family families[] = {{"siglip", siglip_processor}, {"clip", clip_processor}, {"dinov2", dinov2_processor}};

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

int side(const Json& value, const std::string& where) {
  if (!value.is_number_integer() || value < 1 || value > largest_side) {
    throw UserError(fmt::format("{}: {} is not a picture size; it must be a whole number from 1 to {}.", where,
                                printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 40),
                                largest_side));
  }
  return value.get<int>();
}

std::array<double, 3> three_numbers(const Json& value, const std::string& where) {
  std::array<double, 3> numbers{};
  const bool fits = value.is_array() && value.size() == 3 &&
                    std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
  if (!fits)
    throw UserError(fmt::format("{}: three numbers are needed here, one for each of red, green and blue.", where));
  for (size_t i = 0; i < 3; ++i) numbers[i] = value[i].get<double>();
  return numbers;
}

/// Whether there is a value; Hugging Face writes a null for what isn't set.
bool has(const Json& json, const char* key) {
  return json.contains(key) && !json[key].is_null();
}

bool flag(const Json& json, const char* key, bool otherwise, const std::string& where) {
  if (!has(json, key)) return otherwise;
  if (!json[key].is_boolean()) throw UserError(fmt::format("{}, {}: true or false is needed here.", where, key));
  return json[key].get<bool>();
}

/// `size` and `crop_size` are a number or {"height", "width"}; older files of CLIP mean the short side by a number.
void read_size(const Json& json, bool crops, const std::string& where, ImageProcessor& processor) {
  if (!json.contains("size"))
    throw UserError(fmt::format("{}: `size` is missing, so the picture size is unknown.", where));
  const Json& size = json["size"];
  if (size.is_number()) {
    processor.width = processor.height = side(size, where + ", size");
    if (crops) processor.shortest_edge = processor.width;
  } else if (size.is_object() && has(size, "shortest_edge") && !has(size, "longest_edge")) {
    processor.shortest_edge = side(size["shortest_edge"], where + ", size.shortest_edge");
    processor.width = processor.height = processor.shortest_edge;
    if (!crops) throw UserError(fmt::format("{}: a shortest edge without a centre crop gives no fixed size.", where));
  } else if (size.is_object() && size.contains("height") && size.contains("width")) {
    processor.height = side(size["height"], where + ", size.height");
    processor.width = side(size["width"], where + ", size.width");
    if (crops) processor.resized_width = processor.width;
    if (crops) processor.resized_height = processor.height;
  } else {
    throw UserError(
        fmt::format("{}, size: needs {{\"height\", \"width\"}}, {{\"shortest_edge\"}} or a number.", where));
  }
  processor.center_crop = crops;
  if (!crops || !has(json, "crop_size")) return;
  const Json& crop = json["crop_size"];
  if (crop.is_object()) {
    processor.height = side(crop.value("height", Json()), where + ", crop_size.height");
    processor.width = side(crop.value("width", Json()), where + ", crop_size.width");
  } else {
    processor.width = processor.height = side(crop, where + ", crop_size");
  }
}

ResampleFilter read_filter(const Json& json, const std::string& where) {
  const Json resample = json.value("resample", Json(3));
  if (resample == 1) return ResampleFilter::lanczos;
  if (resample == 2) return ResampleFilter::bilinear;
  if (resample == 3) return ResampleFilter::bicubic;
  throw UserError(fmt::format("{}, resample: known are 1 (Lanczos), 2 (bilinear) and 3 (bicubic).", where));
}

/// What a level from 0 to 255 becomes, in the order of roundings of Hugging Face's numpy code: the product in double,
/// the rest in float32.
float level_value(const ImageProcessor& processor, size_t channel, int level) {
  const auto scaled = static_cast<float>(level * processor.rescale_factor);
  return (scaled - static_cast<float>(processor.mean[channel])) / static_cast<float>(processor.std[channel]);
}

/// A factor or deviation that is zero or infinite as the float32 that it becomes would leave no picture.
bool is_usable(double factor) {
  return std::isfinite(static_cast<float>(factor)) && static_cast<float>(factor) > 0;
}

void read_rescale_factor(const Json& json, const std::string& where, ImageProcessor& processor) {
  if (!flag(json, "do_rescale", true, where)) {
    processor.rescale_factor = 1.0;
  } else if (has(json, "rescale_factor")) {
    if (!json["rescale_factor"].is_number() || !is_usable(json["rescale_factor"].get<double>()))
      throw UserError(fmt::format("{}, rescale_factor: a 32-bit number above zero is needed.", where));
    processor.rescale_factor = json["rescale_factor"].get<double>();
  }
}

/// How levels become values, and the colour of padding: it is the mean even where values aren't normalised.
void read_levels(const Json& json, const std::string& where, ImageProcessor& processor) {
  read_rescale_factor(json, where, processor);
  if (has(json, "image_mean")) processor.mean = three_numbers(json["image_mean"], where + ", image_mean");
  if (!flag(json, "do_normalize", true, where)) {
    processor.padding = processor.mean;
    processor.mean = {0, 0, 0};
    processor.std = {1, 1, 1};
  } else if (has(json, "image_std")) {
    processor.std = three_numbers(json["image_std"], where + ", image_std");
    if (!std::all_of(processor.std.begin(), processor.std.end(), is_usable))
      throw UserError(fmt::format("{}, image_std: the values must be 32-bit numbers above zero.", where));
  }
  for (size_t channel = 0; channel < 3; ++channel) {
    // Whatever lies between black and white is finite if they are.
    if (std::isfinite(level_value(processor, channel, 0)) && std::isfinite(level_value(processor, channel, 255)))
      continue;
    throw UserError(fmt::format(
        "{}: image_mean, image_std and rescale_factor give infinite pixel values; correct the one that is far off.",
        where));
  }
}

/// preprocessor_config.json of Hugging Face's image processors.
ImageProcessor from_preprocessor_config(const Json& json, const std::string& where) {
  if (!json.is_object()) throw UserError(fmt::format("{}: this is not an image processor's file.", where));
  ImageProcessor processor;
  if (!flag(json, "do_resize", true, where)) {
    throw UserError(fmt::format("{}: do_resize is off, but towers need pictures of one size.", where));
  }
  read_size(json, flag(json, "do_center_crop", has(json, "crop_size"), where), where, processor);
  processor.filter = read_filter(json, where);
  read_levels(json, where, processor);
  return processor;
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
                             side(vision["image_size"], place + ", image_size"));
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
  if (error != std::errc() || end != digits.data() + digits.size() || size < 1 || size > largest_side)
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
  if (processor.shortest_edge > 0) return size_by_short_side(image, processor.shortest_edge);
  if (processor.resized_width > 0) return {processor.resized_width, processor.resized_height};
  return {processor.width, processor.height};
}

}  // namespace

AspectRatio aspect_ratio_from_name(std::string_view name) {
  if (name == "square") return AspectRatio::square;
  if (name == "pad") return AspectRatio::pad;
  throw UserError(fmt::format("The aspect ratio \"{}\" is not known; \"square\" and \"pad\" are.", printable(name)));
}

ImageProcessor siglip_processor(int size) {
  return {.width = size, .height = size};
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
  if (image_size < 1 || image_size > largest_side) {
    throw UserError(
        fmt::format("image_size {} is not a picture size; it must be from 1 to {}.", image_size, largest_side));
  }
  if (const Family* family = family_of(model_type)) return family->processor(image_size);
  throw UserError(
      fmt::format("No image processor is known for a vision tower of type \"{}\"; put its "
                  "preprocessor_config.json into the checkpoint folder.",
                  printable(model_type)));
}

ImageProcessor read_processor(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error))
    return from_preprocessor_config(read_json(path), printable(path.string()));
  const std::filesystem::path own = path / "preprocessor_config.json";
  if (std::filesystem::exists(own, error)) return from_preprocessor_config(read_json(own), printable(own.string()));
  const std::filesystem::path config = path / "config.json";
  if (std::filesystem::exists(config, error)) return from_config(read_json(config), printable(config.string()));
  throw UserError(
      fmt::format("{}: there is neither preprocessor_config.json nor config.json in this folder, so how "
                  "pictures are prepared is unknown.",
                  printable(path.string())));
}

ImageProcessor find_processor(const std::string& folder_or_name) {
  std::error_code error;
  if (std::filesystem::exists(folder_or_name, error)) return read_processor(folder_or_name);
  if (const auto processor = named_processor(folder_or_name)) return *processor;
  throw UserError(
      fmt::format("\"{}\" is neither a folder nor the name of an image processor. Names are {}, and siglip, clip "
                  "or dinov2 followed by a size.",
                  printable(folder_or_name), fmt::join(processor_names(), ", ")));
}

std::vector<std::string> processor_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets) names.emplace_back(preset.name);
  return names;
}

Image prepare(const Image& image, const ImageProcessor& processor, AspectRatio aspect) {
  if (image.width < 1 || image.height < 1) throw UserError("A picture without pixels cannot be prepared.");
  if (aspect == AspectRatio::pad && image.width != image.height) {
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
