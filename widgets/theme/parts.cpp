// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/parts.h"

#include <QEvent>
#include <QGraphicsOpacityEffect>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QPropertyAnimation>
#include <QPushButton>
#include <QStyleOptionFocusRect>
#include <QVBoxLayout>
#include <array>

namespace llavakd {
namespace {

QPainterPath roundedPath(const QRectF& rect, double radius) {
  QPainterPath path;
  path.addRoundedRect(rect, radius, radius);
  return path;
}

}  // namespace

Card::Card(theme::Who who, QWidget* parent) : QFrame(parent), m_who(who), m_body(new QVBoxLayout(this)) {
  m_body->setContentsMargins(theme::cardPadding, theme::cardPadding, theme::cardPadding, theme::cardPadding);
  m_body->setSpacing(theme::gapSmall);
}

void Card::setHighlighted(bool highlighted) {
  if (m_highlighted == highlighted) return;
  m_highlighted = highlighted;
  update();
}

void Card::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QPainterPath path = roundedPath(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius);
  painter.fillPath(path, theme::card());
  if (m_who != theme::Who::none) {
    painter.save();
    painter.setClipPath(path);
    painter.fillRect(QRect(0, 0, width(), theme::whoBar), theme::whoColor(m_who));
    painter.restore();
  }
  painter.setPen(m_highlighted ? QPen(theme::accent(), 2) : QPen(theme::border(), 1));
  painter.drawPath(path);
}

TextLabel::TextLabel(const QString& text, theme::Size size, Tone tone, QWidget* parent)
    : QLabel(text, parent), m_size(size), m_tone(tone) {
  restyle();
}

void TextLabel::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationFontChange) restyle();
  QLabel::changeEvent(event);
}

void TextLabel::restyle() {
  if (font() != theme::font(m_size)) setFont(theme::font(m_size));
  const QColor wanted = m_tone == Tone::muted ? theme::mutedText() : theme::text();
  if (palette().color(QPalette::WindowText) == wanted) return;
  QPalette colours = palette();
  colours.setColor(QPalette::Active, QPalette::WindowText, wanted);
  colours.setColor(QPalette::Inactive, QPalette::WindowText, wanted);
  setPalette(colours);
}

ElidedLabel::ElidedLabel(const QString& text, theme::Size size, Qt::TextElideMode mode, QWidget* parent)
    : QWidget(parent), m_size(size), m_mode(mode) {
  setFont(theme::font(size));
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  setText(text);
}

void ElidedLabel::setText(const QString& text) {
  m_text = text;
  setToolTip(text);
  setAccessibleName(text);
  updateGeometry();
  update();
}

void ElidedLabel::setMuted(bool muted) {
  m_muted = muted;
  update();
}

QSize ElidedLabel::sizeHint() const {
  // The advance is rounded, and a text that just fits must not get dots.
  return {fontMetrics().horizontalAdvance(m_text) + 2, fontMetrics().height() + 2};
}
QSize ElidedLabel::minimumSizeHint() const {
  return {24, fontMetrics().height() + 2};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(m_muted ? theme::mutedText() : theme::text());
  painter.drawText(rect(), Qt::AlignVCenter | Qt::AlignLeft, fontMetrics().elidedText(m_text, m_mode, width()));
}

Chip::Chip(const QString& text, QWidget* parent) : QToolButton(parent) {
  setText(text);
  setCheckable(true);
  setFocusPolicy(Qt::StrongFocus);
  setFont(theme::font(theme::Size::caption));
}

QSize Chip::sizeHint() const {
  return {fontMetrics().horizontalAdvance(text()) + 2 * theme::gapSmall + 14 + theme::gapTiny,
          fontMetrics().height() + theme::gapSmall};
}

void Chip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF outline = QRectF(rect()).adjusted(1, 1, -1, -1);
  const QPainterPath path = roundedPath(outline, outline.height() / 2);
  const QColor ground = theme::accent();
  const QColor ink = isChecked() ? palette().color(QPalette::HighlightedText) : theme::mutedText();
  if (isChecked()) painter.fillPath(path, underMouse() ? ground.lighter(108) : ground);
  painter.setPen(QPen(isChecked() ? ground : theme::fieldBorder(), 1));
  painter.drawPath(path);
  const QPixmap mark = theme::iconPixmap(isChecked() ? QStringLiteral("learning") : QStringLiteral("frozen"), ink, 14,
                                         devicePixelRatioF());
  painter.drawPixmap(QPointF(theme::gapSmall, (height() - 14) / 2.0), mark);
  painter.setPen(ink);
  painter.drawText(rect().adjusted(theme::gapSmall + 14 + theme::gapTiny, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                   text());
  if (hasFocus()) {
    painter.setPen(QPen(theme::accent(), 1, Qt::DotLine));
    painter.drawPath(roundedPath(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), height() / 2.0));
  }
}

