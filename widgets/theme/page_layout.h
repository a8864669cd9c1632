// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QBoxLayout;
class QLabel;
class QScrollArea;
class QStackedWidget;
class QVBoxLayout;
class QWidget;

namespace llavakd {

/// Gives a page the column that its content goes into; it scrolls where it doesn't fit.
QVBoxLayout* makeScrollingColumn(QWidget* page);

/// A place for a page's content that shrinks with the page, down to its least size, and scrolls from there on.
QScrollArea* makeScrolling(QWidget* content);

/// Lays a widget out now, and what it is in up to the area that scrolls, after something in it came or went. Qt does so
/// in several steps, between which a frame may be painted that shows all of it squeezed into its old place.
void settleLayout(QWidget* changed);

/// Keeps a message at the lower edge of a page that has a layout. It covers nothing, and nothing above it moves when it
/// comes: a page that is high enough keeps a strip free for it, where `otherwise` shows while there is no message.
void layAtLowerEdge(QWidget* page, QWidget* message, QWidget* otherwise = nullptr);

/// Gives a page a stack, whose first page is the text of a page with nothing to show, and a message at its lower edge.
void layOutStack(QWidget* page, QWidget* message, QStackedWidget* stack, QLabel* empty);

/// Puts what is in a row under one another while the page is narrower than this: nothing is scrolled to sideways.
void stackBelow(QWidget* page, QBoxLayout* row, int width);

}  // namespace llavakd
