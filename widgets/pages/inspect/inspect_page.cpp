// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/inspect_page.h"

#include <QEvent>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "core/project/term_catalog.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/inspect/step_slider.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/shared/pictures.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int playInterval = 350, pictureSide = 768;

}  // namespace

PageDescriptor InspectPage::descriptor() {
  return {QStringLiteral("inspect"), QStringLiteral("inspect"), tr("&Inspect"), QKeySequence(Qt::CTRL | Qt::Key_4),
          [](const PageContext& context) -> QWidget* {
            return new InspectPage(context.document, context.run);
          }};
}

InspectPage::InspectPage(ProjectDocument* document, RunWatcher* run, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_run(run),
      m_reader(new ProbeReader(this)),
      m_stack(new QStackedWidget),
      m_empty(new TextLabel({}, theme::Size::title)),
      m_question(new TextLabel({}, theme::Size::title)),
      m_stepText(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_message(new InlineMessage),
      m_strip(new PictureStrip(Qt::Vertical)),
      m_panel(new RelationPanel),
      m_slider(new StepSlider),
      m_chart(new StepChart),
      m_play(makeToolButton(QStringLiteral("play"), tr("Play"), tr("Play the steps of the run (Space)"))) {
  layOutStack(this, m_message, m_stack, m_empty);
  m_stack->addWidget(makeContent());
  connectParts();
  for (auto changed : {&ProjectDocument::changed, &ProjectDocument::opened, &ProjectDocument::closed})
    connect(m_document, changed, this, &InspectPage::showProbes);
  connect(m_run, &RunWatcher::reset, this, &InspectPage::forget);
  connect(m_run, &RunWatcher::eventsArrived, this, &InspectPage::takeEvents);
  showProbes();
  forget();
}

QWidget* InspectPage::makeContent() {
  auto* content = new QWidget;
  auto* row = new QHBoxLayout(content);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gap);
  m_strip->setAccessibleName(tr("Probe pictures"));
  row->addWidget(m_strip);
  auto* right = new QVBoxLayout;
  right->setSpacing(theme::gap);
  auto* head = new QHBoxLayout;
  m_question->setMinimumWidth(60);
  m_question->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  head->addWidget(m_question, 1);
  head->addWidget(m_stepText);
  right->addLayout(head);
  auto* foot = new QWidget;
  auto* under = new QVBoxLayout(foot);
  under->setContentsMargins(0, 0, 0, 0);
  auto* time = new QHBoxLayout;
  under->addLayout(time);
  m_play->setCheckable(true);
  m_play->setShortcut(Qt::Key_Space);
  time->addWidget(m_play, 0, Qt::AlignTop);
  time->addWidget(m_slider, 1);
  auto* card = new Card;
  card->body()->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, theme::gapTiny);
  card->body()->setSpacing(0);
  card->body()->addWidget(
      new TextLabel(tr("1 − cosine of the two models' relations: how far the student is from the teacher"),
                    theme::Size::caption, TextLabel::Tone::muted));
  m_chart->setLines(
      {{tr("This picture"), [] { return theme::termPen(probe_curve_term().name); }, theme::number, {.key = "picture"}},
       {tr("Mean of all pictures"),
        [] { return QPen(theme::mutedText(), 1.5, Qt::DotLine); },
        theme::number,
        {.key = "mean"}}});
  m_chart->setAccessibleName(tr("1 − cosine of the probe's relations over the steps"));
  card->body()->addWidget(m_chart, 1);
  under->addWidget(card, 1);
  m_panel->setFoot(foot);
  right->addWidget(m_panel, 1);
  row->addLayout(right, 1);
  return content;
}

void InspectPage::connectParts() {
  m_player.setInterval(playInterval);
  connect(&m_player, &QTimer::timeout, this, [this] {
    if (m_slider->value() >= m_slider->maximum()) return play(false);
    m_slider->setValue(m_slider->value() + 1);
  });
  connect(m_play, &QToolButton::toggled, this, &InspectPage::play);
  for (auto clicked : {&StepChart::markClicked, &StepChart::stepClicked})
    connect(m_chart, clicked, this, [this](double step) { showStep(qint64(step)); });
  connect(m_chart, &StepChart::cursorMoved, this, [this](std::optional<double> step) {
    if (!step) showCourses();  // the line goes back to the step that is shown
  });
  connect(m_slider, &StepSlider::valueChanged, this, [this] {
    showCourses();
    look();
  });
  connect(m_strip, &PictureStrip::currentRowChanged, this, [this](int probe) {
    readPictureOf(probe);
    showChart();
    look();
  });
  connect(m_reader, &ProbeReader::finished, this, &InspectPage::take);
  connect(m_reader, &ProbeReader::failed, this, [this](const QString& message) {
    m_panel->setNothing(tr("This look can't be shown"));
    m_message->showMessage(InlineMessage::Kind::error, message);
  });
}

void InspectPage::forget() {
  play(false);
  m_history.clear();
  m_reader->clear();
  m_slider->setSteps({});
  m_chart->clearData();
  m_panel->setNothing({});
  m_message->dismiss();
  setStepText({});
  showPage();
}

void InspectPage::takeEvents(const std::vector<Event>& events) {
  const bool atEnd = m_slider->value() >= m_slider->maximum();
  const bool grown = m_history.append(events);
  if (m_history.steps().empty()) return;
  m_slider->setSteps(m_history.steps());
  // Whoever looks at the newest step keeps seeing the newest; any other step stays.
  if (grown && atEnd && !m_player.isActive()) m_slider->setValue(m_slider->maximum());
  showPage();
  showCourses();
  if (!grown) return;
  showChart();
  look();
}

