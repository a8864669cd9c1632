// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/frame/rail.h"

#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/frame/machine_load.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// Fusion's own raised look would make buttons of what is one list.
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

Rail::Rail(const std::vector<PageDescriptor>& pages, QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, theme::gapSmall, 0, theme::gapSmall);
  column->setSpacing(0);
  for (const PageDescriptor& page : pages) {
    auto* button = new RailButton(this);
    button->setProperty("iconName", page.icon);
    button->setText(page.name());
    button->setAccessibleName(page.name());
    button->setToolTip(tr("%1 (%2)").arg(page.name(), page.shortcut.toString(QKeySequence::NativeText)));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setFixedHeight(40);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_group.addButton(button);
    m_buttons.insert(page.id, button);
    column->addWidget(button);
    connect(button, &QToolButton::clicked, this, [this, id = page.id] { Q_EMIT pageRequested(id); });
  }
  column->addStretch();
  column->addWidget(m_load = new MachineLoad(this));
  setFixedWidth(theme::railWidth);
}

void Rail::setPage(const QString& id) {
  m_group.setExclusive(false);
  for (QToolButton* each : std::as_const(m_buttons)) each->setChecked(each == button(id));
  m_group.setExclusive(true);
}

void Rail::setPagesEnabled(bool enabled) {
  for (QToolButton* button : std::as_const(m_buttons)) button->setEnabled(enabled);
}

void Rail::setFolded(bool folded) {
  if (m_folded == folded) return;
  m_folded = folded;
  setFixedWidth(folded ? theme::railFoldedWidth : theme::railWidth);
  for (QToolButton* button : std::as_const(m_buttons))
    button->setToolButtonStyle(folded ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
  m_load->setFolded(folded);
}

void Rail::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(theme::border());
  painter.drawLine(width() - 1, 0, width() - 1, height());
}

}  // namespace llavakd
