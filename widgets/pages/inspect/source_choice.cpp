// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/inspect/source_choice.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <algorithm>

#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// In the order in which they are listed.
enum SourceKind { recordedLogits, hiddenStates, attentionHeads, connectorTokens, towerFeatures };

}  // namespace

SourceChoice::SourceChoice(QWidget* parent)
    : QWidget(parent), m_kind(new QComboBox), m_layer(new QComboBox), m_head(new QComboBox) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapTiny);
  m_kind->addItems({tr("Logits, as recorded"), tr("Hidden states"), tr("Attention"), tr("Connector"), tr("Tower")});
  m_kind->setAccessibleName(tr("Source of the relations"));
  m_kind->setToolTip(tr(
      "What the visual tokens' relations are made of. The run recorded those of the logits at every look; all else is "
      "computed from the weights of a checkpoint."));
  m_layer->setAccessibleName(tr("Layer of the student"));
  m_layer->setToolTip(tr("The student's layer; the teacher's is the one at the same share of its depth"));
  m_head->setAccessibleName(tr("Attention head of the student"));
  m_head->setToolTip(tr("The student's head; the teacher's is the one of its layer that is nearest to it"));
  for (auto* box : {m_kind, m_layer, m_head}) {
    row->addWidget(box);
    connect(box, &QComboBox::activated, this, [this, box] {
      if (box == m_kind) fillLayers();
      Q_EMIT changed();
    });
  }
  fillLayers();
}

bool SourceChoice::hasLayers() const {
  return m_kind->currentIndex() == hiddenStates || hasHeads();
}

bool SourceChoice::hasHeads() const {
  return m_kind->currentIndex() == attentionHeads;
}

void SourceChoice::setStudent(int layers, int heads) {
  if (layers == m_layers && heads == m_heads) return;
  m_layers = layers;
  m_heads = heads;
  if (layers < 1) m_kind->setCurrentIndex(recordedLogits);
  fillLayers();
}

void SourceChoice::setEnabledSources(bool enabled) {
  m_kind->setEnabled(enabled && m_layers > 0);
}

void SourceChoice::fillLayers() {
  const int before = m_layer->currentData().toInt(), first = hasHeads() ? 1 : 0;
  m_layer->clear();
  for (int layer = first; layer <= m_layers; ++layer)
    m_layer->addItem(layer == 0 ? tr("Input") : tr("Layer %1 of %2").arg(layer).arg(m_layers), layer);
  // The layer stays where it was; at first it is the last one.
  const int kept = m_layer->findData(before > 0 ? before : m_layers);
  m_layer->setCurrentIndex(std::max(0, kept));
  if (m_head->count() != m_heads + 1) {
    m_head->clear();
    m_head->addItem(tr("Mean of the heads"), -1);
    for (int head = 0; head < m_heads; ++head) m_head->addItem(tr("Head %1").arg(head), head);
  }
  m_layer->setVisible(hasLayers());
  m_head->setVisible(hasHeads());
}

QString SourceChoice::source() const {
  switch (m_kind->currentIndex()) {
    case hiddenStates:
      return QStringLiteral("hidden:%1").arg(m_layer->currentData().toInt());
    case attentionHeads: {
      const QString layer = QStringLiteral("attention:%1").arg(m_layer->currentData().toInt());
      const int head = m_head->currentData().toInt();
      return head < 0 ? layer : QStringLiteral("%1:%2").arg(layer).arg(head);
    }
    case connectorTokens:
      return QStringLiteral("connector");
    case towerFeatures:
      return QStringLiteral("tower");
    default:
      return {};
  }
}

}  // namespace llavakd
