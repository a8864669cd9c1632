// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/answer_grid.h"

#include <QGridLayout>
#include <algorithm>

#include "widgets/pages/compare/answer_card.h"

namespace llavakd {
namespace {

constexpr int leastCardWidth = 210;

// An answer that can be compared with another: whole, or as far as it came.
std::optional<QString> comparable(const ModelAnswer& answer) {
  return answer.given && !answer.isWaiting() ? std::optional(answer.given->text) : std::nullopt;
}

}  // namespace

AnswerGrid::AnswerGrid(const std::vector<AskedModel>& models, QWidget* parent)
    : QWidget(parent), m_grid(new QGridLayout(this)) {
  m_grid->setContentsMargins(0, 0, 0, 0);
  m_grid->setSpacing(theme::gapSmall);
  const auto teacher = std::ranges::find(models, theme::Who::teacher, &AskedModel::who);
  if (teacher != models.end()) m_anchor = std::size_t(teacher - models.begin());
  for (std::size_t model = 0; model < models.size(); ++model) {
    auto* card = new AnswerCard(models[model]);
    connect(card, &AnswerCard::moreAsked, this, [this, model] { Q_EMIT moreAsked(int(model)); });
    m_cards.push_back(card);
  }
  arrange();
}

void AnswerGrid::setTurn(const AskedTurn& turn, bool mayGoOn) {
  for (std::size_t model = 0; model < m_cards.size() && model < turn.answers.size(); ++model) {
    AnswerCard::Beside beside{.isAnchor = model == m_anchor, .reference = turn.reference, .mayGoOn = mayGoOn};
    if (model != m_anchor)
      beside.other = comparable(turn.answers[m_anchor]);
    else if (m_cards.size() == 2)  // of two, each shows what the other hasn't said
      beside.other = comparable(turn.answers[1 - m_anchor]);
    m_cards[model]->setAnswer(turn.answers[model], beside);
  }
}

void AnswerGrid::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void AnswerGrid::arrange() {
  const int cards = std::max(1, int(m_cards.size()));
  const int room = std::clamp((width() + theme::gapSmall) / (leastCardWidth + theme::gapSmall), 1, cards);
  const int rows = (cards + room - 1) / room;
  const int columns = (cards + rows - 1) / rows;  // 4 in a place for 3 are two rows of 2
  if (columns == m_columns) return;
  m_columns = columns;
  for (int column = 0; column < m_grid->columnCount(); ++column) m_grid->setColumnStretch(column, 0);
  for (std::size_t i = 0; i < m_cards.size(); ++i) m_grid->addWidget(m_cards[i], int(i) / columns, int(i) % columns);
  for (int column = 0; column < columns; ++column) m_grid->setColumnStretch(column, 1);
}

}  // namespace llavakd
