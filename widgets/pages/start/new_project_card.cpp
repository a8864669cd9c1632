// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/start/new_project_card.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QProgressBar>
#include <QSettings>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/project/catalog.h"
#include "widgets/document/conversions.h"
#include "widgets/forms/path_edit.h"
#include "widgets/run/engine_command.h"
#include "widgets/theme/action_button.h"

namespace llavakd {
namespace {

QString folderKey() {
  return QStringLiteral("newProjects/folder");
}

// Where new projects go: the folder that the last one went to.
QString newProjectsFolder() {
  const QString known = QSettings().value(folderKey()).toString();
  return QFileInfo(known).isDir() ? known : QDir::homePath() + QStringLiteral("/LLaVA-KD");
}

// Never into a folder that already holds something.
QString freeFolder(const QString& parent, const QString& name) {
  QString folder = parent + QLatin1Char('/') + name;
  for (int i = 2; QFileInfo::exists(folder); ++i) folder = QStringLiteral("%1/%2-%3").arg(parent, name).arg(i);
  return folder;
}

// "~/LLaVA-KD" is what people type.
QString withoutTilde(const QString& path) {
  return path == QStringLiteral("~") || path.startsWith(QStringLiteral("~/")) ? QDir::homePath() + path.mid(1) : path;
}

// Work of unknown length, on a line with a piece that moves; the style draws so low a bar full and still.
class BusyBar : public QProgressBar {
 public:
  explicit BusyBar(QWidget* parent) : QProgressBar(parent) {
    setRange(0, 0);
    m_ticks.setInterval(60);
    connect(&m_ticks, &QTimer::timeout, this, [this] {
      m_place = m_place >= 1 ? 0 : m_place + 0.02;
      update();
    });
  }

 protected:
  void showEvent(QShowEvent* event) override {
    m_ticks.start();
    QProgressBar::showEvent(event);
  }
  void hideEvent(QHideEvent* event) override {
    m_ticks.stop();
    QProgressBar::hideEvent(event);
  }
  void paintEvent(QPaintEvent*) override {
    constexpr double piece = 0.25;  // of the width
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const auto draw = [&](double from, double to, const QColor& color) {
      painter.setBrush(color);
      painter.drawRoundedRect(QRectF(from, 0, to - from, height()), height() / 2.0, height() / 2.0);
    };
    draw(0, width(), theme::border());
    const double begin = m_place * (1 + piece) - piece;
    draw(std::max(0.0, begin) * width(), std::min(1.0, begin + piece) * width(), theme::accent());
  }

 private:
  QTimer m_ticks;
  double m_place = 0.2;  // of the piece's way
};

bool holdsSomething(const QString& folder) {
  return QFileInfo::exists(folder) && (!QFileInfo(folder).isDir() || !QDir(folder).isEmpty());
}

}  // namespace

NewProjectCard::NewProjectCard(QWidget* parent)
    : Card(theme::Who::none, parent),
      m_title(new TextLabel({}, theme::Size::title)),
      m_help(new TextLabel({}, theme::Size::body, TextLabel::Tone::muted)),
      m_fault(new TextLabel),
      m_path(new PathEdit(true, this)),
      m_make(new ActionButton(tr("&Make the project"), true)),
      m_progress(new BusyBar(this)) {
  m_help->setWordWrap(true);
  m_fault->setWordWrap(true);
  m_fault->setObjectName(QStringLiteral("fault"));
  m_path->setHelp(tr("Folder of the new project"),
                  tr("<p>The folder of the new project; it is made where it doesn't exist yet.</p>"));
  m_path->line()->setObjectName(QStringLiteral("folder"));
  m_make->setObjectName(QStringLiteral("make"));
  m_progress->setTextVisible(false);
  m_progress->setFixedHeight(6);
  m_progress->setAccessibleName(tr("The project is being made"));
  // Kept free: what shows that it is being made must not move the button.
  QSizePolicy policy = m_progress->sizePolicy();
  policy.setRetainSizeWhenHidden(true);
  m_progress->setSizePolicy(policy);
  m_progress->hide();
  m_fault->hide();
  auto* row = new QHBoxLayout;
  row->setSpacing(theme::gapSmall);
  row->addWidget(m_path, 1);
  row->addWidget(m_make);
  body()->addWidget(m_title);
  body()->addWidget(m_help);
  body()->addLayout(row);
  body()->addWidget(m_progress);
  body()->addWidget(m_fault);
  connect(m_make, &ActionButton::clicked, this, &NewProjectCard::make);
  connect(m_path->line(), &QLineEdit::returnPressed, this, &NewProjectCard::make);
  connect(m_path, &PathEdit::pathEdited, m_fault, &QWidget::hide);
}

void NewProjectCard::setTemplate(const QString& name) {
  if (m_busy) return;
  m_template = name;
  for (const CatalogEntry& entry : catalog::project_templates()) {
    if (toQString(entry.name) != name) continue;
    m_title->setText(toQString(entry.label));
    m_help->setText(toQString(entry.help));
  }
  m_path->setPath(QDir::toNativeSeparators(freeFolder(newProjectsFolder(), name)));
  m_fault->hide();
}

QString NewProjectCard::folder() const {
  return QDir::cleanPath(QDir::home().absoluteFilePath(withoutTilde(m_path->path().trimmed())));
}

void NewProjectCard::make() {
  if (m_busy || m_template.isEmpty()) return;
  if (m_path->path().trimmed().isEmpty()) return say(tr("Type the folder of the new project."));
  const QString target = folder();
  if (holdsSomething(target)) return say(tr("%1 already holds something. Choose another folder.").arg(target));
  m_fault->hide();
  setBusy(true);
  runEngineCommand({QStringLiteral("new"), m_template, target}, this,
                   [this, target, name = m_template](const EngineResult& result) {
                     setBusy(false);
                     if (!result.ok) return say(result.error);
                     QSettings().setValue(folderKey(), QFileInfo(target).absolutePath());
                     Q_EMIT made(target + QLatin1Char('/') + name + QStringLiteral(".kdproj"));
                   });
}

void NewProjectCard::setBusy(bool busy) {
  m_busy = busy;
  m_progress->setVisible(busy);
  m_path->setEnabled(!busy);
  m_make->setEnabled(!busy);
  m_make->setText(busy ? tr("Making…") : tr("&Make the project"));
}

void NewProjectCard::say(const QString& text) {
  m_fault->setText(text);
  m_fault->show();
  m_path->setFocus();
}

}  // namespace llavakd
