// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace llavakd {

/// Images whose bytes are the same under different names.
struct DuplicateImage {
  std::vector<std::string> names;  ///< As the data writes them, in the order of their first use.
  std::vector<int64_t> samples;    ///< That use any of them, in order.
};

/// What the images of a dataset are.
struct ImageScan {
  int64_t images = 0;                     ///< Different names.
  bool whole = false;                     ///< False: it was stopped; what was found until then is there.
  std::map<int64_t, std::string> faults;  ///< By the sample: why its image keeps it out of a run.
  std::vector<DuplicateImage> duplicates;
};

/// Reads and decodes each image once, on several threads, in the order of the samples. `go_on` is asked before each
/// sample and ends the scan by false. Throws UserError where a sample can't be read.
ImageScan scan_images(const Dataset& dataset, const std::filesystem::path& images_folder,
                      const std::function<bool(int64_t samples_done)>& go_on);

}  // namespace llavakd
