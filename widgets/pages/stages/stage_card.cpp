// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/stage_card.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "core/project/catalog.h"
#include "core/project/stage_list.h"
#include "core/project/stage_terms.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/stages/gradient_panel.h"
#include "widgets/pages/stages/schedule_sketch.h"
#include "widgets/pages/stages/stage_data.h"
#include "widgets/pages/stages/stage_head.h"
#include "widgets/pages/stages/term_row.h"
#include "widgets/run/project_check.h"

namespace llavakd {
namespace {

constexpr int minimumCardWidth = 312;

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
  m_gradients = new GradientPanel(m_document, m_index, this);
  content()->addWidget(m_gradients);
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

}  // namespace llavakd
