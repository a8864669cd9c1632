// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stages_page.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QMetaMethod>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <utility>

#include "core/project/project_file.h"
#include "core/project/stage_list.h"
#include "core/project/stage_terms.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/pages/stages/gate_dialog.h"
#include "widgets/pages/stages/gradient_panel.h"
#include "widgets/pages/stages/stage_arrow.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stage_head.h"
#include "widgets/pages/stages/weight_presets.h"
#include "widgets/run/run_differences.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
PageDescriptor StagesPage::descriptor() {
  return {QStringLiteral("stages"), QStringLiteral("stages"), tr("&Stages"), QKeySequence(Qt::CTRL | Qt::Key_2),
          [](const PageContext& context) -> QWidget* {
            return new StagesPage(context.document, context.run);
          }};
}

StagesPage::StagesPage(ProjectDocument* document, RunWatcher* run, QWidget* parent)
    : QWidget(parent), m_document(document), m_run(run) {
  setAcceptDrops(true);
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, theme::gapLarge, 0, 0);
  page->setSpacing(theme::gap);
  page->addLayout(makeHead());
  m_area = new QScrollArea(this);
  m_area->setWidgetResizable(true);
  m_area->setFrameShape(QFrame::NoFrame);
  m_area->setFocusPolicy(Qt::NoFocus);  // makeScrolling() says why
  m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  page->addWidget(m_area, 1);
  // Below the cards: messages come and go while a value is edited, which must not move from under the pointer.
  auto* messages = new QVBoxLayout;
  messages->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, theme::gap);
  messages->setSpacing(theme::gapTiny);
  messages->addWidget(m_message = new InlineMessage(this));
  messages->addWidget(m_runMessage = new InlineMessage(this));
  page->addLayout(messages);
  auto* content = new QWidget(m_area);
  m_area->setWidget(content);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, theme::pageMargin);
  m_row = new QHBoxLayout;
  m_row->setSpacing(0);
  column->addLayout(m_row);
  makeEmptyState(column);
  column->addStretch();
  connect(document, &ProjectDocument::changed, this, &StagesPage::takeProject);
  m_oneMore.setSingleShot(true);
  connect(&m_oneMore, &QTimer::timeout, this, [this] {
    ++m_most;
    takeProject();
  });
  connect(document, &ProjectDocument::closed, this, &StagesPage::refresh);
  connect(ProjectFacts::of(document), &ProjectFacts::changed, this, &StagesPage::refreshFacts);
  connect(run, &RunWatcher::infoChanged, this, &StagesPage::showRun);
  connect(run, &RunWatcher::reset, this, &StagesPage::showRun);
  connect(run, &RunWatcher::progressChanged, this, &StagesPage::showRun);
  refresh();
}

QBoxLayout* StagesPage::makeHead() {
  auto* head = new QHBoxLayout;
  head->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, 0);
  head->setSpacing(theme::gapSmall);
  head->addWidget(new TextLabel(tr("Stages"), theme::Size::page));
  head->addSpacing(theme::gapSmall);
  m_add = new QPushButton(theme::icon(QStringLiteral("new")), tr("&Add a stage"), this);
  m_add->setObjectName(QStringLiteral("add"));
  connect(m_add, &QPushButton::clicked, this, &StagesPage::addStage);
  head->addWidget(m_add);
  head->addStretch();
  head->addWidget(new WeightPresets(m_document, this));
  return head;
}

void StagesPage::makeEmptyState(QBoxLayout* column) {
  m_empty = new QWidget(this);
  auto* empty = new QVBoxLayout(m_empty);
  empty->setSpacing(theme::gapLarge);
  empty->addSpacing(2 * theme::gapPage);
  auto* text = new TextLabel(tr("This project has no stages, so there is nothing to train yet."), theme::Size::title);
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignCenter);
  empty->addWidget(text);
  auto* add = new ActionButton(tr("Add the &first stage"), true);
  add->setObjectName(QStringLiteral("addFirst"));
  connect(add, &ActionButton::clicked, this, &StagesPage::addStage);
  empty->addWidget(add, 0, Qt::AlignCenter);
  column->addWidget(m_empty);
}