void InspectPage::showProbes() {
  std::vector<PictureStrip::Entry> entries;
  if (m_document->isOpen())
    for (const auto& probe : m_document->project().probes)
      entries.push_back({m_document->resolve(probe.image), toQString(probe.question)});
  m_strip->setEntries(entries);
  showPage();
  showCourses();
  readPictureOf(m_strip->currentRow());
}

void InspectPage::showPage() {
  const bool open = m_document->isOpen();
  const bool probes = m_strip->entryCount() > 0, looks = !m_history.steps().empty();
  m_stack->setCurrentIndex(open && probes && looks ? 1 : 0);
  m_empty->setText(!open     ? tr("Open or make a project; its probe pictures show here.")
                   : !probes ? tr("Add probe pictures on the Project page; the run then shows here how the student's "
                                  "relations come near the teacher's.")
                             : tr("The first look at the probes shows here as soon as a run starts."));
}

void InspectPage::showCourses() {
  const auto step = std::size_t(std::max(0, m_slider->value()));
  if (step < m_history.steps().size()) m_chart->setCursor(double(m_history.steps()[step].step));
  for (int probe = 0; probe < m_strip->entryCount(); ++probe)
    m_strip->setCourse(probe, m_history.course(std::size_t(probe)), m_slider->value());
}

void InspectPage::showChart() {
  const auto& steps = m_history.steps();
  const auto course = m_history.course(std::size_t(std::max(0, m_strip->currentRow())));
  std::vector<StepBand> bands;
  std::vector<StepMark> marks;
  auto values = std::make_shared<StepHistory>();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double step = double(steps[i].step);
    double sum = 0, count = 0;
    for (const double value : steps[i].values)
      if (std::isfinite(value)) sum += value, ++count;
    values->add_row(step, 0, {{"picture", course[i]}, {"mean", count > 0 ? sum / count : NAN}});
    if (steps[i].checkpoint) marks.push_back({step, tr("checkpoint")});
    if (!bands.empty() && bands.back().name == steps[i].stage) continue;
    const double begin = i == 0 ? step : double(steps[i - 1].step);
    if (!bands.empty()) bands.back().end = begin;
    bands.push_back({steps[i].stage, begin, std::nullopt});
  }
  m_chart->setBands(std::move(bands));
  m_chart->setMarks(std::move(marks));
  m_chart->setHistory(std::move(values));
  showCourses();
}

void InspectPage::readPictureOf(int probe) {
  const NewestRequest::Ticket reading = m_pictureReadings.begin();
  if (probe < 0 || probe >= int(m_document->project().probes.size())) return;
  const auto& options = m_document->project().probes[std::size_t(probe)];
  m_question->setText(toQString(options.question));
  m_question->setToolTip(toQString(options.question));
  const bool padded = m_document->project().image.aspect_ratio == "pad";
  inBackground(
      this, [file = m_document->resolve(options.image)] { return tryPicture(file, pictureSide); },
      reading.only([this, padded](const ReadPicture& read) { m_panel->setPicture(read.image, padded, read.fault); }));
}

QString InspectPage::fileOf(int step, int probe) const {
  return QStringLiteral("%1/%2/%3.safetensors")
      .arg(toQString(m_run->folder().probes()), m_history.steps()[std::size_t(step)].folder)
      .arg(probe);
}

void InspectPage::look() {
  const int step = m_slider->value(), probe = m_strip->currentRow();
  if (probe < 0 || step < 0 || step >= int(m_history.steps().size())) return;
  QStringList files;
  for (int i = 0; i < int(m_history.steps().size()); ++i) files << fileOf(i, probe);
  const auto& shown = m_history.steps()[std::size_t(step)];
  setStepText(tr("%1 · step %2").arg(shown.stage, theme::wholeNumber(shown.step)));
  m_reader->read(fileOf(step, probe), files, theme::noDifference());
}

void InspectPage::take(std::shared_ptr<const ProbeLook> look) {
  m_message->dismiss();
  m_panel->setLook(look);
  const int step = m_slider->value();
  if (step < 0 || step >= int(m_history.steps().size())) return;
  const auto& shown = m_history.steps()[std::size_t(step)];
  const QString where = tr("%1 · step %2").arg(shown.stage, theme::wholeNumber(shown.step));
  setStepText(look->probe.distance ? tr("%1 · 1 − cosine %2").arg(where, theme::number(*look->probe.distance)) : where);
}

void InspectPage::setStepText(const QString& text) {
  m_stepText->setText(text);
}

QString InspectPage::stepText() const {
  return m_stepText->text();
}

void InspectPage::showStep(qint64 step) {
  const int index = m_history.nearest(step);
  if (index >= 0) m_slider->setValue(index);
}

void InspectPage::play(bool on) {
  if (on && m_slider->value() >= m_slider->maximum()) m_slider->setValue(0);
  on &= m_slider->maximum() > 0;
  if (on)
    m_player.start();
  else
    m_player.stop();
  m_play->setChecked(on);
  m_play->setIcon(theme::icon(on ? QStringLiteral("pause") : QStringLiteral("play")));
  m_play->setText(on ? tr("Pause") : tr("Play"));
}

void InspectPage::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) look();  // the middle of the difference follows the theme
  QWidget::changeEvent(event);
}

}  // namespace llavakd
