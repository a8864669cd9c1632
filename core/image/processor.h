// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/image/image.h"
#include "core/image/resize.h"

namespace llavakd {

/// What happens to an image that isn't square: stretched (or cropped, if the processor crops), or first padded to a
/// square with the processor's mean colour. The names are those of `image_aspect_ratio` in LLaVA's configs.
enum class AspectRatio { square, pad };

/// "square" or "pad". Throws UserError with the known names otherwise.
AspectRatio aspect_ratio_from_name(std::string_view name);

/// Far above any tower; keeps a wrong file from asking for gigabytes.
inline constexpr int max_image_side = 8192;

/// How images become a tower's input: what the settings of an image processor say (processor_settings.h).
struct ImageProcessor {
  int width = 0;             ///< Width of the result.
  int height = 0;            ///< Height of the result.
  int shortest_edge = 0;     ///< 0: stretch the image (SigLIP). Else the length of its short side, then crop (CLIP).
  bool center_crop = false;  ///< Cut width × height out of the middle after resizing.
  ResampleFilter filter = ResampleFilter::bicubic;
  double rescale_factor = 1.0 / 255;
  std::array<double, 3> mean{0.5, 0.5, 0.5};
  std::array<double, 3> std{0.5, 0.5, 0.5};
  int resized_width = 0;   ///< Width of the stretched image, before the crop (DeiT); 0: as the result.
  int resized_height = 0;  ///< Likewise.
  std::optional<std::array<double, 3>> padding;  ///< Colour of AspectRatio::pad; empty: the mean.
  bool pads_to_square = false;                   ///< Every image is padded, whatever AspectRatio asks for.
  bool resizes = true;                           ///< False: the middle is cut out of the image as it is.
  bool operator==(const ImageProcessor&) const = default;
};

/// SigLIP: straight to a square, mean and std 0.5.
ImageProcessor siglip_processor(int size);

/// SigLIP 2 of fixed size: the same, bilinear.
ImageProcessor siglip2_processor(int size);

/// CLIP: short side to `size`, centre square, OpenAI's mean and std.
ImageProcessor clip_processor(int size);

/// DINOv2: ImageNet's mean and std, and the short side a seventh longer than the centre square, as
/// facebook/dinov2-*'s preprocessor_config.json says for its size (short side 256, square 224, bicubic). The published
/// towers were trained at 518 pixels (`image_size` of their config), and the published processor gives them 224; for
/// another size the same proportions hold (592 and 518).
ImageProcessor dinov2_processor(int size);

/// The processor of a vision tower by the `model_type` and `image_size` of its config ("siglip_vision_model", 384).
/// Throws UserError for a type it doesn't know.
ImageProcessor processor_for_tower(std::string_view model_type, int image_size);

/// Reads processor_config.json or preprocessor_config.json of a checkpoint or tower folder (or such a file itself);
/// where there is none, derives the processor from `vision_config` in config.json. Throws UserError that names file and
/// key.
ImageProcessor read_processor(const std::filesystem::path& path);

/// A folder or file for read_processor, or a name: "siglip-so400m-patch14-384", "clip-vit-large-patch14-336" and the
/// other published ones (with or without their owner), or "siglip", "clip" or "dinov2" with any size ("clip224").
ImageProcessor find_processor(const std::string& folder_or_name);

/// The names that find_processor knows.
std::vector<std::string> processor_names();

/// What a level from 0 to 255 becomes, in the order of roundings of Hugging Face's numpy code: the product in double,
/// the rest in float32.
float level_value(const ImageProcessor& processor, size_t channel, int level);

/// The image after padding, resizing and cropping: what the tower sees, still 8-bit.
Image prepare(const Image& image, const ImageProcessor& processor, AspectRatio aspect);

/// The tower's input, float32 [3, height, width] in row-major order: (x · rescale_factor − mean) / std.
std::vector<float> pixel_values(const Image& image, const ImageProcessor& processor, AspectRatio aspect);

}  // namespace llavakd
