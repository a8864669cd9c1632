// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Stages that get another place, by keys or by dragging.
#include <QDragEnterEvent>
#include <QMimeData>
#include <cstdlib>
#include <limits>

#include "core/project/stage_list.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stages_page.h"

namespace llavakd {

// The keyboard goes with the stage, so that it can be moved on.
void StagesPage::moveCard(int from, int to) {
  if (from == to || to < 0 || to >= int(m_cards.size())) return;
  const std::string name = m_document->project().stages[size_t(from)].name;
  m_document->edit(tr("move %1").arg(toQString(name)),
                   [&](Project& project) { move_stage(project, size_t(from), size_t(to)); });
  arrange();
  m_cards[size_t(to)]->setFocus();
}

void StagesPage::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasFormat(QString::fromLatin1(stageDragKind))) event->acceptProposedAction();
}

void StagesPage::dragMoveEvent(QDragMoveEvent* event) {
  if (event->mimeData()->hasFormat(QString::fromLatin1(stageDragKind))) event->acceptProposedAction();
}

void StagesPage::dropEvent(QDropEvent* event) {
  const QByteArray from = event->mimeData()->data(QString::fromLatin1(stageDragKind));
  bool isNumber = false;
  const int index = from.toInt(&isNumber);
  if (!isNumber || index < 0 || index >= int(m_cards.size())) return;
  event->acceptProposedAction();
  moveCard(index, placeAt(event->position().toPoint()));
}

// The place of the card that is nearest.
int StagesPage::placeAt(const QPoint& position) const {
  int nearest = 0, least = std::numeric_limits<int>::max();
  for (int i = 0; i < int(m_cards.size()); ++i) {
    const StageCard* card = m_cards[size_t(i)];
    const QPoint away = card->mapTo(this, card->rect().center()) - position;
    const int distance = std::abs(m_stacked ? away.y() : away.x());
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  }
  return nearest;
}

}  // namespace llavakd
