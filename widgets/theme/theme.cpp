// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QPalette>
#include <QSettings>
#include <QToolTip>
#include <array>
#include <cmath>

#include "core/project/term_catalog.h"
#include "widgets/theme/control_style.h"

// A static library's resources are dropped by the linker unless someone asks for them; outside of any namespace.
static void openResources() {
  Q_INIT_RESOURCE(studio);
}

namespace llavakd::theme {
namespace {

struct Pair {
  QRgb light, dark;
};
constexpr Pair colourWindow{0xfff4f4f5, 0xff1b1c1f}, colourCard{0xffffffff, 0xff25272b},
    colourSunken{0xfff7f7f8, 0xff1f2124}, colourBorder{0xffd9dade, 0xff3a3d43}, colourText{0xff1d1e21, 0xffe7e8ea},
    colourMuted{0xff5f636b, 0xffa3a8b0}, colourAccent{0xff2059b8, 0xff6ea8ff}, colourButton{0xfffafafa, 0xff303338},
    colourFieldBorder{0xff7a7d84, 0xff7d818a};

bool g_dark = false;
bool g_systemDark = false;
Appearance g_appearance = Appearance::system;
QFont g_base;
double g_drawnPointSize = 0;  // 0: the window's own

Qt::PenStyle qtLine(LineStyle line) {
  switch (line) {
    case LineStyle::dash:
      return Qt::DashLine;
    case LineStyle::dot:
      return Qt::DotLine;
    case LineStyle::dash_dot:
      return Qt::DashDotLine;
    case LineStyle::solid:
      break;
  }
  return Qt::SolidLine;
}

QColor pick(Pair pair) {
  return QColor::fromRgb(g_dark ? pair.dark : pair.light);
}

QPalette palette() {
  QPalette p;
  const QColor textColor = pick(colourText), muted = pick(colourMuted), button = pick(colourButton);
  p.setColor(QPalette::Window, pick(colourWindow));
  p.setColor(QPalette::WindowText, textColor);
  p.setColor(QPalette::Base, pick(colourCard));
  p.setColor(QPalette::AlternateBase, pick(colourSunken));
  p.setColor(QPalette::Text, textColor);
  p.setColor(QPalette::PlaceholderText, muted);
  p.setColor(QPalette::Button, button);
  p.setColor(QPalette::ButtonText, textColor);
  p.setColor(QPalette::BrightText, QColor(Qt::white));
  p.setColor(QPalette::Highlight, pick(colourAccent));
  p.setColor(QPalette::HighlightedText, g_dark ? QColor(0x10, 0x14, 0x1c) : QColor(Qt::white));
  p.setColor(QPalette::Link, pick(colourAccent));
  p.setColor(QPalette::LinkVisited, pick(colourAccent));
  p.setColor(QPalette::ToolTipBase, pick(colourCard));
  p.setColor(QPalette::ToolTipText, textColor);
  p.setColor(QPalette::Light, g_dark ? button.lighter(120) : QColor(Qt::white));
  p.setColor(QPalette::Midlight, g_dark ? button.lighter(110) : QColor(0xf0, 0xf0, 0xf2));
  p.setColor(QPalette::Mid, pick(colourBorder));
  p.setColor(QPalette::Dark, g_dark ? QColor(0x12, 0x13, 0x15) : QColor(0xa9, 0xac, 0xb2));
  p.setColor(QPalette::Shadow, g_dark ? QColor(Qt::black) : QColor(0x70, 0x74, 0x7c));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
    QColor faint = muted;
    faint.setAlphaF(0.6F);
    p.setColor(QPalette::Disabled, role, faint);
  }
  p.setColor(QPalette::Disabled, QPalette::Highlight, pick(colourBorder));
  return p;
}

}  // namespace

void apply(QApplication&, Appearance wanted) {
  static const bool first = [&] {
    openResources();
    const QPalette system = QApplication::palette();
    g_systemDark = system.color(QPalette::WindowText).lightness() > system.color(QPalette::Window).lightness();
    g_base = QApplication::font();
    QApplication::setStyle(new ControlStyle);
    return true;
  }();
  Q_UNUSED(first);
  g_appearance = wanted;
  g_dark = wanted == Appearance::dark || (wanted == Appearance::system && g_systemDark);
  QApplication::setPalette(palette());
  QToolTip::setPalette(palette());  // they have the desktop's own colours otherwise
}

Appearance appearance() {
  return g_appearance;
}

void setAppearance(Appearance wanted) {
  constexpr std::array names{"system", "light", "dark"};
  QSettings().setValue(QStringLiteral("appearance"), QString::fromLatin1(names[size_t(wanted)]));
  apply(*qApp, wanted);
}

bool isDark() {
  return g_dark;
}

DrawingStyle::DrawingStyle(double pointSize, bool light) : m_wasDark(g_dark) {
  g_dark = g_dark && !light;
  g_drawnPointSize = pointSize;
}

