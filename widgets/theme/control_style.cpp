// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/control_style.h"

#include <QAbstractScrollArea>
#include <QHash>
#include <QPainter>
#include <QPalette>
#include <QStyleFactory>
#include <QStyleOption>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd::theme {
namespace {

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

}  // namespace

ControlStyle::ControlStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

QSize ControlStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                                     const QWidget* widget) const {
  QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
  if (type == CT_PushButton) size += QSize(gap, 0);
  if (type == CT_PushButton || type == CT_ComboBox || type == CT_LineEdit || type == CT_SpinBox)
    size.setHeight(std::max(size.height(), compactRowHeight));
  return size;
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

int ControlStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  return metric == PM_ToolTipLabelFrameWidth ? gapTiny : QProxyStyle::pixelMetric(metric, option, widget);
}

void ControlStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                      const QWidget* widget) const {
  const QStyleOptionComplex* drawn = nullptr;
  QStyleOptionComboBox choice;
  QStyleOptionSpinBox number;
  if (control == CC_ComboBox) drawn = outlinedOption(option, choice);
  if (control == CC_SpinBox) drawn = outlinedOption(option, number);
  QProxyStyle::drawComplexControl(control, drawn ? drawn : option, painter, widget);
}

}  // namespace llavakd::theme
