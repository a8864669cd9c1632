// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stages_page.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "core/project/visitors.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/pages/stages/stage_card.h"
#include "widgets/run/run_differences.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

class Arrow : public QWidget {
 public:
  explicit Arrow(QWidget* parent) : QWidget(parent) { setFixedWidth(theme::gapPage); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    // On the line of the cards' titles, where the eye reads the order.
    painter.drawPixmap(
        QPointF((width() - theme::iconSize) / 2.0, theme::cardPadding),
        theme::iconPixmap(QStringLiteral("arrow-right"), theme::mutedText(), theme::iconSize, devicePixelRatioF()));
  }
};

}  // namespace

PageDescriptor StagesPage::descriptor() {
  return {QStringLiteral("stages"), QStringLiteral("stages"), tr("&Stages"), QKeySequence(Qt::CTRL | Qt::Key_2),
          [](const PageContext& context) -> QWidget* {
            return new StagesPage(context.document, context.run);
          }};
}

StagesPage::StagesPage(ProjectDocument* document, RunWatcher* run, QWidget* parent)
    : QWidget(parent), m_document(document), m_run(run) {
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, theme::gapLarge, 0, 0);
  page->setSpacing(theme::gap);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, 0);
  head->setSpacing(theme::gapSmall);
  head->addWidget(new TextLabel(tr("Stages"), theme::Size::page));
  head->addStretch();
  head->addWidget(new TextLabel(tr("Weights as in the"), theme::Size::body, TextLabel::Tone::muted));
  auto* paper = new QPushButton(tr("Paper"), this);
  paper->setObjectName(QStringLiteral("paper"));
  paper->setToolTip(
      tr("All weights 1, %1: arXiv 2410.16236, section 3").arg(toQString(paper_weights(&TermInfo::label))));
  auto* code = new QPushButton(tr("Released code"), this);
  code->setObjectName(QStringLiteral("code"));
  code->setToolTip(tr("All weights 1"));
  head->addWidget(paper);
  head->addWidget(code);
  page->addLayout(head);
  connect(paper, &QPushButton::clicked, this, [this] { applyPreset("paper", tr("weights of the paper")); });
  connect(code, &QPushButton::clicked, this, [this] { applyPreset("code", tr("weights of the released code")); });
  auto* messageRow = new QHBoxLayout;
  messageRow->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, 0);
  m_message = new InlineMessage(this);
  messageRow->addWidget(m_message);
  page->addLayout(messageRow);
  auto* area = new QScrollArea(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  page->addWidget(area, 1);
  // Below the cards: it comes and goes while a value is edited, which must not move from under the pointer.
  auto* runRow = new QHBoxLayout;
  runRow->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, theme::gap);
  m_runMessage = new InlineMessage(this);
  runRow->addWidget(m_runMessage);
  page->addLayout(runRow);
  auto* content = new QWidget(area);
  area->setWidget(content);
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(theme::pageMargin, 0, theme::pageMargin, theme::pageMargin);
  m_row = new QHBoxLayout;
  m_row->setSpacing(0);
  column->addLayout(m_row);
  column->addStretch();
  connect(document, &ProjectDocument::changed, this, &StagesPage::refresh);
  connect(document, &ProjectDocument::closed, this, &StagesPage::refresh);
  connect(ProjectFacts::of(document), &ProjectFacts::changed, this, &StagesPage::refreshFacts);
  connect(run, &RunWatcher::infoChanged, this, &StagesPage::showRun);
  connect(run, &RunWatcher::reset, this, &StagesPage::showRun);
  connect(run, &RunWatcher::progressChanged, this, &StagesPage::showRun);
  refresh();
}

// A run has its own copy of the values: what the page says isn't what it does.
void StagesPage::showRun() {
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

void StagesPage::refresh() {
  std::vector<std::string> names;
  for (const StageOptions& stage : m_document->project().stages) names.push_back(stage.name);
  if (names != m_names || m_path != m_document->path()) {
    m_names = names;
    m_path = m_document->path();
    rebuild();
  } else {
    for (StageCard* card : m_cards) card->refresh();
  }
  showFaults();
  showRun();
}

void StagesPage::rebuild() {
  m_cards.clear();
  while (QLayoutItem* item = m_row->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (int i = 0; i < int(m_names.size()); ++i) {
    if (i > 0) m_row->addWidget(new Arrow(this));
    m_cards.push_back(new StageCard(m_document, i, this));
    m_row->addWidget(m_cards.back(), 1);
  }
  if (m_names.empty() && m_document->isOpen())
    m_row->addWidget(new TextLabel(tr("This project has no stages. Add one to its file, or begin with a template."),
                                   theme::Size::body, TextLabel::Tone::muted));
  refreshFacts();
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

void StagesPage::applyPreset(const char* preset, const QString& name) {
  m_document->edit(name, [preset](Project& project) {
    for (StageOptions& stage : project.stages) apply_weights(stage, preset);
  });
}

}  // namespace llavakd
