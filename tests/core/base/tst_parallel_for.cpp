// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/parallel_for.h"

namespace llavakd {

class TestParallelFor : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void eachIndexIsWorkedOnOnce() {
    for (const int threads : {0, 1, 4}) {
      std::vector<std::atomic<int>> times(1000);
      parallel_for(1000, threads, [&](int64_t i) { return ++times[static_cast<size_t>(i)] > 0; });
      for (const auto& each : times) QCOMPARE(each.load(), 1);
    }
    parallel_for(0, 4, [](int64_t) -> bool { throw std::runtime_error("nothing is there"); });
  }

  void itEndsWhereItIsTold() {
    std::atomic<int64_t> done = 0;
    parallel_for(1'000'000, 4, [&](int64_t) { return ++done < 100; });
    QVERIFY(done >= 100 && done < 1'000);
  }

  /// Whichever thread is quickest.
  void theLowestErrorIsThrown() {
    for (int turn = 0; turn < 20; ++turn) {
      std::string what;
      try {
        parallel_for(200, 4, [](int64_t i) {
          if (i >= 30) throw std::runtime_error(std::to_string(i));
          return true;
        });
      } catch (const std::runtime_error& error) {
        what = error.what();
      }
      QCOMPARE(what, std::string("30"));
    }
  }
};

}  // namespace llavakd

QTEST_APPLESS_MAIN(llavakd::TestParallelFor)
#include "tst_parallel_for.moc"
