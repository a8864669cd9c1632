// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/page_layout.h"

#include <QCoreApplication>
#include <QEvent>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int roomyHeight = 560;  // of a page that can do without the strip where its message will be

// Keeps a message at the lower edge of its page, below the content and never over it. On a roomy page the place of a
// line is kept free, so that nothing moves when the message comes; elsewhere, and for more lines, the content gives way
// at its lower end.
class LowerEdge : public QObject {
 public:
  LowerEdge(QWidget* page, QWidget* message, QWidget* otherwise)
      : QObject(page),
        m_page(page),
        m_message(message),
        m_otherwise(otherwise),
        m_line(heightFor(message, QWIDGETSIZE_MAX)) {  // it has no text yet
    message->setParent(page);
    if (otherwise) otherwise->setParent(page);
    page->installEventFilter(this);
    message->installEventFilter(this);
    place();
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    const auto type = event->type();
    if (watched == m_page ? type == QEvent::Resize
                          : type == QEvent::ShowToParent || type == QEvent::HideToParent || type == QEvent::Show ||
                                type == QEvent::LayoutRequest)
      place();
    return QObject::eventFilter(watched, event);
  }

 private:
  static int heightFor(const QWidget* widget, int width) {
    return widget->hasHeightForWidth() ? widget->heightForWidth(width) : widget->sizeHint().height();
  }
  void place() {
    const bool told = !m_message->isHidden();
    if (m_otherwise) m_otherwise->setVisible(!told);
    const QWidget* shown = told ? m_message : m_otherwise;
    const int width = m_page->width() - 2 * theme::pageMargin, height = shown ? heightFor(shown, width) : 0;
    const int room = std::max(height, m_page->height() >= roomyHeight ? m_line : 0);
    QMargins margins = m_page->layout()->contentsMargins();
    margins.setBottom(room > 0 ? theme::gapSmall + room + theme::gapTiny : theme::gapLarge);
    if (margins != m_page->layout()->contentsMargins()) m_page->layout()->setContentsMargins(margins);
    const QRect strip(theme::pageMargin, m_page->height() - theme::gapSmall - room, width, room);
    m_message->setGeometry(strip.adjusted(0, room - height, 0, 0));
    m_message->raise();
    if (m_otherwise) m_otherwise->setGeometry(strip);
  }

  QWidget *m_page, *m_message, *m_otherwise;
  int m_line;  ///< Height of a message of one line.
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

class RowOrColumn : public QObject {
 public:
  RowOrColumn(QWidget* page, QBoxLayout* row, int width) : QObject(page), m_page(page), m_row(row), m_width(width) {
    page->installEventFilter(this);
  }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::Resize)
      m_row->setDirection(m_page->width() < m_width ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    return QObject::eventFilter(watched, event);
  }

 private:
  QWidget* m_page;
  QBoxLayout* m_row;
  int m_width;
};

}  // namespace

QScrollArea* makeScrolling(QWidget* content) {
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  // What is in it has the focus, and looks like it; its keys for scrolling get here all the same.
  area->setFocusPolicy(Qt::NoFocus);
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
  area->setFocusPolicy(Qt::NoFocus);  // as above
  outer->addWidget(area);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::pageMargin);
  column->setSpacing(theme::gapLarge);
  area->setWidget(content);
  return column;
}

void settleLayout(QWidget* changed) {
  for (QWidget* each = changed; each && each->isVisible(); each = each->parentWidget()) {
    if (auto* area = qobject_cast<QScrollArea*>(each)) {
      QEvent request(QEvent::LayoutRequest);
      QCoreApplication::sendEvent(area, &request);
      return;
    }
    if (each->layout()) each->layout()->activate();
  }
}

void layAtLowerEdge(QWidget* page, QWidget* message, QWidget* otherwise) {
  new LowerEdge(page, message, otherwise);  // the page's child
}

void layOutStack(QWidget* page, QWidget* message, QStackedWidget* stack, QLabel* empty) {
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(stack, 1);
  layAtLowerEdge(page, message);
  empty->setAlignment(Qt::AlignCenter);
  empty->setWordWrap(true);
  stack->addWidget(empty);
}

void stackBelow(QWidget* page, QBoxLayout* row, int width) {
  new RowOrColumn(page, row, width);  // the page's child
}

}  // namespace llavakd
