// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>
#include <atomic>
#include <thread>

#include "core/base/errors.h"
#include "core/kernels/choice.h"

using namespace llavakd;

class TestChoice : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() { set_kernels(KernelChoice()); }

  void a_choice_survives_text() {
    KernelChoice choice;
    QCOMPARE(to_string(choice), "attention float32=sdpa bfloat16=sdpa, products float32=torch bfloat16=torch");
    choice = {AttentionRoute::mixed, AttentionRoute::blocks, ProductRoute::onednn, ProductRoute::torch};
    QCOMPARE(to_string(choice), "attention float32=mixed bfloat16=blocks, products float32=onednn bfloat16=torch");
    QVERIFY(kernels_from_string(to_string(choice)) == choice);
    for (const char* wrong : {"", "attention", "attention float32=sdpa bfloat16=blocks, products float32=mkl"})
      QVERIFY_EXCEPTION_THROWN(kernels_from_string(wrong), UserError);
  }

  void the_thread_keeps_it() {
    const KernelChoice choice{AttentionRoute::blocks, AttentionRoute::blocks, ProductRoute::onednn,
                              ProductRoute::onednn};
    set_kernels(choice);
    QVERIFY(current_kernels() == choice);
    QVERIFY(attention_route(at::kFloat) == AttentionRoute::blocks);
    QVERIFY(product_route(at::kFloat) == ProductRoute::onednn);
  }

  /// Runs side by side in one process must not change each other's bits.
  void another_thread_has_its_own() {
    const KernelChoice mine{AttentionRoute::blocks, AttentionRoute::mixed, ProductRoute::onednn, ProductRoute::turned};
    set_kernels(mine);
    KernelChoice theirs = mine;
    std::thread([&] {
      theirs = current_kernels();
      set_kernels({AttentionRoute::mixed, AttentionRoute::sdpa, ProductRoute::torch, ProductRoute::onednn});
    }).join();
    QVERIFY(theirs == KernelChoice());
    QVERIFY(current_kernels() == mine);
  }

  /// Not even while it measures.
  void measuring_beside_a_run_changes_nothing_there() {
    const KernelChoice mine{.float32_products = ProductRoute::onednn, .bfloat16_products = ProductRoute::turned};
    set_kernels(mine);
    std::atomic<bool> done{false};
    std::thread other([&] {
      measure_kernels({64, 4, 2, 64, 256, 1024, std::nullopt});
      done = true;
    });
    bool same = true;
    while (!done) same = same && current_kernels() == mine;
    other.join();
    QVERIFY(same);
  }

  void measuring_sets_nothing() {
    const KernelChoice before{AttentionRoute::sdpa, AttentionRoute::blocks, ProductRoute::onednn, ProductRoute::torch};
    set_kernels(before);
    const KernelChoice other = measure_kernels({17, 4, 2, 8, 32, 64, at::kBFloat16});
    QVERIFY(other.float32_attention == AttentionRoute::sdpa);
    const KernelChoice found = measure_kernels({17, 4, 2, 8, 32, 64, std::nullopt});
    QVERIFY(current_kernels() == before);
    QVERIFY(kernels_from_string(to_string(found)) == found);
  }
};

QTEST_GUILESS_MAIN(TestChoice)
#include "tst_choice.moc"
