// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/failures/failures_page.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/document/project_document.h"
#include "widgets/pages/failures/picture_map_view.h"
#include "widgets/pages/failures/question_details.h"
#include "widgets/pages/failures/question_filter_bar.h"
#include "widgets/pages/failures/question_grid.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {

PageDescriptor FailuresPage::descriptor() {
  return {QStringLiteral("failures"), QStringLiteral("failures"), tr("&Failures"), QKeySequence(Qt::CTRL | Qt::Key_7),
          [](const PageContext& context) -> QWidget* {
            return new FailuresPage(context.document, context.run);
          }};
}

FailuresPage::FailuresPage(ProjectDocument* document, RunWatcher* run, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_run(run),
      m_source(new AnswerSource(this)),
      m_model(new QuestionModel(this)),
      m_stack(new QStackedWidget),
      m_states(new QStackedWidget),
      m_views(new QStackedWidget),
      m_mapStates(new QStackedWidget),
      m_empty(new TextLabel(tr("Open or make a project; here is what its student fails at and its teacher doesn't."),
                            theme::Size::title)),
      m_state(new TextLabel({}, theme::Size::title)),
      m_progress(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_mapText(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_listed(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_message(new InlineMessage),
      m_evaluations(new QComboBox),
      m_checkpoints(new QComboBox),
      m_picturesButton(makeToolButton(QStringLiteral("picture"), tr("Pictures"), tr("The questions with pictures"))),
      m_mapButton(makeToolButton(QStringLiteral("circle"), tr("Map"), tr("The pictures by what the tower sees"))),
      m_ask(new ActionButton(tr("&Evaluate both"), true)),
      m_cancel(new QPushButton(tr("&Cancel"))),
      m_makeMap(new QPushButton(tr("Make the &map"))),
      m_cancelMap(new QPushButton(tr("&Cancel"))),
      m_learn(new QPushButton(tr("&Use as extra data in Stages"))),
      m_filters(new QuestionFilterBar(m_model)),
      m_grid(new QuestionGrid(m_model)),
      m_details(new QuestionDetails),
      m_map(new PictureMapView) {
  layOutStack(this, m_message, m_stack, m_empty);
  m_stack->addWidget(makeContent());
  connectParts();
  connectRun();
  takeProject();
}

QWidget* FailuresPage::makeContent() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  column->addLayout(makeHead());
  m_states->addWidget(makeAsking());
  m_states->addWidget(makeQuestions());
  column->addWidget(m_states, 1);
  return content;
}

QBoxLayout* FailuresPage::makeHead() {
  auto* head = new QHBoxLayout;
  head->setSpacing(theme::gapSmall);
  for (QComboBox* choice : {m_evaluations, m_checkpoints}) {
    choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    choice->setMinimumWidth(theme::fieldWidth / 2);
  }
  m_evaluations->setAccessibleName(tr("Evaluation"));
  m_evaluations->setToolTip(tr("Whose questions were asked"));
  m_checkpoints->setAccessibleName(tr("The student's checkpoint"));
  m_checkpoints->setToolTip(tr("Which state of the student answers"));
  head->addWidget(m_evaluations);
  head->addWidget(new TextLabel(tr("teacher against"), theme::Size::body, TextLabel::Tone::muted));
  head->addWidget(m_checkpoints);
  head->addStretch(1);
  auto* views = new QButtonGroup(this);
  for (QToolButton* view : {m_picturesButton, m_mapButton}) {
    view->setCheckable(true);
    views->addButton(view);
    head->addWidget(view);
  }
  m_picturesButton->setChecked(true);
  m_mapButton->setObjectName(QStringLiteral("showMap"));
  return head;
}

QWidget* FailuresPage::makeAsking() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setSpacing(theme::gap);
  column->addStretch(2);
  for (TextLabel* text : {m_state, m_progress}) {
    text->setAlignment(Qt::AlignCenter);
    text->setWordWrap(true);
    text->setTextFormat(Qt::PlainText);
    column->addWidget(text);
  }
  m_cancel->setObjectName(QStringLiteral("cancelAsking"));
  column->addWidget(m_ask, 0, Qt::AlignCenter);
  column->addWidget(m_cancel, 0, Qt::AlignCenter);
  column->addStretch(3);
  return page;
}

QWidget* FailuresPage::makeQuestions() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  column->addWidget(m_filters);
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setChildrenCollapsible(false);
  splitter->setHandleWidth(theme::gapLarge);
  m_grid->setMinimumSize(150, 120);
  m_views->addWidget(m_grid);
  m_views->addWidget(makeMap());
  splitter->addWidget(m_views);
  m_details->setMinimumWidth(220);
  splitter->addWidget(makeScrolling(m_details));
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 2);
  splitter->setSizes({600, 340});
  column->addWidget(splitter, 1);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(theme::gapSmall);
  m_listed->setWordWrap(true);
  foot->addWidget(m_listed, 1);
  foot->addWidget(m_learn);
  column->addLayout(foot);
  return page;
}

