// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "core/image/image_ref.h"

namespace llavakd {

/// Why an image's name in a data file can't be looked for in any folder (it leads out with "..", is a web address,
/// holds the image itself …), as a part of a sentence; or nothing.
std::optional<std::string> image_name_fault(const std::string& name);

/// The file of an image: the name below the folder as it is written; where there is no such file, with backslashes as
/// slashes and each part in Unicode's form NFC or NFD, whichever is there (a name from another system). An absolute
/// name counts where it is inside the folder. Where none is there, the plain path, which the reading then names.
/// Throws UserError for an image_name_fault and for an absolute name outside the folder.
std::filesystem::path image_path(const std::filesystem::path& images_folder, const std::string& name);

/// An image of a sample by its path: image_path() of one that is a file. Bytes of a file that holds many are where they
/// are. Throws UserError like image_path.
ImageRef find_image(const std::filesystem::path& images_folder, const ImageRef& image);

}  // namespace llavakd