// Its student can be looked at next to that of the project's beginning.
void StagesPage::showCheckpoint() {
  const RunProgress& progress = m_run->progress();
  const bool known = progress.hasCheckpoint && !progress.checkpoint.isEmpty() && !m_run->runFolder().isEmpty();
  const QString folder =
      known ? QStringLiteral("%1/checkpoints/%2").arg(m_run->runFolder(), progress.checkpoint) : QString();
  for (StageCard* card : m_cards) card->gradients()->setCheckpoint(folder);
}

// A run has its own copy of the values: what the page says isn't what it does.
void StagesPage::showRun() {
  showCheckpoint();
  if (!m_document->isOpen()) return m_runMessage->dismiss();
  const bool goesOn = isActive(m_run->state()), mayGoOn = canGoOn(m_run->progress());
  const auto stages = m_run->info().project.find("stages");
  QStringList differences;
  if ((goesOn || mayGoOn) && stages != m_run->info().project.end())
    differences = runDifferences(*stages, m_document->project().stages);
  if (differences.isEmpty()) return m_runMessage->dismiss();
  constexpr qsizetype named = 5;
  const auto more = differences.size() - named;
  if (more > 0) differences = differences.mid(0, named) << tr("and %1 more").arg(theme::wholeNumber(more));
  const QString run = runTimeText(m_run->info().started), what = differences.join(QStringLiteral("; "));
  const QString text =
      goesOn
          ? tr("The run of %1 has values of its own; changes here don't reach it. It has %2.").arg(run, what)
          : tr("The run of %1 had other values; Resume would go on with those of this page. It had %2.").arg(run, what);
  if (!m_runMessage->isVisible() || m_runMessage->text() != text)
    m_runMessage->showMessage(InlineMessage::Kind::information, text);
}

// A card takes as long to make as a frame is shown: behind another page they come one by one, and nobody waits.
void StagesPage::takeProject() {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  const bool isBehind = !isVisible() && window()->isVisible();
  if (m_path != m_document->path()) m_most = 0;
  if (!isBehind) m_most = all;
  refresh();
  if (m_most < m_document->project().stages.size())
    m_oneMore.start();
  else
    m_oneMore.stop();
}

void StagesPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (m_cards.size() < m_document->project().stages.size()) takeProject();
}

void StagesPage::refresh() {
  const size_t count = std::min(m_document->project().stages.size(), m_most);
  if (m_path != m_document->path()) {
    m_path = m_document->path();
    m_open = 0;
    m_openStage.clear();
    while (!m_cards.empty()) removeLastCard();
  }
  const bool otherOpen = followOpenStage();
  const size_t before = m_cards.size();
  while (m_cards.size() > count) removeLastCard();
  for (StageCard* card : m_cards) card->refresh();
  while (m_cards.size() < count) addCard(int(m_cards.size()));
  const auto& stages = m_document->project().stages;
  for (size_t i = 0; i < m_arrows.size(); ++i) m_arrows[i]->setStages(stages[i], stages[i + 1]);
  m_empty->setVisible(count == 0 && m_document->isOpen());
  m_add->setVisible(count > 0);
  if (before != m_cards.size() || otherOpen) {
    arrange();
    refreshFacts();
  }
  showFaults();
  showRun();
}

void StagesPage::addCard(int index) {
  if (index > 0) {
    m_arrows.push_back(new StageArrow(this));
    connect(m_arrows.back(), &StageArrow::gateRequested, this, [this, index] { editGate(index - 1); });
    m_row->addWidget(m_arrows.back(), 0, Qt::AlignTop | Qt::AlignHCenter);
  }
  auto* card = new StageCard(m_document, index, this);
  m_cards.push_back(card);
  m_row->addWidget(card, 1);
  card->show();  // the layout does it only later, and a hidden card can't get the keyboard
  connect(card, &StageCard::moved, this, &StagesPage::moveCard);
  connect(card->head(), &StageHead::gateRequested, this, [this, index] { editGate(index); });
  connect(card, &StageCard::nameRefused, this,
          [this](const QString& why) { m_message->showMessage(InlineMessage::Kind::warning, why); });
  connect(card, &StageCard::unfoldRequested, this, [this, index] { unfold(index == m_open ? -1 : index); });
  connect(card, &StageCard::browseRequested, this, &StagesPage::samplesRequested);
  connect(card->gradients(), &GradientPanel::asked, this, [this, panel = card->gradients()] {
    QTimer::singleShot(0, panel, [this, panel] {
      QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);  // the answer's place is only just asked for
      m_area->ensureWidgetVisible(panel, 0, theme::gapSmall);
    });
  });
  card->data()->setBrowsable(isSignalConnected(QMetaMethod::fromSignal(&StagesPage::samplesRequested)));
}

