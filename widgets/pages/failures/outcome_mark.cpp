// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/outcome_mark.h"

#include <QCoreApplication>
#include <QPainterPath>

#include "core/run/proportions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

bool teacherIsRight(Outcome outcome) {
  return outcome == Outcome::both_right || outcome == Outcome::teacher_alone;
}

bool studentIsRight(Outcome outcome) {
  return outcome == Outcome::both_right || outcome == Outcome::student_alone;
}

constexpr int marksWidth = 2 * outcomeMarkSide + 2;

}  // namespace

QString outcomeText(Outcome outcome) {
  const auto tr = [](const char* text) {
    return QCoreApplication::translate("Outcome", text);
  };
  switch (outcome) {
    case Outcome::both_right:
      return tr("Both right");
    case Outcome::teacher_alone:
      return tr("Teacher right, student wrong");
    case Outcome::student_alone:
      return tr("Student right, teacher wrong");
    default:
      return tr("Both wrong");
  }
}

QColor outcomeColor(Outcome outcome) {
  switch (outcome) {
    case Outcome::both_right:
      return theme::stateColor(theme::State::done);
    case Outcome::teacher_alone:
      return theme::whoColor(theme::Who::teacher);
    case Outcome::student_alone:
      return theme::whoColor(theme::Who::student);
    default:
      return theme::stateColor(theme::State::failed);
  }
}

void paintOutcomeMarks(QPainter& painter, const QPointF& topLeft, Outcome outcome, double scale) {
  const auto mark = [&](bool right, theme::Who who, double x) {
    painter.drawPixmap(topLeft + QPointF(x, 0),
                       theme::iconPixmap(right ? QStringLiteral("check") : QStringLiteral("cross"),
                                         theme::whoColor(who), outcomeMarkSide, scale));
  };
  mark(teacherIsRight(outcome), theme::Who::teacher, 0);
  mark(studentIsRight(outcome), theme::Who::student, outcomeMarkSide + 2);
}

void paintOutcomeSign(QPainter& painter, const QPointF& middle, double side, Outcome outcome) {
  const double half = side / 2;
  const QColor color = outcomeColor(outcome);
  painter.setPen(QPen(color, 1.5));
  painter.setBrush(outcome == Outcome::both_right ? QBrush(Qt::NoBrush) : QBrush(color));
  switch (outcome) {
    case Outcome::both_right:
      painter.drawEllipse(middle, half - 0.5, half - 0.5);
      break;
    case Outcome::teacher_alone:
      painter.drawPolygon(
          QPolygonF({middle + QPointF(0, -half), middle + QPointF(half, half - 1), middle + QPointF(-half, half - 1)}));
      break;
    case Outcome::student_alone:
      painter.drawRect(QRectF(middle - QPointF(half - 1, half - 1), QSizeF(side - 2, side - 2)));
      break;
    default:
      painter.setPen(QPen(color, 2));
      painter.drawLine(middle + QPointF(-half, -half), middle + QPointF(half, half));
      painter.drawLine(middle + QPointF(-half, half), middle + QPointF(half, -half));
  }
}

OutcomeChip::OutcomeChip(std::optional<Outcome> outcome, QWidget* parent) : QToolButton(parent), m_outcome(outcome) {
  setText(outcome ? outcomeText(*outcome) : tr("All"));
  setCheckable(true);
  setFocusPolicy(Qt::StrongFocus);
  setFont(theme::font(theme::Size::caption));
  setCount(0, 0);
}

void OutcomeChip::setCount(qint64 count, qint64 of) {
  m_figures = theme::wholeNumber(count);
  if (m_outcome && of > 0)
    m_figures =
        tr("%1 · %2 %").arg(theme::wholeNumber(count), theme::fixedNumber(100.0 * double(count) / double(of), 1));
  setAccessibleName(tr("%1: %2").arg(text(), m_figures));
  if (m_outcome && of > 0) {
    const ShareInterval interval = wilson_interval(count, of);
    setToolTip(tr("%1: %2 of %3 questions. 95 % interval of the share: %4 % to %5 %")
                   .arg(text(), theme::wholeNumber(count), theme::wholeNumber(of),
                        theme::fixedNumber(100 * interval.low, 1), theme::fixedNumber(100 * interval.high, 1)));
  }
  updateGeometry();
  update();
}

QSize OutcomeChip::sizeHint() const {
  const int marks = m_outcome ? marksWidth + theme::gapTiny : 0;
  const QFontMetrics figures(theme::numberFont(theme::Size::caption));
  return {fontMetrics().horizontalAdvance(text()) + figures.horizontalAdvance(m_figures) + marks + 3 * theme::gap,
          theme::compactRowHeight};
}

void OutcomeChip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF outline = QRectF(rect()).adjusted(1, 1, -1, -1);
  QColor ground = theme::accent();
  ground.setAlphaF(isChecked() ? 0.16F : underMouse() ? 0.07F : 0.0F);
  painter.setBrush(ground);
  painter.setPen(QPen(isChecked() ? theme::accent() : theme::fieldBorder(), hasFocus() ? 2 : 1));
  painter.drawRoundedRect(outline, outline.height() / 2, outline.height() / 2);
  double x = theme::gap;
  if (m_outcome) {
    paintOutcomeMarks(painter, QPointF(x, (height() - outcomeMarkSide) / 2.0), *m_outcome, devicePixelRatioF());
    x += marksWidth + theme::gapTiny;
  }
  painter.setFont(font());
  painter.setPen(theme::text());
  painter.drawText(QRectF(x, 0, width(), height()), Qt::AlignVCenter | Qt::AlignLeft, text());
  painter.setFont(theme::numberFont(theme::Size::caption));
  painter.setPen(isChecked() ? theme::text() : theme::mutedText());
  painter.drawText(QRectF(0, 0, width() - theme::gap, height()), Qt::AlignVCenter | Qt::AlignRight, m_figures);
}

}  // namespace llavakd
