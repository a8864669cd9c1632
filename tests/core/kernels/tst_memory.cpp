// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <c10/core/CPUAllocator.h>

#include <QtTest/QTest>
#include <thread>
#include <vector>

#include "core/kernels/memory.h"

using namespace llavakd;

namespace {

at::Tensor of_mebibytes(int64_t count) {
  return at::empty({count << 20}, at::kByte);
}

}  // namespace

class TestMemory : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QCOMPARE(block_statistics().mapped, 0);
    release_cached_blocks();  // Nothing to release yet.
    for (const char* name : {"LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"})
      qunsetenv(name);
    prepare_memory();
    prepare_memory();
  }
  void cleanup() {
    release_cached_blocks();
    QCOMPARE(block_statistics().live_bytes, 0);
    QCOMPARE(block_statistics().cached_bytes, 0);
  }

  void a_block_is_used_again() {
    const BlockStatistics before = block_statistics();
    const void* first = of_mebibytes(5).data_ptr();
    const at::Tensor second = of_mebibytes(5);
    QCOMPARE(second.data_ptr(), first);
    QCOMPARE(block_statistics().mapped, before.mapped + 1);
    QCOMPARE(block_statistics().reused, before.reused + 1);
    // Half its size would waste too much of it.
    QVERIFY(of_mebibytes(3).data_ptr() != second.data_ptr());
  }

  void memory_is_writable_to_its_end_and_begins_on_a_line() {
    for (const int64_t bytes : {int64_t{1} << 20, (int64_t{1} << 20) + 1, (int64_t{2} << 20) - 1, int64_t{7654321}}) {
      const at::Tensor x = at::full({bytes}, 7, at::kByte);
      QCOMPARE(reinterpret_cast<uintptr_t>(x.data_ptr()) % 64, 0);
      QCOMPARE(x.sum().item<int64_t>(), 7 * bytes);
    }
  }

  void the_cache_never_raises_the_peak() {
    { const std::vector<at::Tensor> both = {of_mebibytes(8), of_mebibytes(8)}; }
    const int64_t peak = block_statistics().peak_bytes;
    QVERIFY(block_statistics().cached_bytes > 0);
    for (const int64_t size : {3, 5, 9, 2, 12, 14, 4}) {
      const at::Tensor x = of_mebibytes(size);
      const BlockStatistics now = block_statistics();
      QVERIFY(now.live_bytes + now.cached_bytes <= std::max(peak, now.peak_bytes));
    }
    QCOMPARE(block_statistics().peak_bytes, peak);
  }

  void raw_blocks_of_any_size_go_back() {
    c10::Allocator* allocator = c10::GetCPUAllocator();
    for (const size_t bytes : {size_t{100}, size_t{3} << 20}) allocator->raw_deallocate(allocator->raw_allocate(bytes));
  }

  void threads_share_it() {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([i] {
        for (int64_t round = 0; round < 50; ++round) of_mebibytes(1 + (round + i) % 5).fill_(i);
      });
  }

  void more_than_there_is() { QVERIFY_EXCEPTION_THROWN(of_mebibytes(int64_t{1} << 30), c10::OutOfMemoryError); }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
