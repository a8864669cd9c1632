// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <QLabel>
#include <QList>
#include <QToolButton>
#include <QWidget>
#include <functional>
#include <string>

#include "widgets/theme/theme.h"

class QPushButton;
class QVBoxLayout;

// The few painted widgets of the visual language.
namespace llavakd {

/// A surface with a border and round corners; with a `who`, the bar of the teacher or the student over it.
class Card : public QFrame {
  Q_OBJECT

 public:
  explicit Card(theme::Who who = theme::Who::none, QWidget* parent = nullptr);
  /// Where the content goes, one under the other.
  QVBoxLayout* body() const { return m_body; }
  /// A dashed, sunken look while something is dragged over it.
  void setHighlighted(bool highlighted);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  theme::Who m_who;
  bool m_highlighted = false;
  QVBoxLayout* m_body;
};

/// A text in one of the four sizes that keeps its font and colour when the theme changes.
class TextLabel : public QLabel {
  Q_OBJECT

 public:
  enum class Tone { normal, muted };
  explicit TextLabel(const QString& text = {}, theme::Size size = theme::Size::body, Tone tone = Tone::normal,
                     QWidget* parent = nullptr);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void restyle();
  theme::Size m_size;
  Tone m_tone;
};

/// A path or another long text on one line, with dots in the middle where it doesn't fit; the tooltip has it whole.
class ElidedLabel : public QWidget {
  Q_OBJECT

 public:
  explicit ElidedLabel(const QString& text = {}, theme::Size size = theme::Size::body,
                       Qt::TextElideMode mode = Qt::ElideMiddle, QWidget* parent = nullptr);
  void setText(const QString& text);
  void setMuted(bool muted);
  QString text() const { return m_text; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QString m_text;
  theme::Size m_size;
  Qt::TextElideMode m_mode;
  bool m_muted = false;
};

/// A part of a model that learns (filled) or is frozen (outlined); a click changes it.
class Chip : public QToolButton {
  Q_OBJECT

 public:
  explicit Chip(const QString& text, QWidget* parent = nullptr);
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;
};

/// A term's colour and line style.
class Swatch : public QWidget {
  Q_OBJECT

 public:
  explicit Swatch(std::string term, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  std::string m_term;
};

/// A state as icon and word in its colour.
class StateBadge : public QWidget {
  Q_OBJECT

 public:
  explicit StateBadge(QWidget* parent = nullptr);
  void setState(theme::State state, const QString& text);
  QString text() const { return m_text; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  theme::State m_state = theme::State::none;
  QString m_text;
};

/// What is wrong, why, and one button; in the page that it concerns. Fades in within 120 ms.
class InlineMessage : public QFrame {
  Q_OBJECT

 public:
  enum class Kind { information, warning, error };
  explicit InlineMessage(QWidget* parent = nullptr);
  /// Shows the message. Without `buttonText` the button closes it.
  void showMessage(Kind kind, const QString& text, const QString& buttonText = {}, std::function<void()> action = {});
  /// One more button of the message that is shown, before its own; it closes the message and acts.
  void addChoice(const QString& text, std::function<void()> action);
  void dismiss();
  QString text() const { return m_text->text(); }

 protected:
  void paintEvent(QPaintEvent*) override;

 private:
  QLabel* m_text;
  QPushButton* m_button;
  QList<QPushButton*> m_choices;
  QToolButton* m_close;
  std::function<void()> m_action;
  Kind m_kind = Kind::information;
};

/// A borderless button of icon and, unless empty, word.
QToolButton* makeToolButton(const QString& icon, const QString& text, const QString& toolTip,
                            QWidget* parent = nullptr);

}  // namespace llavakd
