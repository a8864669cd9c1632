// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/data_page.h"

#include <QComboBox>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/pages/data/sample_browser.h"
#include "widgets/pages/data/sample_details.h"
#include "widgets/pages/data/sample_list.h"
#include "widgets/pages/data/sample_view.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

/// What was found out about one sample, or why nothing.
struct DescribedSample {
  SampleDetails details;
  QString error;
};

DescribedSample describeAt(const Dataset& dataset, int64_t sample, const SampleSet& set, const ModelInputs& inputs) {
  try {
    return {describeSample(set, *dataset.sample(sample), inputs), {}};
  } catch (const std::exception& error) {
    return {{}, toQString(error.what())};
  }
}

template <class Read>
std::optional<ModelInput> inputOr(QString& fault, const Read& read) {
  try {
    return read();
  } catch (const std::exception& error) {
    fault = toQString(error.what());
    return std::nullopt;
  }
}

std::shared_ptr<const ModelInputs> readInputs(const Project& project, const std::filesystem::path& file,
                                              const ProjectFacts::Result& facts) {
  auto inputs = std::make_shared<ModelInputs>();
  inputs->hasTeacher = facts.hasTeacher;
  if (facts.hasStudent)
    inputs->student = inputOr(inputs->studentFault, [&] { return student_input(project, file, facts.student); });
  else
    inputs->studentFault = DataPage::tr("No student is chosen yet, so its tokens aren't known.");
  if (facts.hasTeacher)
    inputs->teacher = inputOr(inputs->teacherFault, [&] { return teacher_input(project, file, facts.teacher); });
  return inputs;
}

/// Whether both are the same entries, however they are used.
bool sameEntries(const SampleSet& one, const SampleSet& other) {
  return one.kind == other.kind && one.file == other.file && one.images_folder == other.images_folder &&
         one.probes == other.probes;
}

QString setTitleOf(const SampleSet& set) {
  const QString name = toQString(set.name), file = toQString(set.file.filename());
  switch (set.kind) {
    case SampleSetKind::stage:
      return file.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, file);
    case SampleSetKind::evaluation:
      return DataPage::tr("Evaluation · %1").arg(name);
    case SampleSetKind::probes:
      break;
  }
  return DataPage::tr("Probes");
}

QString percentOf(double share) {
  return theme::wholeNumber(qRound(100 * share)) + QChar(0x202f) + QLatin1Char('%');
}

}  // namespace

PageDescriptor DataPage::descriptor() {
  return {QStringLiteral("data"), QStringLiteral("data"), tr("&Data"), QKeySequence(Qt::CTRL | Qt::Key_7),
          [](const PageContext& context) -> QWidget* {
            return new DataPage(context.document);
          }};
}

DataPage::DataPage(ProjectDocument* document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_browser(new SampleBrowser(this)),
      m_sets(new QComboBox),
      m_filters(new QComboBox),
      m_search(new QLineEdit),
      m_pictures(new QPushButton),
      m_reload(new QPushButton(tr("Read a&gain"))),
      m_progress(new QProgressBar),
      m_stack(new QStackedWidget),
      m_empty(new TextLabel({}, theme::Size::title)),
      m_status(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_message(new InlineMessage),
      m_list(new SampleListView(m_browser)),
      m_view(new SampleView) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(makeHead());
  column->addWidget(m_message);
  column->addWidget(m_stack, 1);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setWordWrap(true);
  m_empty->setTextFormat(Qt::PlainText);
  m_stack->addWidget(m_empty);
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setChildrenCollapsible(false);
  splitter->setHandleWidth(theme::gapLarge);
  splitter->addWidget(makeListSide());
  splitter->addWidget(m_view);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({600, 600});
  m_stack->addWidget(splitter);
  connectParts();
  takeProject();
}

QWidget* DataPage::makeHead() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapSmall);
  row->addWidget(new TextLabel(tr("Data"), theme::Size::page));
  row->addSpacing(theme::gapLarge);
  m_sets->setAccessibleName(tr("Samples of"));
  m_sets->setToolTip(tr("Whose samples are listed"));
  m_sets->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_sets->setMinimumWidth(theme::fieldWidth);
  row->addWidget(m_sets);
  m_reload->setToolTip(tr("Reads the data file and the models' files again"));
  row->addWidget(m_reload);
  row->addStretch();
  return head;
}

