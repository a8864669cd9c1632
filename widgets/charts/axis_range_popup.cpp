// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/axis_range_popup.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScreen>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int rangeFieldWidth = 92, rangeDigits = 6;

// Nobody wants to edit the fifteenth digit of a view that a wheel made.
double roundedForField(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - rangeDigits + 1);
  return std::round(value / unit) * unit;
}

}  // namespace

AxisRangePopup::AxisRangePopup(const QString& title, double low, double high, bool positive, QWidget* parent)
    : QFrame(parent, Qt::Popup),
      m_low(new QLineEdit(theme::fieldNumber(roundedForField(low)))),
      m_high(new QLineEdit(theme::fieldNumber(roundedForField(high)))),
      m_problem(new TextLabel({}, theme::Size::caption)),
      m_positive(positive) {
  setAttribute(Qt::WA_DeleteOnClose);
  setFrameShape(QFrame::StyledPanel);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(theme::gap, theme::gap, theme::gap, theme::gap);
  layout->setSpacing(theme::gapSmall);
  layout->addWidget(new TextLabel(title, theme::Size::caption, TextLabel::Tone::muted));
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_low->setAccessibleName(tr("%1: from").arg(title));
  m_high->setAccessibleName(tr("%1: to").arg(title));
  for (auto* field : {m_low, m_high}) {
    field->setFixedWidth(rangeFieldWidth);
    connect(field, &QLineEdit::returnPressed, this, &AxisRangePopup::take);
  }
  row->addWidget(m_low);
  row->addWidget(new QLabel(QStringLiteral("–")));
  row->addWidget(m_high);
  layout->addLayout(row);
  layout->addWidget(m_problem);
  m_problem->hide();
  auto* buttons = new QHBoxLayout;
  auto* all = new QPushButton(tr("&All data"));
  auto* show = new QPushButton(tr("&Show"));
  for (auto* button : {all, show}) button->setAutoDefault(false);
  connect(all, &QPushButton::clicked, this, [this] {
    Q_EMIT reset();
    close();
  });
  connect(show, &QPushButton::clicked, this, &AxisRangePopup::take);
  buttons->addWidget(all);
  buttons->addStretch();
  buttons->addWidget(show);
  layout->addLayout(buttons);
}

void AxisRangePopup::open(const QPoint& place) {
  adjustSize();
  const QRect screen = parentWidget()->screen()->availableGeometry();
  move(std::clamp(place.x(), screen.left(), std::max(screen.left(), screen.right() - width())),
       std::clamp(place.y(), screen.top(), std::max(screen.top(), screen.bottom() - height())));
  show();
  m_low->setFocus();
  m_low->selectAll();
}

void AxisRangePopup::take() {
  const auto low = theme::readNumber(m_low->text()), high = theme::readNumber(m_high->text());
  const QString problem = !low || !high               ? tr("Two numbers are needed.")
                          : *low >= *high             ? tr("The first must be smaller than the second.")
                          : m_positive && !(*low > 0) ? tr("A logarithmic axis begins above zero.")
                                                      : QString();
  m_problem->setText(problem);
  m_problem->setVisible(!problem.isEmpty());
  adjustSize();
  if (!problem.isEmpty()) return;
  const double first = *low, second = *high;
  Q_EMIT chosen(first, second);
  close();
}

}  // namespace llavakd
