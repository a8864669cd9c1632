// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/page_layout.h"

#include <QEvent>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// Keeps a message over the lower edge of its page, as high as its text.
class LowerEdge : public QObject {
 public:
  LowerEdge(QWidget* page, QWidget* message) : QObject(page), m_page(page), m_message(message) {
    message->setParent(page);
    page->installEventFilter(this);
    message->installEventFilter(this);
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    const auto type = event->type();
    if (watched == m_page ? type == QEvent::Resize : type == QEvent::Show || type == QEvent::LayoutRequest) place();
    return QObject::eventFilter(watched, event);
  }

 private:
  void place() {
    const int width = m_page->width() - 2 * theme::pageMargin;
    const int height =
        m_message->hasHeightForWidth() ? m_message->heightForWidth(width) : m_message->sizeHint().height();
    m_message->setGeometry(theme::pageMargin, m_page->height() - theme::gapLarge - height, width, height);
    m_message->raise();
  }

  QWidget *m_page, *m_message;
};

// In an area that scrolls, what has a height for its width would ask for its full height.
class Shrinking : public QWidget {
 public:
  explicit Shrinking(QWidget* content) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(content);
  }
  bool hasHeightForWidth() const override { return false; }
};

}  // namespace

QScrollArea* makeScrolling(QWidget* content) {
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  auto* holder = new QWidget;  // an area asks the layout of its widget, not the widget
  auto* column = new QVBoxLayout(holder);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(new Shrinking(content));
  area->setWidget(holder);
  return area;
}

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

void layOverLowerEdge(QWidget* page, QWidget* message) {
  new LowerEdge(page, message);  // the page's child
}

void layOutStack(QWidget* page, QWidget* message, QStackedWidget* stack, QLabel* empty) {
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(stack, 1);
  layOverLowerEdge(page, message);
  empty->setAlignment(Qt::AlignCenter);
  empty->setWordWrap(true);
  stack->addWidget(empty);
}

}  // namespace llavakd
