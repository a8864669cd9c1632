// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/inspect_page.h"

#include <QApplication>
#include <QEvent>
#include <QMenu>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/errors.h"
#include "core/project/term_catalog.h"
#include "core/project/visitors.h"
#include "widgets/charts/legend_entry.h"
#include "widgets/charts/step_chart.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/inspect/live_look.h"
#include "widgets/pages/inspect/relation_panel.h"
#include "widgets/pages/inspect/source_choice.h"
#include "widgets/pages/inspect/step_slider.h"
#include "widgets/pages/inspect/token_panel.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/export_dialog.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/shared/pictures.h"
#include "widgets/theme/flow_layout.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int playInterval = 350, pictureSide = 768;

// In the order in which they are added.
enum InspectPagePart { inspectEmptyPart, inspectLooksPart, inspectReadingPart };

}  // namespace

PageDescriptor InspectPage::descriptor() {
  return {QStringLiteral("inspect"), QStringLiteral("inspect"), tr("&Inspect"), QKeySequence(Qt::CTRL | Qt::Key_5),
          [](const PageContext& context) -> QWidget* {
            return new InspectPage(context.document, context.run, context.serve);
          }};
}

InspectPage::InspectPage(ProjectDocument* document, RunWatcher* run, ServeClient* serve, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_run(run),
      m_reader(new ProbeReader(this)),
      m_live(serve ? new LiveLook(serve, this) : nullptr),
      m_stack(new QStackedWidget),
      m_question(new ElidedLabel({}, theme::Size::title, Qt::ElideRight)),
      m_empty(new TextLabel({}, theme::Size::title)),
      m_stepText(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_sourceNote(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_source(new SourceChoice),
      m_message(new InlineMessage),
      m_reading(new LoadingPlaceholder),
      m_strip(new PictureStrip(Qt::Vertical)),
      m_tabs(new QTabBar),
      m_panel(new RelationPanel),
      m_tokens(new TokenPanel),
      m_slider(new StepSlider),
      m_chart(new StepChart),
      m_play(makeToolButton(QStringLiteral("play"), tr("Play"), tr("Play the steps of the run (Space)"))),
      m_export(makeToolButton(QStringLiteral("download"), tr("Export"), tr("Maps, pictures and chart as files"))) {
  layOutStack(this, m_message, m_stack, m_empty);
  m_stack->addWidget(makeScrolling(makeContent()));
  m_stack->addWidget(m_reading);
  makeExportMenu();
  connectParts();
  connectSource();
  for (auto changed : {&ProjectDocument::changed, &ProjectDocument::opened, &ProjectDocument::closed})
    connect(m_document, changed, this, &InspectPage::showProbes);
  connect(m_run, &RunWatcher::reset, this, &InspectPage::forget);
  connect(m_run, &RunWatcher::infoChanged, this, &InspectPage::showProbes);
  connect(m_run, &RunWatcher::eventsArrived, this, &InspectPage::takeEvents);
  for (auto changed : {&RunWatcher::runsChanged, &RunWatcher::loadingChanged, &RunWatcher::progressChanged})
    connect(m_run, changed, this, &InspectPage::showPage);
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
  right->setSpacing(theme::gapSmall);
  auto* head = new QHBoxLayout;
  head->addWidget(m_question, 1);
  head->addWidget(m_stepText);
  head->addWidget(m_export);
  auto* top = new QVBoxLayout;
  top->setSpacing(0);
  top->addLayout(head);
  m_time = makeTime();
  makeTabs();
  auto* choices = new FlowLayout;  // a line of their own: a narrow window has no room for them beside the question
  choices->addWidget(m_tabs);
  choices->addWidget(m_source);
  top->addLayout(choices);
  right->addLayout(top);
  right->addWidget(m_sourceNote);
  right->addWidget(m_panel, 1);
  right->addWidget(m_tokens, 1);
  row->addLayout(right, 1);
  return content;
}

// The run's time: the slider is on the chart's own axis.
QWidget* InspectPage::makeTime() {
  auto* card = new Card;
  card->body()->setContentsMargins(theme::gapSmall, theme::gapSmall, theme::gapSmall, theme::gapTiny);
  card->body()->setSpacing(0);
  m_play->setCheckable(true);
  m_play->setObjectName(QStringLiteral("play"));
  auto* head = new QHBoxLayout;
  head->addWidget(m_play);
  auto* caption =
      new ElidedLabel(tr("1 − cosine of the two models' relations: how far the student is from the teacher"),
                      theme::Size::caption, Qt::ElideRight);
  caption->setMuted(true);
  head->addWidget(caption, 1);
  const std::vector<StepLine> lines = {
      {tr("This picture"), [] { return theme::termPen(probe_curve_term().name); }, theme::number, {.key = "picture"}},
      {tr("Mean of all pictures"),
       [] { return QPen(theme::mutedText(), 1.5, Qt::DotLine); },
       theme::number,
       {.key = "mean"}}};
  for (int i = 0; i < int(lines.size()); ++i) {
    auto* entry = new LegendEntry(lines[std::size_t(i)].name, lines[std::size_t(i)].pen);
    entry->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    head->addWidget(entry);
    connect(entry, &LegendEntry::toggled, m_chart, [this, i](bool on) { m_chart->setLineVisible(i, on); });
  }
  card->body()->addLayout(head);
  card->body()->addWidget(m_slider);
  m_chart->setLines(lines);
  m_chart->setAccessibleName(tr("1 − cosine of the probe's relations over the steps"));
  card->body()->addWidget(m_chart, 1);
  addExportActions(m_chart, QStringLiteral("probe"), &m_origin);
  connect(m_chart, &StepChart::drawn, this, &InspectPage::placeSlider);
  return card;
}

void InspectPage::placeSlider() {
  const QRectF plot = m_chart->plotArea().translated(m_chart->pos() - m_slider->pos());
  const auto [low, high] = m_chart->shownSteps();
  m_slider->setAxis(plot.left(), plot.right(), low, high);
}

void InspectPage::makeExportMenu() {
  auto* menu = new QMenu(m_export);
  m_export->setMenu(menu);
  m_export->setPopupMode(QToolButton::InstantPopup);
  const std::vector<Relation> all{Relation::teacher, Relation::student, Relation::difference};
  auto* maps = menu->addAction(tr("&Maps…"), this,
                               [this, all] { showExportDialog(this, m_panel->mapsToExport(all), m_origin.folder); });
  auto* pictures = menu->addAction(tr("&Pictures…"), this,
                                   [this] { showExportDialog(this, m_panel->picturesToExport(), m_origin.folder); });
  menu->addAction(tr("&Chart…"), this, [this] {
    showExportDialog(this, exportSubject(m_chart, QStringLiteral("probe"), m_origin), m_origin.folder);
  });
  menu->addSeparator();
  auto* table = menu->addAction(tr("&Table of the chosen patch"), m_panel, &RelationPanel::showTable);
  auto* tokens = menu->addAction(tr("Table of the t&okens"), m_tokens, &TokenPanel::showTable);
  auto* copy = menu->addAction(tr("Copy the maps as &picture"), this,
                               [this, all] { copyAsPicture(m_panel->mapsToExport(all)); });
  connect(menu, &QMenu::aboutToShow, this, [this, maps, pictures, table, tokens, copy] {
    for (QAction* action : {maps, pictures, table, copy}) action->setEnabled(m_panel->hasLook());
    tokens->setEnabled(m_tokens->hasTokens());
  });
}

void InspectPage::connectParts() {
  m_player.setInterval(playInterval);
  connect(&m_player, &QTimer::timeout, this, [this] {
    if (m_slider->value() >= m_slider->maximum()) return play(false);
    m_slider->setValue(m_slider->value() + 1);
  });
  connect(m_play, &QToolButton::toggled, this, &InspectPage::play);
  auto* space = new QShortcut(QKeySequence(Qt::Key_Space), this);
  connect(space, &QShortcut::activated, this, [this] {
    // A button that has the focus is pressed by that key, as everywhere.
    auto* button = qobject_cast<QAbstractButton*>(QApplication::focusWidget());
    (button && button->window() == window() ? button : m_play)->click();
  });
  for (auto clicked : {&StepChart::markClicked, &StepChart::stepClicked})
    connect(m_chart, clicked, this, [this](double step) { showStep(qint64(step)); });
  connect(m_chart, &StepChart::cursorMoved, this, [this](std::optional<double> step) {
    if (!step) showCourses();  // the line goes back to the step that is shown
  });
  connect(m_slider, &StepSlider::valueChanged, this, [this] {
    showCourses();
    look();
  });
  connect(m_strip, &PictureStrip::currentRowChanged, this, &InspectPage::chooseProbe);
  connect(m_reader, &ProbeReader::finished, this, &InspectPage::take);
  connect(m_reader, &ProbeReader::failed, this, &InspectPage::takeFailure);
}

// What is shown of another picture goes at once: reading the new one takes a moment.
void InspectPage::chooseProbe(int probe) {
  m_message->dismiss();
  showNothing({});
  m_panel->setPicture({}, false);
  setStepText({});
  readPictureOf(probe);
  showChart();
  look();
}

// A run looked at the pictures that the project had when it began.
Project InspectPage::shownProject() const {
  try {
    if (m_run->info().project.is_object()) return options_from_json<Project>(m_run->info().project, "run.json");
  } catch (const UserError&) {
    // Of another version: the project of now says most of it.
  }
  return m_document->project();
}

void InspectPage::showProbes() {
  m_project = shownProject();
  std::vector<PictureStrip::Entry> entries;
  if (m_document->isOpen())
    for (const auto& probe : m_project.probes)
      entries.push_back({m_document->resolve(probe.image), toQString(probe.question)});
  m_strip->setEntries(entries);
  showPage();
  showCourses();
  readPictureOf(m_strip->currentRow());
  readTokenizer();
}

void InspectPage::showPage() {
  const bool open = m_document->isOpen();
  const bool probes = m_strip->entryCount() > 0, looks = !m_history.steps().empty();
  // Looks are known once the whole log has been read.
  const bool reading = open && probes && !looks && (m_run->isReading() || m_run->loading());
  m_stack->setCurrentIndex(reading                   ? inspectReadingPart
                           : open && probes && looks ? inspectLooksPart
                                                     : inspectEmptyPart);
  m_reading->setText(tr("Reading what the run saw…"));
  m_reading->setShare(m_run->loading());
  m_empty->setText(!open     ? tr("Open or make a project; its probe pictures show here.")
                   : !probes ? tr("Add probe pictures on the Project page; the run then shows here how the student's "
                                  "relations come near the teacher's.")
                             : whyNoLook());
}

QString InspectPage::whyNoLook() const {
  if (m_run->steps()->is_empty()) return tr("The first look at the probes shows here as soon as a run starts.");
  return isActive(m_run->state()) ? tr("The run's first look at the probes will show here.")
                                  : tr("This run has not looked at the probes.");
}

QString InspectPage::emptyText() const {
  return m_empty->text();
}

void InspectPage::readPictureOf(int probe) {
  const NewestRequest::Ticket reading = m_pictureReadings.begin();
  if (probe < 0 || probe >= int(m_project.probes.size())) return;
  const auto& options = m_project.probes[std::size_t(probe)];
  m_question->setText(toQString(options.question));
  const bool padded = m_project.image.aspect_ratio == "pad";
  inBackground(
      this, [file = m_document->resolve(options.image)] { return tryPicture(file, pictureSide); },
      reading.only([this, padded](const ReadPicture& read) { m_panel->setPicture(read.image, padded, read.fault); }));
}

void InspectPage::setStepText(const QString& text) {
  m_stepText->setText(text);
}

QString InspectPage::sourceNote() const {
  return m_sourceNote->isHidden() ? QString() : m_sourceNote->text();
}

QString InspectPage::stepText() const {
  return m_stepText->text();
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