DrawingStyle::~DrawingStyle() {
  g_dark = m_wasDark;
  g_drawnPointSize = 0;
}

QFont font(Size size) {
  constexpr std::array factors{0.85, 1.0, 1.2, 1.55};
  QFont font = qApp ? QApplication::font() : g_base;
  if (g_drawnPointSize > 0) font.setPointSizeF(g_drawnPointSize);
  if (font.pointSizeF() > 0)
    font.setPointSizeF(font.pointSizeF() * factors[size_t(size)]);
  else
    font.setPixelSize(int(std::lround(font.pixelSize() * factors[size_t(size)])));
  if (size == Size::title || size == Size::page) font.setWeight(QFont::DemiBold);
  return font;
}

QFont numberFont(Size size) {
  QFont numbers = font(size);
  numbers.setStyleHint(QFont::SansSerif);
  return numbers;
}

QColor window() {
  return pick(colourWindow);
}
QColor card() {
  return pick(colourCard);
}
QColor cardSunken() {
  return pick(colourSunken);
}
QColor border() {
  return pick(colourBorder);
}
QColor fieldBorder() {
  return pick(colourFieldBorder);
}
QColor text() {
  return pick(colourText);
}
QColor outlineDark() {
  return Qt::black;
}
QColor outlineLight() {
  return Qt::white;
}
QColor patchGrid() {
  return {255, 255, 255, 110};
}
QColor imagePadding() {
  return {128, 128, 128};
}
// On a light card near white; on a dark one the card itself, so that zero recedes.
QColor noDifference() {
  return g_dark ? card() : QColor(247, 247, 247);
}
QColor mutedText() {
  return pick(colourMuted);
}
QColor accent() {
  return pick(colourAccent);
}

QColor termColor(std::string_view term) {
  if (term == "total") return text();
  const TermInfo* info = term_info(term);
  return info ? pick({info->colour_on_light, info->colour_on_dark}) : mutedText();
}

QPen termPen(std::string_view term, double width) {
  QPen pen(termColor(term), width);
  const TermInfo* info = term_info(term);
  pen.setStyle(info ? qtLine(info->line) : Qt::SolidLine);
  pen.setCapStyle(Qt::FlatCap);
  return pen;
}

QColor whoColor(Who who) {
  if (who == Who::teacher) return pick({0xff6f4fa8, 0xffb99af0});
  if (who == Who::student) return pick({0xffa86f00, 0xffe9b44c});
  return border();
}

QColor differenceTint(Who who) {
  QColor tint = whoColor(who);
  tint.setAlphaF(g_dark ? 0.34F : 0.24F);
  return tint;
}

QColor phaseColor(std::string_view phase) {
  if (phase == "vision") return accent();
  if (phase == "teacher") return whoColor(Who::teacher);
  if (phase == "student" || phase == "backward") return whoColor(Who::student);
  if (phase == "loss") return text();
  if (phase == "optimizer") return mutedText();
  return border();
}

QBrush phasePattern(std::string_view phase) {
  // The way back belongs to the student too; waiting is work for nobody.
  if (phase == "backward") return {card(), Qt::BDiagPattern};
  if (phase == "waiting") return {text(), Qt::Dense6Pattern};
  return Qt::NoBrush;
}

QColor tokenColor(std::string_view use) {
  if (use == "visual") return pick({0xffd55e00, 0xffff9a4d});
  if (use == "response") return pick({0xff0072b2, 0xff56b4e9});
  return use == "prompt" ? mutedText() : border();
}

QBrush tokenPattern(std::string_view use) {
  if (use == "visual") return {card(), Qt::BDiagPattern};
  if (use == "ignored") return {mutedText(), Qt::DiagCrossPattern};
  return use == "prompt" ? QBrush(card(), Qt::Dense4Pattern) : QBrush(Qt::NoBrush);
}

QColor stateColor(State state) {
  switch (state) {
    case State::none:
    case State::stopped:
      return mutedText();
    case State::running:
      return accent();
    case State::paused:
    case State::interrupted:
      return pick({0xff8f5f00, 0xfff0b429});
    case State::done:
      return pick({0xff1b7f3b, 0xff5fd38a});
    case State::failed:
      return pick({0xffc0282d, 0xffff7b7b});
  }
  return mutedText();
}

QString stateIconName(State state) {
  switch (state) {
    case State::none:
      return QStringLiteral("circle");
    case State::running:
      return QStringLiteral("play");
    case State::paused:
      return QStringLiteral("pause");
    case State::done:
      return QStringLiteral("check");
    case State::failed:
      return QStringLiteral("cross");
    case State::stopped:
      return QStringLiteral("stop");
    case State::interrupted:
      return QStringLiteral("warning");
  }
  return QStringLiteral("circle");
}

}  // namespace llavakd::theme
