// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace llavakd {

/// What `llavakd data make emoji` can vary.
struct EmojiDataOptions {
  uint64_t seed = 1;
  /// Also what the teacher is trained on: 4,000 caption scenes and 20,000 dialogue scenes, the student's 800 and 800
  /// among them. Without it 3,406 pictures are made, with it 25,806.
  bool teacher = false;
  std::filesystem::path font = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";
  std::filesystem::path emoji_test = "/usr/share/unicode/emoji/emoji-test.txt";
};

/// Called while pictures are made: which set, how many are done, how many there will be.
using EmojiDataProgress = std::function<void(std::string_view what, int done, int total)>;

/// Makes the emoji data in `folder` (see README.md here for the files). The same options and font give the same bytes.
///
/// Everything is made in a folder next to it and renamed at the end, so `folder` is never half made. If it already
/// holds this data, whole, nothing happens; if it holds emoji data of other options or a damaged copy, that is
/// replaced. Throws UserError if `folder` holds anything else, or if the font or the list of names is missing (it names
/// the Debian package) or unfit; RunError if the disk is full.
void make_emoji_data(const std::filesystem::path& folder, const EmojiDataOptions& options = {},
                     const EmojiDataProgress& progress = {});

}  // namespace llavakd