QWidget* DataPage::makeListSide() {
  auto* side = new QWidget;
  side->setMinimumWidth(280);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_search->setPlaceholderText(tr("Search in ids and texts (Ctrl+F)"));
  m_search->setAccessibleName(tr("Search in ids and texts"));
  m_search->setClearButtonEnabled(true);
  row->addWidget(m_search, 1);
  using Filter = SampleBrowser::Filter;
  const std::array<std::pair<Filter, QString>, 6> filters{{{Filter::all, tr("All")},
                                                           {Filter::faults, tr("Left out")},
                                                           {Filter::withPicture, tr("With picture")},
                                                           {Filter::withoutPicture, tr("Without picture")},
                                                           {Filter::longer, tr("Longer than max_length")},
                                                           {Filter::duplicates, tr("Duplicate pictures")}}};
  for (const auto& [filter, text] : filters) m_filters->addItem(text, int(filter));
  m_filters->setAccessibleName(tr("Filter"));
  m_filters->setToolTip(tr("Which samples are listed. Duplicate pictures are the same bytes under different names."));
  row->addWidget(m_filters);
  column->addLayout(row);
  column->addWidget(m_list, 1);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(theme::gapSmall);
  m_status->setWordWrap(true);
  foot->addWidget(m_status, 1);
  m_progress->setFixedWidth(96);
  m_progress->setTextVisible(false);
  m_progress->setRange(0, 1000);
  QSizePolicy stays = m_progress->sizePolicy();
  stays.setRetainSizeWhenHidden(true);
  m_progress->setSizePolicy(stays);
  foot->addWidget(m_progress);
  m_pictures->setToolTip(tr("Reads every picture once: which can't be used, and which are the same"));
  m_pictures->setText(tr("Check pict&ures"));
  m_pictures->setMinimumWidth(m_pictures->sizeHint().width());  // it becomes "Cancel"
  foot->addWidget(m_pictures);
  column->addLayout(foot);
  return side;
}

void DataPage::connectParts() {
  for (auto changed : {&ProjectDocument::changed, &ProjectDocument::opened, &ProjectDocument::closed})
    connect(m_document, changed, this, &DataPage::takeProject);
  connect(ProjectFacts::of(m_document), &ProjectFacts::changed, this, &DataPage::loadInputs);
  connect(m_browser, &SampleBrowser::phaseChanged, this, &DataPage::showPhase);
  connect(m_browser, &SampleBrowser::progressed, this, &DataPage::showStatus);
  connect(m_browser, &SampleBrowser::rowsChanged, this, &DataPage::showStatus);
  connect(m_list, &SampleListView::rowChosen, this, &DataPage::showRow);
  connect(m_sets, &QComboBox::activated, this, &DataPage::chooseSet);
  connect(m_reload, &QPushButton::clicked, this, &DataPage::readAgain);
  connect(m_filters, &QComboBox::currentIndexChanged, this,
          [this] { m_browser->setFilter(SampleBrowser::Filter(m_filters->currentData().toInt())); });
  connect(m_pictures, &QPushButton::clicked, this,
          [this] { m_browser->pictureProgress() ? m_browser->stopPictures() : m_browser->scanPictures(); });
  m_searchTimer.setSingleShot(true);
  m_searchTimer.setInterval(300);
  connect(&m_searchTimer, &QTimer::timeout, this, [this] { m_browser->search(m_search->text().trimmed()); });
  connect(m_search, &QLineEdit::textChanged, &m_searchTimer, qOverload<>(&QTimer::start));
  connect(m_search, &QLineEdit::returnPressed, this, [this] {
    m_searchTimer.stop();
    m_browser->search(m_search->text().trimmed());
    m_list->setFocus();
  });
  auto* find = new QShortcut(QKeySequence::Find, this);
  find->setContext(Qt::WidgetWithChildrenShortcut);
  connect(find, &QShortcut::activated, this, [this] {
    m_search->setFocus();
    m_search->selectAll();
  });
}

QString DataPage::statusText() const {
  return m_status->text();
}

QString DataPage::emptyText() const {
  return m_empty->text();
}

void DataPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  beginReading();
  if (!m_inputs) loadInputs();
  if (m_isStale) showChosen();
}

void DataPage::beginReading() {
  if (m_wasShown) return;
  m_wasShown = true;
  load();
}

