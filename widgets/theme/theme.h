// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QBrush>
#include <QColor>
#include <QFont>
#include <QIcon>
#include <QPen>
#include <QString>
#include <string_view>

class QApplication;

/// The visual language: every size, colour and line of the studio comes from here.
namespace llavakd::theme {

// Grid of 4 px.
inline constexpr int gapTiny = 4, gapSmall = 8, gap = 12, gapLarge = 16, gapHuge = 24, gapPage = 32;
inline constexpr int pageMargin = 24, cardPadding = 16, radius = 8, rowHeight = 32, compactRowHeight = 28, whoBar = 3;
inline constexpr int railWidth = 136, railFoldedWidth = 56, foldBelow = 1000, iconSize = 20, fieldWidth = 160;

enum class Appearance { system, light, dark };

/// Sets style, palette and font of the whole program.
void apply(QApplication& application, Appearance appearance);
Appearance appearance();
/// Remembers the choice and applies it.
void setAppearance(Appearance appearance);
bool isDark();

/// While it lives, colours are those of the light appearance, unless `light` is off, and fonts have this size in
/// points: for drawing what leaves the window. For the window's thread; one at a time.
class DrawingStyle {
 public:
  DrawingStyle(double pointSize, bool light);
  DrawingStyle(const DrawingStyle&) = delete;
  DrawingStyle& operator=(const DrawingStyle&) = delete;
  ~DrawingStyle();

 private:
  bool m_wasDark;
};

enum class Size { caption, body, title, page };
/// The system's font in one of the four sizes; title and page are semi-bold.
QFont font(Size size);
/// `font(size)` with digits of equal width where the font has them, for numbers.
QFont numberFont(Size size);

QColor window();
QColor card();
QColor cardSunken();   ///< Wells in a card: drop zones, pictures' ground.
QColor border();       ///< Of cards, and lines between things: it only tidies.
QColor fieldBorder();  ///< Of what is filled in or ticked: seen at 3:1 on every ground.
QColor text();
QColor mutedText();
QColor accent();

/// Colour of a term of the catalog, or of "total"; muted text for any other.
QColor termColor(std::string_view term);
/// The term's colour and line style. The colour is never alone.
QPen termPen(std::string_view term, double width = 1.5);

/// On pictures and relation maps: a dark line under a light one is seen on every colour.
QColor outlineDark();
QColor outlineLight();
QColor patchGrid();     ///< Lines between the patches of a picture.
QColor imagePadding();  ///< Around a picture that is enlarged to a square.
QColor noDifference();  ///< The middle of a scale of differences.

enum class Who { none, teacher, student };
QColor whoColor(Who who);
/// Behind words of the one that the other hasn't said: text stays readable on it.
QColor differenceTint(Who who);

/// Colour of a phase of a training step (vision, teacher, student, …), and the pattern drawn over it: the colour is
/// never alone.
QColor phaseColor(std::string_view phase);
QBrush phasePattern(std::string_view phase);

/// Colour of the positions of a sample by their use ("visual", "prompt", "response", "ignored"), and the pattern drawn
/// over it: the colour is never alone.
QColor tokenColor(std::string_view use);
QBrush tokenPattern(std::string_view use);

enum class State { none, running, paused, done, failed, stopped, interrupted };
QColor stateColor(State state);
/// Name of the icon that goes with the colour.
QString stateIconName(State state);

/// An icon of resources/icons drawn in the text colour of the palette it is painted with.
QIcon icon(const QString& name);
/// The same in a fixed colour, `size` device-independent pixels square.
QPixmap iconPixmap(const QString& name, const QColor& color, int size, double scale);

/// 4 significant digits: "0.7311", "1.204e-06".
QString number(double value);
/// "3.40 M", "1.25 B": counts of things with an SI prefix, 3 significant digits. Sizes are numbers.h's bytesText().
QString shortCount(double value);

}  // namespace llavakd::theme
