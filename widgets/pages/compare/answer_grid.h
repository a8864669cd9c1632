// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <vector>

#include "widgets/pages/compare/asked_thread.h"

class QGridLayout;

namespace llavakd {

class AnswerCard;

/// The answers of one turn beside one another, in as many columns as the width has room for.
class AnswerGrid : public QWidget {
  Q_OBJECT

 public:
  explicit AnswerGrid(const std::vector<AskedModel>& models, QWidget* parent = nullptr);
  /// Shows the turn's answers; `mayGoOn`: more of them may be asked.
  void setTurn(const AskedTurn& turn, bool mayGoOn);
  const std::vector<AnswerCard*>& cards() const { return m_cards; }

 Q_SIGNALS:
  void moreAsked(int model);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void arrange();

  QGridLayout* m_grid;
  std::vector<AnswerCard*> m_cards;
  std::size_t m_anchor = 0;  ///< With whom the others are compared: the teacher, or the first.
  int m_columns = 0;
};

}  // namespace llavakd