// Nothing is worked out for a page that nobody sees.
void DataPage::showChosen() {
  m_isStale = !isVisible();
  if (!m_isStale && m_list->currentRow() >= 0) showRow(m_list->currentRow());
}

void DataPage::takeProject() {
  std::vector<SampleSet> sets;
  try {
    if (m_document->isOpen()) sets = sample_sets(m_document->project(), toPath(m_document->path()));
    m_message->dismiss();
  } catch (const std::exception& error) {
    m_message->showMessage(InlineMessage::Kind::error, toQString(error.what()));
  }
  // The chosen set stays where one of its name is still there.
  const auto same = [&](const SampleSet& set) {
    return size_t(m_set) < m_setList.size() && set.kind == m_setList[size_t(m_set)].kind &&
           set.name == m_setList[size_t(m_set)].name;
  };
  const auto kept = std::ranges::find_if(sets, same);
  m_set = kept == sets.end() ? 0 : int(kept - sets.begin());
  m_setList = std::move(sets);
  showSetNames();
  refreshInputs();
  load();
}

void DataPage::showSetNames() {
  QStringList names;
  for (const SampleSet& set : m_setList) names << setTitleOf(set);
  QStringList before;
  for (int i = 0; i < m_sets->count(); ++i) before << m_sets->itemText(i);
  if (names != before) {
    m_sets->clear();
    m_sets->addItems(names);
  }
  m_sets->setCurrentIndex(names.isEmpty() ? -1 : m_set);
  m_sets->setEnabled(!names.isEmpty());
  m_reload->setEnabled(!names.isEmpty());
}

void DataPage::chooseSet(int index) {
  if (index < 0 || index >= int(m_setList.size())) return;
  m_set = index;
  m_sets->setCurrentIndex(index);
  load();
}

void DataPage::load() {
  if (m_setList.empty()) {
    m_browser->close();
    return showPhase();
  }
  if (!m_wasShown) return;
  const SampleSet& set = m_setList[size_t(m_set)];
  if (m_browser->phase() == SampleBrowser::Phase::none || !sameEntries(set, m_browser->set())) {
    m_list->forget();
    m_search->clear();
    m_browser->open(set);
  } else if (set != m_browser->set()) {
    m_browser->setUse(set);
    showChosen();
  }
}

void DataPage::readAgain() {
  m_browser->close();
  loadInputs();
  load();
}

// What an edit can't have changed isn't read again.
void DataPage::refreshInputs() {
  const Project& project = m_document->project();
  Project reading;
  reading.teacher = project.teacher;
  reading.student = project.student;
  reading.conversation_template = project.conversation_template;
  reading.image = project.image;
  reading.max_length = project.max_length;
  if (reading == m_inputsOf && m_document->path() == m_inputsFile) return;
  m_inputsOf = std::move(reading);
  m_inputsFile = m_document->path();
  loadInputs();
}

// Numbers of other models never stay in sight.
void DataPage::loadInputs() {
  m_inputReadings.cancel();
  m_inputs.reset();
  m_browser->setInput(nullptr);
  const ProjectFacts* facts = ProjectFacts::of(m_document);
  if (!isVisible() || !m_document->isOpen() || facts->isLoading()) return;
  inBackground(
      this,
      [project = m_document->project(), file = toPath(m_document->path()), known = facts->result()] {
        return readInputs(project, file, known);
      },
      m_inputReadings.begin().only(
          [this](std::shared_ptr<const ModelInputs> inputs) { takeInputs(std::move(inputs)); }));
}

void DataPage::takeInputs(std::shared_ptr<const ModelInputs> inputs) {
  m_inputs = std::move(inputs);
  m_browser->setInput(m_inputs->student ? std::shared_ptr<const ModelInput>(m_inputs, &*m_inputs->student) : nullptr);
  showChosen();
}

void DataPage::showPhase() {
  using Phase = SampleBrowser::Phase;
  const Phase phase = m_browser->phase();
  m_stack->setCurrentIndex(phase == Phase::ready ? 1 : 0);
  const QString file = toQString(m_browser->set().file.filename());
  if (m_setList.empty())
    m_empty->setText(m_document->isOpen()
                         ? tr("The project has no stages, evaluations or probes, so it has no samples.")
                         : tr("Open or make a project; the samples of its stages show here."));
  else if (phase == Phase::failed)
    m_empty->setText(m_browser->error());
  else if (phase == Phase::reading)
    m_empty->setText(tr("Reading %1… %2").arg(file, percentOf(m_browser->readingProgress().value_or(0))));
  if (phase == Phase::ready && m_list->currentRow() < 0) {
    m_describings.cancel();
    m_view->showNothing(tr("Choose a sample; here it shows as the models see it."));
    if (m_wantedId.isEmpty() && !m_browser->rows().empty()) m_list->showRow(m_browser->rows().front());
  }
  showWanted();
  if (phase != Phase::reading) showStatus();
}

