// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_card.h"

#include <QApplication>
#include <QCheckBox>
#include <QDrag>
#include <QFileInfo>
#include <QGraphicsOpacityEffect>
#include <QHBoxLayout>
#include <QMimeData>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <algorithm>

#include "core/project/project_file.h"
#include "core/project/stage_list.h"
#include "core/project/stage_terms.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/stages/schedule_sketch.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stage_head.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

constexpr double fadedOpacity = 0.55;
constexpr int minimumCardWidth = 312;

// What the method calls the stages; a stage of another name is described by what it does.
QString purposeOf(const StageOptions& stage) {
  if (stage.name == "DPT")
    return StageCard::tr("Distilled pre-training: the connector learns to see as the teacher does.");
  if (stage.name == "SFT") return StageCard::tr("Supervised fine-tuning: the student learns to answer.");
  if (stage.name == "DFT") return StageCard::tr("Distilled fine-tuning: the answers come closer to the teacher's.");
  if (stage.name == "PT") return StageCard::tr("Pre-training without a teacher: the connector learns from captions.");
  return distils(stage) ? StageCard::tr("Learns from the labels and the teacher.")
                        : StageCard::tr("Learns from the labels alone.");
}

const QStringList& scheduleFields() {
  static const QStringList names{QStringLiteral("epochs"), QStringLiteral("max_steps"), QStringLiteral("batch_size"),
                                 QStringLiteral("learning_rate")};
  return names;
}

}  // namespace

StageCard::StageCard(ProjectDocument* document, int index, QWidget* parent)
    : Card(theme::Who::none, parent),
      m_document(document),
      m_index(index),
      m_head(new StageHead(this)),
      m_content(new QWidget(this)),
      m_purpose(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)) {
  setMinimumWidth(minimumCardWidth);
  body()->setSpacing(theme::gapTiny);
  body()->addWidget(m_head);
  auto* column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapTiny);
  body()->addWidget(m_content, 1);
  m_purpose->setWordWrap(true);
  m_purpose->setMinimumHeight(2 * QFontMetrics(theme::font(theme::Size::body)).lineSpacing());
  m_purpose->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  content()->addWidget(m_purpose);
  connectHead();
  makeLearns();
  makeData();
  makeTerms();
  makeSchedule();
  makeMore();
  // What is over goes below: a neighbour that grows must not pull this card apart.
  content()->addStretch(1);
  refresh();
}

QVBoxLayout* StageCard::content() const {
  return static_cast<QVBoxLayout*>(m_content->layout());
}

QCheckBox* StageCard::scheduled() const {
  return m_head->scheduled();
}

bool StageCard::isThere() const {
  return size_t(m_index) < m_document->project().stages.size();
}

const StageOptions& StageCard::stage() const {
  return m_document->project().stages[size_t(m_index)];
}

void StageCard::edit(const QString& text, const std::function<void(StageOptions&)>& change, const QString& key) {
  m_document->edit(
      text, [&](Project& project) { change(project.stages[size_t(m_index)]); },
      key.isEmpty() ? QString() : QStringLiteral("stage%1.%2").arg(m_index).arg(key));
}

void StageCard::addHeading(const QString& text) {
  content()->addSpacing(theme::gapSmall);
  content()->addWidget(new TextLabel(text, theme::Size::caption, TextLabel::Tone::muted));
}

void StageCard::connectHead() {
  connect(m_head, &StageHead::scheduleChanged, this, &StageCard::setScheduled);
  connect(m_head, &StageHead::renamed, this, &StageCard::rename);
  connect(m_head, &StageHead::unfoldRequested, this, &StageCard::unfoldRequested);
  connect(m_head, &StageHead::copyRequested, this, [this] {
    m_document->edit(tr("copy %1").arg(toQString(stage().name)),
                     [&](Project& project) { copy_stage(project, size_t(m_index)); });
  });
  connect(m_head, &StageHead::removeRequested, this, [this] {
    m_document->edit(tr("remove %1").arg(toQString(stage().name)),
                     [&](Project& project) { remove_stage(project, size_t(m_index)); });
  });
  connect(m_head, &StageHead::moveRequested, this, [this](int by) {
    const int to = m_index + by;
    if (to < 0 || to >= int(m_document->project().stages.size())) return;
    Q_EMIT moved(m_index, to);
  });
}

