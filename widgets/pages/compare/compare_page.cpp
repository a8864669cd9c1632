// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/compare/compare_page.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QPointer>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/thumbnail.h"
#include "widgets/pages/compare/picture_view.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/shared/picture_strip.h"
#include "widgets/theme/action_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr int answerTokens = 128;

std::optional<double> numberOf(const nlohmann::json& result, const char* key) {
  const auto found = result.find(key);
  return found != result.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

// Nothing: a reply without a text.
std::optional<GivenAnswer> answerOf(const nlohmann::json& result) {
  const auto text = result.find("text"), cut = result.find("cut"), ids = result.find("ids");
  if (text == result.end() || !text->is_string()) return std::nullopt;
  GivenAnswer given;
  given.text = toQString(text->get<std::string>());
  given.seconds = numberOf(result, "seconds").value_or(0);
  given.tokensPerSecond = numberOf(result, "tokens_per_second");
  if (cut != result.end() && cut->is_boolean() && cut->get<bool>())
    given.cutAt = ids != result.end() && ids->is_array() ? int(ids->size()) : answerTokens;
  return given;
}

// What the answers depend on apart from the question: the rest of a project may change under them.
bool answersAlike(const Project& a, const Project& b) {
  return a.teacher == b.teacher && a.student == b.student && a.image == b.image &&
         a.conversation_template == b.conversation_template && a.run.seed == b.run.seed &&
         a.run.precision == b.run.precision && a.run.device == b.run.device;
}

QStringList droppedFiles(const QMimeData* data) {
  QStringList files;
  for (const QUrl& url : data->urls())
    if (url.isLocalFile()) files << url.toLocalFile();
  return files;
}

}  // namespace

PageDescriptor ComparePage::descriptor() {
  return {QStringLiteral("compare"), QStringLiteral("compare"), tr("&Compare"), QKeySequence(Qt::CTRL | Qt::Key_5),
          [](const PageContext& context) -> QWidget* {
            return new ComparePage(context.document, context.run, context.serve);
          }};
}

ComparePage::ComparePage(ProjectDocument* document, RunWatcher* run, ServeClient* serve, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_run(run),
      m_serve(serve),
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
      m_teacher(new AnswerCard(theme::Who::teacher, tr("Teacher"))),
      m_student(new AnswerCard(theme::Who::student, tr("Student"))) {
  setAcceptDrops(true);
  layOutStack(this, m_message, m_stack, m_empty);
  m_stack->addWidget(makeContent());
  connectParts();
  connectDocument();
  connect(m_run, &RunWatcher::reset, this, [this] {
    m_chosenIsGone = !m_checkpoints->currentData().toString().isEmpty();
    m_history.clear();
    showCheckpoints();
  });
  connect(m_run, &RunWatcher::eventsArrived, this, [this](const std::vector<Event>& events) {
    const std::size_t known = m_history.checkpoints().size();
    m_history.append(events);
    if (m_history.checkpoints().size() != known) showCheckpoints();  // the list may be open
  });
  showPictures();
}

QWidget* ComparePage::makeContent() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gap);
  auto* pictures = new QHBoxLayout;
  m_strip->setAccessibleName(tr("Pictures"));
  pictures->addWidget(m_strip, 1);
  pictures->addWidget(m_add, 0, Qt::AlignVCenter);
  column->addLayout(pictures);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapLarge);
  row->addWidget(m_picture, 2);
  row->addWidget(makeRight(), 3);
  column->addLayout(row, 1);
  return content;
}

void ComparePage::connectParts() {
  connect(m_strip, &PictureStrip::currentRowChanged, this, [this](int index) {
    const auto* item = m_strip->item(index);
    m_picture->setFile(item ? m_strip->fileOf(index) : QString());
    const auto& probes = m_document->project().probes;
    if (m_untouched && index >= 0 && index < int(probes.size()))
      m_question->setText(toQString(probes[std::size_t(index)].question));
    showAnswers();
  });
  connect(m_add, &QToolButton::clicked, this,
          [this] { addPictures(QFileDialog::getOpenFileNames(this, tr("Add pictures"), {}, pictureFilter())); });
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
  const auto fresh = [this] {
    cancel();
    m_added.clear();
    m_untouched = true;
    forgetAnswers();
    showPictures();
  };
  connect(m_document, &ProjectDocument::opened, this, fresh);
  connect(m_document, &ProjectDocument::closed, this, fresh);
  const auto keepSaved = [this] {
    if (!m_document->isModified()) m_saved = m_document->project();
  };
  connect(m_document, &ProjectDocument::opened, this, keepSaved);
  connect(m_document, &ProjectDocument::saved, this, keepSaved);
  connect(m_document, &ProjectDocument::changed, this, [this] {
    leaveOtherModels();
    showPictures();
  });
}

