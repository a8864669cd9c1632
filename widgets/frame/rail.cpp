// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/rail.h"

#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// Fusion's own raised look would make five buttons of what is one list.
class RailButton : public QToolButton {
 public:
  using QToolButton::QToolButton;

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF plate = QRectF(rect()).adjusted(theme::gapSmall, 2, -theme::gapSmall, -2);
    const bool active = isChecked() && isEnabled();
    if (active || (underMouse() && isEnabled())) {
      QColor ground = theme::accent();
      ground.setAlphaF(active ? 0.14F : 0.07F);
      painter.setPen(Qt::NoPen);
      painter.setBrush(ground);
      painter.drawRoundedRect(plate, 6, 6);
    }
    if (hasFocus()) {
      painter.setPen(QPen(theme::accent(), 1));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    }
    QColor ink = active ? theme::accent() : theme::text();
    if (!isEnabled()) ink = palette().color(QPalette::Disabled, QPalette::WindowText);
    const bool folded = toolButtonStyle() == Qt::ToolButtonIconOnly;
    const double left = folded ? (width() - theme::iconSize) / 2.0 : plate.left() + theme::gapSmall;
    painter.drawPixmap(QPointF(left, (height() - theme::iconSize) / 2.0),
                       theme::iconPixmap(property("iconName").toString(), ink, theme::iconSize, devicePixelRatioF()));
    if (folded) return;
    painter.setPen(ink);
    if (active) {
      QFont bold = font();
      bold.setWeight(QFont::DemiBold);
      painter.setFont(bold);
    }
    painter.drawText(QRectF(left + theme::iconSize + theme::gapSmall, 0, width(), height()),
                     Qt::AlignVCenter | Qt::AlignLeft, text());
  }
};

}  // namespace

Rail::Rail(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, theme::gapSmall, 0, theme::gapSmall);
  column->setSpacing(0);
  const struct {
    const char* icon;
    QString word;
  } entries[] = {{"project", tr("Project")},
                 {"stages", tr("Stages")},
                 {"train", tr("Train")},
                 {"inspect", tr("Inspect")},
                 {"compare", tr("Compare")}};
  int id = 0;
  for (const auto& entry : entries) {
    auto* button = new RailButton(this);
    button->setProperty("iconName", QString::fromLatin1(entry.icon));
    button->setText(entry.word);
    button->setAccessibleName(entry.word);
    button->setToolTip(tr("%1 (Ctrl+%2)").arg(entry.word).arg(id + 1));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setFixedHeight(40);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_group.addButton(button, id++);
    column->addWidget(button);
  }
  column->addStretch();
  setFixedWidth(theme::railWidth);
  connect(&m_group, &QButtonGroup::idClicked, this, [this](int clicked) { Q_EMIT pageRequested(Page(clicked)); });
}

void Rail::setPage(Page page) {
  m_group.setExclusive(false);
  for (QAbstractButton* button : m_group.buttons()) button->setChecked(m_group.id(button) == int(page));
  m_group.setExclusive(true);
}

void Rail::setPagesEnabled(bool enabled) {
  for (QAbstractButton* button : m_group.buttons()) button->setEnabled(enabled);
}

void Rail::setFolded(bool folded) {
  if (m_folded == folded) return;
  m_folded = folded;
  setFixedWidth(folded ? theme::railFoldedWidth : theme::railWidth);
  for (QAbstractButton* button : m_group.buttons())
    static_cast<QToolButton*>(button)->setToolButtonStyle(folded ? Qt::ToolButtonIconOnly
                                                                 : Qt::ToolButtonTextBesideIcon);
}

QToolButton* Rail::button(Page page) const {
  return static_cast<QToolButton*>(m_group.button(int(page)));
}

void Rail::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(theme::border());
  painter.drawLine(width() - 1, 0, width() - 1, height());
}

}  // namespace llavakd
