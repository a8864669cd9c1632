// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace llavakd {

/// A published data file that the project templates name, and where to fetch it.
struct PublishedData {
  std::string_view file;      ///< Its name.
  std::string_view data_set;  ///< On Hugging Face: "liuhaotian/LLaVA-Pretrain".
  std::string_view pictures;  ///< Where its pictures come from, and how they are laid out in their folder.

  /// "Fetch FILE from the Hugging Face data set …": with its pictures, into `images`.
  std::string how_to_fetch(const std::filesystem::path& images) const;
  /// Of the pictures alone.
  std::string how_to_fetch_pictures(const std::filesystem::path& images) const;
};

/// What is known of a file of this name; null for others.
const PublishedData* published_data(const std::filesystem::path& file);

}  // namespace llavakd
