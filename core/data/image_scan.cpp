// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/image_scan.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/errors.h"
#include "core/base/parallel_for.h"
#include "core/base/sha256.h"
#include "core/data/image_file.h"
#include "core/image/decode.h"

namespace llavakd {
namespace {

/// A name that samples use.
struct ScannedImage {
  std::string name;
  std::string hash;   ///< Of its bytes; empty where they can't be read.
  std::string fault;  ///< Why it can't be used; empty where it can.
  std::vector<int64_t> samples;
};

ScannedImage scan_image(const ImageRef& named, const std::filesystem::path& folder) {
  ScannedImage scanned{.name = named.key(), .hash = {}, .fault = {}, .samples = {}};
  try {
    const ImageRef image = find_image(folder, named);
    const std::vector<uint8_t> bytes = read_encoded_image(image);
    scanned.hash = sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    decode_image(bytes, image.key());
  } catch (const UserError& error) {
    scanned.fault = reason_of(error);
  }
  return scanned;
}

/// The sample of this place names the image.
void note_use(ImageScan& scan, ScannedImage& image, int64_t sample) {
  if (image.samples.empty() || image.samples.back() != sample) image.samples.push_back(sample);
  if (!image.fault.empty()) scan.faults.try_emplace(sample, image.fault);
}

std::vector<DuplicateImage> duplicates_among(const std::vector<ScannedImage>& images) {
  std::unordered_map<std::string, std::vector<const ScannedImage*>> by_hash;
  for (const ScannedImage& image : images)
    if (!image.hash.empty()) by_hash[image.hash].push_back(&image);
  std::vector<DuplicateImage> duplicates;
  for (const ScannedImage& image : images) {
    const auto found = by_hash.find(image.hash);
    if (found == by_hash.end() || found->second.size() < 2 || found->second.front() != &image) continue;
    DuplicateImage& duplicate = duplicates.emplace_back();
    for (const ScannedImage* same : found->second) {
      duplicate.names.push_back(same->name);
      duplicate.samples.insert(duplicate.samples.end(), same->samples.begin(), same->samples.end());
    }
    std::ranges::sort(duplicate.samples);
    const auto rest = std::unique(duplicate.samples.begin(), duplicate.samples.end());  // it may use two of the names
    duplicate.samples.erase(rest, duplicate.samples.end());
  }
  return duplicates;
}

}  // namespace

ImageScan scan_images(const Dataset& dataset, const std::filesystem::path& images_folder,
                      const std::function<bool(int64_t samples_done)>& go_on) {
  constexpr size_t block = 128;  // samples whose images are read at the same time
  ImageScan scan;
  std::vector<ScannedImage> images;
  std::unordered_map<ImageRef, size_t> places;
  int64_t done = 0;
  bool wanted = true;
  while (wanted && done < dataset.size()) {
    const size_t known = images.size();
    std::vector<std::shared_ptr<const Sample>> samples;
    std::vector<const ImageRef*> added;
    while (samples.size() < block && done < dataset.size()) {
      wanted = go_on(done);
      if (!wanted) break;
      samples.push_back(dataset.sample(done++));
      for (const ImageRef& named : samples.back()->images) {
        const auto [place, is_new] = places.try_emplace(named, known + added.size());
        if (is_new) added.push_back(&place->first);
      }
    }
    images.resize(known + added.size());
    parallel_for(std::ssize(added), 0, [&](int64_t i) {
      images[known + static_cast<size_t>(i)] = scan_image(*added[static_cast<size_t>(i)], images_folder);
      return true;
    });
    int64_t index = done - std::ssize(samples);
    for (const auto& sample : samples) {
      for (const ImageRef& named : sample->images) note_use(scan, images[places.at(named)], index);
      ++index;
    }
  }
  scan.whole = done == dataset.size();
  scan.images = std::ssize(images);
  scan.duplicates = duplicates_among(images);
  return scan;
}

}  // namespace llavakd
