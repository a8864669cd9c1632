// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QEvent>
#include <QMetaEnum>
#include <QSet>
#include <QTimer>
#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace llavakd {

/// An application that times what its thread is busy with, and sees what is painted.
class WatchedApplication : public QApplication {
 public:
  /// Calls of the event loop: an event, and all that it leads to.
  struct Calls {
    struct Alike {
      int count = 0;
      double longest = 0;
    };
    double longest = 0;               ///< Milliseconds.
    std::string longest_is = "none";  ///< As the names in `slow`.
    int over_a_frame = 0;             ///< Calls that took more than 16 ms.
    /// Those by what they were: the class that got the event and the event's type; after > the innermost event that
    /// took half of the time.
    std::map<std::string, Alike> slow;

    void add(const Calls& others) {
      if (others.longest > longest) longest = others.longest, longest_is = others.longest_is;
      over_a_frame += others.over_a_frame;
      for (const auto& [name, alike] : others.slow) {
        slow[name].count += alike.count;
        slow[name].longest = std::max(slow[name].longest, alike.longest);
      }
    }
  };

  using QApplication::QApplication;

  bool notify(QObject* receiver, QEvent* event) override {
    const bool outermost = m_depth++ == 0;
    if (outermost) m_within.clear();
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
    const Call call{end - begin, of, type, m_depth};
    if (outermost)
      count(call);
    else if (call.milliseconds > frame / 2)
      m_within.push_back(call);
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
  static constexpr double frame = 16;

  struct Call {
    double milliseconds;
    const char* of;
    QEvent::Type type;
    int depth;

    std::string name() const {
      const char* key = QMetaEnum::fromType<QEvent::Type>().valueToKey(int(type));
      return std::string(of) + ' ' + (key ? key : "event");
    }
  };

  void count(const Call& call) {
    if (call.milliseconds <= frame && call.milliseconds <= m_calls.longest) return;
    const Call* within = nullptr;
    for (const Call& each : m_within)
      if (2 * each.milliseconds >= call.milliseconds && (!within || each.depth > within->depth)) within = &each;
    const std::string name = within ? call.name() + " > " + within->name() : call.name();
    if (call.milliseconds > m_calls.longest) m_calls.longest = call.milliseconds, m_calls.longest_is = name;
    if (call.milliseconds <= frame) return;
    ++m_calls.over_a_frame;
    auto& alike = m_calls.slow[name];
    ++alike.count;
    alike.longest = std::max(alike.longest, call.milliseconds);
  }

  Calls m_calls;
  std::vector<Call> m_within;  ///< The outermost one.
  QSet<const QObject*> m_watched, m_painted;
  double m_painted_at = 0;
  int m_depth = 0;
};

}  // namespace llavakd
