// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace llavakd {

/// What a file is that none of the decoders reads, by its first bytes, and what to do, as the rest of a sentence after
/// the file's name: "this is an AVIF image, which can't be read; convert it to JPEG or PNG." Names images of other
/// formats, videos, web pages, Git LFS pointers, archives and texts.
std::string unreadable_image_reason(std::span<const uint8_t> bytes);

}  // namespace llavakd
