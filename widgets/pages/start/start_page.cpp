// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/start_page.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/theme/list_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// Two kinds of templates: what runs here at once, and what needs files from elsewhere.
QString pictureOf(const QString& name) {
  const QString own = QStringLiteral(":/templates/%1.svg").arg(name);
  return QFileInfo::exists(own) ? own : QStringLiteral(":/templates/recipe.svg");
}

}  // namespace

StartPage::StartPage(QWidget* parent) : QWidget(parent) {
  QVBoxLayout* page = makeScrollingColumn(this);
  m_message = new InlineMessage;
  page->addWidget(m_message);
  auto* columns = new QHBoxLayout;
  columns->setSpacing(theme::gapPage);
  columns->addWidget(makeTemplates(), 3);
  columns->addWidget(makeRecent(), 2);
  page->addLayout(columns);
  page->addStretch();
  refresh();
}

QWidget* StartPage::makeTemplates() {
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  column->addWidget(new TextLabel(tr("New project"), theme::Size::page));
  column->addWidget(new TextLabel(tr("A small model learns from a large one in three stages."), theme::Size::body,
                                  TextLabel::Tone::muted));
  column->addSpacing(theme::gapSmall);
  for (const CatalogEntry& entry : catalog::project_templates()) {
    const QString name = toQString(entry.name);
    auto* button = new ListButton(box);
    button->setObjectName(QStringLiteral("template-") + name);
    button->setPicture(pictureOf(name));
    button->setTexts(toQString(entry.label), toQString(entry.help));
    connect(button, &QAbstractButton::clicked, this, [this, name] { Q_EMIT templateChosen(name); });
    column->addWidget(button);
  }
  column->addStretch();
  return box;
}

QWidget* StartPage::makeRecent() {
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  column->addWidget(new TextLabel(tr("Recent"), theme::Size::page));
  column->addWidget(
      new TextLabel(tr("Or drop a project file on this window."), theme::Size::body, TextLabel::Tone::muted));
  column->addSpacing(theme::gapSmall);
  m_recent = new QVBoxLayout;
  m_recent->setSpacing(theme::gapSmall);
  column->addLayout(m_recent);
  auto* open = new QPushButton(theme::icon(QStringLiteral("open")), tr("Open a project…"), box);
  open->setObjectName(QStringLiteral("open"));
  connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
  column->addWidget(open, 0, Qt::AlignLeft);
  column->addStretch();
  return box;
}

void StartPage::refresh() {
  while (QLayoutItem* item = m_recent->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  const QStringList paths = recentProjects();
  for (const QString& path : paths) {
    auto* button = new ListButton(this);
    QString shown = path;
    if (shown.startsWith(QDir::homePath() + QLatin1Char('/')))
      shown.replace(0, QDir::homePath().size(), QStringLiteral("~"));
    button->setTexts(QFileInfo(path).completeBaseName(), {}, shown);
    button->setToolTip(path);
    connect(button, &QAbstractButton::clicked, this, [this, path] { Q_EMIT projectChosen(path); });
    m_recent->addWidget(button);
  }
  if (paths.isEmpty())
    m_recent->addWidget(
        new TextLabel(tr("Projects that you open will be listed here."), theme::Size::body, TextLabel::Tone::muted));
}

}  // namespace llavakd
