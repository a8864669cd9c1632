// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/term_row.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSlider>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "widgets/document/conversions.h"
#include "widgets/forms/number_box.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// The slider covers the weights that people use; the number next to it takes any.
constexpr int ticksPerUnit = 20, sliderUnits = 2;

class QuietSlider : public QSlider {
 public:
  using QSlider::QSlider;

 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

// All rows alike, so that the sliders under each other are equally long.
int widestLabel(const QCheckBox& like) {
  int widest = 0;
  for (const TermInfo& entry : term_catalog())
    widest = std::max(widest, like.fontMetrics().horizontalAdvance(toQString(entry.label)));
  return widest + theme::gapHuge + theme::gapSmall;
}

}  // namespace

TermRow::TermRow(const TermInfo& term, QWidget* parent)
    : QWidget(parent), m_term(term.name), m_usual(term.paper_weight > 0 ? term.paper_weight : 1), m_last(m_usual) {
  setMinimumHeight(theme::compactRowHeight);
  setToolTip(
      QStringLiteral("<p>%1</p><p>%2</p><p><i>%3</i></p>")
          .arg(toQString(term.formula), toQString(term.help).toHtmlEscaped(), toQString(term.source).toHtmlEscaped()));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapSmall);
  m_swatch = new Swatch(m_term, this);
  m_toggle = new QCheckBox(toQString(term.label), this);
  m_slider = new QuietSlider(Qt::Horizontal, this);
  m_slider->setRange(0, ticksPerUnit * sliderUnits);
  m_slider->setMinimumWidth(48);
  m_number = new NumberBox(this);
  m_number->setRange(0, 1000);
  m_number->setFixedWidth(72);
  row->addWidget(m_swatch);
  m_toggle->setFixedWidth(widestLabel(*m_toggle));
  row->addWidget(m_toggle);
  row->addWidget(m_slider, 1);
  row->addWidget(m_number);
  connect(m_toggle, &QCheckBox::toggled, this, [this](bool on) { Q_EMIT switched(on, m_last); });
  connect(m_slider, &QSlider::valueChanged, this,
          [this](int ticks) { Q_EMIT weightEdited(double(ticks) / ticksPerUnit); });
  connect(m_number, &QDoubleSpinBox::valueChanged, this, &TermRow::weightEdited);
}

void TermRow::setStage(const QString& name) {
  m_toggle->setAccessibleName(tr("%1 in %2").arg(m_toggle->text(), name));
  m_slider->setAccessibleName(tr("Weight of %1 in %2").arg(m_toggle->text(), name));
  m_number->setAccessibleName(m_slider->accessibleName());
}

void TermRow::setWeight(std::optional<double> weight, std::optional<double> before) {
  const QSignalBlocker quietToggle(m_toggle), quietSlider(m_slider), quietNumber(m_number);
  m_toggle->setChecked(weight.has_value());
  m_slider->setEnabled(weight.has_value());
  m_number->setEnabled(weight.has_value());
  m_swatch->setEnabled(weight.has_value());
  m_last = weight.value_or(before.value_or(0) > 0 ? *before : m_usual);
  m_slider->setValue(int(std::lround(std::clamp(m_last, 0.0, double(sliderUnits)) * ticksPerUnit)));
  if (m_number->value() != m_last) m_number->setValue(m_last);
}

}  // namespace llavakd
