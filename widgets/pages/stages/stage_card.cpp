// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_card.h"

#include <QCheckBox>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "core/project/project_file.h"
#include "core/project/stage_terms.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/document/thumbnail.h"
#include "widgets/forms/number_box.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/stages/schedule_sketch.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/numbers.h"

namespace llavakd {
namespace {

constexpr int thumbnailSide = 48;

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
  static const QStringList names{QStringLiteral("epochs"), QStringLiteral("batch_size"),
                                 QStringLiteral("learning_rate")};
  return names;
}

bool isScheduled(const Project& project, const std::string& name) {
  return project.schedule.empty() ||
         std::find(project.schedule.begin(), project.schedule.end(), name) != project.schedule.end();
}

}  // namespace

StageCard::StageCard(ProjectDocument* document, int index, QWidget* parent)
    : Card(theme::Who::none, parent), m_document(document), m_index(index) {
  setMinimumWidth(312);
  body()->setSpacing(theme::gapTiny);
  makeHead();
  makeLearns();
  makeData();
  makeTerms();
  makeSchedule();
  makeMore();
  body()->addStretch();
  connect(ProjectCheck::of(document), &ProjectCheck::changed, this, &StageCard::showCount);
  refresh();
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
  body()->addSpacing(theme::gap);
  body()->addWidget(new TextLabel(text, theme::Size::caption, TextLabel::Tone::muted));
}

void StageCard::makeHead() {
  auto* head = new QHBoxLayout;
  m_name = new TextLabel({}, theme::Size::title);
  m_scheduled = new QCheckBox(tr("Runs"), this);
  m_scheduled->setToolTip(tr("Whether this stage is part of the schedule."));
  head->addWidget(m_name);
  head->addStretch();
  head->addWidget(m_scheduled);
  body()->addLayout(head);
  m_purpose = new TextLabel({}, theme::Size::body, TextLabel::Tone::muted);
  m_purpose->setWordWrap(true);
  m_purpose->setMinimumHeight(2 * QFontMetrics(theme::font(theme::Size::body)).lineSpacing());
  m_purpose->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  body()->addWidget(m_purpose);
  connect(m_scheduled, &QCheckBox::toggled, this, &StageCard::setScheduled);
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
  body()->addLayout(row);
  m_trainable = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  body()->addWidget(m_trainable);
}

void StageCard::makeData() {
  addHeading(tr("Data"));
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gap);
  m_picture = new TextLabel;
  m_picture->setFixedSize(thumbnailSide, thumbnailSide);
  m_picture->setAlignment(Qt::AlignCenter);
  row->addWidget(m_picture);
  auto* column = new QVBoxLayout;
  column->setSpacing(2);
  m_file = new ElidedLabel;
  m_count = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  m_count->setWordWrap(true);
  column->addStretch();
  column->addWidget(m_file);
  column->addWidget(m_count);
  column->addStretch();
  row->addLayout(column, 1);
  body()->addLayout(row);
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
    body()->addWidget(row);
  }
}

void StageCard::makeSchedule() {
  addHeading(tr("Schedule"));
  m_sketch = new ScheduleSketch(this);
  body()->addWidget(m_sketch);
  m_steps = new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted);
  body()->addWidget(m_steps);
  m_form = new OptionForm(this);
  m_form->setOnly(scheduleFields());
  body()->addWidget(m_form);
  bind(m_form);
}

