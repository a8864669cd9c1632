// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/Parallel.h>
#include <pthread.h>
#include <sched.h>

#include <QtTest/QTest>
#include <thread>

#include "core/kernels/threads.h"

using namespace llavakd;

namespace {

int processors_of_this_thread() {
  cpu_set_t set;
  pthread_getaffinity_np(pthread_self(), sizeof set, &set);
  return CPU_COUNT(&set);
}

}  // namespace

class TestThreads : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    for (const char* name : {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "OMP_NUM_THREADS", "KMP_AFFINITY"})
      qunsetenv(name);
    at::set_num_threads(2);
  }

  void each_thread_keeps_its_core_until_the_end() {
    const int all = processors_of_this_thread();
    if (all < 2) QSKIP("needs two processors");
    {
      const PinnedThreads pinned;
      if (!pinned.pinned()) QSKIP("another process has pinned its threads");
      QCOMPARE(processors_of_this_thread(), 1);
      const PinnedThreads second;
      QVERIFY(!second.pinned());
      int free = 0;
      std::jthread([&] {
        unpin_this_thread();
        free = processors_of_this_thread();
      }).join();
      QCOMPARE(free, all);
      QCOMPARE(processors_of_this_thread(), 1);
    }
    QCOMPARE(processors_of_this_thread(), all);
  }

  void not_where_the_user_decides() {
    qputenv("OMP_PLACES", "cores");
    QVERIFY(!PinnedThreads().pinned());
  }

  void not_one_thread() {
    at::set_num_threads(1);
    QVERIFY(!PinnedThreads().pinned());
  }

  void not_more_threads_than_cores() {
    at::set_num_threads(2000);
    QVERIFY(!PinnedThreads().pinned());
  }
};

QTEST_GUILESS_MAIN(TestThreads)
#include "tst_threads.moc"