QWidget* FailuresPage::makeMap() {
  auto* none = new QWidget;
  auto* column = new QVBoxLayout(none);
  column->addStretch(1);
  m_mapText->setAlignment(Qt::AlignCenter);
  m_mapText->setWordWrap(true);
  column->addWidget(m_mapText);
  m_makeMap->setObjectName(QStringLiteral("makeMap"));
  column->addWidget(m_makeMap, 0, Qt::AlignCenter);
  column->addWidget(m_cancelMap, 0, Qt::AlignCenter);
  column->addStretch(1);
  m_mapStates->addWidget(none);
  m_mapStates->addWidget(m_map);
  return m_mapStates;
}

void FailuresPage::connectParts() {
  connect(m_document, &ProjectDocument::changed, this, &FailuresPage::takeProject);
  connect(m_document, &ProjectDocument::saved, this, &FailuresPage::takeProject);
  connect(m_document, &ProjectDocument::closed, this, &FailuresPage::takeProject);
  connect(m_evaluations, &QComboBox::activated, this, &FailuresPage::look);
  connect(m_checkpoints, &QComboBox::activated, this, &FailuresPage::look);
  connect(m_picturesButton, &QToolButton::clicked, this, [this] { m_views->setCurrentIndex(0); });
  connect(m_mapButton, &QToolButton::clicked, this, [this] { m_views->setCurrentIndex(1); });
  connect(m_ask, &ActionButton::clicked, this, [this] { ask(false); });
  connect(m_makeMap, &QPushButton::clicked, this, [this] { ask(true); });
  for (QPushButton* cancel : {m_cancel, m_cancelMap})
    connect(cancel, &QPushButton::clicked, m_source, &AnswerSource::cancel);
  connect(m_source, &AnswerSource::changed, this, &FailuresPage::showSource);
  connect(m_source, &AnswerSource::progressed, this, &FailuresPage::showProgress);
  connect(m_filters, &QuestionFilterBar::filterChanged, this, &FailuresPage::showListed);
  connect(m_grid, &QuestionGrid::chosen, this, &FailuresPage::showQuestion);
  connect(m_map, &PictureMapView::chosen, m_filters, &QuestionFilterBar::setPicture);
  connect(m_details, &QuestionDetails::probeAsked, this, &FailuresPage::makeProbe);
  connect(m_learn, &QPushButton::clicked, this, &FailuresPage::learn);
}

void FailuresPage::connectRun() {
  connect(m_run, &RunWatcher::reset, this, [this] {
    m_history.clear();
    showCheckpoints();
  });
  connect(m_run, &RunWatcher::eventsArrived, this, [this](const std::vector<Event>& events) {
    const std::size_t known = m_history.checkpoints().size();
    m_history.append(events);
    if (m_history.checkpoints().size() != known) showCheckpoints();
  });
}

}  // namespace llavakd
