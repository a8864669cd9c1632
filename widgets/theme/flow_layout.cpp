// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/flow_layout.h"

#include <QWidget>
#include <algorithm>
#include <utility>

#include "widgets/theme/theme.h"

namespace llavakd {

FlowLayout::FlowLayout(QWidget* parent) : QLayout(parent) {
  setContentsMargins(0, 0, 0, 0);
  setSpacing(theme::gapTiny);
}

FlowLayout::~FlowLayout() {
  for (auto* item : m_items) delete item;
}

void FlowLayout::addItem(QLayoutItem* item) {
  m_items.push_back(item);
}

QLayoutItem* FlowLayout::itemAt(int index) const {
  return index >= 0 && index < count() ? m_items[std::size_t(index)] : nullptr;
}

QLayoutItem* FlowLayout::takeAt(int index) {
  auto* item = itemAt(index);
  if (item) m_items.erase(m_items.begin() + index);
  return item;
}

int FlowLayout::heightForWidth(int width) const {
  return arrange(QRect(0, 0, width, 0), false);
}

QSize FlowLayout::sizeHint() const {
  int width = 0, height = 0;
  for (const auto* item : m_items) {
    if (item->isEmpty()) continue;
    width += item->sizeHint().width() + spacing();
    height = std::max(height, item->sizeHint().height());
  }
  return {width, height};
}

QSize FlowLayout::minimumSize() const {
  QSize least(0, 0);
  for (const auto* item : m_items)
    if (!item->isEmpty()) least = least.expandedTo(item->minimumSize());
  return {least.width(), std::max(least.height(), m_height)};
}

void FlowLayout::setGeometry(const QRect& area) {
  QLayout::setGeometry(area);
  const int height = arrange(area, true);
  if (std::exchange(m_height, height) == height) return;
  // Who gave this width needs to know the height that comes of it; not while it still does so.
  QMetaObject::invokeMethod(
      this, [this] { update(); }, Qt::QueuedConnection);
}

int FlowLayout::arrange(const QRect& area, bool place) const {
  int x = area.left(), y = area.top(), rowHeight = 0;
  for (auto* item : m_items) {
    if (item->isEmpty()) continue;
    const QSize size = item->sizeHint();
    if (x > area.left() && x + size.width() > area.left() + area.width()) {
      x = area.left();
      y += rowHeight + spacing();
      rowHeight = 0;
    }
    if (place) item->setGeometry(QRect(QPoint(x, y), size));
    x += size.width() + spacing();
    rowHeight = std::max(rowHeight, size.height());
  }
  return y + rowHeight - area.top();
}

}  // namespace llavakd
