// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/compare_page.h"

#include <QAction>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/compare/added_pictures.h"
#include "widgets/shared/picture_view.h"
#include "widgets/run/run_watcher.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

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
      m_questions(serve),
      m_stack(new QStackedWidget),
      m_empty(new TextLabel(tr("Open or make a project; here its teacher and its student answer the same question."),
                            theme::Size::title)),
      m_message(new InlineMessage),
      m_strip(new PictureStrip(Qt::Horizontal)),
      m_picture(new PictureView),
      m_question(new QLineEdit),
      m_examples(new QComboBox),
      m_checkpoints(new QComboBox),
      m_ask(new ActionButton(tr("&Ask both"), true)),
      m_cancel(new ActionButton(tr("&Cancel"))),
      m_add(makeToolButton(QStringLiteral("picture"), tr("Add…"),
                           tr("Add pictures, or drop them anywhere on this page"))),
      m_remove(makeToolButton(QStringLiteral("cross"), tr("Remove"), {})),
      m_teacher(new AnswerCard(theme::Who::teacher, tr("Teacher"))),
      m_student(new AnswerCard(theme::Who::student, tr("Student"))) {
  setAcceptDrops(true);
  layOutStack(this, m_message, m_stack, m_empty);
  m_stack->addWidget(makeScrolling(makeContent()));
  connectParts();
  connectDocument();
  connectRun();
  showPictures();
}

QWidget* ComparePage::makeContent() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  auto* pictures = new QHBoxLayout;
  m_strip->setAccessibleName(tr("Pictures"));
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
  row->addWidget(m_picture, 2);
  row->addWidget(makeRight(), 3);
  column->addLayout(row, 1);
  return content;
}

void ComparePage::connectParts() {
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
  connect(m_ask, &ActionButton::clicked, this, &ComparePage::ask);
  connect(m_cancel, &ActionButton::clicked, this, &ComparePage::cancel);
  connect(m_question, &QLineEdit::returnPressed, this, &ComparePage::ask);
  connect(m_question, &QLineEdit::textEdited, this, [this] { m_untouched = false; });
  connect(m_question, &QLineEdit::textChanged, this, &ComparePage::showBusy);
  connect(m_question, &QLineEdit::textChanged, this, &ComparePage::showAnswers);
  connect(m_checkpoints, &QComboBox::activated, this, [this] {
    m_chosenIsGone = false;
    showAnswers();
  });
  for (AnswerCard* card : {m_teacher, m_student})
    connect(card, &AnswerCard::moreAsked, this, [this, card] { askForMore(card); });
  connect(&m_questions, &AskedQuestions::changed, this, [this] {
    showAnswers();
    showBusy();
  });
}

QWidget* ComparePage::makeRight() {
  auto* right = new QWidget;
  auto* layout = new QVBoxLayout(right);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(theme::gap);
  m_question->setPlaceholderText(tr("What do you want to know about the picture?"));
  m_question->setAccessibleName(tr("Question"));
  m_question->setClearButtonEnabled(true);
  m_question->setMinimumHeight(theme::rowHeight);
  m_question->setMaxLength(8192);
  auto* asking = new QHBoxLayout;
  asking->setSpacing(theme::gapSmall);
  asking->addWidget(m_question, 1);
  asking->addWidget(m_ask);
  asking->addWidget(m_cancel);
  layout->addLayout(asking);
  m_examples->setAccessibleName(tr("Example questions"));
  m_examples->setToolTip(tr("Questions of the project's probes"));
  m_examples->setMinimumContentsLength(24);
  m_examples->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  connect(m_examples, &QComboBox::activated, this, [this](int index) {
    if (index < 1) return;
    m_question->setText(m_examples->itemText(index));
    m_untouched = false;
    m_examples->setCurrentIndex(0);
    m_question->setFocus();
  });
  m_examples->setMaximumWidth(260);
  layout->addWidget(m_examples, 0, Qt::AlignLeft);

  m_checkpoints->setAccessibleName(tr("The student's checkpoint"));
  m_checkpoints->setToolTip(tr("Which state of the student answers"));
  m_checkpoints->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_checkpoints->setMinimumWidth(theme::fieldWidth / 2);  // in a narrow window
  m_student->head()->addWidget(m_checkpoints);
  auto* answers = new QHBoxLayout;
  answers->setSpacing(theme::gap);
  answers->addWidget(m_teacher, 1);
  answers->addWidget(m_student, 1);
  layout->addLayout(answers);
  layout->addStretch(1);
  return right;
}

