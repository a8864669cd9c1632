// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

/// Lets a message come over the page's lower edge: nothing moves under the pointer when it appears.
void layOverLowerEdge(QWidget* page, QWidget* message);

/// Gives a page a stack, whose first page is the text of a page with nothing to show, and a message over its lower
/// edge.
void layOutStack(QWidget* page, QWidget* message, QStackedWidget* stack, QLabel* empty);

}  // namespace llavakd
