// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/data/data_page.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <exception>
#include <utility>

#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/pages/data/sample_browser.h"
#include "widgets/pages/data/sample_details.h"
#include "widgets/pages/data/sample_list.h"
#include "widgets/pages/data/sample_list_panel.h"
#include "widgets/pages/data/sample_view.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// In the order in which they are added.
enum DataPagePart { dataEmptyPart, dataSamplesPart, dataReadingPart };

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

}  // namespace

PageDescriptor DataPage::descriptor() {
  return {QStringLiteral("data"), QStringLiteral("data"), tr("&Data"), QKeySequence(Qt::CTRL | Qt::Key_3),
          [](const PageContext& context) -> QWidget* {
            return new DataPage(context.document);
          }};
}

DataPage::DataPage(ProjectDocument* document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_browser(new SampleBrowser(this)),
      m_sets(new QComboBox),
      m_reload(new QPushButton(tr("Read a&gain"))),
      m_stack(new QStackedWidget),
      m_reading(new LoadingPlaceholder),
      m_empty(new TextLabel({}, theme::Size::title)),
      m_choose(new QPushButton(tr("Choose the &file…"))),
      m_showOption(new QPushButton),
      m_message(new InlineMessage),
      m_panel(new SampleListPanel(m_browser)),
      m_view(new SampleView) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::gapLarge, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  column->addWidget(makeHead());
  column->addWidget(m_stack, 1);
  column->addWidget(m_message);  // below: what is clicked must not move when it comes
  m_stack->addWidget(makeEmptyPage());
  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setChildrenCollapsible(false);
  splitter->setHandleWidth(theme::gapLarge);
  splitter->addWidget(m_panel);
  splitter->addWidget(m_view);
  splitter->setStretchFactor(0, 1);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({600, 600});
  m_stack->addWidget(splitter);
  m_stack->addWidget(m_reading);
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

void DataPage::connectParts() {
  connect(m_choose, &QPushButton::clicked, this, &DataPage::chooseDataFile);
  connect(m_showOption, &QPushButton::clicked, this, [this] { Q_EMIT fieldRequested(fileOption()); });
  for (auto changed : {&ProjectDocument::changed, &ProjectDocument::opened, &ProjectDocument::closed})
    connect(m_document, changed, this, &DataPage::takeProject);
  connect(ProjectFacts::of(m_document), &ProjectFacts::changed, this, &DataPage::loadInputs);
  connect(m_browser, &SampleBrowser::phaseChanged, this, &DataPage::showPhase);
  connect(m_browser, &SampleBrowser::progressed, this, [this] {
    if (m_browser->phase() == SampleBrowser::Phase::reading) showPhase();
  });
  connect(m_browser, &SampleBrowser::rowsChanged, this, &DataPage::chooseLeftOut);
  for (auto changed : {&SampleBrowser::rowsChanged, &SampleBrowser::progressed})  // a search ends without new rows
    connect(m_browser, changed, this, &DataPage::followRows);
  connect(list(), &SampleListView::rowChosen, this, &DataPage::showRow);
  connect(m_sets, &QComboBox::activated, this, &DataPage::chooseSet);
  connect(m_reload, &QPushButton::clicked, this, &DataPage::readAgain);
  auto* find = new QShortcut(QKeySequence::Find, this);
  find->setContext(Qt::WidgetWithChildrenShortcut);
  connect(find, &QShortcut::activated, m_panel, &SampleListPanel::beginSearch);
}

SampleListView* DataPage::list() const {
  return m_panel->list();
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
  if (!m_isStale && m_browser->isOpen() && list()->currentRow() >= 0) showRow(list()->currentRow());
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
    list()->forget();
    m_panel->searchField()->clear();
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
        return readModelInputs(project, file, known);
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
  if (phase != Phase::ready) m_describings.cancel();  // of a sample that is no longer there
  const QString file = toQString(m_browser->set().file.filename());
  const bool reads = phase == Phase::reading && !m_setList.empty();
  m_stack->setCurrentIndex(phase == Phase::ready ? dataSamplesPart : reads ? dataReadingPart : dataEmptyPart);
  if (reads) {
    const WorkProgress progress = m_browser->readingProgress().value_or(WorkProgress());
    m_reading->setText(tr("Reading %1… %2").arg(file, progressText(progress)));
    m_reading->setShare(progress.share);
  }
  if (m_setList.empty())
    m_empty->setText(m_document->isOpen()
                         ? tr("The project has no stages, evaluations or probes, so it has no samples.")
                         : tr("Open or make a project; the samples of its stages show here."));
  else if (phase == Phase::failed)
    m_empty->setText(m_browser->error());
  const QString option = phase == Phase::failed ? fileOption() : QString();
  m_choose->setVisible(!option.isEmpty());
  m_showOption->setVisible(!option.isEmpty());
  m_showOption->setText(option.startsWith(QStringLiteral("stages")) ? tr("Go to &Stages") : tr("Go to &Project"));
  if (phase == Phase::ready && list()->currentRow() < 0) {
    m_describings.cancel();
    m_view->showNothing(tr("Choose a sample; here it shows as the models see it."));
    if (m_wantedId.isEmpty() && !m_browser->rows().empty()) list()->showRow(m_browser->rows().front());
  }
  showWanted();
  showLeftOut();
}

}  // namespace llavakd
