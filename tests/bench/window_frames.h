// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// How long charts take from a move of the mouse until all of them are painted.
#pragma once
#include <QCoreApplication>
#include <QMouseEvent>
#include <QWheelEvent>
#include <QWidget>
#include <algorithm>
#include <stdexcept>
#include <vector>

#include "watched_application.h"

namespace llavakd {

inline constexpr int frame_count = 240;
inline constexpr double patience = 120'000;  // milliseconds; whatever takes longer is a fault

struct Frames {
  double mean = 0, slowest_of_twenty = 0;  ///< Milliseconds.
};

/// Moves the charts again and again, each time as soon as all that are shown have been painted.
template <class Move>
Frames frames_of(WatchedApplication& application, Move move) {
  std::vector<double> times;
  for (int i = 0; i < frame_count; ++i) {
    application.forget_paints();
    const double begin = WatchedApplication::now();
    move(i);
    while (!application.all_painted()) {
      if (WatchedApplication::now() - begin > patience) throw std::runtime_error("a chart isn't painted any more");
      application.processEvents();
    }
    times.push_back(WatchedApplication::now() - begin);
  }
  double sum = 0;
  for (const double time : times) sum += time;
  std::sort(times.begin(), times.end());
  return {sum / frame_count, times[frame_count * 19 / 20]};
}

/// The wheel turns twenty notches in, then as many out; begins and ends where it was.
inline Frames zoom(WatchedApplication& application, QWidget* plot) {
  constexpr int notches = 20;
  const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
  return frames_of(application, [&](int i) {
    const int turn = i / notches % 2 == 0 ? 120 : -120;
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, {0, turn}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(plot, &wheel);
  });
}

/// Drags to and fro with the mouse while half of the run is in view.
inline Frames pan(WatchedApplication& application, QWidget* plot) {
  const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
  const auto send = [&](QEvent::Type type, const QPointF& place, Qt::MouseButton button, Qt::MouseButtons buttons) {
    QMouseEvent mouse(type, place, plot->mapToGlobal(place), button, buttons, Qt::NoModifier);
    QCoreApplication::sendEvent(plot, &mouse);
  };
  for (int i = 0; i < 3; ++i) {
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(plot, &wheel);
  }
  send(QEvent::MouseButtonPress, middle, Qt::LeftButton, Qt::LeftButton);
  constexpr int stride = 6, there = frame_count / 4;
  QPointF place = middle;
  const Frames found = frames_of(application, [&](int i) {
    place += QPointF(i / there % 2 == 0 ? stride : -stride, 0);
    send(QEvent::MouseMove, place, Qt::NoButton, Qt::LeftButton);
  });
  send(QEvent::MouseButtonRelease, place, Qt::LeftButton, Qt::NoButton);
  return found;
}

}  // namespace llavakd
