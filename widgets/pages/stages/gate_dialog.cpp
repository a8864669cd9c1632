// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/gate_dialog.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/project/stage_gate.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/stages/limit_row.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// A limit whose number can be known and has none yet: of an evaluation, else of the probes, else of the loss.
LimitOptions usualLimit(const StageOptions& stage, const Project& project) {
  LimitOptions limit;
  const auto isThere = [&] {
    const std::string key = measured_key(limit, project);
    return std::any_of(stage.gate.begin(), stage.gate.end(),
                       [&](const LimitOptions& each) { return measured_key(each, project) == key; });
  };
  for (const CatalogEntry& measure : catalog::gate_measures())
    for (const std::string& of : limit_subjects(measure.name, stage, project)) {
      limit.measure = std::string(measure.name);
      limit.of = of;
      if (!limit_fault(limit, stage, project) && !isThere()) return limit;
    }
  return stage.gate.empty() ? LimitOptions{} : stage.gate.back();  // all have one: for another reference
}

}  // namespace

GateDialog::GateDialog(ProjectDocument* document, int stage, QWidget* parent)
    : QDialog(parent),
      m_document(document),
      m_stage(stage),
      m_text(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_limits(new QVBoxLayout),
      m_add(new QPushButton(theme::icon(QStringLiteral("new")), tr("&Add a limit"))) {
  setObjectName(QStringLiteral("gateDialog"));
  setAttribute(Qt::WA_DeleteOnClose);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme::pageMargin, theme::pageMargin, theme::pageMargin, theme::gapLarge);
  column->setSpacing(theme::gap);
  m_text->setWordWrap(true);
  column->addWidget(m_text);
  m_limits->setSpacing(theme::gap);
  column->addLayout(m_limits);
  m_add->setObjectName(QStringLiteral("addLimit"));
  m_add->setAutoDefault(false);
  column->addWidget(m_add, 0, Qt::AlignLeft);
  column->addStretch();
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);  // Return ends a number, not the dialog
  column->addWidget(buttons);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(m_add, &QPushButton::clicked, this, &GateDialog::addLimit);
  connect(document, &ProjectDocument::changed, this, &GateDialog::refresh);
  connect(document, &ProjectDocument::closed, this, &QDialog::reject);
  connect(document, &ProjectDocument::opened, this, &QDialog::reject);
  refresh();
}

const StageOptions* GateDialog::stage() const {
  const auto& stages = m_document->project().stages;
  return size_t(m_stage) < stages.size() ? &stages[size_t(m_stage)] : nullptr;
}

void GateDialog::refresh() {
  const StageOptions* options = stage();
  if (!options) return reject();
  const QString name = toQString(options->name);
  setWindowTitle(tr("Gate of %1").arg(name));
  m_text->setText(
      options->gate.empty()
          ? tr("The run goes on after %1, whatever has come out. A limit on a score, the probes or a loss "
               "can keep it from that.")
                .arg(name)
          : tr("Where one of these doesn’t hold at the end of %1, the run stops, asks, or says so.").arg(name));
  while (m_rows.size() > options->gate.size()) {
    m_rows.back()->hide();
    m_rows.back()->deleteLater();
    m_rows.pop_back();
  }
  while (m_rows.size() < options->gate.size()) {
    const int index = int(m_rows.size());
    auto* row = new LimitRow(index, this);
    m_rows.push_back(row);
    m_limits->addWidget(row);
    connect(row, &LimitRow::edited, this, [this, index](const LimitOptions& limit, const QString& what) {
      edit(
          tr("change a limit of %1").arg(toQString(stage()->name)),
          [&](std::vector<LimitOptions>& gate) {
            if (size_t(index) < gate.size()) gate[size_t(index)] = limit;
          },
          QStringLiteral("%1.%2").arg(index).arg(what));
    });
    connect(row, &LimitRow::removeRequested, this, [this, index] {
      edit(tr("remove a limit of %1").arg(toQString(stage()->name)), [&](std::vector<LimitOptions>& gate) {
        if (size_t(index) < gate.size()) gate.erase(gate.begin() + index);
      });
    });
  }
  for (size_t i = 0; i < m_rows.size(); ++i) m_rows[i]->setLimit(options->gate[i], *options, m_document->project());
}

void GateDialog::addLimit() {
  const LimitOptions limit = usualLimit(*stage(), m_document->project());
  edit(tr("add a limit to %1").arg(toQString(stage()->name)),
       [&](std::vector<LimitOptions>& gate) { gate.push_back(limit); });
}

void GateDialog::edit(const QString& text, const std::function<void(std::vector<LimitOptions>&)>& change,
                      const QString& key) {
  m_document->edit(
      text, [&](Project& project) { change(project.stages[size_t(m_stage)].gate); },
      key.isEmpty() ? QString() : QStringLiteral("stage%1.gate.%2").arg(m_stage).arg(key));
}

}  // namespace llavakd
