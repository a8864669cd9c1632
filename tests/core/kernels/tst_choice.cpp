// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "core/kernels/choice.h"
#include "core/project/errors.h"

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

  void the_process_keeps_it() {
    const KernelChoice choice{AttentionRoute::blocks, AttentionRoute::blocks, ProductRoute::onednn,
                              ProductRoute::onednn};
    set_kernels(choice);
    QVERIFY(current_kernels() == choice);
    QVERIFY(attention_route(at::kFloat) == AttentionRoute::blocks);
    QVERIFY(product_route(at::kFloat) == ProductRoute::onednn);
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
