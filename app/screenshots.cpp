// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/screenshots.h"

#include <QApplication>
#include <QDir>
#include <QTimer>
#include <array>

#include "app/main_window.h"
#include "widgets/document/project_document.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

struct Shot {
  Page page;
  const char* name;
};
constexpr std::array shots{Shot{Page::start, "start"}, Shot{Page::project, "project"}, Shot{Page::stages, "stages"},
                           Shot{Page::train, "train"}, Shot{Page::inspect, "inspect"}, Shot{Page::compare, "compare"}};

// Facts, thumbnails and events come from other threads; nothing says that all of them have come.
constexpr int settleMilliseconds = 1500, pageMilliseconds = 600;

}  // namespace

Screenshots::Screenshots(MainWindow* window, const QString& folder, QSize size, QObject* parent)
    : QObject(parent), m_window(window), m_folder(folder) {
  QDir().mkpath(folder);
  window->resize(size);
}

void Screenshots::start(const QString& projectFile) {
  m_window->show();
  if (projectFile.isEmpty()) {
    QTimer::singleShot(pageMilliseconds, this, &Screenshots::next);
    return;
  }
  m_window->showPage(Page::start);
  connect(m_window->document(), &ProjectDocument::opened, this,
          [this] { QTimer::singleShot(settleMilliseconds, this, &Screenshots::next); });
  connect(m_window->document(), &ProjectDocument::openFailed, this, [](const QString& text) {
    qCritical("%s", qPrintable(text));
    QCoreApplication::exit(2);
  });
  m_window->openProject(projectFile);
}

void Screenshots::next() {
  const bool open = m_window->document()->isOpen();
  const int count = open ? int(shots.size()) : 1;  // without a project there is only the start page
  if (m_index >= 2 * count) {
    QCoreApplication::exit(0);
    return;
  }
  theme::apply(*qApp, m_index < count ? theme::Appearance::light : theme::Appearance::dark);
  m_window->showPage(shots[size_t(m_index % count)].page);
  QTimer::singleShot(pageMilliseconds, this, &Screenshots::take);
}

void Screenshots::take() {
  const int count = m_window->document()->isOpen() ? int(shots.size()) : 1;
  const QString file = QStringLiteral("%1/%2-%3.png")
                           .arg(m_folder, QString::fromLatin1(shots[size_t(m_index % count)].name),
                                m_index < count ? QStringLiteral("light") : QStringLiteral("dark"));
  if (!m_window->grab().save(file)) {
    qCritical("%s could not be written.", qPrintable(file));
    QCoreApplication::exit(1);
    return;
  }
  ++m_index;
  next();
}

}  // namespace llavakd
