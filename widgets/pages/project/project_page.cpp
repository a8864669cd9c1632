// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/project_page.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include "widgets/document/project_document.h"
#include "widgets/document/project_facts.h"
#include "widgets/forms/option_form.h"
#include "widgets/pages/project/check_card.h"
#include "widgets/pages/project/evaluation_list.h"
#include "widgets/pages/project/fit_card.h"
#include "widgets/pages/project/model_card.h"
#include "widgets/pages/project/probe_strip.h"
#include "widgets/theme/page_layout.h"

namespace llavakd {
namespace {

// A label and its field belong together: on a wide screen they would lie apart.
constexpr int settingsWidth = 960;
constexpr int narrowProject = 840;  // below it the cards are under one another

}  // namespace

PageDescriptor ProjectPage::descriptor() {
  return {QStringLiteral("project"), QStringLiteral("project"), tr("&Project"), QKeySequence(Qt::CTRL | Qt::Key_1),
          [](const PageContext& context) -> QWidget* {
            return new ProjectPage(context.document);
          }};
}

ProjectPage::ProjectPage(ProjectDocument* document, QWidget* parent) : QWidget(parent), m_document(document) {
  QVBoxLayout* page = makeScrollingColumn(this);
  auto* models = new QHBoxLayout;
  models->setSpacing(theme::gapLarge);
  models->addWidget(m_teacher = new ModelCard(theme::Who::teacher, document), 4);
  models->addWidget(m_fit = new FitCard, 5);
  models->addWidget(m_student = new ModelCard(theme::Who::student, document), 4);
  page->addLayout(models);
  stackBelow(this, models, narrowProject);
  page->addWidget(m_check = new CheckCard(document));
  page->addWidget(m_probes = new ProbeStrip(document));
  page->addWidget(m_evaluations = new EvaluationList(document));
  page->addWidget(makeOptions());
  page->addStretch();
  bindOptions();
  connect(m_check, &CheckCard::fieldRequested, this, &ProjectPage::showField);
  connect(m_check, &CheckCard::samplesRequested, this, &ProjectPage::samplesRequested);
  connect(document, &ProjectDocument::changed, this, &ProjectPage::refresh);
  connect(ProjectFacts::of(document), &ProjectFacts::changed, this, &ProjectPage::refreshFacts);
  refresh();
  refreshFacts();
}

QWidget* ProjectPage::makeOptions() {
  auto* card = new Card;
  card->body()->addWidget(new TextLabel(tr("Settings"), theme::Size::title));
  auto* settings = new QWidget;
  settings->setObjectName(QStringLiteral("settings"));
  settings->setMaximumWidth(settingsWidth);
  auto* columns = new QHBoxLayout(settings);
  columns->setContentsMargins(0, 0, 0, 0);
  columns->setSpacing(theme::gapPage);
  stackBelow(this, columns, narrowProject);
  const auto addColumn = [&](const QString& title, std::initializer_list<OptionForm*> forms) {
    auto* column = new QVBoxLayout;
    column->setSpacing(theme::gapTiny);
    column->addWidget(new TextLabel(title, theme::Size::caption, TextLabel::Tone::muted));
    for (OptionForm* form : forms) column->addWidget(form);
    column->addStretch();
    columns->addLayout(column, 1);
  };
  m_projectForm = new OptionForm;
  m_projectForm->setExcept({QStringLiteral("schedule")});
  m_imageForm = new OptionForm;
  m_runForm = new OptionForm;
  addColumn(tr("Project"), {m_projectForm, m_imageForm});
  addColumn(tr("Runs"), {m_runForm});
  card->body()->addWidget(settings);
  return card;
}

void ProjectPage::bindOptions() {
  const auto bind = [this](OptionForm* form, auto part) {
    connect(form, &OptionForm::edited, this, [this, part](const QString& name, const FieldValue& value) {
      const std::string field = name.toStdString();
      m_document->edit(
          tr("change %1").arg(OptionForm::fieldLabel(field).toLower()),
          [&](Project& project) { assignField(part(project), field, value); }, QStringLiteral("project.") + name);
    });
  };
  bind(m_projectForm, [](Project& project) -> Project& { return project; });
  bind(m_imageForm, [](Project& project) -> ImageOptions& { return project.image; });
  bind(m_runForm, [](Project& project) -> RunOptions& { return project.run; });
}

void ProjectPage::showField(const QString& key) {
  if (key.startsWith(QStringLiteral("stages"))) return Q_EMIT fieldRequested(key);
  const QString group = key.section(u'.', 0, 0), name = key.section(u'.', -1);
  QWidget* shown = m_probes->list();
  if (key.startsWith(QStringLiteral("evaluations"))) {
    shown = m_evaluations->field(key);
  } else if (key.startsWith(QStringLiteral("probes"))) {
    m_probes->list()->setCurrentRow(key.section(u'[', 1).section(u']', 0, 0).toInt());
  } else {
    OptionForm* form = group == QStringLiteral("teacher")   ? m_teacher->form()
                       : group == QStringLiteral("student") ? m_student->form()
                       : group == QStringLiteral("image")   ? m_imageForm
                       : group == QStringLiteral("run")     ? m_runForm
                                                            : m_projectForm;
    shown = form->reveal(name);
  }
  if (!shown) return;
  for (QWidget* above = shown; above; above = above->parentWidget())
    if (auto* area = qobject_cast<QScrollArea*>(above)) area->ensureWidgetVisible(shown, 0, theme::gapPage);
  shown->setFocus(Qt::OtherFocusReason);
}

void ProjectPage::refresh() {
  if (!m_document->isOpen()) return;
  const Project& project = m_document->project();
  m_projectForm->setFields(formFields(project));
  m_imageForm->setFields(formFields(project.image));
  m_runForm->setFields(formFields(project.run));
}

void ProjectPage::refreshFacts() {
  const ProjectFacts* facts = ProjectFacts::of(m_document);
  if (facts->isLoading()) {  // of a project that has just been opened
    for (ModelCard* card : {m_teacher, m_student}) card->setReading();
    return m_fit->setReading();
  }
  const ProjectFacts::Result& result = facts->result();
  m_teacher->setFacts(result.hasTeacher, result.teacher);
  m_student->setFacts(result.hasStudent, result.student);
  m_fit->setResult(result);
}

}  // namespace llavakd
