// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/arms_dialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/errors.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

constexpr size_t mostNamed = 12;  // runs in the preview

// The project's own schedule, as it is typed.
QString scheduleText(const Project& project) {
  QStringList names;
  if (project.schedule.empty())
    for (const StageOptions& stage : project.stages) names << toQString(stage.name);
  for (const std::string& stage : project.schedule) names << toQString(stage);
  return names.join(QLatin1Char('-'));
}

QString namesOf(const std::vector<QueuedRun>& runs) {
  QStringList names;
  for (size_t i = 0; i < runs.size() && i < mostNamed; ++i) names << toQString(runs[i].project_name);
  if (runs.size() > mostNamed) names << QStringLiteral("…");
  return names.join(QLatin1Char('\n'));
}

}  // namespace

ArmsDialog::ArmsDialog(ProjectDocument* document, QWidget* parent)
    : QDialog(parent),
      m_document(document),
      m_arms(new QLineEdit(scheduleText(document->project()))),
      m_seeds(new QLineEdit(QString::number(document->project().run.seed))),
      m_preview(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)) {
  setWindowTitle(tr("Add arms and seeds to the queue"));
  resize(480, 320);
  m_arms->setObjectName(QStringLiteral("arms"));
  m_arms->setToolTip(tr("Stages joined by -, schedules separated by commas: PT-SFT, DPT-SFT-DFT"));
  m_seeds->setObjectName(QStringLiteral("seeds"));
  m_seeds->setToolTip(tr("Whole numbers, separated by commas: 0, 1, 2"));
  m_preview->setObjectName(QStringLiteral("armsPreview"));
  m_preview->setWordWrap(true);
  m_preview->setTextFormat(Qt::PlainText);
  m_preview->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  auto* form = new QFormLayout;
  form->addRow(tr("Arm&s"), m_arms);
  form->addRow(tr("See&ds"), m_seeds);
  column->addLayout(form);
  column->addWidget(m_preview, 1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  m_add = buttons->addButton(tr("&Add"), QDialogButtonBox::AcceptRole);
  m_add->setObjectName(QStringLiteral("addArms"));
  m_add->setDefault(true);
  column->addWidget(buttons);
  connect(m_arms, &QLineEdit::textChanged, this, &ArmsDialog::refresh);
  connect(m_seeds, &QLineEdit::textChanged, this, &ArmsDialog::refresh);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    Q_EMIT chosen(m_runs);
    accept();
  });
  connect(document, &ProjectDocument::closed, this, &QDialog::reject);
  connect(document, &ProjectDocument::changed, this, &ArmsDialog::refresh);
  refresh();
}

void ArmsDialog::refresh() {
  m_runs.clear();
  try {
    m_runs = queued_arms(toPath(m_document->path()), m_document->project(), m_arms->text().trimmed().toStdString(),
                         m_seeds->text().trimmed().toStdString());
    m_preview->setText(namesOf(m_runs));
  } catch (const UserError& error) {
    m_preview->setText(toQString(error.what()));
  }
  const auto count = qint64(m_runs.size());
  m_add->setEnabled(count > 0);
  m_add->setText(count == 1  ? tr("&Add 1 run")
                 : count > 1 ? tr("&Add %1 runs").arg(theme::wholeNumber(count))
                             : tr("&Add"));
}

}  // namespace llavakd
