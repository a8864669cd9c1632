// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "taking.h"

#include <QApplication>
#include <QDialog>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QPainter>
#include <QThreadPool>
#include <QTimer>
#include <cstdio>
#include <exception>
#include <functional>
#include <utility>

#include "app/main_window.h"
#include "contact_sheet.h"
#include "core/base/errors.h"
#include "projects.h"
#include "views.h"
#include "widgets/document/background.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/start/recent_projects.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_selection.h"
#include "widgets/run/run_watcher.h"
#include "widgets/run/serve_client.h"
#include "widgets/theme/loading_placeholder.h"
#include "widgets/theme/theme.h"

namespace llavakd {
namespace {

constexpr int longestWait = 120000;  // on a busy machine; what hangs is told all the same

void waitUntil(const std::function<bool()>& condition, const char* what) {
  QElapsedTimer clock;
  clock.start();
  while (!condition()) {
    if (clock.elapsed() > longestWait) throw RunError(std::string("Waited in vain until ") + what + '.');
    QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
  }
}

bool isBusy(const MainWindow& window) {
  if (window.document()->isOpen() && ProjectCheck::of(window.document())->isRunning()) return true;
  const auto* engine = window.findChild<ServeClient*>();
  return (engine && engine->isBusy()) || window.run()->loading() || window.document()->isWriting() ||
         QThreadPool::globalInstance()->activeThreadCount() > 0 || longWorkThreads()->activeThreadCount() > 0;
}

// Files, facts and answers come from other threads and programs; timers of the pages are shorter than this.
void settle(const MainWindow& window) {
  constexpr int calm = 200;
  QElapsedTimer since;
  since.start();
  int rounds = 0;
  waitUntil(
      [&] {
        if (isBusy(window)) since.restart(), rounds = 0;
        return ++rounds > 5 && since.elapsed() > calm;  // on a busy machine one round may take that long
      },
      "the window was calm");
}

bool isShownOver(const QWidget* widget, const MainWindow& window) {
  return widget->isWindow() && widget->isVisible() && widget != &window;
}

/// The window with its dialogs and menus, as a screen would show them.
QPixmap pictureOf(MainWindow& window) {
  QPixmap picture = window.grab();
  QPainter painter(&picture);
  for (QWidget* widget : QApplication::topLevelWidgets()) {
    if (!isShownOver(widget, window)) continue;
    if (qobject_cast<QDialog*>(widget)) widget->move(window.geometry().center() - widget->rect().center());
    const QPoint place = widget->pos() - window.pos();
    painter.drawPixmap(place, widget->grab());
    painter.setPen(theme::mutedText());  // instead of the frame that a window system draws
    painter.drawRect(QRect(place, widget->size()));
  }
  return picture;
}

class Taking {
 public:
  Taking(const GalleryChoice& choice, QString home, QString folder, int percent)
      : m_choice(choice), m_home(std::move(home)), m_folder(std::move(folder)), m_percent(percent) {}

  void take(const QString& state) {
    takeState(state);
    m_sheets.write(m_folder);
  }

 private:
  void takeState(const QString& state) {
    setRecentProjects(state);
    if (state == QStringLiteral("loading")) return takeLoading();
    MainWindow window;
    window.show();
    for (const GalleryView& view : galleryViews()) {
      if (!isWanted(view, state)) continue;
      if (view.page != StartPage::id() && !window.document()->isOpen()) open(window, state);
      takeView(window, view, state);
    }
  }

  bool isWanted(const GalleryView& view, const QString& state) const {
    return m_choice.views.contains(view.id) && view.isShownIn(state);
  }

  void setRecentProjects(const QString& state) const {
    for (const QString& path : recentProjects()) removeRecentProject(path);
    if (state == QStringLiteral("empty")) return;
    if (state == QStringLiteral("many-runs")) addRecentProject(m_home + QStringLiteral("/LLaVA-KD/gone/gone.kdproj"));
    for (const QString& other : galleryStates())
      if (QFileInfo::exists(galleryProject(m_home, other))) addRecentProject(galleryProject(m_home, other));
    addRecentProject(galleryProject(m_home, state));
  }

