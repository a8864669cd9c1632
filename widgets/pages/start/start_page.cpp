// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/start_page.h"

#include <QCheckBox>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>
#include <vector>

#include "core/project/catalog.h"
#include "widgets/charts/sparkline.h"
#include "widgets/document/background.h"
#include "widgets/document/conversions.h"
#include "widgets/forms/path_edit.h"
#include "widgets/pages/start/method_sketch.h"
#include "widgets/pages/start/new_project_card.h"
#include "widgets/pages/start/recent_facts.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/theme/list_button.h"
#include "widgets/theme/page_layout.h"
#include "widgets/theme/parts.h"

namespace llavakd {
namespace {

// Two kinds of templates: examples, which have a picture of their own, run here at once; recipes need files from
// elsewhere.
QString pictureOf(const QString& name) {
  return QStringLiteral(":/templates/%1.svg").arg(name);
}

constexpr QSize drawnCourse(88, 36);
constexpr int narrowStart = 760;  // below it the columns are under one another

// The total of the newest run over its steps.
Sparkline* makeCourse(std::vector<double> totals) {
  auto* course = new Sparkline;
  course->setFixedSize(drawnCourse);
  course->setPen([] { return theme::termPen("total"); });
  course->setValues(std::move(totals));
  return course;
}

QString shortPath(QString path) {
  if (path.startsWith(QDir::homePath() + QLatin1Char('/'))) path.replace(0, QDir::homePath().size(), QLatin1Char('~'));
  return path;
}

}  // namespace

StartPage::StartPage(QWidget* parent) : QWidget(parent) {
  QVBoxLayout* page = makeScrollingColumn(this);
  auto* headline = new TextLabel(tr("A small model learns to see and answer like a large one"), theme::Size::page);
  headline->setWordWrap(true);
  page->addWidget(headline);
  page->addWidget(new MethodSketch);
  m_message = new InlineMessage;
  page->addWidget(m_message);
  auto* columns = new QHBoxLayout;
  columns->setSpacing(theme::gapPage);
  columns->addWidget(makeBeginnings(), 3);
  columns->addWidget(makeRecent(), 2);
  page->addLayout(columns);
  stackBelow(this, columns, narrowStart);
  page->addStretch();
  offer(toQString(catalog::project_templates().front().name));
  refresh();
}

QWidget* StartPage::makeBeginnings() {
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  column->addWidget(new TextLabel(tr("New project"), theme::Size::title));
  m_new = new NewProjectCard(box);
  column->addWidget(m_new);
  connect(m_new, &NewProjectCard::made, this, &StartPage::projectMade);
  addTemplates(column, tr("Examples: nothing to fetch"), true);
  addTemplates(column, tr("Recipes: for published models and data that you have"), false);
  column->addStretch();
  return box;
}

void StartPage::addTemplates(QVBoxLayout* column, const QString& heading, bool examples) {
  column->addSpacing(theme::gapSmall);
  column->addWidget(new TextLabel(heading, theme::Size::caption, TextLabel::Tone::muted));
  for (const CatalogEntry& entry : catalog::project_templates()) {
    const QString name = toQString(entry.name);
    const bool isExample = QFileInfo::exists(pictureOf(name));
    if (isExample != examples) continue;
    auto* button = new ListButton(this);
    button->setObjectName(QStringLiteral("template-") + name);
    button->setCheckable(true);
    button->setAutoExclusive(true);
    button->setPicture(isExample ? pictureOf(name) : pictureOf(QStringLiteral("recipe")));
    button->setTexts(toQString(entry.label), toQString(entry.help));
    connect(button, &QAbstractButton::clicked, this, [this, name] { offer(name); });
    column->addWidget(button);
  }
}

void StartPage::offer(const QString& templateName) {
  m_new->setTemplate(templateName);
  if (auto* chosen = findChild<ListButton*>(QStringLiteral("template-") + templateName)) chosen->setChecked(true);
  if (isVisible()) m_new->path()->setFocus();
}

QWidget* StartPage::makeRecent() {
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme::gapSmall);
  column->addWidget(new TextLabel(tr("Recent"), theme::Size::title));
  m_recent = new QVBoxLayout;
  m_recent->setSpacing(theme::gapSmall);
  column->addLayout(m_recent);
  auto* open = new QPushButton(theme::icon(QStringLiteral("open")), tr("&Open a project…"), box);
  open->setObjectName(QStringLiteral("open"));
  connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
  column->addWidget(open, 0, Qt::AlignLeft);
  column->addWidget(
      new TextLabel(tr("Or drop a project file on this window."), theme::Size::caption, TextLabel::Tone::muted));
  m_reopen = new QCheckBox(tr("Open the &last project when the studio starts"), box);
  m_reopen->setObjectName(QStringLiteral("reopen"));
  connect(m_reopen, &QCheckBox::toggled, this, &setReopensLastProject);
  column->addWidget(m_reopen);
  column->addStretch();
  return box;
}

QWidget* StartPage::makeRecentEntry(const QString& path) {
  auto* entry = new QWidget(this);
  auto* row = new QHBoxLayout(entry);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(theme::gapTiny);
  auto* button = new ListButton(entry);
  const QString folder = shortPath(QFileInfo(path).absolutePath());
  button->setTexts(QFileInfo(path).completeBaseName(), tr("Reading…"), folder);
  button->setToolTip(path);
  auto* remove = makeToolButton(QStringLiteral("cross"), {}, tr("Take it off this list"), entry);
  remove->setObjectName(QStringLiteral("forget"));
  row->addWidget(button, 1);
  row->addWidget(remove, 0, Qt::AlignTop);
  connect(button, &QAbstractButton::clicked, this, [this, path] { Q_EMIT projectChosen(path); });
  connect(remove, &QToolButton::clicked, this, [this, path] {
    removeRecentProject(path);
    refresh();
  });
  inBackground(
      button, [path] { return readRecentFacts(path); },
      [button, folder, remove](const RecentFacts& facts) {
        const QString state = facts.missing         ? tr("The file is no longer there.")
                              : facts.run.isEmpty() ? tr("No run yet")
                                                    : facts.run;
        button->setTexts(facts.name, state, folder);
        if (facts.course.size() > 1) button->setDrawing(makeCourse(facts.course));
        remove->setAccessibleName(tr("Take %1 off this list").arg(facts.name));
      });
  return entry;
}

void StartPage::refresh() {
  while (QLayoutItem* item = m_recent->takeAt(0)) {
    item->widget()->hide();
    item->widget()->deleteLater();  // its own button may have asked for it
    delete item;
  }
  const QStringList paths = recentProjects();
  for (const QString& path : paths) m_recent->addWidget(makeRecentEntry(path));
  if (paths.isEmpty())
    m_recent->addWidget(
        new TextLabel(tr("Projects that you open will be listed here."), theme::Size::body, TextLabel::Tone::muted));
  m_reopen->setChecked(reopensLastProject());
}

}  // namespace llavakd
