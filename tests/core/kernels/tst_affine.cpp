// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <QtTest/QTest>

#include "core/kernels/affine.h"

using namespace llavakd;

/// The own route against LibTorch's operations.
class TestAffine : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { set_float32_route(ProductRoute::onednn); }
  void cleanup() { set_float32_route(ProductRoute::torch); }

  void products_of_any_layout_agree_data() {
    QTest::addColumn<int>("m");
    QTest::addColumn<int>("k");
    QTest::addColumn<int>("n");
    QTest::newRow("no row") << 0 << 3 << 4;
    QTest::newRow("one row") << 1 << 5 << 7;
    QTest::newRow("odd") << 17 << 33 << 9;
    QTest::newRow("wide") << 64 << 128 << 300;
  }
  void products_of_any_layout_agree() {
    QFETCH(int, m);
    QFETCH(int, k);
    QFETCH(int, n);
    at::manual_seed(1);
    const at::Tensor a = at::randn({m, k}), b = at::randn({n, k});
    const at::Tensor expected = at::mm(a.to(at::kDouble), b.to(at::kDouble).t()).to(at::kFloat);
    for (const at::Tensor& left : {a, a.t().contiguous().t()})
      for (const at::Tensor& right : {b, b.t().contiguous().t()})
        QVERIFY(at::allclose(product(left, right), expected, 1e-5, 1e-5));
  }

  void gradients_are_those_of_autograd_data() {
    QTest::addColumn<bool>("has_bias");
    QTest::newRow("bias") << true;
    QTest::newRow("no bias") << false;
  }
  void gradients_are_those_of_autograd() {
    QFETCH(bool, has_bias);
    at::manual_seed(2);
    const at::Tensor x = at::randn({2, 6, 8}).requires_grad_(), weight = at::randn({5, 8}).requires_grad_();
    const at::Tensor upstream = at::randn({2, 6, 5});
    std::optional<at::Tensor> bias;
    std::vector<at::Tensor> inputs = {x, weight};
    if (has_bias) inputs.push_back(*(bias = at::randn({5}).requires_grad_()));

    const at::Tensor own = affine(x, weight, bias), plain = at::linear(x, weight, bias);
    QVERIFY(at::allclose(own, plain, 1e-5, 1e-6));
    own.backward(upstream);
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& input : inputs) {
      gradients.push_back(input.grad().clone());
      input.mutable_grad().reset();
    }
    plain.backward(upstream);
    for (size_t i = 0; i < inputs.size(); ++i) QVERIFY(at::allclose(gradients[i], inputs[i].grad(), 1e-5, 1e-6));
  }

  void other_types_go_the_plain_way() {
    const at::Tensor a = at::randn({3, 4}, at::kDouble), b = at::randn({2, 4}, at::kDouble);
    QVERIFY(at::equal(product(a, b), at::mm(a, b.t())));
    const at::Tensor half = a.to(at::kBFloat16);
    QVERIFY(at::equal(affine(half, b.to(at::kBFloat16), std::nullopt), at::linear(half, b.to(at::kBFloat16))));
  }
};

QTEST_GUILESS_MAIN(TestAffine)
#include "tst_affine.moc"
