// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>

namespace llavakd {

/// What a conversation file holds, as far as a card shows it: counted by the reader that runs use.
struct DataFacts {
  int64_t samples = 0;    ///< The usable ones: those that the steps are made of.
  int64_t withImage = 0;  ///< Of them.
  int64_t leftOut = 0;    ///< Entries that can't be used.
  QString firstFault;     ///< Why the first of those can't; a sentence.
  QString firstImage;     ///< Of the first sample that has one; empty where images aren't files of their own.
  QString error;          ///< A sentence for people; empty when the file could be read.
};

/// Reads a data file in one pass without keeping it: files of a gigabyte are usual. `images` is the folder of its
/// pictures. For worker threads.
DataFacts readDataFacts(const QString& file, const QString& images);

}  // namespace llavakd
