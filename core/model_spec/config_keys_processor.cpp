// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/config_keys.h"

namespace llavakd {
namespace {

using enum KeyFate;

constexpr KeyPlace image = KeyPlace::image_processor, processor = KeyPlace::processor;

constexpr ConfigKey rows[] = {
    {image, "image_processor_type", read, "whose defaults count; a kind that can't be done is refused"},
    {image, "feature_extractor_type", read, "the older name of it"},
    {image, "do_resize", read, "false only together with a crop"},
    {image, "size", read, "a number, height and width, or shortest_edge"},
    {image, "default_to_square", read, "whether a number means a square"},
    {image, "resample", read, "1 Lanczos, 2 bilinear, 3 bicubic"},
    {image, "do_center_crop", read, "whether the middle is cut out"},
    {image, "crop_size", read, "a number, or height and width"},
    {image, "do_rescale", read, "whether levels are scaled"},
    {image, "rescale_factor", read, "by this"},
    {image, "do_normalize", read, "whether levels are normalised"},
    {image, "image_mean", read, "a number, or three"},
    {image, "image_std", read, "a number, or three"},
    {image, "do_pad", read, "LlavaImageProcessor: to a square before"},
    {image, "pad_size", read, "only what changes nothing"},
    {image, "do_convert_rgb", no_effect, "pictures always are RGB"},
    {image, "data_format", no_effect, "order in memory"},
    {image, "input_data_format", no_effect, "order in memory"},
    {image, "device", no_effect, "where it is computed"},
    {image, "disable_grouping", no_effect, "how it is computed"},
    {image, "return_tensors", no_effect, "what is given back"},
    {image, "return_row_col_info", no_effect, "what is given back"},
    {image, "_valid_processor_keys", no_effect, "names of arguments"},
    {image, "model_input_names", no_effect, "names of arguments"},
    {image, "processor_class", no_effect, "name of a class"},
    {image, "auto_map", no_effect, "code of the folder is never run"},
    {image, "_processor_class", no_effect, "name of a class"},
    {image, "image_seq_length", no_effect, "tower and select strategy say it"},
    {image, "image_token", no_effect, "pictures have a place of their own in a sequence"},
    {image, "patch_size", no_effect, "the tower says it"},
    {image, "vision_feature_select_strategy", no_effect, "config.json says it"},

    {processor, "image_processor", read, "counts before preprocessor_config.json"},
    {processor, "processor_class", no_effect, "name of a class"},
    {processor, "auto_map", no_effect, "code of the folder is never run"},
    {processor, "image_token", no_effect, "pictures have a place of their own in a sequence"},
    {processor, "image_token_id", no_effect, "pictures have a place of their own in a sequence"},
    {processor, "num_additional_image_tokens", no_effect, "tower and select strategy say it"},
    {processor, "patch_size", no_effect, "the tower says it"},
    {processor, "vision_feature_select_strategy", no_effect, "config.json says it"},
    {processor, "image_seq_length", no_effect, "tower and select strategy say it"},
    {processor, "image_seq_len", no_effect, "tower and select strategy say it"},
    {processor, "chat_template", no_effect, "the project names its template"},
    {processor, "tokenizer", no_effect, "the tokenizer's own files count"},
};

}  // namespace

std::span<const ConfigKey> processor_keys() {
  return rows;
}

}  // namespace llavakd
