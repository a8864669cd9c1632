// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/compare_page.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QMenu>
#include <QMimeData>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include "widgets/document/project_document.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/compare/added_pictures.h"
#include "widgets/pages/compare/ask_settings_button.h"
#include "widgets/pages/compare/chosen_models.h"
#include "widgets/pages/compare/question_edit.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/shared/picture_view.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int askedPictureSide = 168, narrowPictureSide = 120;

QStringList droppedFiles(const QMimeData* data) {
  QStringList files;
  for (const QUrl& url : data->urls())
    if (url.isLocalFile()) files << url.toLocalFile();
  return files;
}

}  // namespace

PageDescriptor ComparePage::descriptor() {
  return {QStringLiteral("compare"), QStringLiteral("compare"), tr("&Compare"), QKeySequence(Qt::CTRL | Qt::Key_6),
          [](const PageContext& context) -> QWidget* {
            return new ComparePage(context.document, context.run, context.serve);
          }};
}

ComparePage::ComparePage(ProjectDocument* document, RunWatcher* run, ServeClient* serve, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_run(run),
      m_serve(serve),
      m_thread(serve),
      m_keeper(&m_thread),
      m_stack(new QStackedWidget),
      m_empty(new TextLabel(tr("Open or make a project; here its teacher and its students answer the same questions."),
                            theme::Size::title)),
      m_noRows(new TextLabel(tr("Each question stays here with everybody's answer, the newest on top."),
                             theme::Size::body, TextLabel::Tone::muted)),
      m_message(new InlineMessage),
      m_strip(new PictureStrip(Qt::Horizontal)),
      m_picture(new PictureView),
      m_question(new QuestionEdit),
      m_settings(new AskSettingsButton),
      m_models(new ChosenModels),
      m_ask(new ActionButton(tr("&Ask"), true)),
      m_stop(new ActionButton(tr("&Stop"))),
      m_older(new ActionButton(tr("Show older"))),
      m_add(makeToolButton(QStringLiteral("picture"), tr("Add…"),
                           tr("Add pictures, or drop them anywhere on this page"))),
      m_remove(makeToolButton(QStringLiteral("cross"), tr("Remove"), {})),
      m_examples(makeToolButton(QStringLiteral("data"), tr("Examples"),
                                tr("Questions of the project's probes and evaluations"))),
      m_vote(makeToolButton(QStringLiteral("compare"), tr("Blind vote…"),
                            tr("Judge two models' answers without knowing whose they are"))),
      m_export(makeToolButton(QStringLiteral("download"), tr("Export…"),
                              tr("All questions, answers and votes as Markdown, JSON or CSV"))),
      m_threadColumn(new QVBoxLayout) {
  setAcceptDrops(true);
  layOutStack(this, m_message, m_stack, m_empty);
  m_stack->addWidget(makeScrolling(makeContent()));
  connectParts();
  connectDocument();
  connectRun();
  connectThread();
  showPictures();
  showRows();
}

ComparePage::~ComparePage() {
  m_thread.disconnect(this);  // its last words come when the parts are gone
}

QWidget* ComparePage::makeContent() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  auto* pictures = new QHBoxLayout;
  m_strip->setAccessibleName(tr("Pictures"));
  m_strip->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_strip->setEmptyText(tr("Pictures that the models can be asked about: add some, or drop them on this page."));
  pictures->addWidget(m_strip, 1);
  auto* buttons = new QVBoxLayout;
  buttons->setSpacing(theme::gapTiny);
  buttons->addStretch(1);
  buttons->addWidget(m_add);
  buttons->addWidget(m_remove);
  buttons->addStretch(1);
  pictures->addLayout(buttons);
  column->addLayout(pictures);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapLarge);
  m_picture->setMinimumSize(narrowPictureSide, askedPictureSide);
  m_picture->setMaximumSize(askedPictureSide, askedPictureSide);
  row->addWidget(m_picture, 0, Qt::AlignTop);
  row->addWidget(makeForm(), 1);
  column->addLayout(row);
  column->addWidget(makeThreadHead());
  m_threadColumn->setSpacing(0);
  column->addLayout(m_threadColumn);
  column->addWidget(m_noRows);
  column->addWidget(m_older, 0, Qt::AlignHCenter);
  column->addStretch(1);
  return content;
}

QWidget* ComparePage::makeForm() {
  auto* form = new QWidget;
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  column->addWidget(m_question);
  auto* asking = new QHBoxLayout;
  asking->setSpacing(theme::gapSmall);
  m_examples->setObjectName(QStringLiteral("examples"));
  m_examples->setPopupMode(QToolButton::InstantPopup);
  m_examples->setMenu(new QMenu(m_examples));
  asking->addWidget(m_examples);
  asking->addWidget(m_settings);
  asking->addStretch(1);
  QSizePolicy kept = m_stop->sizePolicy();
  kept.setRetainSizeWhenHidden(true);  // Ask keeps its place
  m_stop->setSizePolicy(kept);
  m_stop->setToolTip(tr("Ends all answers that are on their way; what came of them stays"));
  asking->addWidget(m_stop);
  asking->addWidget(m_ask);
  column->addLayout(asking);
  column->addWidget(m_models);
  column->addStretch(1);
  return form;
}

