// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/project/evaluation_list.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/forms/option_form.h"
#include "widgets/forms/path_edit.h"
#include "widgets/run/project_check.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/page_layout.h"

namespace llavakd {
namespace {

constexpr int evaluationWidth = 720;

QString keyOf(int place) {
  return QStringLiteral("evaluations[%1]").arg(place);
}

// Forms of several evaluations have the same labels: who hears them alone is told whose they are.
void nameFields(const OptionForm* form, int place) {
  for (const FormField& described : formFields(EvaluationOptions())) {
    QWidget* editor = form->editor(toQString(described.field.name));
    const QString name = EvaluationList::tr("%1 of evaluation %2")
                             .arg(OptionForm::fieldLabel(described.field.name), theme::wholeNumber(place + 1));
    editor->setAccessibleName(name);
    if (auto* path = qobject_cast<PathEdit*>(editor)) path->setHelp(name, path->toolTip());
  }
}

}  // namespace

EvaluationList::EvaluationList(ProjectDocument* document, QWidget* parent)
    : Card(theme::Who::none, parent),
      m_document(document),
      m_empty(new TextLabel(tr("None: a run ends without a score."), theme::Size::body, TextLabel::Tone::muted)),
      m_column(new QVBoxLayout) {
  auto* head = new QHBoxLayout;
  head->addWidget(new TextLabel(tr("Evaluations"), theme::Size::title));
  auto* what =
      new TextLabel(tr("Questions that the student is asked at the end of a run, and where a gate reads a score."),
                    theme::Size::body, TextLabel::Tone::muted);
  what->setWordWrap(true);
  head->addWidget(what, 1);
  auto* more = makeToolButton(QStringLiteral("new"), tr("Add"), tr("Add a file of questions"), this);
  more->setObjectName(QStringLiteral("addEvaluation"));
  head->addWidget(more);
  body()->addLayout(head);
  body()->addWidget(m_empty);
  m_column->setSpacing(theme::gapLarge);
  body()->addLayout(m_column);
  connect(more, &QToolButton::clicked, this, &EvaluationList::add);
  connect(document, &ProjectDocument::changed, this, &EvaluationList::refresh);
  connect(document, &ProjectDocument::closed, this, &EvaluationList::refresh);
  connect(ProjectCheck::of(document), &ProjectCheck::changed, this, &EvaluationList::showFaults);
  refresh();
}

EvaluationList::Row EvaluationList::makeRow(int place) {
  auto* widget = new QWidget(this);
  widget->setMaximumWidth(evaluationWidth);
  auto* row = new QHBoxLayout(widget);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapSmall);
  auto* fields = new QVBoxLayout;
  fields->setSpacing(theme::gapTiny);
  auto* form = new OptionForm(widget);
  fields->addWidget(form);
  auto* fault = new TextLabel({}, theme::Size::body);
  fault->setObjectName(QStringLiteral("evaluationFault"));
  fault->setTextFormat(Qt::PlainText);
  fault->setWordWrap(true);
  fault->setTextInteractionFlags(Qt::TextSelectableByMouse);
  fault->hide();
  fields->addWidget(fault);
  row->addLayout(fields, 1);
  auto* gone = makeToolButton(QStringLiteral("cross"), {},
                              tr("Remove evaluation %1").arg(theme::wholeNumber(place + 1)), widget);
  gone->setObjectName(QStringLiteral("removeEvaluation"));
  row->addWidget(gone, 0, Qt::AlignTop);
  connect(gone, &QToolButton::clicked, this, [this, place] { remove(place); });
  connect(form, &OptionForm::edited, this, [this, place](const QString& name, const FieldValue& value) {
    m_document->edit(
        tr("change an evaluation's %1").arg(OptionForm::fieldLabel(name.toStdString()).toLower()),
        [&](Project& project) {
          if (size_t(place) < project.evaluations.size())
            assignField(project.evaluations[size_t(place)], name.toStdString(), value);
        },
        keyOf(place) + QLatin1Char('.') + name);
  });
  m_column->addWidget(widget);
  widget->show();
  return {widget, form, fault};
}

void EvaluationList::refresh() {
  const std::vector<EvaluationOptions>& evaluations = m_document->project().evaluations;
  while (m_rows.size() > evaluations.size()) {
    m_rows.back().widget->hide();
    m_rows.back().widget->deleteLater();  // a click on its own button may have led here
    m_rows.pop_back();
  }
  while (m_rows.size() < evaluations.size()) m_rows.push_back(makeRow(int(m_rows.size())));
  for (size_t place = 0; place < m_rows.size(); ++place) {
    OptionForm* form = m_rows[place].form;
    form->setBaseFolder(QFileInfo(m_document->path()).absolutePath());
    form->setFields(formFields(evaluations[place]));
    nameFields(form, int(place));
  }
  m_empty->setVisible(m_rows.empty());
  showFaults();
  settleLayout(this);
}

// While the project is checked again nothing is known: a fault of before may be another row's by now.
void EvaluationList::showFaults() {
  const ProjectCheck* check = ProjectCheck::of(m_document);
  for (size_t place = 0; place < m_rows.size(); ++place) {
    QStringList faults;
    for (const ProjectCheck::Item& item : check->result().items) {
      const auto isOfRow = [own = keyOf(int(place)).toStdString()](const PreflightFix& fix) {
        return fix.key.starts_with(own);
      };
      if (check->isRunning() || item.level == MatchLevel::green || !std::ranges::any_of(item.fixes, isOfRow)) continue;
      faults << QStringLiteral("%1 %2").arg(item.finding, item.remedy).trimmed();
    }
    m_rows[place].fault->setText(faults.join(QLatin1Char('\n')));
    m_rows[place].fault->setVisible(!faults.isEmpty());
  }
}

QWidget* EvaluationList::field(const QString& key) const {
  const auto place = size_t(key.section(u'[', 1).section(u']', 0, 0).toInt());
  if (place >= m_rows.size()) return nullptr;
  const QString name = key.section(u'.', 1);
  return m_rows[place].form->editor(name.isEmpty() ? QStringLiteral("file") : name);
}

void EvaluationList::add() {
  if (!m_document->isOpen()) return;
  m_document->edit(tr("add an evaluation"), [](Project& project) { project.evaluations.emplace_back(); });
  if (QWidget* file = field(keyOf(int(m_rows.size()) - 1))) file->setFocus(Qt::OtherFocusReason);
}

void EvaluationList::remove(int place) {
  m_document->edit(tr("remove an evaluation"), [place](Project& project) {
    if (size_t(place) < project.evaluations.size()) project.evaluations.erase(project.evaluations.begin() + place);
  });
}

}  // namespace llavakd
