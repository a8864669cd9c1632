// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/score_tile.h"

#include <QPainter>
#include <algorithm>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int padding = theme::gap, courseHeight = 24;

QString taskLabel(const TaskResult& result) {
  for (const auto& entry : catalog::evaluation_tasks())
    if (entry.name == result.scorer) return toQString(entry.label);
  return toQString(result.scorer);
}

QString percentText(double percent) {
  return QStringLiteral("%1\u202f%").arg(theme::fixedNumber(percent, 1));
}

}  // namespace

ScoreTile::ScoreTile(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Score of the student"));
  hide();
}

void ScoreTile::addScore(const Event& event, const EvaluationEvent& evaluated) {
  Score score{evaluated.result, toQString(event.stage), event.step};
  const auto known = std::ranges::find_if(m_scores, [&](const Score& other) {
    return other.result.scorer == score.result.scorer && other.result.settings.file == score.result.settings.file;
  });
  if (known != m_scores.end())
    *known = std::move(score);
  else
    m_scores.push_back(std::move(score));
  describeScores();
  show();
  update();
}

void ScoreTile::clear() {
  m_scores.clear();
  hide();
}

QString ScoreTile::valueText() const {
  return m_scores.empty() ? QStringLiteral("–") : valueOf(m_scores.front().result);
}

QString ScoreTile::valueOf(const TaskResult& result) {
  return result.score ? percentText(*result.score) : QStringLiteral("–");
}

QString ScoreTile::fileOf(const TaskResult& result) {
  return toQString(result.settings.file).section(QLatin1Char('/'), -1);
}

QString ScoreTile::othersText() const {
  QStringList others;
  for (size_t i = 1; i < m_scores.size(); ++i)
    others << QStringLiteral("%1 %2").arg(fileOf(m_scores[i].result), valueOf(m_scores[i].result)).trimmed();
  return others.join(QStringLiteral(" · "));
}

QString ScoreTile::meaningOf(const TaskResult& result) {
  if (!result.score) return result.no_score.empty() ? tr("no question was asked") : toQString(result.no_score);
  return result.score_is.empty() ? tr("of %1 questions").arg(theme::wholeNumber(result.n)) : toQString(result.score_is);
}

QString ScoreTile::meaningText() const {
  return m_scores.empty() ? QString() : meaningOf(m_scores.front().result);
}

QString ScoreTile::breakdownText() const {
  QStringList parts;
  if (!m_scores.empty())
    for (const auto& [name, percent] : m_scores.front().result.breakdown.parts)
      if (percent) parts << QStringLiteral("%1 %2").arg(toQString(name), theme::shortNumber(*percent));
  return parts.size() > 1 ? parts.join(QStringLiteral(" · ")) : QString();
}

void ScoreTile::describeScores() {
  QString tip, spoken;
  for (const auto& [result, stage, step] : m_scores) {
    const QString where = tr("after %1, step %2").arg(stage, theme::wholeNumber(step));
    tip += QStringLiteral("<p><b>%1: %2</b>, %3<br>%4, %5</p>")
               .arg(taskLabel(result).toHtmlEscaped(), valueOf(result), meaningOf(result).toHtmlEscaped(),
                    toQString(result.settings.file).toHtmlEscaped(), where.toHtmlEscaped());
    spoken += tr("%1: %2, %3, %4. ").arg(taskLabel(result), valueOf(result), meaningOf(result), where);
    tip += QStringLiteral("<table>");
    for (const auto& [name, percent] : result.breakdown.parts)
      if (percent)
        tip += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right>%2</td></tr>")
                   .arg(toQString(name).toHtmlEscaped(), percentText(*percent));
    tip += QStringLiteral("</table>");
    tip += tr("<p>%1 questions").arg(theme::wholeNumber(result.n));
    if (!result.skipped.empty()) tip += tr(", %1 left out").arg(theme::wholeNumber(qint64(result.skipped.size())));
    tip += QStringLiteral("</p>");
  }
  setToolTip(tip);
  setAccessibleDescription(spoken);
}

QSize ScoreTile::sizeHint() const {
  return {176, minimumSizeHint().height()};
}

QSize ScoreTile::minimumSizeHint() const {
  const int caption = QFontMetrics(theme::font(theme::Size::caption)).height();
  const int value = QFontMetrics(theme::numberFont(theme::Size::title)).height();
  return {84, 2 * padding + caption + theme::gapTiny + std::max(value, caption) + theme::gapTiny + courseHeight};
}

void ScoreTile::paintEvent(QPaintEvent*) {
  if (m_scores.empty()) return;
  const Score& score = m_scores.front();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme::border());
  painter.setBrush(theme::card());
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme::radius, theme::radius);

  const QFont captionFont = theme::font(theme::Size::caption), valueFont = theme::numberFont(theme::Size::title);
  const QFontMetrics caption(captionFont), value(valueFont);
  const QRect inside = rect().adjusted(padding, padding, -padding, -padding);
  const auto line = [&](int top, const QString& text) {
    painter.setFont(captionFont);
    painter.setPen(theme::mutedText());
    painter.drawText(QRect(inside.left(), top, inside.width(), caption.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     caption.elidedText(text, Qt::ElideRight, inside.width()));
  };
  const QString others = othersText();
  line(inside.top(), others.isEmpty() ? taskLabel(score.result) : fileOf(score.result));
  const QRect row(inside.left(), inside.top() + caption.height() + theme::gapTiny, inside.width(), value.height());
  painter.setFont(valueFont);
  painter.setPen(theme::text());
  painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, valueText());
  painter.setFont(captionFont);
  painter.setPen(theme::mutedText());
  const int room = row.width() - value.horizontalAdvance(valueText()) - theme::gapSmall;
  painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, caption.elidedText(meaningText(), Qt::ElideRight, room));
  const QString parts = others.isEmpty() ? breakdownText() : others;
  line(inside.bottom() - caption.height(),
       parts.isEmpty() ? tr("%1, step %2").arg(score.stage, theme::wholeNumber(score.step)) : parts);
}

}  // namespace llavakd
