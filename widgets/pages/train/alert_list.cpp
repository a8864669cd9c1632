// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/train/alert_list.h"

#include <QPainter>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/theme.h"

namespace llavakd {

QString alertText(const Alert& alert) {
  switch (alert.kind) {
    case Alert::Kind::not_a_number:
      return AlertList::tr("The total is not a number.");
    case Alert::Kind::spike:
      return AlertList::tr("Spike: total %1, before %2. Training went on.")
          .arg(theme::number(alert.value), theme::number(alert.usual));
    case Alert::Kind::plateau:
      return AlertList::tr("The total no longer falls: mean of %1 steps %2, before %3. Training went on.")
          .arg(theme::wholeNumber(alert.steps), theme::number(alert.value), theme::number(alert.usual));
  }
  return {};
}

AlertList::AlertList(QWidget* parent) : QListWidget(parent) {
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(tr("Alerts of the run"));
  setToolTip(tr("What the run should be looked at for; a click shows the step"));
  setAccessibleDescription(emptyText());
  setTextElideMode(Qt::ElideRight);
  connect(this, &QListWidget::itemActivated, this,
          [this](QListWidgetItem* item) { Q_EMIT stepActivated(m_rows[std::size_t(row(item))].step); });
  connect(this, &QListWidget::itemClicked, this, &QListWidget::itemActivated);
}

QString AlertList::emptyText() {
  return tr(
      "No alert so far. What a run should be looked at for is listed here: spikes and plateaus of the total, "
      "totals that are no numbers, pauses and failures.");
}

void AlertList::paintEvent(QPaintEvent* event) {
  QListWidget::paintEvent(event);
  if (count() > 0) return;
  QPainter painter(viewport());
  painter.setFont(theme::font(theme::Size::body));
  painter.setPen(theme::mutedText());
  painter.drawText(viewport()->rect().adjusted(theme::gapSmall, theme::gapTiny, -theme::gapSmall, 0),
                   Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, emptyText());
}

void AlertList::forget() {
  m_told.clear();
  m_found.clear();
  m_changed = true;
  setAlerts({});
}

void AlertList::append(const Event& event) {
  QString text;
  if (const auto* failed = event.as<FailedEvent>())
    text =
        tr("The run stopped. %1").arg(failed->message.empty() ? tr("It didn't say why.") : toQString(failed->message));
  // A pause that somebody asked for is no alert.
  if (const auto* paused = event.as<PausedEvent>(); paused && !paused->reason.empty())
    text = tr("The run paused. %1").arg(toQString(paused->reason));
  if (text.isEmpty()) return;
  m_told.push_back({double(event.step), toQString(event.stage), text});
  m_changed = true;
}

void AlertList::goBackTo(double step) {
  m_changed = std::erase_if(m_told, [step](const Row& row) { return row.step >= step; }) > 0 || m_changed;
}

void AlertList::setAlerts(const std::vector<Alert>& found) {
  if (!m_changed && found == m_found) return;
  m_changed = false;
  m_found = found;
  m_rows = m_told;
  for (const Alert& alert : found) m_rows.push_back({double(alert.step), toQString(alert.stage), alertText(alert)});
  std::ranges::stable_sort(m_rows, {}, &Row::step);
  QListWidget::clear();
  const QIcon icon = theme::icon(QStringLiteral("warning"));
  for (const Row& row : m_rows) {
    const QString place = row.stage.isEmpty() ? tr("Step %1").arg(theme::wholeNumber(qint64(row.step)))
                                              : tr("%1, step %2").arg(row.stage, theme::wholeNumber(qint64(row.step)));
    auto* item = new QListWidgetItem(icon, tr("%1: %2", "place and what happened").arg(place, row.text), this);
    item->setToolTip(row.text);
  }
  setAccessibleDescription(m_rows.empty() ? emptyText() : QString());
}

std::vector<StepMark> AlertList::marks() const {
  std::vector<StepMark> marks;
  for (const Row& row : m_rows) marks.push_back({row.step, row.text, MarkKind::alert});
  return marks;
}

void AlertList::selectStep(double step) {
  const auto found = std::ranges::find(m_rows, step, &Row::step);
  if (found != m_rows.end()) setCurrentRow(int(found - m_rows.begin()));
}

}  // namespace llavakd
