// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>
#include <atomic>
#include <thread>

#include "core/base/errors.h"
#include "core/kernels/kernel_backends.h"

using namespace llavakd;

class TestKernelBackends : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() { set_backends(KernelBackends()); }

  void backends_survive_text() {
    KernelBackends backends;
    QCOMPARE(to_string(backends), "attention float32=sdpa bfloat16=sdpa, products float32=torch bfloat16=torch");
    backends = {AttentionBackend::blocks_backward, AttentionBackend::blocks, MatmulBackend::onednn,
                MatmulBackend::torch};
    QCOMPARE(to_string(backends), "attention float32=mixed bfloat16=blocks, products float32=onednn bfloat16=torch");
    QVERIFY(backends_from_string(to_string(backends)) == backends);
    for (const char* wrong : {"", "attention", "attention float32=sdpa bfloat16=blocks, products float32=mkl"})
      QVERIFY_EXCEPTION_THROWN(backends_from_string(wrong), UserError);
  }

  void the_thread_keeps_it() {
    const KernelBackends backends{AttentionBackend::blocks, AttentionBackend::blocks, MatmulBackend::onednn,
                                  MatmulBackend::onednn};
    set_backends(backends);
    QVERIFY(current_backends() == backends);
    QVERIFY(attention_backend(at::kFloat) == AttentionBackend::blocks);
    QVERIFY(matmul_backend(at::kFloat) == MatmulBackend::onednn);
  }

  /// Runs side by side in one process must not change each other's bits.
  void another_thread_has_its_own() {
    const KernelBackends mine{AttentionBackend::blocks, AttentionBackend::blocks_backward, MatmulBackend::onednn,
                              MatmulBackend::transposed};
    set_backends(mine);
    KernelBackends theirs = mine;
    std::thread([&] {
      theirs = current_backends();
      set_backends(
          {AttentionBackend::blocks_backward, AttentionBackend::sdpa, MatmulBackend::torch, MatmulBackend::onednn});
    }).join();
    QVERIFY(theirs == KernelBackends());
    QVERIFY(current_backends() == mine);
  }

  /// Not even while it measures.
  void measuring_beside_a_run_changes_nothing_there() {
    const KernelBackends mine{.float32_matmul = MatmulBackend::onednn, .bfloat16_matmul = MatmulBackend::transposed};
    set_backends(mine);
    std::atomic<bool> done{false};
    std::thread other([&] {
      fastest_backends({64, 4, 2, 64, 256, 1024, std::nullopt});
      done = true;
    });
    bool same = true;
    while (!done) same = same && current_backends() == mine;
    other.join();
    QVERIFY(same);
  }

  void measuring_sets_nothing() {
    const KernelBackends before{AttentionBackend::sdpa, AttentionBackend::blocks, MatmulBackend::onednn,
                                MatmulBackend::torch};
    set_backends(before);
    const KernelBackends other = fastest_backends({17, 4, 2, 8, 32, 64, at::kBFloat16});
    QVERIFY(other.float32_attention == AttentionBackend::sdpa);
    const KernelBackends found = fastest_backends({17, 4, 2, 8, 32, 64, std::nullopt});
    QVERIFY(current_backends() == before);
    QVERIFY(backends_from_string(to_string(found)) == found);
  }
};

QTEST_GUILESS_MAIN(TestKernelBackends)
#include "tst_kernel_backends.moc"