Swatch::Swatch(std::string term, QWidget* parent) : QWidget(parent), m_term(std::move(term)) {
  setFixedSize(24, 16);
}

void Swatch::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  QPen pen = theme::termPen(m_term, 2.5);
  if (!isEnabled()) pen.setColor(theme::border());
  painter.setPen(pen);
  painter.drawLine(QPointF(0, height() / 2.0), QPointF(width(), height() / 2.0));
}

StateBadge::StateBadge(QWidget* parent) : QWidget(parent) {
  setFont(theme::font(theme::Size::body));
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void StateBadge::setState(theme::State state, const QString& text) {
  m_state = state;
  m_text = text;
  setAccessibleName(text);
  updateGeometry();
  update();
}

QSize StateBadge::sizeHint() const {
  return {16 + theme::gapTiny + fontMetrics().horizontalAdvance(m_text) + 2, std::max(20, fontMetrics().height())};
}

void StateBadge::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QColor color = theme::stateColor(m_state);
  painter.drawPixmap(QPointF(0, (height() - 16) / 2.0),
                     theme::iconPixmap(theme::stateIconName(m_state), color, 16, devicePixelRatioF()));
  painter.setPen(color);
  painter.drawText(rect().adjusted(16 + theme::gapTiny, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_text);
}

InlineMessage::InlineMessage(QWidget* parent) : QFrame(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(theme::gapLarge + theme::iconSize + theme::gapSmall, theme::gapSmall, theme::gapSmall,
                          theme::gapSmall);
  row->setSpacing(theme::gap);
  m_text = new QLabel(this);
  m_text->setWordWrap(true);
  m_text->setTextFormat(Qt::PlainText);  // it may quote "<image>"
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_button = new QPushButton(this);
  m_close = makeToolButton(QStringLiteral("cross"), {}, tr("Close this message"), this);
  row->addWidget(m_text, 1);
  row->addWidget(m_button);
  row->addWidget(m_close);
  connect(m_close, &QToolButton::clicked, this, &InlineMessage::dismiss);
  connect(m_button, &QPushButton::clicked, this, [this] {
    const auto action = m_action;  // it may show the next message
    dismiss();
    if (action) action();
  });
  hide();
}

void InlineMessage::showMessage(Kind kind, const QString& text, const QString& buttonText,
                                std::function<void()> action) {
  m_kind = kind;
  m_action = std::move(action);
  for (QPushButton* choice : std::as_const(m_choices)) {
    choice->hide();
    choice->deleteLater();  // it may be the one whose action shows this message
  }
  m_choices.clear();
  m_text->setText(text);
  m_button->setText(buttonText);
  m_button->setVisible(!buttonText.isEmpty());
  setAccessibleName(text);
  show();
  auto* effect = new QGraphicsOpacityEffect(this);
  setGraphicsEffect(effect);
  auto* fade = new QPropertyAnimation(effect, "opacity", effect);
  fade->setDuration(120);
  fade->setStartValue(0.0);
  fade->setEndValue(1.0);
  connect(fade, &QPropertyAnimation::finished, this, [this] { setGraphicsEffect(nullptr); });
  fade->start();
}

void InlineMessage::addChoice(const QString& text, std::function<void()> action) {
  auto* button = new QPushButton(text, this);
  auto* row = static_cast<QHBoxLayout*>(layout());
  row->insertWidget(row->indexOf(m_button), button);
  m_choices << button;
  button->show();  // a layout shows it only later
  connect(button, &QPushButton::clicked, this, [this, action = std::move(action)] {
    dismiss();
    if (action) action();
  });
}

void InlineMessage::dismiss() {
  hide();
}

void InlineMessage::paintEvent(QPaintEvent*) {
  constexpr std::array states{theme::State::running, theme::State::paused, theme::State::failed};
  constexpr std::array icons{"info", "warning", "warning"};
  const QColor color = theme::stateColor(states[size_t(m_kind)]);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QPainterPath path = roundedPath(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius);
  QColor ground = color;
  ground.setAlphaF(theme::isDark() ? 0.16F : 0.08F);
  painter.fillPath(path, theme::card());
  painter.fillPath(path, ground);
  painter.setPen(color);
  painter.drawPath(path);
  painter.drawPixmap(
      QPointF(theme::gapLarge - 2, (height() - theme::iconSize) / 2.0),
      theme::iconPixmap(QString::fromLatin1(icons[size_t(m_kind)]), color, theme::iconSize, devicePixelRatioF()));
}

QToolButton* makeToolButton(const QString& icon, const QString& text, const QString& toolTip, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setAutoRaise(true);
  button->setIcon(theme::icon(icon));
  button->setIconSize({theme::iconSize, theme::iconSize});
  button->setText(text);
  button->setToolButtonStyle(text.isEmpty() ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
  button->setToolTip(toolTip);
  button->setAccessibleName(text.isEmpty() ? toolTip : text);
  return button;
}

}  // namespace llavakd
