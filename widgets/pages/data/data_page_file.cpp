// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the Data page shows where a file can't be read, and how another one is chosen.
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/document/project_document.h"
#include "widgets/pages/data/data_page.h"
#include "widgets/theme/parts.h"

namespace llavakd {

QWidget* DataPage::makeEmptyPage() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setSpacing(theme::gapLarge);
  column->addStretch(2);
  m_empty->setAlignment(Qt::AlignCenter);
  m_empty->setWordWrap(true);
  m_empty->setTextFormat(Qt::PlainText);
  column->addWidget(m_empty);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(theme::gapSmall);
  buttons->addStretch();
  m_choose->setObjectName(QStringLiteral("chooseDataFile"));
  m_showOption->setObjectName(QStringLiteral("showDataOption"));
  for (QPushButton* button : {m_choose, m_showOption}) {
    buttons->addWidget(button);
    button->hide();
  }
  buttons->addStretch();
  column->addLayout(buttons);
  column->addStretch(3);
  return page;
}

QString DataPage::fileOption() const {
  if (size_t(m_set) >= m_setList.size()) return {};
  const SampleSetKind kind = m_setList[size_t(m_set)].kind;
  if (kind == SampleSetKind::probes) return {};
  // Stages come first in the list, then evaluations, in the project's order.
  const auto place = std::ranges::count(m_setList.begin(), m_setList.begin() + m_set, kind, &SampleSet::kind);
  return kind == SampleSetKind::stage ? QStringLiteral("stages[%1].data").arg(place)
                                      : QStringLiteral("evaluations[%1].file").arg(place);
}

void DataPage::chooseDataFile() {
  const QString file =
      QFileDialog::getOpenFileName(window(), tr("Choose the data file"), QFileInfo(m_document->path()).absolutePath());
  if (!file.isEmpty()) setDataFile(file);
}

void DataPage::setDataFile(const QString& file) {
  const QString option = fileOption();
  const auto place = size_t(option.section(u'[', 1).section(u']', 0, 0).toInt());
  const std::string path = m_document->relative(file);
  m_document->edit(tr("choose a data file"), [&](Project& project) {
    if (option.startsWith(QStringLiteral("stages")) && place < project.stages.size())
      project.stages[place].data = path;
    else if (option.startsWith(QStringLiteral("evaluations")) && place < project.evaluations.size())
      project.evaluations[place].file = path;
  });
}

}  // namespace llavakd