void StageCard::makeMore() {
  auto* button =
      makeToolButton(QStringLiteral("chevron-right"), tr("More"), tr("Files, and options that rarely change"), this);
  button->setObjectName(QStringLiteral("more"));
  button->setCheckable(true);
  body()->addSpacing(theme::gapTiny);
  body()->addWidget(button, 0, Qt::AlignLeft);
  m_more = new QWidget(this);
  auto* column = new QVBoxLayout(m_more);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  m_dataForm = new OptionForm(m_more);
  m_dataForm->setOnly({QStringLiteral("data"), QStringLiteral("images"), QStringLiteral("template")});
  m_moreForm = new OptionForm(m_more);
  m_moreForm->setFlat(true);
  m_moreForm->setExcept(QStringList{QStringLiteral("name"), QStringLiteral("train"), QStringLiteral("data"),
                                    QStringLiteral("images"), QStringLiteral("template")} +
                        scheduleFields());
  column->addWidget(m_dataForm);
  column->addWidget(m_moreForm);
  body()->addWidget(m_more);
  m_more->hide();
  connect(button, &QToolButton::toggled, this, [this, button](bool open) {
    m_more->setVisible(open);
    button->setIcon(theme::icon(open ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
  });
  bind(m_dataForm);
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

void StageCard::setScheduled(bool on) {
  const std::string name = stage().name;
  m_document->edit(
      on ? tr("run %1").arg(toQString(name)) : tr("leave out %1").arg(toQString(name)), [&](Project& project) {
        std::vector<std::string> schedule;
        for (const StageOptions& each : project.stages)
          if (each.name == name ? on : isScheduled(project, each.name)) schedule.push_back(each.name);
        if (schedule.empty()) return;  // an empty schedule means all stages: one has to stay
        project.schedule = schedule.size() == project.stages.size() ? std::vector<std::string>{} : schedule;
      });
  refresh();
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
  const StageOptions& options = stage();
  m_name->setText(toQString(options.name));
  m_purpose->setText(purposeOf(options));
  {
    const QSignalBlocker quiet(m_scheduled);
    m_scheduled->setChecked(isScheduled(m_document->project(), options.name));
  }
  int64_t trainable = 0, all = 0;
  for (const auto& [part, chip] : m_chips) {
    const bool learns = std::find(options.train.begin(), options.train.end(), part) != options.train.end();
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
  for (TermRow* row : m_terms) {
    const auto found = std::find_if(options.terms.begin(), options.terms.end(),
                                    [&](const TermOptions& t) { return t.term == row->term(); });
    row->setWeight(found == options.terms.end() ? std::nullopt : std::optional<double>(found->weight));
  }
  const QString folder = QFileInfo(m_document->path()).absolutePath();
  for (OptionForm* form : {m_form, m_dataForm, m_moreForm}) {
    form->setBaseFolder(folder);
    form->setFields(formFields(options));
  }
  m_sketch->setCourse(options.schedule, options.warmup_ratio, options.learning_rate);
  refreshTermForms();
  refreshData();
  refreshSteps();
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

QString StageCard::countText(const DataFacts& facts) {
  const auto count = [](int64_t number) {
    return theme::shortCount(double(number));
  };
  if (!facts.error.isEmpty()) return facts.error;
  QString text = facts.withImage == facts.samples
                     ? tr("%1 samples").arg(count(facts.samples))
                     : tr("%1 samples, %2 with a picture").arg(count(facts.samples), count(facts.withImage));
  if (facts.leftOut > 0) text += tr("; %1 can’t be used").arg(count(facts.leftOut));
  return text;
}

void StageCard::refreshData() {
  const QString file = m_document->resolve(stage().data);
  const QString images = toQString(images_folder(toPath(m_document->path()), stage().data, stage().images));
  if (file == m_dataPath && images == m_imagesPath) return;
  m_dataPath = file;
  m_imagesPath = images;
  m_data.reset();
  const NewestRequest::Ticket reading = m_readings.begin();
  m_picture->setPixmap(theme::iconPixmap(QStringLiteral("picture"), theme::mutedText(), 24, devicePixelRatioF()));
  m_file->setText(file.isEmpty() ? tr("No data file yet") : toQString(stage().data));
  m_file->setToolTip(QDir::cleanPath(file));
  m_count->setText(file.isEmpty() ? tr("Choose one under “More”.") : tr("Reading…"));
  if (file.isEmpty()) return;
  inBackground(
      this, [file, images] { return readDataFacts(file, images); },
      reading.only([this, reading](const DataFacts& facts) {
        m_data = facts;
        showCount();
        refreshSteps();
        if (facts.firstImage.isEmpty()) return;
        const double scale = devicePixelRatioF();
        loadThumbnail(facts.firstImage, int(thumbnailSide * scale), this, reading.only([this, scale](QImage image) {
          if (image.isNull()) return;
          image.setDevicePixelRatio(scale);
          m_picture->setPixmap(QPixmap::fromImage(image));
        }));
      }));
}

// `check` also opens each picture and cuts each sample into tokens: what it finds takes the place of the plain count.
void StageCard::showCount() {
  // The check changes before the page has made its cards again.
  if (!m_data || size_t(m_index) >= m_document->project().stages.size()) return;
  m_count->setText(countText(*m_data));
  m_count->setToolTip(m_data->firstFault);
  const ProjectCheck* check = ProjectCheck::of(m_document);
  if (check->isRunning()) return;
  const QString name = QStringLiteral("Data of %1").arg(toQString(stage().name));
  for (const ProjectCheck::Item& item : check->result().items) {
    if (item.name != name || item.level == MatchLevel::green) continue;
    constexpr qsizetype most = 120;
    m_count->setText(item.finding.size() > most ? item.finding.left(most) + QStringLiteral("…") : item.finding);
    m_count->setToolTip(item.sentence());
  }
}

void StageCard::refreshSteps() {
  const StageOptions& options = stage();
  const QString warmUp = tr("warm-up over %1 %").arg(theme::shortNumber(100 * options.warmup_ratio));
  if (m_data && m_data->error.isEmpty() && m_data->samples > 0)
    m_steps->setText(tr("%1 steps, %2").arg(theme::wholeNumber(stage_steps(options, m_data->samples)), warmUp));
  else
    m_steps->setText(
        options.max_steps > 0 ? tr("At most %1 steps, %2").arg(theme::wholeNumber(options.max_steps), warmUp) : warmUp);
}

}  // namespace llavakd
