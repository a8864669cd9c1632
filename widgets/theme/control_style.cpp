// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/control_style.h"

#include <QAbstractScrollArea>
#include <QHash>
#include <QPainter>
#include <QPalette>
#include <QStyleFactory>
#include <QStyleOption>
#include <QToolButton>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd::theme {
namespace {

constexpr int scrollBarWidth = 12, leastHandle = 32, menuArrow = 10, itemHeight = 22;
constexpr int outlineShade = 140;  // Fusion's outlines are so much darker than the window's colour, in percent

// Fusion keeps drawn controls by their palette, so there is one of these for each palette and not for each drawing.
QPalette outlined(const QPalette& palette) {
  constexpr qsizetype most = 64;
  static QHash<qint64, QPalette> known;
  if (known.size() > most) known.clear();
  const QColor wanted = fieldBorder().lighter(outlineShade);
  const auto found = known.constFind(palette.cacheKey());
  if (found != known.constEnd() && found->color(QPalette::Window) == wanted) return *found;
  QPalette made = palette;
  made.setColor(QPalette::Window, wanted);
  known.insert(palette.cacheKey(), made);
  return made;
}

template <class Option>
const Option* outlinedOption(const QStyleOption* option, Option& copy) {
  const auto* known = qstyleoption_cast<const Option*>(option);
  if (!known || !(option->state & QStyle::State_Enabled)) return nullptr;
  copy = *known;
  copy.palette = outlined(option->palette);
  return &copy;
}

// Part of a scroll bar along it, in the widget's coordinates.
QRect stretch(const QStyleOptionSlider& bar, int from, int length) {
  const QRect along = bar.orientation == Qt::Horizontal ? QRect(from, 0, length, bar.rect.height())
                                                        : QRect(0, from, bar.rect.width(), length);
  return QStyle::visualRect(bar.direction, bar.rect, along.translated(bar.rect.topLeft()));
}

// As long as the page is of the whole. No arrows at the ends: they are too small to be aimed at.
QRect scrollBarPart(const QStyleOptionSlider& bar, QStyle::SubControl part) {
  const int length = bar.orientation == Qt::Horizontal ? bar.rect.width() : bar.rect.height();
  const qint64 whole = qint64(bar.maximum) - bar.minimum + bar.pageStep;
  const int wanted = whole > 0 ? int(qint64(bar.pageStep) * length / whole) : length;
  const int handle = std::clamp(wanted, std::min(leastHandle, length), length);
  const int from =
      QStyle::sliderPositionFromValue(bar.minimum, bar.maximum, bar.sliderPosition, length - handle, bar.upsideDown);
  switch (part) {
    case QStyle::SC_ScrollBarSlider:
      return stretch(bar, from, handle);
    case QStyle::SC_ScrollBarSubPage:
      return stretch(bar, 0, from);
    case QStyle::SC_ScrollBarAddPage:
      return stretch(bar, from + handle, length - from - handle);
    case QStyle::SC_ScrollBarGroove:
      return bar.rect;
    default:
      return {};
  }
}

void drawScrollBar(const QStyleOptionSlider& bar, QPainter& painter) {
  painter.save();
  painter.fillRect(bar.rect, bar.palette.color(QPalette::Window));
  const bool active = bar.activeSubControls & QStyle::SC_ScrollBarSlider;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(active ? mutedText() : fieldBorder());
  const QRectF handle = QRectF(scrollBarPart(bar, QStyle::SC_ScrollBarSlider)).adjusted(3, 3, -3, -3);
  const double rounding = std::min(handle.width(), handle.height()) / 2;
  if (bar.maximum > bar.minimum) painter.drawRoundedRect(handle, rounding, rounding);
  painter.restore();
}

// Whether a click anywhere on it opens a menu, and its text leaves a place for an arrow.
bool opensMenu(const QWidget* widget) {
  const auto* button = qobject_cast<const QToolButton*>(widget);
  return button && button->menu() && button->popupMode() != QToolButton::MenuButtonPopup;
}
bool hasMenuArrow(const QWidget* widget) {
  return opensMenu(widget) && static_cast<const QToolButton*>(widget)->toolButtonStyle() != Qt::ToolButtonIconOnly;
}

}  // namespace

ControlStyle::ControlStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

QSize ControlStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                                     const QWidget* widget) const {
  QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
  if (type == CT_PushButton) size += QSize(gap, 0);
  if (type == CT_PushButton || type == CT_ComboBox || type == CT_LineEdit || type == CT_SpinBox)
    size.setHeight(std::max(size.height(), compactRowHeight));
  if (type == CT_ItemViewItem) size.setHeight(std::max(size.height(), itemHeight));
  if (type == CT_ToolButton && hasMenuArrow(widget)) size += QSize(menuArrow, 0);
  return size;
}

int ControlStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  if (metric == PM_ToolTipLabelFrameWidth) return gapTiny;
  return metric == PM_ScrollBarExtent ? scrollBarWidth : QProxyStyle::pixelMetric(metric, option, widget);
}

QRect ControlStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                   const QWidget* widget) const {
  const auto* bar = control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider*>(option) : nullptr;
  return bar ? scrollBarPart(*bar, part) : QProxyStyle::subControlRect(control, option, part, widget);
}

void ControlStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                               const QWidget* widget) const {
  const auto* label = qstyleoption_cast<const QStyleOptionToolButton*>(option);
  if (element != CE_ToolButtonLabel || !label || !hasMenuArrow(widget))
    return QProxyStyle::drawControl(element, option, painter, widget);
  QStyleOptionToolButton shorter = *label;
  shorter.rect.adjust(0, 0, -menuArrow, 0);
  QProxyStyle::drawControl(element, &shorter, painter, widget);
}

void ControlStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                 const QWidget* widget) const {
  if (element == PE_PanelTipLabel) {
    painter->setPen(border());
    painter->setBrush(option->palette.toolTipBase());
    painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
    return;
  }
  const QStyleOption* drawn = nullptr;
  QStyleOptionButton button;
  QStyleOptionFrame frame;
  if (element == PE_IndicatorCheckBox || element == PE_IndicatorRadioButton) drawn = outlinedOption(option, button);
  if (element == PE_FrameLineEdit) drawn = outlinedOption(option, frame);
  QStyleOption arrow;
  if (element == PE_IndicatorArrowDown && opensMenu(widget)) {
    if (!hasMenuArrow(widget)) return;  // the three dots say it
    arrow = *option;
    const QRect all = widget->rect();
    arrow.rect = QRect(all.right() - menuArrow - 2, all.center().y() - menuArrow / 2 + 1, menuArrow, menuArrow);
    drawn = &arrow;
  }
  QProxyStyle::drawPrimitive(element, drawn ? drawn : option, painter, widget);
  // Fusion doesn't show that a list or a text has the focus.
  if (element != PE_Frame || !(option->state & State_HasFocus) || !qobject_cast<const QAbstractScrollArea*>(widget))
    return;
  painter->save();
  painter->setPen(accent());
  painter->setBrush(Qt::NoBrush);
  painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
  painter->restore();
}

void ControlStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                      const QWidget* widget) const {
  const QStyleOptionComplex* drawn = nullptr;
  QStyleOptionComboBox choice;
  QStyleOptionSpinBox number;
  if (control == CC_ComboBox) drawn = outlinedOption(option, choice);
  if (control == CC_SpinBox) drawn = outlinedOption(option, number);
  if (control == CC_ScrollBar)
    if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option)) return drawScrollBar(*bar, *painter);
  QProxyStyle::drawComplexControl(control, drawn ? drawn : option, painter, widget);
}

}  // namespace llavakd::theme
