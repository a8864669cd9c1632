// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QFutureWatcher>
#include <QString>
#include <QThreadPool>
#include <QtConcurrent>
#include <exception>
#include <type_traits>
#include <utility>

namespace llavakd {

/// The threads of work that takes minutes: short work never waits for it. Such work looks at a flag that ends it.
inline QThreadPool* longWorkThreads() {
  // Some of it waits for disks, and none may wait for another.
  static QThreadPool* const threads = [] {
    auto* pool = new QThreadPool(QCoreApplication::instance());
    pool->setMaxThreadCount(8);
    return pool;
  }();
  return threads;
}

/// Runs `work` on a worker thread and hands its result to `done` on the context's thread; never from within this call,
/// and not at all once `context` is gone. `work` must not throw: it catches at its root and returns the sentence.
template <class Work, class Done>
void inBackground(QObject* context, Work work, Done done, QThreadPool* threads = QThreadPool::globalInstance()) {
  using Result = std::invoke_result_t<Work>;
  // QFuture::then() calls back at once when the work was quicker than its caller; a watcher always posts an event.
  auto* watcher = new QFutureWatcher<Result>(context);
  QObject::connect(watcher, &QFutureWatcherBase::finished, context, [watcher, done = std::move(done)]() mutable {
    watcher->deleteLater();
    done(watcher->future().takeResult());  // moved: a copy of something large would be made here
  });
  watcher->setFuture(QtConcurrent::run(threads, std::move(work)));
}

/// Calls `change` on a worker thread, then `done` on the context's with what it threw, a sentence for people; empty:
/// nothing.
template <class Change, class Done>
void changeInBackground(QObject* context, Change change, Done done) {
  const auto faultOf = [change = std::move(change)]() -> QString {
    try {
      change();
      return {};
    } catch (const std::exception& error) {
      return QString::fromUtf8(error.what());
    }
  };
  inBackground(context, faultOf, std::move(done));
}

/// Lets go of something large on a worker thread, for freeing a long history takes longer than a frame. Whoever else
/// holds a part of it has let go before.
template <class Large>
void releaseInBackground(Large large) {
  QThreadPool::globalInstance()->start([large = std::move(large)]() mutable { large = Large(); });
}

}  // namespace llavakd
