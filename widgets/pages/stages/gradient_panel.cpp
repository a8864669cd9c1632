// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/stages/gradient_panel.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>

#include "core/project/stage_list.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/stages/gradient_table.h"
#include "widgets/theme/numbers.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// The page scrolls; a choice must not change because the wheel passes over it.
class PanelChoice : public QComboBox {
 public:
  using QComboBox::QComboBox;

 protected:
  void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

/// The weights of the stage as it stands, in the order of what was found.
std::vector<double> weightsNow(const StageOptions& stage, const TermGradients& found) {
  std::vector<double> weights;
  for (const TermOnBatch& each : found.terms) {
    const auto own = std::ranges::find(stage.terms, each.term, &TermOptions::term);
    weights.push_back(own == stage.terms.end() ? 0 : own->weight);
  }
  return weights;
}

/// All terms without a number: what stands in the answer's place until it comes, so that nothing moves then.
TermGradients awaited() {
  TermGradients none;
  for (const TermInfo& info : term_catalog()) none.terms.push_back({.term = std::string(info.name)});
  return none;
}

QString checkpointName(const TermGradients& found) {
  return QFileInfo(toQString(found.student)).fileName();
}

QString batchFacts(const TermGradients& found) {
  const auto samples = qint64(found.samples.size());
  QString text = samples == 1 ? GradientPanel::tr("On the stage's first sample")
                              : GradientPanel::tr("On the stage's first %1 samples").arg(theme::wholeNumber(samples));
  text += found.student.empty() ? GradientPanel::tr(", with the student as the project begins.")
                                : GradientPanel::tr(", with the checkpoint %1.").arg(checkpointName(found));
  for (const std::string& note : found.notes) text += QLatin1Char('\n') + toQString(note);
  return text;
}

}  // namespace