// The engine keeps the models that it has read, and no answer is shown under models that didn't give it.
void ComparePage::leaveOtherModels() {
  if (answersAlike(m_document->project(), m_served)) return;
  cancel();
  m_serve->stop();
  forgetAnswers();
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

void ComparePage::addPictures(const QStringList& files) {
  if (files.isEmpty()) return;
  for (const QString& file : files)
    if (!m_added.contains(file)) m_added << file;
  showPictures();
  m_strip->setCurrentRow(m_strip->count() - 1);
}

void ComparePage::dragEnterEvent(QDragEnterEvent* event) {
  if (!droppedFiles(event->mimeData()).isEmpty() && m_document->isOpen()) event->acceptProposedAction();
}

void ComparePage::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  addPictures(droppedFiles(event->mimeData()));
}

void ComparePage::showBusy() {
  const bool busy = isBusy();
  m_cancel->setVisible(busy);
  m_ask->setVisible(!busy);
  m_ask->setEnabled(!m_question->text().trimmed().isEmpty());
  m_ask->setToolTip(m_ask->isEnabled() ? tr("Both models answer, the teacher first (Enter)")
                                       : tr("Write a question first"));
  m_checkpoints->setEnabled(!busy);
}

void ComparePage::ask() {
  if (isBusy() || m_question->text().trimmed().isEmpty() || m_document->path().isEmpty()) return;
  m_chosenIsGone = false;
  m_message->dismiss();
  // The engine reads the file.
  if (!answersAlike(m_document->project(), m_saved))
    return m_message->showMessage(InlineMessage::Kind::warning,
                                  tr("Changes of the models or of how they run aren't saved yet."), tr("Save and ask"),
                                  [this] {
                                    m_document->save([self = QPointer(this)](bool saved) {
                                      if (saved && self) self->ask();
                                    });
                                  });
  m_serve->setProjectFile(m_document->path());
  m_served = m_document->project();
  m_asked.begin();
  if (!m_document->project().teacher.checkpoint.empty())
    askModel(m_teacher);
  else
    m_answers[questionTo(m_teacher)] = tr("The project has no teacher.");
  askModel(m_student);
  showAnswers();
  showBusy();
}

std::string ComparePage::questionTo(const AnswerCard* card) const {
  nlohmann::json parameters{{"model", card == m_teacher ? "teacher" : "student"},
                            {"question", m_question->text().trimmed().toStdString()},
                            {"max_new_tokens", answerTokens}};
  if (!m_picture->file().isEmpty()) parameters["image"] = m_picture->file().toStdString();
  const QString checkpoint = m_checkpoints->currentData().toString();
  if (card == m_student && !checkpoint.isEmpty())
    parameters["checkpoint"] = QStringLiteral("%1/%2/model").arg(m_run->runFolder(), checkpoint).toStdString();
  return parameters.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void ComparePage::askModel(AnswerCard* card) {
  const std::string question = questionTo(card);
  m_answers.erase(question);
  m_waiting.insert(question);
  m_serve->call(QStringLiteral("answer"), nlohmann::json::parse(question), this,
                // Not of a question that was cancelled, or of another project.
                m_asked.newest().only([this, question](const nlohmann::json& result, const QString& error) {
                  takeAnswer(question, result, error);
                }));
}

void ComparePage::takeAnswer(const std::string& question, const nlohmann::json& result, const QString& error) {
  m_waiting.erase(question);
  const auto given = error.isEmpty() ? answerOf(result) : std::nullopt;
  if (given) {
    m_answers[question] = *given;
  } else {
    m_answers[question] = tr("No answer");
    m_message->showMessage(
        InlineMessage::Kind::error,
        error.isEmpty() ? tr("The engine's reply holds no answer; studio and engine may be of different versions.")
                        : error);
  }
  showAnswers();
  showBusy();
}

void ComparePage::showAnswers() {
  showAnswer(m_teacher, &m_shownTeacher);
  showAnswer(m_student, &m_shownStudent);
  m_teacher->compareWith(*m_student);
  m_student->compareWith(*m_teacher);
}

void ComparePage::showAnswer(AnswerCard* card, std::string* shown) {
  const std::string question = questionTo(card);
  const auto known = m_answers.find(question);
  const bool waiting = m_waiting.contains(question);
  const std::string state = question + (waiting ? "…" : known == m_answers.end() ? "" : "!");
  if (state == *shown) return;
  *shown = state;
  if (waiting)
    card->setWaiting(tr("Thinking…"));
  else if (known == m_answers.end())
    card->clear();
  else if (const auto* given = std::get_if<GivenAnswer>(&known->second))
    card->setAnswer(*given);
  else
    card->setFailure(std::get<QString>(known->second));
}

void ComparePage::forgetAnswers() {
  m_answers.clear();
  m_shownTeacher.clear();
  m_shownStudent.clear();
  showAnswers();
}

void ComparePage::cancel() {
  if (!isBusy()) return;
  m_asked.cancel();
  m_serve->stop();  // also ends the loading of a model, which nothing inside the engine interrupts
  for (const auto& question : m_waiting) m_answers[question] = tr("Cancelled");
  m_waiting.clear();
  showAnswers();
  showBusy();
}

}  // namespace llavakd
