// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/limit_row.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "core/project/stage_gate.h"
#include "widgets/document/conversions.h"
#include "widgets/forms/number_box.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int measureWidth = 96, subjectWidth = 152, limitNumberWidth = 104, sideWidth = 56;

QString limitSubjectText(const std::string& measure, const std::string& of) {
  if (measure == "score") return toQString(of);
  const TermInfo* info = term_info(of);
  return of.empty() ? LimitRow::tr("Total") : info ? toQString(info->label) : toQString(of);
}

// What stands before the number, and its unit.
QString limitSide(const LimitOptions& limit) {
  return is_least(limit) ? LimitRow::tr("at least") : LimitRow::tr("at most");
}

QString limitUnit(const LimitOptions& limit) {
  if (limit.against == "number") return is_least(limit) ? QStringLiteral(" %") : QString();
  return is_least(limit) ? LimitRow::tr(" points") : QStringLiteral(" %");
}

}  // namespace

LimitRow::LimitRow(int index, QWidget* parent)
    : QWidget(parent),
      m_index(index),
      m_of(new QComboBox(this)),
      m_side(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_number(new NumberBox(this)),
      m_fault(new StateBadge(this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapTiny);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_measure = addChoice("measure", tr("Number"), catalog::gate_measures(), &LimitOptions::measure);
  m_against = addChoice("against", tr("Compared with"), catalog::gate_references(), &LimitOptions::against);
  m_unmet = addChoice("unmet", tr("Where it isn’t met"), catalog::gate_policies(), &LimitOptions::unmet);
  m_of->setObjectName(QStringLiteral("of"));
  m_of->setAccessibleName(tr("Of what, in limit %1").arg(index + 1));
  m_measure->setFixedWidth(measureWidth);  // all rows alike, so that they stand under each other
  m_of->setFixedWidth(subjectWidth);
  m_side->setFixedWidth(sideWidth);
  m_number->setObjectName(QStringLiteral("limit"));
  m_number->setRange(-1e6, 1e6);
  m_number->setFixedWidth(limitNumberWidth);
  m_number->setAccessibleName(tr("Limit %1").arg(index + 1));
  auto* remove = makeToolButton(QStringLiteral("cross"), {}, tr("Remove limit %1").arg(index + 1), this);
  remove->setObjectName(QStringLiteral("removeLimit"));
  // As a sentence: score of test.json at least 2 points against the beginning, else ask.
  auto* against = new TextLabel(tr("against"), theme::Size::body, TextLabel::Tone::muted);
  auto* otherwise = new TextLabel(tr("else"), theme::Size::body, TextLabel::Tone::muted);
  for (QWidget* widget : QWidgetList{m_measure, m_of, m_side, m_number}) row->addWidget(widget);
  row->addStretch();
  row->addWidget(remove);
  auto* rest = new QHBoxLayout;  // on a line of its own, so that a narrow screen holds it
  rest->setSpacing(theme::gapSmall);
  for (QWidget* widget : QWidgetList{against, m_against, otherwise, m_unmet}) rest->addWidget(widget);
  rest->addStretch();
  column->addLayout(row);
  column->addLayout(rest);
  column->addWidget(m_fault);
  const QWidgetList order{m_measure, m_of, m_number, m_against, m_unmet, remove};
  for (qsizetype i = 1; i < order.size(); ++i) setTabOrder(order[i - 1], order[i]);
  connect(m_of, &QComboBox::activated, this, [this] {
    change(QStringLiteral("of"),
           [this](LimitOptions& limit) { limit.of = m_of->currentData().toString().toStdString(); });
  });
  connect(m_number, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    change(QStringLiteral("limit"), [value](LimitOptions& limit) { limit.limit = value; });
  });
  connect(remove, &QToolButton::clicked, this, &LimitRow::removeRequested);
}

QComboBox* LimitRow::addChoice(const char* name, const QString& label, Catalog entries,
                               std::string LimitOptions::*field) {
  auto* box = new QComboBox(this);
  box->setObjectName(QLatin1String(name));
  box->setAccessibleName(tr("%1, in limit %2").arg(label).arg(m_index + 1));
  for (const CatalogEntry& entry : entries) {
    box->addItem(toQString(entry.label), toQString(entry.name));
    box->setItemData(box->count() - 1, toQString(entry.help), Qt::ToolTipRole);
  }
  connect(box, &QComboBox::activated, this, [this, box, field, what = QString::fromLatin1(name)] {
    change(what, [&](LimitOptions& limit) {
      const std::string chosen = box->currentData().toString().toStdString();
      if (limit.*field == chosen) return;
      limit.*field = chosen;
      if (field == &LimitOptions::measure) limit.of = chosen == "probe" ? m_firstTerm : std::string();
    });
  });
  return box;
}

void LimitRow::change(const QString& what, const std::function<void(LimitOptions&)>& set) {
  LimitOptions limit = m_limit;
  set(limit);
  if (limit == m_limit) return;
  m_limit = limit;
  Q_EMIT edited(limit, what);
}

void LimitRow::fillSubjects(const StageOptions& stage, const Project& project) {
  std::vector<std::string> subjects = limit_subjects(m_limit.measure, stage, project);
  const bool isFirst = m_limit.measure == "score" && m_limit.of.empty() && !subjects.empty();
  const std::string chosen = isFirst ? subjects.front() : m_limit.of;
  // What isn't there is shown all the same, so that it can be seen what is wrong.
  if (std::ranges::find(subjects, chosen) == subjects.end()) subjects.push_back(chosen);
  m_of->clear();
  for (const std::string& each : subjects) m_of->addItem(limitSubjectText(m_limit.measure, each), toQString(each));
  m_of->setCurrentIndex(m_of->findData(toQString(chosen)));
}

void LimitRow::setLimit(const LimitOptions& limit, const StageOptions& stage, const Project& project) {
  m_limit = limit;
  const auto terms = limit_subjects("probe", stage, project);
  m_firstTerm = terms.empty() ? std::string() : terms.front();
  for (const auto& [box, value] :
       {std::pair(m_measure, limit.measure), std::pair(m_against, limit.against), std::pair(m_unmet, limit.unmet)})
    box->setCurrentIndex(box->findData(toQString(value)));
  fillSubjects(stage, project);
  m_side->setText(limitSide(limit));
  const QSignalBlocker quiet(m_number);
  // While it is being typed in, its text must stay.
  if (const QString unit = limitUnit(limit); m_number->suffix() != unit) m_number->setSuffix(unit);
  if (m_number->value() != limit.limit) m_number->setValue(limit.limit);
  m_number->setToolTip(toQString(limit_text(limit)));
  const auto fault = limit_fault(limit, stage, project);
  if (fault) m_fault->setState(theme::State::failed, tr("Can’t be known: %1.").arg(toQString(*fault)));
  const auto idle = fault ? std::nullopt : idle_limit(limit, project);
  if (idle) m_fault->setState(theme::State::paused, tr("Tells nothing: %1.").arg(toQString(*idle)));
  m_fault->setVisible(fault || idle);
}

}  // namespace llavakd
