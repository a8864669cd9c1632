// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "core/io/mapped_file.h"

namespace llavakd {

/// The entries of a zip archive without compression, by name, as spans of the mapped file.
using ZipDirectory = std::map<std::string, std::span<const std::byte>>;

/// Reads the central directory of a zip file (PKWARE APPNOTE 6.3, with zip64). Only stored entries are accepted, as
/// torch.save writes them; compressed or encrypted ones, names that leave the archive, duplicates and ranges outside
/// the file throw UserError. Nothing is unpacked.
ZipDirectory read_zip_directory(const MappedFile& file);

}  // namespace llavakd
