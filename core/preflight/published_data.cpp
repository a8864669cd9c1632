// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/preflight/published_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace llavakd {
namespace {

// As the README of LLaVA names them (github.com/haotian-liu/LLaVA, "Train").
constexpr std::array<PublishedData, 2> data_of_templates{{
    {"blip_laion_cc_sbu_558k.json", "liuhaotian/LLaVA-Pretrain", "the images.zip of that data set, unpacked"},
    {"llava_v1_5_mix665k.json", "liuhaotian/LLaVA-Instruct-150K",
     "COCO's train2017 (as coco/train2017), GQA's images (gqa/images), those of OCR-VQA (ocr_vqa/images), of TextVQA "
     "(textvqa/train_images) and of Visual Genome (vg/VG_100K and vg/VG_100K_2)"},
}};

}  // namespace

std::string PublishedData::how_to_fetch(const std::filesystem::path& images) const {
  return fmt::format("Fetch {} from the Hugging Face data set {}. {}", file, data_set, how_to_fetch_pictures(images));
}

std::string PublishedData::how_to_fetch_pictures(const std::filesystem::path& images) const {
  return fmt::format("Its pictures go into {}: {}.", images.string(), pictures);
}

const PublishedData* published_data(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const auto found = std::ranges::find(data_of_templates, name, &PublishedData::file);
  return found == data_of_templates.end() ? nullptr : &*found;
}

}  // namespace llavakd
