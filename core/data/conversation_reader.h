// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

#include "core/data/conversation_file.h"

namespace llavakd {

/// As read_samples, but a file in which every entry is faulty is no error: samples is empty then. Throws UserError for
/// what isn't a list of entries, and for an empty list.
SampleSet read_sample_entries(const std::filesystem::path& path);

}  // namespace llavakd
