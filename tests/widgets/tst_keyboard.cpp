// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QAccessible>
#include <QApplication>
#include <QDialog>
#include <QFile>
#include <QLineEdit>
#include <QSettings>
#include <QStandardPaths>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>
#include <memory>

#include "app/main_window.h"
#include "made_run.h"
#include "widgets/document/conversions.h"
#include "widgets/document/project_document.h"
#include "widgets/pages/start/start_page.h"
#include "widgets/run/project_check.h"
#include "widgets/run/run_watcher.h"
#include "widgets/theme/theme.h"

using namespace llavakd;

namespace {

QString placeOf(const QWidget* widget) {
  QStringList place;
  for (; widget && !widget->isWindow() && place.size() < 4; widget = widget->parentWidget())
    place.prepend(QString::fromLatin1(widget->metaObject()->className()) +
                  (widget->objectName().isEmpty() ? QString() : u'#' + widget->objectName()));
  return place.join(u'/');
}

// What a screen reader says it is. A list of choices calls itself by its choice, so that isn't asked.
bool hasName(QWidget* widget) {
  if (!widget->accessibleName().isEmpty()) return true;
  if (const auto* button = qobject_cast<QAbstractButton*>(widget)) return !button->text().isEmpty();
  const QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(widget);
  return interface && !interface->relations(QAccessible::Label).isEmpty();
}

// Something of it isn't cut off by what it is in. visibleRegion() leaves out what opaque children cover.
bool isInSight(const QWidget* widget) {
  QRect seen = widget->rect();
  for (; !widget->isWindow(); widget = widget->parentWidget())
    seen = seen.translated(widget->pos()) & widget->parentWidget()->rect();
  return !seen.isEmpty();
}

// Whether the place where the focus is looks different for it.
bool showsFocus(QWidget* widget) {
  QWidget* window = widget->window();
  const QRect place = QRect(widget->mapTo(window, QPoint()), widget->size()).adjusted(-4, -4, 4, 4);
  const QImage with = window->grab(place).toImage();
  widget->clearFocus();
  const QImage without = window->grab(place).toImage();
  widget->setFocus(Qt::TabFocusReason);
  return with != without;
}

// Buttons that are part of something else: of a field, a bar or a table, or one of several of which Tab reaches one.
bool isPart(const QAbstractButton* button) {
  const QObject* parent = button->parent();
  return button->group() || button->autoExclusive() || qobject_cast<const QLineEdit*>(parent) ||
         qobject_cast<const QTabBar*>(parent) || qobject_cast<const QTableView*>(parent);
}

}  // namespace

/// The window without a mouse.
class KeyboardTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("llavakd test"));
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.filePath(QStringLiteral("settings")));
    qputenv("XDG_STATE_HOME", QFile::encodeName(m_folder.filePath(QStringLiteral("state"))));
    write_made_engine(toPath(m_folder.path()));
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
    theme::apply(*qApp, theme::Appearance::light);
    const MadeRun made = make_run(toPath(m_folder.filePath(QStringLiteral("project"))));
    m_window = std::make_unique<MainWindow>();
    m_window->resize(1440, 900);
    m_window->show();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    m_window->openProject(toQString(made.project_file));
    QTRY_VERIFY(m_window->document()->isOpen());
    QTRY_VERIFY(m_window->run()->state() == RunState::stopped);
  }
  void cleanupTestCase() { m_window.reset(); }

  void tabReachesEverything_data() {
    QTest::addColumn<QString>("page");
    for (const char* page : {"start", "project", "stages", "data", "train", "inspect", "compare", "failures", "runs"})
      QTest::newRow(page) << QString::fromLatin1(page);
  }
  /// Whatever can be pressed or filled in is reached by Tab, is in sight then, looks like it and has a name; and Tab
  /// leads on from everywhere.
  void tabReachesEverything() {
    QFETCH(QString, page);
    m_window->showPage(page);
    QTRY_VERIFY(!ProjectCheck::of(m_window->document())->isRunning());
    QTRY_COMPARE(QThreadPool::globalInstance()->activeThreadCount(), 0);
    QStringList faults;
    const QList<QWidget*> stops = goThrough(faults);
    QVERIFY(stops.size() > 3);
    for (const auto* button : m_window->shownPage()->findChildren<QAbstractButton*>())
      if (button->isVisible() && button->isEnabled() && !isPart(button) && !stops.contains(button))
        faults << placeOf(button) + QStringLiteral(" isn't reached");
    QVERIFY2(faults.isEmpty(), qPrintable(u'\n' + faults.join(u'\n')));
  }

  void escapeClosesDialogs_data() {
    QTest::addColumn<QKeySequence>("keys");
    QTest::newRow("shortcuts") << QKeySequence(Qt::Key_F1);
    QTest::newRow("new project") << QKeySequence(QKeySequence::New);
  }
  void escapeClosesDialogs() {
    QFETCH(QKeySequence, keys);
    m_window->showPage(QStringLiteral("project"));
    QTest::keySequence(m_window.get(), keys);
    QDialog* dialog = nullptr;
    for (auto* each : m_window->findChildren<QDialog*>())
      if (each->isVisible()) dialog = each;
    QVERIFY(dialog);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(!dialog->isVisible());
  }

 private:
  /// All that Tab leads to, once around.
  QList<QWidget*> goThrough(QStringList& faults) {
    constexpr int most = 400;
    if (QWidget* focus = QApplication::focusWidget()) focus->clearFocus();
    QList<QWidget*> stops;
    for (int i = 0; i < most; ++i) {
      QWidget* before = QApplication::focusWidget();
      QTest::keyClick(before ? before : m_window.get(), Qt::Key_Tab);
      QWidget* now = QApplication::focusWidget();
      if (!now || now == before) {
        faults << placeOf(before) + QStringLiteral(" keeps the focus");
        break;
      }
      if (stops.contains(now)) break;
      stops << now;
      // The layout of what has just come takes a turn or two of the event loop more.
      if (!QTest::qWaitFor([now] { return isInSight(now); }, 500))
        faults << placeOf(now) + QStringLiteral(" is out of sight");
      if (!hasName(now)) faults << placeOf(now) + QStringLiteral(" has no name");
      if (!showsFocus(now)) faults << placeOf(now) + QStringLiteral(" doesn't show the focus");
    }
    return stops;
  }

  QTemporaryDir m_folder;
  std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(KeyboardTest)
#include "tst_keyboard.moc"