void StageCard::rename(const QString& name) {
  const std::string wanted = name.trimmed().toStdString();
  const std::string fault = stage_name_fault(m_document->project(), size_t(m_index), wanted);
  if (fault.empty())
    m_document->edit(tr("rename %1").arg(toQString(stage().name)),
                     [&](Project& project) { rename_stage(project, size_t(m_index), wanted); });
  m_head->restoreName();
  if (!fault.empty()) Q_EMIT nameRefused(toQString(fault));
}

void StageCard::makeLearns() {
  addHeading(tr("Learns"));
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  for (const CatalogEntry& part : catalog::model_parts()) {
    auto* chip = new Chip(toQString(part.label), this);
    chip->setToolTip(QStringLiteral("<p>%1</p>").arg(toQString(part.help).toHtmlEscaped()));
    const std::string name(part.name);
    m_chips[name] = chip;
    row->addWidget(chip);
    connect(chip, &QToolButton::clicked, this, [this, name](bool learns) {
      edit(tr("change what %1 trains").arg(toQString(stage().name)), [&](StageOptions& options) {
        std::vector<std::string> train;
        // In the order of the catalog, so that on and off again is no change.
        for (const CatalogEntry& entry : catalog::model_parts()) {
          const std::string each(entry.name);
          const bool had = std::find(options.train.begin(), options.train.end(), each) != options.train.end();
          if (each == name ? learns : had) train.push_back(each);
        }
        options.train = train;
      });
    });
  }
  row->addStretch();
  content()->addLayout(row);
  m_trainable = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  content()->addWidget(m_trainable);
}

void StageCard::makeData() {
  addHeading(tr("Data"));
  m_data = new StageData(m_document, m_index, this);
  m_data->refresh();  // its fields are made here: the Tab key goes in the order in which fields are made
  content()->addWidget(m_data);
  connect(m_data, &StageData::edited, this, [this](const QString& name, const FieldValue& value) {
    const std::string field = name.toStdString();
    edit(
        tr("change %1 of %2").arg(OptionForm::fieldLabel(field).toLower(), toQString(stage().name)),
        [&](StageOptions& options) { assignField(options, field, value); }, name);
  });
  connect(m_data, &StageData::browseRequested, this, [this] { Q_EMIT browseRequested(toQString(stage().name)); });
}

void StageCard::makeTerms() {
  addHeading(tr("Terms"));
  for (const TermInfo& entry : term_catalog()) {
    auto* row = new TermRow(entry, this);
    row->setObjectName(QStringLiteral("term-") + toQString(entry.name));
    const std::string name(entry.name);
    const QString label = toQString(entry.label);
    connect(row, &TermRow::switched, this, [this, name](bool on, double weight) { switchTerm(name, on, weight); });
    connect(row, &TermRow::weightEdited, this, [this, name, label](double weight) {
      edit(
          tr("weight of %1 in %2").arg(label, toQString(stage().name)),
          [&](StageOptions& options) {
            for (TermOptions& term : options.terms)
              if (term.term == name) term.weight = weight;
          },
          QStringLiteral("weight.") + toQString(name));
    });
    m_terms.push_back(row);
    content()->addWidget(row);
  }
}