  void open(MainWindow& window, const QString& state) const {
    window.openProject(galleryProject(m_home, state));
    waitUntil([&] { return window.document()->isOpen(); }, "the project was open");
    settle(window);
    if (state != QStringLiteral("many-runs")) return;
    auto* selection = window.findChild<RunSelection*>();
    const QString runs = QFileInfo(galleryProject(m_home, state)).path() + QStringLiteral("/runs/");
    for (const char* run :
         {"seed-104", "rdist-0.1", "no-relation-loss-and-twice-the-learning-rate-in-all-three-stages"})
      selection->setTicked(runs + QLatin1String(run), true);
  }

  void takeView(MainWindow& window, const GalleryView& view, const QString& state) {
    window.showPage(view.page);
    settle(window);
    if (view.begin) view.begin(window);
    if (view.open)
      takeOpened(window, view, state);
    else
      takeSizes(window, view, state, true);
    if (view.end) view.end(window);
  }

  // Its open() may end when the dialog does, so the pictures are taken from the event loop. No exception passes that.
  void takeOpened(MainWindow& window, const GalleryView& view, const QString& state) {
    settle(window);
    bool taken = false;
    std::exception_ptr fault;
    QTimer::singleShot(0, &window, [&] {
      try {
        takeSizes(window, view, state, true);
      } catch (const std::exception&) {
        fault = std::current_exception();
      }
      for (QWidget* widget : QApplication::topLevelWidgets())
        if (isShownOver(widget, window)) widget->close();
      taken = true;
    });
    view.open(window);
    waitUntil([&] { return taken; }, "the dialog's pictures were taken");
    if (fault) std::rethrow_exception(fault);
  }

  // What loads is shown as it is at once: nothing that comes meanwhile from other threads is let in.
  void takeLoading() {
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(silentEngineFolder(m_home)) + ':' + path);
    for (const GalleryView& view : galleryViews()) {
      if (!isWanted(view, QStringLiteral("loading"))) continue;
      forgetIndex(m_home);
      MainWindow window;
      window.show();
      if (view.page != StartPage::id()) {
        window.openProject(galleryProject(m_home, QStringLiteral("loading")));
        waitUntil([&] { return window.document()->isOpen(); }, "the project was open");
        window.showPage(view.page);
        const QStringList ofRun{QStringLiteral("train"), QStringLiteral("inspect"), QStringLiteral("compare")};
        if (ofRun.contains(view.page))
          waitUntil([&] { return window.run()->loading().has_value(); }, "the run was being read");
      }
      if (view.begin) view.begin(window);
      for (auto* reading : window.findChildren<LoadingPlaceholder*>()) reading->showAtOnce();
      takeSizes(window, view, QStringLiteral("loading"), false);
    }
    qputenv("PATH", path);
  }

  void takeSizes(MainWindow& window, const GalleryView& view, const QString& state, bool settled) {
    for (const QSize& size : m_choice.sizes) {
      window.resize(size * 100 / m_percent);  // no smaller than its minimum
      for (const QString& name : m_choice.themes) {
        theme::apply(*qApp, name == QStringLiteral("dark") ? theme::Appearance::dark : theme::Appearance::light);
        if (settled) settle(window);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        if (view.arrange) view.arrange(window);
        const GalleryPicture picture{view.id, state, size, m_percent, name, m_choice.locale};
        const QString file = m_folder + QLatin1Char('/') + picture.fileName();
        const QImage image = pictureOf(window).toImage();
        if (!image.save(file)) throw RunError(file.toStdString() + " can't be written.");
        m_sheets.add(picture, image);
      }
    }
    std::printf("%s, %s, %d %%\n", qPrintable(view.id), qPrintable(state), m_percent);
    std::fflush(stdout);
  }

  const GalleryChoice& m_choice;
  ContactSheets m_sheets;
  const QString m_home, m_folder;
  const int m_percent;
};

}  // namespace

void takePictures(const GalleryChoice& choice, const QString& home, const QString& folder, int percent) {
  theme::apply(*qApp, theme::Appearance::light);
  Taking taking(choice, home, folder, percent);
  for (const QString& state : choice.states) taking.take(state);
}

}  // namespace llavakd