// Later, because its own button may have asked for it.
void StagesPage::removeLastCard() {
  const auto remove = [this](QWidget* widget) {
    m_row->removeWidget(widget);
    widget->hide();
    widget->deleteLater();
  };
  remove(m_cards.back());
  m_cards.pop_back();
  if (m_arrows.empty()) return;
  remove(m_arrows.back());
  m_arrows.pop_back();
}

void StagesPage::connectNotify(const QMetaMethod& signal) {
  if (signal == QMetaMethod::fromSignal(&StagesPage::samplesRequested))
    for (StageCard* card : m_cards) card->data()->setBrowsable(true);
}

// In a row where all cards fit, otherwise under each other with one open.
void StagesPage::arrange() {
  int needed = 2 * theme::pageMargin + int(m_arrows.size()) * theme::gapPage;
  for (const StageCard* card : m_cards) needed += card->neededWidth();
  m_stacked = m_cards.size() > 1 && needed > width() - m_area->verticalScrollBar()->sizeHint().width();
  m_row->setDirection(m_stacked ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
  for (StageArrow* arrow : m_arrows) arrow->setDown(m_stacked);
  for (int i = 0; i < int(m_cards.size()); ++i) m_cards[size_t(i)]->setFolded(m_stacked, m_stacked && i != m_open);
}

// The open stage stays open, whatever place it has now; where it is gone, the one in its place. Says whether that is
// another place.
bool StagesPage::followOpenStage() {
  const auto& stages = m_document->project().stages;
  if (m_open < 0 || stages.empty()) return false;
  const auto found = std::ranges::find(stages, m_openStage, &StageOptions::name);
  const int place = found == stages.end() ? std::min(m_open, int(stages.size()) - 1) : int(found - stages.begin());
  m_openStage = stages[size_t(place)].name;
  return std::exchange(m_open, place) != place;
}

void StagesPage::unfold(int index) {
  m_open = index;
  if (index >= 0) m_openStage = m_document->project().stages[size_t(index)].name;
  arrange();
}

void StagesPage::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void StagesPage::editGate(int stage) {
  (new GateDialog(m_document, stage, this))->open();
}

void StagesPage::showField(int stage, const QString& field) {
  if (stage < 0 || stage >= int(m_cards.size())) return;
  if (field == QStringLiteral("gate")) return editGate(stage);
  if (m_stacked) unfold(stage);
  StageCard* card = m_cards[size_t(stage)];
  if (card->showField(field) && card->focusWidget()) m_area->ensureWidgetVisible(card->focusWidget());
}

void StagesPage::addStage() {
  m_document->edit(tr("add a stage"), [](Project& project) { add_stage(project); });
  if (m_cards.empty()) return;
  if (m_stacked) unfold(int(m_cards.size()) - 1);
  m_cards.back()->setFocus();
  m_area->widget()->layout()->activate();
  m_area->ensureWidgetVisible(m_cards.back(), 0, 0);
}

void StagesPage::refreshFacts() {
  // A closed project has no stages any more that the cards could show.
  if (m_cards.size() != m_document->project().stages.size()) return;
  const ProjectFacts::Result& result = ProjectFacts::of(m_document)->result();
  for (StageCard* card : m_cards) card->setStudent(result.hasStudent ? &result.student : nullptr);
}

void StagesPage::showFaults() {
  if (!m_document->isOpen()) return m_message->dismiss();
  const Project& project = m_document->project();
  for (const StageOptions& stage : project.stages) {
    QString text;
    if (!is_scheduled(project, stage.name)) continue;  // what it lacks keeps nothing from running
    if (!has_loss(stage))
      text = tr("%1 has no term: it would learn nothing. Switch one on.").arg(toQString(stage.name));
    else if (stage.train.empty())
      text = tr("%1 trains no part of the model. Light one under “Learns”.").arg(toQString(stage.name));
    else if (distils(stage) && project.teacher.checkpoint.empty())
      text = tr("%1 learns from the teacher, but the project has none. Choose one on the Project page.")
                 .arg(toQString(stage.name));
    if (text.isEmpty()) continue;
    if (!m_message->isVisible() || m_message->text() != text)
      m_message->showMessage(InlineMessage::Kind::warning, text);
    return;
  }
  m_message->dismiss();
}

}  // namespace llavakd