void StageCard::makeSchedule() {
  addHeading(tr("Schedule"));
  m_sketch = new ScheduleSketch(this);
  content()->addWidget(m_sketch);
  m_steps = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  m_steps->setObjectName(QStringLiteral("length"));
  m_steps->setWordWrap(true);
  content()->addWidget(m_steps);
  m_form = new OptionForm(this);
  m_form->setOnly(scheduleFields());
  m_form->setFields(formFields(stage()));
  content()->addWidget(m_form);
  bind(m_form);
  m_estimate = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  m_estimate->setObjectName(QStringLiteral("estimate"));
  m_estimate->setToolTip(tr("What this stage will take, as far as it is known; the Project page has the parts."));
  // Kept free: the answer comes later than the rest of the card.
  m_estimate->setMinimumHeight(QFontMetrics(theme::font(theme::Size::caption)).lineSpacing());
  content()->addWidget(m_estimate);
  connect(ProjectCheck::of(m_document), &ProjectCheck::changed, this, &StageCard::showEstimate);
  connect(m_data, &StageData::factsChanged, this, &StageCard::refreshSteps);
}

void StageCard::makeMore() {
  m_moreButton = makeToolButton(QStringLiteral("chevron-right"), tr("More"), tr("Options that rarely change"), this);
  m_moreButton->setObjectName(QStringLiteral("more"));
  m_moreButton->setCheckable(true);
  content()->addWidget(m_moreButton, 0, Qt::AlignLeft);
  m_more = new QWidget(this);
  auto* column = new QVBoxLayout(m_more);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  m_moreForm = new OptionForm(m_more);
  m_moreForm->setFlat(true);
  m_moreForm->setExcept(QStringList{QStringLiteral("name"), QStringLiteral("train"), QStringLiteral("data"),
                                    QStringLiteral("images"), QStringLiteral("template")} +
                        scheduleFields());
  column->addWidget(m_moreForm);
  content()->addWidget(m_more);
  m_more->hide();
  connect(m_moreButton, &QToolButton::toggled, this, [this](bool open) {
    m_more->setVisible(open);
    m_moreButton->setIcon(theme::icon(open ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
  });
  bind(m_moreForm);
}

void StageCard::bind(OptionForm* form) {
  connect(form, &OptionForm::edited, this, [this](const QString& name, const FieldValue& value) {
    const std::string field = name.toStdString();
    edit(
        tr("change %1 of %2").arg(OptionForm::fieldLabel(field).toLower(), toQString(stage().name)),
        [&](StageOptions& options) { assignField(options, field, value); }, name);
  });
}

void StageCard::setStudent(const ModelFacts* student) {
  m_student = student ? std::optional<ModelFacts>(*student) : std::nullopt;
  refresh();
}

void StageCard::setFolded(bool foldable, bool folded) {
  m_head->setFolding(foldable, folded);
  m_content->setVisible(!folded);
}

int StageCard::neededWidth() const {
  const int inner = std::max(m_content->minimumSizeHint().width(), m_head->minimumSizeHint().width());
  return std::max(minimumCardWidth, inner + 2 * theme::cardPadding);
}

bool StageCard::showField(const QString& name) {
  for (OptionForm* form : {m_data->form(), m_form, m_moreForm}) {
    QWidget* editor = form->editor(name);
    if (!editor) continue;
    if (form == m_moreForm) m_moreButton->setChecked(true);
    editor->setFocus(Qt::OtherFocusReason);
    return true;
  }
  return false;
}

void StageCard::setScheduled(bool on) {
  const std::string name = stage().name;
  m_document->edit(
      on ? tr("run %1").arg(toQString(name)) : tr("leave out %1").arg(toQString(name)), [&](Project& project) {
        std::vector<std::string> schedule;
        for (const StageOptions& each : project.stages)
          if (each.name == name ? on : is_scheduled(project, each.name)) schedule.push_back(each.name);
        if (schedule.empty()) return;  // an empty schedule means all stages: one has to stay
        project.schedule = schedule.size() == project.stages.size() ? std::vector<std::string>{} : schedule;
      });
  refresh();
}

// A press on the card's ground, which no field takes, may begin to move it.
void StageCard::mousePressEvent(QMouseEvent* event) {
  m_pressed = event->button() == Qt::LeftButton ? event->position().toPoint() : QPoint();
}

void StageCard::mouseMoveEvent(QMouseEvent* event) {
  const bool dragged = (event->position().toPoint() - m_pressed).manhattanLength() >= QApplication::startDragDistance();
  if (!(event->buttons() & Qt::LeftButton) || m_pressed.isNull() || !dragged) return;
  auto* drag = new QDrag(this);
  auto* data = new QMimeData;
  data->setData(QString::fromLatin1(stageDragKind), QByteArray::number(m_index));
  drag->setMimeData(data);
  const QPixmap picture = grab(QRect(0, 0, width(), m_head->geometry().bottom() + theme::cardPadding));
  drag->setPixmap(picture);
  drag->setHotSpot(m_pressed);
  m_pressed = {};
  drag->exec(Qt::MoveAction);
}

void StageCard::switchTerm(const std::string& term, bool on, double weight) {
  edit(on ? tr("switch on %1").arg(toQString(term)) : tr("switch off %1").arg(toQString(term)),
       [&](StageOptions& options) {
         std::vector<TermOptions> terms;
         for (const CatalogEntry& entry : catalog::terms()) {
           const auto found = std::find_if(options.terms.begin(), options.terms.end(),
                                           [&](const TermOptions& t) { return t.term == entry.name; });
           if (entry.name == term) {
             if (on) terms.push_back({.term = term, .weight = weight});
           } else if (found != options.terms.end()) {
             terms.push_back(*found);
           }
         }
         options.terms = terms;
       });
}

void StageCard::refresh() {
  if (!isThere()) return;
  const StageOptions& options = stage();
  refreshHead();
  refreshLearns();
  for (TermRow* row : m_terms) {
    const auto found = std::ranges::find(options.terms, row->term(), &TermOptions::term);
    row->setWeight(found == options.terms.end() ? std::nullopt : std::optional<double>(found->weight));
    row->setStage(toQString(options.name));
  }
  const QString folder = QFileInfo(m_document->path()).absolutePath();
  for (OptionForm* form : {m_form, m_moreForm}) {
    form->setBaseFolder(folder);
    form->setFields(formFields(options));
  }
  if (auto* limit = qobject_cast<NumberBox*>(m_form->editor(QStringLiteral("max_steps")))) {
    const QString unit = options.max_steps == 0 ? tr(" = no limit") : tr(" steps");
    if (limit->suffix() != unit) limit->setSuffix(unit);
  }
  m_sketch->setCourse(options.schedule, options.warmup_ratio, options.learning_rate);
  refreshTermForms();
  m_data->refresh();
  refreshSteps();
  showEstimate();
}

void StageCard::refreshHead() {
  const Project& project = m_document->project();
  const bool on = is_scheduled(project, stage().name);
  const auto running =
      std::ranges::count_if(project.stages, [&](const StageOptions& each) { return is_scheduled(project, each.name); });
  m_head->setStage(toQString(stage().name), on, on && running == 1);
  m_head->setPlace(m_index, int(project.stages.size()));
  m_purpose->setText(purposeOf(stage()));
  setAccessibleName(toQString(stage().name));
  setAccessibleDescription(on ? QString() : tr("Not part of the run."));
  auto* faded = qobject_cast<QGraphicsOpacityEffect*>(m_content->graphicsEffect());
  if (on == (faded == nullptr)) return;
  if (!on) {
    auto* effect = new QGraphicsOpacityEffect(m_content);
    effect->setOpacity(fadedOpacity);
    m_content->setGraphicsEffect(effect);
  } else {
    m_content->setGraphicsEffect(nullptr);
  }
}

void StageCard::refreshLearns() {
  const StageOptions& options = stage();
  int64_t trainable = 0, all = 0;
  for (const auto& [part, chip] : m_chips) {
    const bool learns = std::ranges::find(options.train, part) != options.train.end();
    chip->setChecked(learns);
    if (!m_student) continue;
    const auto found = m_student->parameters.find(part);
    const int64_t count = found == m_student->parameters.end() ? 0 : found->second;
    all += count;
    if (learns) trainable += count;
  }
  m_trainable->setText(
      !m_student
          ? tr("Lit parts learn, the others stay as they are.")
          : tr("%1 of %2 parameters learn").arg(theme::shortCount(double(trainable)), theme::shortCount(double(all))));
}

void StageCard::refreshTermForms() {
  const StageOptions& options = stage();
  for (auto& [term, form] : m_termForms) form->parentWidget()->hide();
  for (const TermOptions& term : options.terms) {
    std::vector<FormField> fields = formFields(term);
    std::erase_if(fields, [](const FormField& f) { return f.field.name == "term" || f.field.name == "weight"; });
    if (fields.empty()) continue;
    OptionForm*& form = m_termForms[term.term];
    if (!form) {
      auto* box = new QWidget(m_more);
      auto* column = new QVBoxLayout(box);
      column->setContentsMargins(0, theme::gapTiny, 0, 0);
      column->setSpacing(theme::gapTiny);
      column->addWidget(new TextLabel(toQString(llavakd::find(catalog::terms(), term.term, "term").label),
                                      theme::Size::caption, TextLabel::Tone::muted));
      form = new OptionForm(box);
      form->setFlat(true);
      column->addWidget(form);
      m_more->layout()->addWidget(box);
      connect(form, &OptionForm::edited, this, [this, name = term.term](const QString& field, const FieldValue& value) {
        edit(
            tr("change %1 of %2").arg(OptionForm::fieldLabel(field.toStdString()).toLower(), toQString(name)),
            [&](StageOptions& changed) {
              for (TermOptions& each : changed.terms)
                if (each.term == name) assignField(each, field.toStdString(), value);
            },
            toQString(name) + QLatin1Char('.') + field);
      });
    }
    form->setFields(fields);
    form->parentWidget()->show();
  }
}

// "40 steps = 3.2 epochs (limit 40 of 50 steps)": what a limit of steps makes of the epochs.
QString StageCard::lengthText() const {
  const StageOptions& options = stage();
  const auto& facts = m_data->facts();
  if (!facts || !facts->error.isEmpty() || facts->samples < 1)
    return options.max_steps > 0 ? tr("At most %1 steps").arg(theme::wholeNumber(options.max_steps)) : QString();
  StageOptions unlimited = options;
  unlimited.max_steps = 0;
  const int64_t whole = stage_steps(unlimited, facts->samples), steps = stage_steps(options, facts->samples);
  const double epochs = steps < whole ? double(steps * options.batch_size) / double(facts->samples) : options.epochs;
  const QString length = tr("%1 steps = %2 epochs").arg(theme::wholeNumber(steps), theme::shortNumber(epochs));
  return steps < whole ? tr("%1 (limited from %2 steps)").arg(length, theme::wholeNumber(whole)) : length;
}

void StageCard::refreshSteps() {
  if (!isThere()) return;
  const QString length = lengthText();
  const QString warmUp = tr("warm-up over %1 %").arg(theme::shortNumber(100 * stage().warmup_ratio));
  m_steps->setText(length.isEmpty() ? warmUp : length + QStringLiteral(" · ") + warmUp);
}

void StageCard::showEstimate() {
  if (!isThere()) return;
  const ProjectCheck* check = ProjectCheck::of(m_document);
  if (check->isRunning()) return m_estimate->setText(tr("Estimating…"));
  const EstimatedStage* estimate = check->result().estimate(toQString(stage().name));
  m_estimate->setText(estimate ? estimate->sentence() : QString());
}

}  // namespace llavakd
