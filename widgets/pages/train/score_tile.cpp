// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/score_tile.h"

#include <QFileInfo>
#include <QPainter>
#include <algorithm>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int padding = theme::gap, courseHeight = 24;

QString textOf(const nlohmann::ordered_json& result, const char* key) {
  const auto found = result.find(key);
  return found != result.end() && found->is_string() ? toQString(found->get<std::string>()) : QString();
}

QString taskLabel(const QString& task) {
  for (const auto& entry : catalog::evaluation_tasks())
    if (toQString(entry.name) == task) return toQString(entry.label);
  return task;
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

ScoreTile::Score ScoreTile::scoreOf(const Event& event, const EvaluationEvent& evaluated) {
  const auto& fields = evaluated.result;
  Score score{.task = textOf(fields, "task"), .file = textOf(fields, "file"), .stage = toQString(event.stage)};
  score.meaning = textOf(fields, "score_is");
  score.fault = textOf(fields, "no_score");
  score.step = event.step;
  if (const auto asked = fields.find("questions"); asked != fields.end() && asked->is_number_integer())
    score.questions = asked->get<qint64>();
  if (const auto skipped = fields.find("skipped"); skipped != fields.end() && skipped->is_array())
    score.skipped = qint64(skipped->size());
  const auto percent = fields.find("score");
  if (percent != fields.end() && percent->is_number() && score.questions > 0) score.percent = percent->get<double>();
  if (const auto types = fields.find("types"); types != fields.end() && types->is_object())
    for (const auto& [name, value] : types->items())
      if (value.is_number()) score.groups.emplace_back(toQString(name), value.get<double>());
  return score;
}

void ScoreTile::addScore(const Event& event, const EvaluationEvent& evaluated) {
  const Score score = scoreOf(event, evaluated);
  const auto known = std::ranges::find_if(
      m_scores, [&](const Score& other) { return other.task == score.task && other.file == score.file; });
  if (known != m_scores.end())
    *known = score;
  else
    m_scores.push_back(score);
  describeScores();
  show();
  update();
}

void ScoreTile::clear() {
  m_scores.clear();
  hide();
}

QString ScoreTile::valueText() const {
  return m_scores.empty() || !m_scores.front().percent ? QStringLiteral("–") : percentText(*m_scores.front().percent);
}

QString ScoreTile::meaningOf(const Score& score) {
  if (!score.percent) return score.fault.isEmpty() ? tr("no question was asked") : score.fault;
  if (!score.meaning.isEmpty()) return score.meaning;
  if (score.groups.size() > 1) return tr("mean over %1 types").arg(theme::wholeNumber(qint64(score.groups.size())));
  return tr("of %1 questions").arg(theme::wholeNumber(score.questions));
}

QString ScoreTile::meaningText() const {
  return m_scores.empty() ? QString() : meaningOf(m_scores.front());
}

QString ScoreTile::groupsText() const {
  QStringList groups;
  if (!m_scores.empty())
    for (const auto& [name, percent] : m_scores.front().groups)
      groups << QStringLiteral("%1 %2").arg(name, theme::shortNumber(percent));
  return groups.join(QStringLiteral(" · "));
}

void ScoreTile::describeScores() {
  QString tip, spoken;
  for (const Score& score : m_scores) {
    const QString value = score.percent ? percentText(*score.percent) : QStringLiteral("–");
    const QString where = tr("after %1, step %2").arg(score.stage, theme::wholeNumber(score.step));
    tip += QStringLiteral("<p><b>%1: %2</b>, %3<br>%4, %5</p>")
               .arg(taskLabel(score.task).toHtmlEscaped(), value, meaningOf(score).toHtmlEscaped(),
                    score.file.toHtmlEscaped(), where.toHtmlEscaped());
    spoken += tr("%1: %2, %3, %4. ").arg(taskLabel(score.task), value, meaningOf(score), where);
    tip += QStringLiteral("<table>");
    for (const auto& [name, percent] : score.groups)
      tip += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right>%2</td></tr>")
                 .arg(name.toHtmlEscaped(), percentText(percent));
    tip += QStringLiteral("</table>");
    tip += tr("<p>%1 questions").arg(theme::wholeNumber(score.questions));
    if (score.skipped > 0) tip += tr(", %1 left out").arg(theme::wholeNumber(score.skipped));
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
  return {92, 2 * padding + caption + theme::gapTiny + std::max(value, caption) + theme::gapTiny + courseHeight};
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
  line(inside.top(), taskLabel(score.task));
  const QRect row(inside.left(), inside.top() + caption.height() + theme::gapTiny, inside.width(), value.height());
  painter.setFont(valueFont);
  painter.setPen(theme::text());
  painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, valueText());
  painter.setFont(captionFont);
  painter.setPen(theme::mutedText());
  const int room = row.width() - value.horizontalAdvance(valueText()) - theme::gapSmall;
  painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, caption.elidedText(meaningText(), Qt::ElideRight, room));
  line(inside.bottom() - caption.height(),
       score.groups.size() > 1 ? groupsText() : tr("%1, step %2").arg(score.stage, theme::wholeNumber(score.step)));
}

}  // namespace llavakd