void ComparePage::connectDocument() {
  connect(m_document, &ProjectDocument::opened, this, &ComparePage::takeProject);
  connect(m_document, &ProjectDocument::closed, this, &ComparePage::takeProject);
  connect(m_document, &ProjectDocument::changed, this, [this] {
    leaveOtherModels();
    showPictures();
  });
  // Under another name it is another project, with the same pictures.
  connect(m_document, &ProjectDocument::saved, this, [this] {
    keepAddedPictures(*m_document, m_added);
    leaveOtherModels();
  });
}

void ComparePage::takeProject() {
  m_added = addedPictures(*m_document);
  m_untouched = true;
  m_message->dismiss();
  m_questions.forget();
  showPictures();
}

void ComparePage::connectRun() {
  connect(m_run, &RunWatcher::reset, this, [this] {
    m_chosenIsGone = !m_checkpoints->currentData().toString().isEmpty();
    m_history.clear();
    showCheckpoints();
  });
  connect(m_run, &RunWatcher::eventsArrived, this, [this](const std::vector<Event>& events) {
    leaveRewritten(events);
    const std::size_t known = m_history.checkpoints().size();
    m_history.append(events);
    if (m_history.checkpoints().size() != known) showCheckpoints();  // the list may be open
  });
}

void ComparePage::showPictures() {
  const bool open = m_document->isOpen();
  m_stack->setCurrentIndex(open ? 1 : 0);
  std::vector<PictureStrip::Entry> entries;
  if (open)
    for (const auto& probe : m_document->project().probes)
      entries.push_back({m_document->resolve(probe.image), toQString(probe.question)});
  for (const QString& file : m_added) entries.push_back({file, QFileInfo(file).fileName()});
  m_strip->setEntries(entries);
  showRemovable();
  showExamples();
  showCheckpoints();
  showBusy();
}

void ComparePage::showExamples() {
  QStringList questions;
  if (m_document->isOpen())
    for (const auto& probe : m_document->project().probes)
      if (!questions.contains(toQString(probe.question))) questions << toQString(probe.question);
  m_examples->clear();
  m_examples->addItem(tr("Example questions…"));
  m_examples->addItems(questions);
  m_examples->setEnabled(!questions.isEmpty());
}

void ComparePage::showCheckpoints() {
  const QString chosen = m_checkpoints->currentData().toString();
  // An answer that is on its way or that somebody reads keeps the checkpoint that it is from.
  const bool kept = isBusy() || (m_student->hasAnswer() && !m_chosenIsGone);
  const bool newest = m_checkpoints->currentIndex() <= 0 && !kept;
  m_checkpoints->clear();
  const auto& known = m_history.checkpoints();
  for (auto folder = known.rbegin(); folder != known.rend(); ++folder) {
    const QString name = folder->section(u'/', -1);
    m_checkpoints->addItem(folder == known.rbegin() ? tr("%1 (newest)").arg(name) : name, *folder);
  }
  m_checkpoints->addItem(tr("before training"), QString());
  if (!known.empty()) m_chosenIsGone = false;
  // Whoever watches the newest checkpoint goes on watching the newest.
  if (!newest) m_checkpoints->setCurrentIndex(std::max(0, m_checkpoints->findData(chosen)));
  showAnswers();
}

void ComparePage::choosePicture(int row) {
  m_picture->setFile(row >= 0 ? m_strip->fileOf(row) : QString());
  const auto& probes = m_document->project().probes;
  if (m_untouched && row >= 0 && row < int(probes.size()))
    m_question->setText(toQString(probes[std::size_t(row)].question));
  showRemovable();
  showAnswers();
}

void ComparePage::showRemovable() {
  const bool added = m_strip->currentRow() >= int(m_document->project().probes.size());
  m_remove->setEnabled(added);
  m_remove->setToolTip(added ? tr("Remove this picture from the page (Delete)")
                             : tr("The project's own pictures are removed on the Project page"));
  for (QAction* action : m_strip->actions()) action->setEnabled(added);
}

void ComparePage::addPictures(const QStringList& files) {
  if (files.isEmpty()) return;
  for (const QString& file : files)
    if (!m_added.contains(file)) m_added << file;
  keepAddedPictures(*m_document, m_added);
  showPictures();
  m_strip->setCurrentRow(int(m_document->project().probes.size() + m_added.indexOf(files.last())));
}

void ComparePage::removePicture() {
  const int index = m_strip->currentRow() - int(m_document->project().probes.size());
  if (index < 0 || index >= m_added.size()) return;
  m_added.removeAt(index);
  keepAddedPictures(*m_document, m_added);
  showPictures();
}

void ComparePage::dragEnterEvent(QDragEnterEvent* event) {
  if (!droppedFiles(event->mimeData()).isEmpty() && m_document->isOpen()) event->acceptProposedAction();
}

void ComparePage::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  addPictures(droppedFiles(event->mimeData()));
}

}  // namespace llavakd
