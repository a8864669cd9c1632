// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/run_preview.h"

#include <QVBoxLayout>
#include <algorithm>

#include "core/run/run_reader.h"
#include "widgets/charts/sparkline.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr size_t mostStretches = 400;  // about as many as the line is wide

}  // namespace

RunPreview::RunPreview(QWidget* parent)
    : QWidget(parent),
      m_line(new Sparkline),
      m_caption(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapTiny);
  m_line->setObjectName(QStringLiteral("previewLine"));
  m_line->setFixedHeight(theme::rowHeight + theme::gapSmall);
  m_line->setPen([] { return theme::termPen("total"); });
  m_line->setAccessibleName(tr("Total over the steps of the run"));
  m_caption->setObjectName(QStringLiteral("previewCaption"));
  column->addWidget(m_line);
  column->addWidget(m_caption);
  showCourse({});
}

void RunPreview::setRun(const RunRow& run) {
  const bool same = run.folder == m_folder;
  // Whoever resumed it may have gone back to a checkpoint.
  if (same && run.step >= m_step && run.step - m_step <= m_step / 100 && (run.isAtWork() || run.step == m_step)) return;
  if (!same) showCourse({});  // another run's curve must not be under this one's name
  m_folder = run.folder;
  m_step = run.step;
  inBackground(
      this, [folder = run.folder] { return courseOf(folder); },
      m_readings.begin().only([this](const Course& course) { showCourse(course); }));
}

RunPreview::Course RunPreview::courseOf(const QString& folder) {
  Course course;
  try {
    const auto steps = read_steps(RunFolder{toPath(folder)}.events());
    const auto total = steps->find("total");
    if (!total || steps->is_empty()) return course;
    const size_t rows = steps->size(), stretches = std::min(rows, mostStretches);
    for (size_t i = 0; i < stretches; ++i) {
      const NumberRange range = steps->range(*total, i * rows / stretches, (i + 1) * rows / stretches);
      course.means.push_back(range.count > 0 ? range.sum / double(range.count) : NAN);
    }
    const auto known = [](double value) {
      return std::isfinite(value);
    };
    const auto first = std::ranges::find_if(course.means, known);
    if (first == course.means.end()) return {};
    course.first = *first;
    course.last = *std::find_if(course.means.rbegin(), course.means.rend(), known);
  } catch (const std::exception&) {
    return {};  // the table says what is wrong with the run
  }
  return course;
}

void RunPreview::showCourse(const Course& course) {
  m_line->setValues(course.means);
  m_caption->setText(course.means.empty()
                         ? QString()
                         : tr("Total, from %1 to %2").arg(theme::number(course.first), theme::number(course.last)));
  setVisible(!course.means.empty());
}

}  // namespace llavakd
