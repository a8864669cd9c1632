// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProxyStyle>

namespace llavakd::theme {

/// Fusion with controls that fit rows of 28 pixels, and with borders of fields and boxes in theme::fieldBorder(): its
/// own are a shade of the window's colour, which can't be seen on a dark one. Lists and texts show that they have the
/// focus; scroll bars are a plain handle; the arrow of a button that opens a menu is on the line of its text. Tool tips
/// have a border and room around their words; a style sheet would do that, too, but with one every widget is styled
/// again for each parent that it gets.
class ControlStyle : public QProxyStyle {
 public:
  ControlStyle();
  QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                         const QWidget* widget) const override;
  int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
  QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                       const QWidget* widget) const override;
  void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                   const QWidget* widget) const override;
  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
  void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                          const QWidget* widget) const override;
};

}  // namespace llavakd::theme
