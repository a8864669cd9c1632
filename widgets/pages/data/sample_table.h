// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/sample.h"

namespace llavakd {

/// The entries of a data file as a list shows them, in the file's order. An entry takes about 100 bytes, so that
/// hundreds of thousands fit into memory.
class SampleTable {
 public:
  struct Row {
    int64_t sample = -1;  ///< Its place in the dataset; -1: an entry that can't be used.
    int64_t line = 0;
    int32_t turns = 0;
    int32_t images = 0;
  };

  void add(const Sample& sample);
  void add(const DataFault& fault);

  int64_t size() const { return static_cast<int64_t>(m_rows.size()); }
  const Row& row(int64_t row) const { return m_rows[static_cast<size_t>(row)].row; }
  QString id(int64_t row) const;
  /// How its first question begins; of an entry that can't be used, why.
  QString text(int64_t row) const;

  /// The row of a sample of the dataset.
  int64_t rowOfSample(int64_t sample) const { return m_sampleRows[static_cast<size_t>(sample)]; }
  /// The first row with this id, or -1.
  int64_t rowOfId(const QString& id) const;

 private:
  struct StoredRow {
    Row row;
    uint64_t begin = 0;  ///< In m_texts: the id, then the text.
    uint32_t idBytes = 0, textBytes = 0;
  };
  void store(const Row& row, std::string_view id, std::string_view text);
  std::string_view idBytes(int64_t row) const;

  std::vector<StoredRow> m_rows;
  std::string m_texts;
  std::vector<int64_t> m_sampleRows;  ///< By the sample's place.
};

}  // namespace llavakd
