// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/processor_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

/// A class of image processors: the defaults of keys that a file leaves out.
struct Kind {
  std::string_view name;  ///< Without what follows it: ImageProcessor, ImageProcessorFast, FeatureExtractor.
  ImageProcessor defaults;
  bool square_numbers = false;  ///< A number for `size` is both sides, not the short one.
  bool pads_first = false;      ///< do_pad makes a square of the image before all else.
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"CLIP", clip_processor(224)},
      {"Siglip", {.width = 224, .height = 224}},
      {"Llava", clip_processor(224), false, true},
      {"Bit", clip_processor(224)},
      {"ViT", {.width = 224, .height = 224, .filter = ResampleFilter::bilinear}, true},
      {"DeiT", {.width = 224, .height = 224, .center_crop = true, .resized_width = 256, .resized_height = 256}, true},
      {"Blip", {.width = 384, .height = 384, .mean = openai_mean, .std = openai_std}, true},
  };
  return all;
}

std::string shown(const Json& value) {
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 40);
}

/// Whether there is a value; Hugging Face writes a null for what isn't set.
bool has(const Json& json, const char* key) {
  return json.contains(key) && !json[key].is_null();
}

/// The class that the file names; null where it names none.
const Kind* kind_of(const Json& json, const std::string& where) {
  const char* key = has(json, "image_processor_type") ? "image_processor_type" : "feature_extractor_type";
  if (!has(json, key)) return nullptr;
  const std::string type = json[key].is_string() ? json[key].get<std::string>() : "";
  std::string_view name = type;
  for (const std::string_view end : {"Fast", "Pil", "ImageProcessor", "FeatureExtractor"})
    if (name.ends_with(end)) name.remove_suffix(end.size());
  for (const Kind& kind : kinds())
    if (kind.name == name) return &kind;
  std::vector<std::string> known;
  for (const Kind& kind : kinds()) known.push_back(fmt::format("{}ImageProcessor", kind.name));
  const bool tiles = name == "LlavaNext" || name == "LlavaOnevision" || name == "Siglip2" || name == "Idefics3";
  throw UserError(fmt::format("{}: {} {} is not supported{}; known: {}.", where, key, shown(json[key]),
                              tiles ? ", which makes several or uneven pieces of a picture" : "",
                              fmt::join(known, ", ")));
}

/// One number for all of red, green and blue, or one for each.
std::array<double, 3> three_numbers(const Json& value, const std::string& where) {
  std::array<double, 3> numbers{};
  if (value.is_number()) {
    numbers.fill(value.get<double>());
    return numbers;
  }
  const bool fits = value.is_array() && value.size() == 3 &&
                    std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
  if (!fits)
    throw UserError(
        fmt::format("{}: a number, or three of them, one for each of red, green and blue, are needed here.", where));
  for (size_t i = 0; i < 3; ++i) numbers[i] = value[i].get<double>();
  return numbers;
}

bool flag(const Json& json, const char* key, bool otherwise, const std::string& where) {
  if (!has(json, key)) return otherwise;
  if (!json[key].is_boolean()) throw UserError(fmt::format("{}, {}: true or false is needed here.", where, key));
  return json[key].get<bool>();
}

/// {"height": …, "width": …} or a number for both, as (width, height).
std::pair<int, int> two_sides(const Json& value, const std::string& where) {
  if (!value.is_object()) {
    const int both = image_side(value, where);
    return {both, both};
  }
  for (const auto& [key, inner] : value.items())
    if (key != "height" && key != "width" && !inner.is_null())
      throw UserError(fmt::format("{}: needs {{\"height\", \"width\"}} or a number, not {}.", where, shown(value)));
  return {image_side(value.value("width", Json()), where + ".width"),
          image_side(value.value("height", Json()), where + ".height")};
}

/// {"shortest_edge": …} and nothing else that has a value.
bool is_short_side(const Json& size) {
  if (!size.is_object() || !has(size, "shortest_edge")) return false;
  return std::count_if(size.begin(), size.end(), [](const Json& value) { return !value.is_null(); }) == 1;
}

