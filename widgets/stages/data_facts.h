// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>

namespace llavakd {

/// What a conversation file holds, as far as a card shows it.
struct DataFacts {
  int64_t samples = 0;
  int64_t withImage = 0;
  QString firstImage;  ///< As the file writes it.
  QString error;       ///< A sentence for people; empty when the file could be read.
};

/// Reads a LLaVA-style data file (a JSON list of samples) in one pass without keeping it: files of a gigabyte are
/// usual. For worker threads.
DataFacts readDataFacts(const QString& file);

}  // namespace llavakd
