// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/page_layout.h"

#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/theme/theme.h"

namespace llavakd {

QVBoxLayout* makeScrollingColumn(QWidget* page) {
  auto* outer = new QVBoxLayout(page);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  outer->addWidget(area);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::pageMargin);
  column->setSpacing(theme::gapLarge);
  area->setWidget(content);
  return column;
}

void layOutStack(QWidget* page, QWidget* message, QStackedWidget* stack, QLabel* empty) {
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(message);
  column->addWidget(stack, 1);
  empty->setAlignment(Qt::AlignCenter);
  empty->setWordWrap(true);
  stack->addWidget(empty);
}

}  // namespace llavakd