/// What the image is resized to, before any crop.
void read_resize_settings(const Json& json, const Kind* kind, bool crops, const std::string& where,
                          ImageProcessor& processor) {
  if (!has(json, "size")) {
    if (kind) return;
    throw UserError(fmt::format("{}: `size` is missing, so the picture size is unknown.", where));
  }
  const Json& size = json["size"];
  processor.shortest_edge = processor.resized_width = processor.resized_height = 0;
  const bool squares = flag(json, "default_to_square", kind ? kind->square_numbers : !crops, where);
  if (size.is_number() && !squares) {
    processor.shortest_edge = image_side(size, where + ", size");
  } else if (is_short_side(size)) {
    processor.shortest_edge = image_side(size["shortest_edge"], where + ", size.shortest_edge");
  } else if (size.is_number() || (size.is_object() && has(size, "height") && has(size, "width"))) {
    std::tie(processor.width, processor.height) = two_sides(size, where + ", size");
    if (crops) processor.resized_width = processor.width;
    if (crops) processor.resized_height = processor.height;
  } else {
    throw UserError(fmt::format("{}, size: needs {{\"height\", \"width\"}}, {{\"shortest_edge\"}} or a number, not {}.",
                                where, shown(size)));
  }
  if (processor.shortest_edge > 0 && !kind) processor.width = processor.height = processor.shortest_edge;
}

/// Resizing and cropping.
void read_shape(const Json& json, const Kind* kind, const std::string& where, ImageProcessor& processor) {
  const bool crops = flag(json, "do_center_crop", kind ? kind->defaults.center_crop : has(json, "crop_size"), where);
  const int class_width = processor.width, class_height = processor.height;
  processor.resizes = flag(json, "do_resize", true, where);
  if (!processor.resizes && !crops)
    throw UserError(fmt::format("{}: do_resize is off, but towers need pictures of one size.", where));
  if (processor.resizes)
    read_resize_settings(json, kind, crops, where, processor);
  else
    processor.shortest_edge = processor.resized_width = processor.resized_height = 0;
  processor.center_crop = crops;
  if (!crops && processor.shortest_edge > 0)
    throw UserError(fmt::format("{}: a shortest edge without a centre crop gives no fixed size.", where));
  if (!crops && processor.resized_width > 0) {
    processor.width = std::exchange(processor.resized_width, 0);
    processor.height = std::exchange(processor.resized_height, 0);
  }
  if (!crops) return;
  if (has(json, "crop_size")) {
    std::tie(processor.width, processor.height) = two_sides(json["crop_size"], where + ", crop_size");
  } else if (kind && kind->defaults.center_crop) {
    processor.width = class_width;
    processor.height = class_height;
  } else if (kind || !processor.resizes) {
    throw UserError(fmt::format("{}: do_center_crop needs crop_size, which is missing.", where));
  }
}

ResampleFilter read_filter(const Json& json, ResampleFilter otherwise, const std::string& where) {
  if (!has(json, "resample")) return otherwise;
  const Json& resample = json["resample"];
  if (resample == 1) return ResampleFilter::lanczos;
  if (resample == 2) return ResampleFilter::bilinear;
  if (resample == 3) return ResampleFilter::bicubic;
  throw UserError(fmt::format("{}, resample: known are 1 (Lanczos), 2 (bilinear) and 3 (bicubic), not {}.", where,
                              shown(resample)));
}

/// A factor or deviation that is zero or infinite as the float32 that it becomes would leave no image.
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
    // Whatever is between black and white is finite if they are.
    if (std::isfinite(level_value(processor, channel, 0)) && std::isfinite(level_value(processor, channel, 255)))
      continue;
    throw UserError(fmt::format(
        "{}: image_mean, image_std and rescale_factor give infinite pixel values; correct the one that is far off.",
        where));
  }
}

/// LLaVA's own class pads to a square first; all others fill up the finished images, which changes nothing where they
/// have that size already.
void read_padding(const Json& json, const Kind* kind, const std::string& where, ImageProcessor& processor) {
  if (!flag(json, "do_pad", false, where)) return;
  if (kind && kind->pads_first) {
    processor.pads_to_square = true;
  } else if (has(json, "pad_size") &&
             two_sides(json["pad_size"], where + ", pad_size") != std::pair(processor.width, processor.height)) {
    throw UserError(fmt::format("{}: do_pad with pad_size {} is not supported; pictures have {} × {} already.", where,
                                shown(json["pad_size"]), processor.width, processor.height));
  }
}

}  // namespace

int image_side(const Json& value, const std::string& where) {
  if (!value.is_number_integer() || value < 1 || value > max_image_side) {
    throw UserError(fmt::format("{}: {} is not a picture size; it must be a whole number from 1 to {}.", where,
                                shown(value), max_image_side));
  }
  return value.get<int>();
}

ImageProcessor processor_of_settings(const Json& json, const std::string& where) {
  if (!json.is_object()) throw UserError(fmt::format("{}: this is not an image processor's file.", where));
  const Kind* kind = kind_of(json, where);
  ImageProcessor processor = kind ? kind->defaults : ImageProcessor{};
  read_shape(json, kind, where, processor);
  processor.filter = read_filter(json, processor.filter, where);
  read_levels(json, where, processor);
  read_padding(json, kind, where, processor);
  return processor;
}

}  // namespace llavakd