void DataPage::showStatus() {
  if (m_browser->phase() == SampleBrowser::Phase::reading) return showPhase();  // its progress stands there
  const auto pictures = m_browser->pictureProgress(), texts = m_browser->textProgress(),
             search = m_browser->searchProgress();
  const int64_t all = m_browser->table().size();
  QStringList parts{tr("%1 of %2").arg(theme::wholeNumber(qint64(m_browser->rows().size())), theme::wholeNumber(all)),
                    tr("%1 left out").arg(theme::wholeNumber(m_browser->faultCount()))};
  if (search) parts << tr("searching %1").arg(percentOf(*search));
  if (texts) parts << tr("measuring texts %1").arg(percentOf(*texts));
  if (pictures) parts << tr("reading pictures %1").arg(percentOf(*pictures));
  const ImageScan* scan = m_browser->pictureScan();
  if (scan != nullptr && !pictures)
    parts << (scan->whole ? tr("%1 pictures, %2 under several names")
                          : tr("the first %1 pictures, %2 under several names"))
                 .arg(theme::wholeNumber(scan->images), theme::wholeNumber(qint64(scan->duplicates.size())));
  if (!m_browser->textError().isEmpty()) parts << m_browser->textError();
  m_status->setText(parts.join(QStringLiteral(" · ")));
  const auto shown = pictures ? pictures : search ? search : texts;
  m_progress->setVisible(shown.has_value());
  m_progress->setValue(int(1000 * shown.value_or(0)));
  m_pictures->setText(pictures ? tr("&Cancel") : tr("Check pict&ures"));
  m_pictures->setEnabled(m_browser->isOpen());
}

void DataPage::openStage(const QString& stage) {
  const auto found = std::ranges::find_if(m_setList, [&](const SampleSet& set) {
    return set.kind == SampleSetKind::stage && toQString(set.name) == stage;
  });
  beginReading();
  if (found != m_setList.end()) chooseSet(int(found - m_setList.begin()));
}

void DataPage::openSample(const QString& stage, const QString& id) {
  m_wantedId = id;
  openStage(stage);
  showWanted();
}

void DataPage::showWanted() {
  if (m_wantedId.isEmpty() || !m_browser->isOpen()) return;
  const QString id = std::exchange(m_wantedId, {});
  const int64_t row = m_browser->table().rowOfId(id);
  if (row < 0) {
    m_message->showMessage(InlineMessage::Kind::warning,
                           tr("There is no sample “%1” in %2.").arg(id, toQString(m_browser->set().file)));
    return;
  }
  m_message->dismiss();
  m_search->clear();
  m_searchTimer.stop();
  m_browser->search({});
  m_filters->setCurrentIndex(0);
  m_list->showRow(row);
}

void DataPage::showRow(int64_t row) {
  const SampleTable& table = m_browser->table();
  const NewestRequest::Ticket describing = m_describings.begin();
  const int64_t sample = table.row(row).sample;
  const QString where = tr("Line %1").arg(theme::wholeNumber(table.row(row).line));
  if (sample < 0) return m_view->showFault(table.id(row), where, m_browser->faultOf(row));
  auto inputs = m_inputs;
  if (!inputs) {
    auto unknown = std::make_shared<ModelInputs>();
    unknown->studentFault = tr("Reading the models' files…");
    inputs = unknown;
  }
  inBackground(
      this,
      [dataset = m_browser->dataset(), sample, set = m_browser->set(), inputs] {
        return describeAt(*dataset, sample, set, *inputs);
      },
      describing.only([this, row, where](const DescribedSample& described) {
        if (!described.error.isEmpty()) return m_view->showFault(m_browser->table().id(row), where, described.error);
        const auto& reason = described.details.student.tokens.sequence.skipped;
        m_view->showSample(described.details, reason ? toQString(*reason) : m_browser->faultOf(row),
                           m_browser->sameNamesOf(row));
      }));
}

}  // namespace llavakd
