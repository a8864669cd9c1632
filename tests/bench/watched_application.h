// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QEvent>
#include <QSet>
#include <QTimer>
#include <chrono>
#include <string>
#include <utility>

namespace llavakd {

/// An application that times what its thread is busy with, and sees what is painted.
class WatchedApplication : public QApplication {
 public:
  /// A call of the event loop: an event, and all that it leads to.
  struct Calls {
    double longest = 0;               ///< Milliseconds.
    std::string longest_is = "none";  ///< The class that got the event, and the event's number in QEvent::Type.
    int over_a_frame = 0;             ///< Calls that took more than 16 ms.
  };

  using QApplication::QApplication;

  bool notify(QObject* receiver, QEvent* event) override {
    const bool outermost = m_depth++ == 0;
    const double begin = now();
    const char* of = receiver->metaObject()->className();
    const QEvent::Type type = event->type();
    const bool paint = type == QEvent::Paint && receiver->isWidgetType();
    const bool done = QApplication::notify(receiver, event);
    const double end = now();
    if (paint) {
      if (!m_painted_at) m_painted_at = end;
      if (m_watched.contains(receiver)) m_painted.insert(receiver);
    }
    --m_depth;
    if (outermost) count(end - begin, of, type);
    return done;
  }

  /// Milliseconds of a clock that never goes back.
  static double now() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  bool has_painted() const { return m_painted_at != 0; }
  double first_paint() const { return m_painted_at; }

  void forget_calls() { m_calls = {}; }
  const Calls& calls() const { return m_calls; }

  /// Which widgets all_painted() is about.
  void watch(QSet<const QObject*> widgets) { m_watched = std::move(widgets); }
  void forget_paints() { m_painted.clear(); }
  bool all_painted() const { return m_painted.size() == m_watched.size(); }

  /// Handles events until the condition holds, sleeping while there are none. False when that takes too long.
  template <class Condition>
  bool wait_until(Condition condition, double milliseconds) {
    QTimer wake;
    wake.start(2);
    for (const double end = now() + milliseconds; !condition();) {
      if (now() > end) return false;
      processEvents(QEventLoop::WaitForMoreEvents);
    }
    return true;
  }

 private:
  void count(double milliseconds, const char* of, QEvent::Type type) {
    constexpr double frame = 16;
    if (milliseconds > frame) ++m_calls.over_a_frame;
    if (milliseconds <= m_calls.longest) return;
    m_calls.longest = milliseconds;
    m_calls.longest_is = std::string(of) + ' ' + std::to_string(int(type));
  }

  Calls m_calls;
  QSet<const QObject*> m_watched, m_painted;
  double m_painted_at = 0;
  int m_depth = 0;
};

}  // namespace llavakd
