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

constexpr int64_t mebibyte = 1 << 20;

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
    prepare_memory(int64_t{1} << 30);
    prepare_memory(int64_t{1} << 40);  // the first one holds
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
  }

  void what_is_free_serves_blocks_of_any_size() {
    { const std::vector<at::Tensor> both = {of_mebibytes(4), of_mebibytes(4)}; }
    const BlockStatistics before = block_statistics();
    { const std::vector<at::Tensor> parts = {of_mebibytes(3), of_mebibytes(1), of_mebibytes(4)}; }
    const at::Tensor whole = of_mebibytes(8);
    QCOMPARE(block_statistics().mapped, before.mapped);
    QCOMPARE(block_statistics().reused, before.reused + 4);
  }

  void blocks_keep_what_is_written_while_others_come_and_go() {
    std::vector<at::Tensor> kept;
    for (int64_t i = 0; i < 40; ++i) {
      kept.push_back(at::full({(1 + i % 7) << 20}, i, at::kByte));
      if (i % 3 == 2) kept.erase(kept.begin() + i % static_cast<int64_t>(kept.size()));
    }
    for (const at::Tensor& x : kept) QVERIFY(x.eq(x[0]).all().item<bool>());
    for (size_t i = 0; i < kept.size(); ++i)
      for (size_t j = 0; j < i; ++j) QVERIFY(!kept[i][0].equal(kept[j][0]));
  }

  void memory_is_writable_to_its_end_and_begins_on_a_line() {
    for (const int64_t bytes : {int64_t{1} << 20, (int64_t{1} << 20) + 1, (int64_t{2} << 20) - 1, int64_t{7654321}}) {
      const at::Tensor x = at::full({bytes}, 7, at::kByte);
      QCOMPARE(reinterpret_cast<uintptr_t>(x.data_ptr()) % 64, 0);
      QCOMPARE(x.sum().item<int64_t>(), 7 * bytes);
    }
  }

  void the_cache_raises_the_peak_by_little() {
    constexpr int64_t page = 2 << 20;  // parts of one that is used count as a whole
    { const std::vector<at::Tensor> both = {of_mebibytes(8), of_mebibytes(8)}; }
    const int64_t peak = block_statistics().peak_bytes;
    QVERIFY(block_statistics().cached_bytes > 0);
    for (const int64_t size : {3, 5, 9, 2, 12, 14, 4}) {
      const at::Tensor x = of_mebibytes(size);
      const BlockStatistics now = block_statistics();
      QVERIFY(now.live_bytes + now.cached_bytes <= now.peak_bytes + now.peak_bytes / 16 + page);
    }
    QCOMPARE(block_statistics().peak_bytes, peak);
  }

  void the_process_knows_what_it_holds() {
    constexpr int64_t size = 64 << 20;
    const int64_t before = resident_memory_bytes();
    at::Tensor x = at::zeros({size}, at::kByte);
    QVERIFY(before > 0 && resident_memory_bytes() >= before + size * 9 / 10);
    QVERIFY(peak_memory_bytes() >= resident_memory_bytes());
    x.reset();
    release_cached_blocks();
    QVERIFY(resident_memory_bytes() <= before + size / 10);
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

  /// What is cached gives way to what is asked for.
  void tensors_and_cache_keep_to_the_limit() {
    std::vector<at::Tensor> parts;
    for (int i = 0; i < 4; ++i) parts.push_back(of_mebibytes(200));
    parts[0].reset();
    parts[2].reset();
    QVERIFY(block_statistics().cached_bytes >= 390 * mebibyte);
    const at::Tensor larger_than_the_gaps = of_mebibytes(500);
    const BlockStatistics after = block_statistics();
    QVERIFY(after.live_bytes + after.cached_bytes <= 960 * mebibyte);
  }

  /// Of the gibibyte that was given, a sixteenth is left to what isn't a tensor.
  void more_than_there_is() {
    QVERIFY_EXCEPTION_THROWN(of_mebibytes(961), c10::OutOfMemoryError);
    { const at::Tensor all = of_mebibytes(960); }
    const at::Tensor half = of_mebibytes(480);
    QVERIFY_EXCEPTION_THROWN(of_mebibytes(481), c10::OutOfMemoryError);
    QCOMPARE(of_mebibytes(480).numel(), int64_t{480} << 20);
  }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
