// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <memory>
#include <vector>

#include "widgets/charts/number_table.h"
#include "widgets/pages/inspect/probe_tokens.h"

namespace llavakd {

/// The numbers behind the strip of tokens: a row for each position with its token, how far the models are apart, and
/// what each expects most.
class TokenTable final : public NumberTable {
 public:
  /// `texts`: of the positions; `expected`: of each position's likeliest token of the teacher and of the student.
  TokenTable(std::vector<ProbeToken> tokens, QStringList texts, std::vector<std::pair<QString, QString>> expected);

  std::size_t rows() const override { return m_tokens.size(); }
  int columns() const override;
  QString title(int column) const override;
  double value(std::size_t row, int column) const override;
  QString text(std::size_t row, int column) const override;
  QString summary() const override;
  QString commaSeparated(const std::vector<std::uint32_t>& rows) const override;

 private:
  std::vector<ProbeToken> m_tokens;
  QStringList m_texts;
  std::vector<std::pair<QString, QString>> m_expected;
};

}  // namespace llavakd
