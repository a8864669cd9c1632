// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>

#include "widgets/charts/number_table.h"
#include "widgets/pages/inspect/probe_reader.h"

namespace llavakd {

/// The numbers behind the maps for the chosen token: its relation to each token in both models, one row each.
class PatchTable final : public NumberTable {
 public:
  /// Without a look the table is empty.
  PatchTable(std::shared_ptr<const ProbeLook> look, int token);

  std::size_t rows() const override;
  int columns() const override;
  QString title(int column) const override;
  double value(std::size_t row, int column) const override;
  QString text(std::size_t row, int column) const override;
  QString summary() const override;
  QString commaSeparated(const std::vector<std::uint32_t>& rows) const override;

 private:
  std::shared_ptr<const ProbeLook> m_look;
  int m_token;
};

}  // namespace llavakd