GradientPanel::GradientPanel(ProjectDocument* document, int index, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_gradients(StageGradients::of(document)),
      m_index(index),
      m_ask(new QPushButton(this)),
      m_parts(new PanelChoice(this)),
      m_students(new PanelChoice(this)),
      m_progress(new QProgressBar(this)),
      m_state(new TextLabel({}, theme::Size::caption, TextLabel::Tone::muted)),
      m_table(new GradientTable(this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, theme::gapTiny, 0, 0);
  column->setSpacing(theme::gapTiny);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  m_ask->setObjectName(QStringLiteral("weights"));
  row->addWidget(m_ask);
  row->addWidget(m_parts, 1);
  row->addStretch();
  column->addLayout(row);
  m_parts->setObjectName(QStringLiteral("part"));
  m_parts->setMinimumContentsLength(8);
  m_parts->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  m_parts->setToolTip(tr("The part of the student whose gradients are shown"));
  m_students->setObjectName(QStringLiteral("student"));
  m_students->addItems({tr("Student as the project begins"), QString()});
  m_students->setToolTip(
      tr("The weights that the gradients are taken at. A stage meets the student that the one before "
         "has left: a checkpoint is nearer to that."));
  m_students->hide();
  column->addWidget(m_students);
  column->addWidget(m_table);  // above what changes its height, so that the answer stays where it is awaited
  m_progress->setTextVisible(false);
  m_progress->setFixedHeight(theme::gapTiny);
  column->addWidget(m_progress);
  m_state->setWordWrap(true);
  m_state->setTextFormat(Qt::PlainText);
  column->addWidget(m_state);
  connect(m_ask, &QPushButton::clicked, this, &GradientPanel::askOrCancel);
  connect(m_parts, &QComboBox::currentIndexChanged, this, &GradientPanel::refresh);
  connect(m_students, &QComboBox::currentIndexChanged, this, &GradientPanel::refresh);
  connect(m_gradients, &StageGradients::changed, this, [this](const QString& of) {
    if (size_t(m_index) < m_document->project().stages.size() && of == toQString(stage().name)) refresh();
  });
  refresh();
}

const StageOptions& GradientPanel::stage() const {
  return m_document->project().stages[size_t(m_index)];
}

void GradientPanel::askOrCancel() {
  const QString name = toQString(stage().name);
  if (m_gradients->known(name).running)
    m_gradients->cancel();
  else
    m_gradients->ask(name, student());
  if (m_gradients->known(name).running) Q_EMIT asked();
}

void GradientPanel::setCheckpoint(const QString& folder) {
  if (m_checkpoint == folder) return;
  m_checkpoint = folder;
  m_students->setVisible(!folder.isEmpty());
  m_students->setItemText(1, tr("Newest checkpoint, %1").arg(QFileInfo(folder).fileName()));
  if (folder.isEmpty()) m_students->setCurrentIndex(0);
  refresh();
}

QString GradientPanel::student() const {
  return m_students->currentIndex() == 1 ? m_checkpoint : QString();
}

void GradientPanel::refresh() {
  if (size_t(m_index) >= m_document->project().stages.size()) return;
  const StageGradients::Known known = m_gradients->known(toQString(stage().name));
  showButton(known);
  m_progress->setVisible(known.running);
  m_progress->setRange(0, known.passes);  // to 0: it moves without an end while models are loaded
  m_progress->setValue(known.done);
  const QString text = stateText(known);
  m_state->setVisible(!text.isEmpty());
  m_state->setText(text);
  m_table->setVisible(known.found || known.running);
  m_parts->setVisible(known.found.has_value());
  if (!known.found) return showTable(awaited(), true);
  showParts(*known.found);
  showTable(*known.found, !outdatedText(known).isEmpty());
}

void GradientPanel::showButton(const StageGradients::Known& known) {
  const QString name = toQString(stage().name);
  const bool runs = is_scheduled(m_document->project(), stage().name);
  m_ask->setText(known.running ? tr("Cancel") : known.found ? tr("Ask again") : tr("What do the weights do?"));
  m_ask->setAccessibleName(tr("%1 (%2)").arg(m_ask->text(), name));
  m_ask->setEnabled(known.running || runs);
  m_ask->setToolTip(
      !runs ? tr("%1 isn't part of the run.").arg(name)
            : tr("Each term's gradient on the stage's first samples: how large it is, which way it points, and which "
                 "share of the step it has. The models are loaded once; moving a weight then shows at once what it "
                 "changes. AdamW scales each parameter's step afterwards."));
  m_parts->setAccessibleName(tr("Part of the student (%1)").arg(name));
  m_students->setAccessibleName(tr("Student that is looked at (%1)").arg(name));
  m_table->setAccessibleName(tr("Shares and cosines of the terms' gradients in %1").arg(name));
}

void GradientPanel::showParts(const TermGradients& found) {
  QStringList names = {tr("All that learns")};
  for (const GradientProducts& part : found.parts) {
    QString name = toQString(part.part);
    name[0] = name[0].toUpper();
    names << name;
  }
  QStringList shown;
  for (int i = 0; i < m_parts->count(); ++i) shown << m_parts->itemText(i);
  if (names == shown) return;
  const QSignalBlocker quiet(m_parts);
  m_parts->clear();
  m_parts->addItems(names);
}

void GradientPanel::showTable(const TermGradients& found, bool outdated) {
  const int part = found.parts.empty() ? -1 : m_parts->currentIndex() - 1;
  std::vector<std::string> terms;
  for (const TermOnBatch& each : found.terms) terms.push_back(each.term);
  m_table->setGradients(terms, part < 0 ? found.products() : found.parts[size_t(part)].products,
                        weightsNow(stage(), found));
  m_table->setOutdated(outdated);
}

QString GradientPanel::outdatedText(const StageGradients::Known& known) const {
  if (known.filesChanged) return tr("Outdated: files of the project have changed since. Ask again.");
  if (m_gradients->isOutdated(toQString(stage().name)))
    return tr("Outdated: models, data or options have changed since. Ask again.");
  if (toQString(known.found->student) == student()) return {};
  return known.found->student.empty()
             ? tr("Outdated: this is of the student as the project begins. Ask again.")
             : tr("Outdated: this is of the checkpoint %1. Ask again.").arg(checkpointName(*known.found));
}

QString GradientPanel::stateText(const StageGradients::Known& known) const {
  if (known.running)
    return known.passes == 0
               ? tr("The engine loads the models…")
               : tr("%1 of %2 backward passes").arg(theme::wholeNumber(known.done), theme::wholeNumber(known.passes));
  if (!known.error.isEmpty()) return known.error;
  if (!known.found) return {};
  const QString outdated = outdatedText(known);
  return outdated.isEmpty() ? batchFacts(*known.found) : outdated;
}

}  // namespace llavakd
