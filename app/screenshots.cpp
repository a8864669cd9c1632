// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/screenshots.h"

#include <QApplication>
#include <QDir>
#include <QTimer>

#include "app/main_window.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/compare/compare_page.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/run/project_check.h"
#include "widgets/run/serve_client.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

// Facts, thumbnails and events come from other threads; nothing says that all of them have come.
constexpr int settleMilliseconds = 1500, pageMilliseconds = 600;

}  // namespace

Screenshots::Screenshots(MainWindow* window, const QString& folder, QSize size, QObject* parent)
    : QObject(parent), m_window(window), m_folder(folder) {
  QDir().mkpath(folder);
  m_pages << StartPage::id();
  for (const PageDescriptor& page : window->pageTable()) m_pages << page.id;
  window->resize(size);
}

void Screenshots::start(const QString& projectFile) {
  m_project = projectFile;
  m_window->show();
  connect(m_window->document(), &ProjectDocument::opened, this, [this] { wait(settleMilliseconds); });
  connect(m_window->document(), &ProjectDocument::openFailed, this, [](const QString& text) {
    qCritical("%s", qPrintable(text));
    QCoreApplication::exit(2);
  });
  wait(pageMilliseconds);
}

void Screenshots::wait(int milliseconds) {
  theme::apply(*qApp, m_dark ? theme::Appearance::dark : theme::Appearance::light);
  m_window->showPage(m_pages[m_shot]);
  QTimer::singleShot(milliseconds, this, &Screenshots::take);
}

void Screenshots::take() {
  // An answer is on its way, or what `check` finds.
  const ServeClient* engine = m_window->findChild<ServeClient*>();
  const bool checks = m_window->document()->isOpen() && ProjectCheck::of(m_window->document())->isRunning();
  if (checks || (engine && engine->isBusy())) {
    QTimer::singleShot(pageMilliseconds, this, &Screenshots::take);
    return;
  }
  QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);  // a text may have grown this moment
  const QString file = QStringLiteral("%1/%2-%3.png")
                           .arg(m_folder, m_pages[m_shot], m_dark ? QStringLiteral("dark") : QStringLiteral("light"));
  if (!m_window->grab().save(file)) {
    qCritical("%s could not be written.", qPrintable(file));
    QCoreApplication::exit(1);
    return;
  }
  if (!m_dark) {
    m_dark = true;
    wait(pageMilliseconds);
    return;
  }
  m_dark = false;
  ++m_shot;
  if (m_project.isEmpty() || m_shot == m_pages.size())
    QCoreApplication::exit(0);
  else if (!m_window->document()->isOpen())
    m_window->openProject(m_project);  // opened() goes on
  else {
    wait(pageMilliseconds);
    if (auto* compare = qobject_cast<ComparePage*>(m_window->shownPage())) compare->ask();
  }
}

}  // namespace llavakd