QWidget* ComparePage::makeThreadHead() {
  auto* head = new QWidget;
  auto* line = new QHBoxLayout(head);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(theme::gapSmall);
  line->addWidget(new TextLabel(tr("Asked so far"), theme::Size::title));
  line->addStretch(1);
  m_vote->setObjectName(QStringLiteral("blindVote"));
  m_export->setObjectName(QStringLiteral("exportThread"));
  line->addWidget(m_vote);
  line->addWidget(m_export);
  return head;
}

void ComparePage::connectParts() {
  connect(m_strip, &PictureStrip::itemSelectionChanged, this, &ComparePage::choosePicture);
  connect(m_strip, &PictureStrip::currentRowChanged, this, &ComparePage::choosePicture);
  connect(m_add, &QToolButton::clicked, this,
          [this] { addPictures(QFileDialog::getOpenFileNames(this, tr("Add pictures"), {}, pictureFilter())); });
  auto* remove = new QAction(tr("Remove"), m_strip);
  remove->setShortcut(QKeySequence::Delete);
  remove->setShortcutContext(Qt::WidgetShortcut);
  m_strip->addAction(remove);
  m_strip->setContextMenuPolicy(Qt::ActionsContextMenu);
  connect(remove, &QAction::triggered, this, &ComparePage::removePicture);
  connect(m_remove, &QToolButton::clicked, this, &ComparePage::removePicture);
  connect(m_examples->menu(), &QMenu::aboutToShow, this, &ComparePage::fillExamples);
  connect(m_ask, &ActionButton::clicked, this, &ComparePage::ask);
  connect(m_stop, &ActionButton::clicked, this, &ComparePage::stop);
  connect(m_question, &QuestionEdit::submitted, this, &ComparePage::ask);
  connect(m_question, &QuestionEdit::textChanged, this, [this] {
    if (m_question->hasFocus()) m_untouched = false;
    showBusy();
  });
  connect(m_models, &ChosenModels::changed, this, &ComparePage::showBusy);
  connect(m_models, &ChosenModels::chosen, this, [this] { keepModels(*m_document, m_models->choice()); });
  connect(m_vote, &QToolButton::clicked, this, &ComparePage::openBlindVote);
  connect(m_export, &QToolButton::clicked, this, &ComparePage::exportThread);
  connect(m_older, &ActionButton::clicked, this, [this] {
    m_shownRows += 20;
    showRows();
  });
}

void ComparePage::connectDocument() {
  connect(m_document, &ProjectDocument::opened, this, &ComparePage::takeProject);
  connect(m_document, &ProjectDocument::closed, this, &ComparePage::takeProject);
  connect(m_document, &ProjectDocument::changed, this, [this] {
    leaveOtherModels();
    showPictures();
    showModels();
    readEvaluations();
  });
  // Under another name it is another project, with the same pictures and the same thread.
  connect(m_document, &ProjectDocument::saved, this, [this] {
    keepAddedPictures(*m_document, m_added);
    m_keeper.moveTo(m_document->path());
    leaveOtherModels();
  });
}

void ComparePage::takeProject() {
  m_added = addedPictures(*m_document);
  m_untouched = true;
  m_message->dismiss();
  m_rewritten.clear();
  m_keeper.setProjectFile(m_document->isOpen() ? m_document->path() : QString());
  leaveOtherModels();
  const auto chosen = keptModels(*m_document);
  chosen ? m_models->setChoice(*chosen) : m_models->reset();
  showPictures();
  showModels();
  readEvaluations();
}

void ComparePage::connectRun() {
  connect(m_run, &RunWatcher::reset, this, [this] {
    m_history.clear();
    showModels();
  });
  connect(m_run, &RunWatcher::eventsArrived, this, [this](const std::vector<Event>& events) {
    leaveRewritten(events);
    const std::size_t known = m_history.checkpoints().size();
    m_history.append(events);
    if (m_history.checkpoints().size() == known) return;
    showModels();
    readOtherRuns();
  });
  connect(m_run, &RunWatcher::runsChanged, this, &ComparePage::readOtherRuns);
}

void ComparePage::dragEnterEvent(QDragEnterEvent* event) {
  if (!droppedFiles(event->mimeData()).isEmpty() && m_document->isOpen()) event->acceptProposedAction();
}

void ComparePage::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  addPictures(droppedFiles(event->mimeData()));
}

}  // namespace llavakd
