// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/runs/verification_row.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/run/run_verifier.h"
#include "widgets/theme/parts.h"

namespace llavakd {

VerificationRow::VerificationRow(RunVerifier* verifier, QWidget* parent)
    : QWidget(parent),
      m_verifier(verifier),
      m_badge(new StateBadge),
      m_facts(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_button(new QPushButton) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gap);
  m_badge->setObjectName(QStringLiteral("verified"));
  m_button->setObjectName(QStringLiteral("verify"));
  m_facts->setObjectName(QStringLiteral("verifiedFacts"));
  m_facts->setWordWrap(true);
  m_facts->setTextFormat(Qt::PlainText);  // what comes from files is no markup
  m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row->addWidget(m_button);
  row->addWidget(m_badge);
  row->addStretch();
  column->addLayout(row);
  column->addWidget(m_facts);
  connect(m_button, &QPushButton::clicked, this, [this] {
    m_verifier->known(m_folder).running ? m_verifier->cancel(m_folder) : m_verifier->verify(m_folder);
  });
  connect(verifier, &RunVerifier::changed, this, [this](const QString& folder) {
    if (folder == m_folder) refresh();
  });
}

void VerificationRow::setRun(const RunRow& run) {
  m_folder = run.folder;
  m_possible = run.fault.isEmpty() && !run.imported && !run.isAtWork();
  m_button->setToolTip(run.isAtWork() ? tr("The run is at work: it can be verified once it has stopped.")
                                      : tr("Compare its checkpoints, its events and what it reads with what was "
                                           "written, and train some of its steps again"));
  m_verifier->look(m_folder);
  refresh();
}

void VerificationRow::refresh() {
  const RunVerifier::Known known = m_verifier->known(m_folder);
  const VerifiedBadge shown = verifiedBadge(known);
  m_badge->setState(shown.state, shown.text);
  m_badge->setVisible(!shown.text.isEmpty());
  const QString text = known.error.isEmpty() || known.running ? shown.facts : known.error;
  m_facts->setText(text);
  m_facts->setVisible(!text.isEmpty());
  m_button->setText(known.running ? tr("Cancel") : tr("&Verify"));
  m_button->setEnabled(known.running || m_possible);
}

}  // namespace llavakd
