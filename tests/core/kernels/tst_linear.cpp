// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest/QTest>
#include <utility>

#include "core/kernels/linear.h"
#include "core/kernels/transpose.h"

using namespace llavakd;

namespace {

void set_matmul_backends(MatmulBackend backend) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) set_matmul_backend(type, backend);
}

}  // namespace

/// Each backend against LibTorch's operations.
class TestLinear : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { set_matmul_backends(MatmulBackend::onednn); }
  void cleanup() { set_matmul_backends(MatmulBackend::torch); }

  void products_of_any_layout_agree_data() {
    QTest::addColumn<int>("m");
    QTest::addColumn<int>("k");
    QTest::addColumn<int>("n");
    QTest::newRow("no row") << 0 << 3 << 4;
    QTest::newRow("one row") << 1 << 5 << 7;
    QTest::newRow("odd") << 17 << 33 << 9;
    QTest::newRow("wide") << 64 << 128 << 300;
    QTest::newRow("enough for oneDNN") << 129 << 150 << 301;
  }
  void products_of_any_layout_agree() {
    QFETCH(int, m);
    QFETCH(int, k);
    QFETCH(int, n);
    at::manual_seed(1);
    const at::Tensor a = at::randn({m, k}), b = at::randn({n, k});
    const at::Tensor expected = at::mm(a.to(at::kDouble), b.to(at::kDouble).t()).to(at::kFloat);
    for (const at::Tensor& left : {a, a.t().contiguous().t()})
      for (const at::Tensor& right : {b, b.t().contiguous().t()}) {
        QVERIFY(at::allclose(matmul_nt(left, right), expected, 1e-5, 1e-4));
        at::Tensor sum = at::ones({m, n});
        matmul_nt_into(sum, left, right, /*add=*/true);
        QVERIFY(at::allclose(sum, expected + 1, 1e-5, 1e-4));
        for (const MatmulBackend backend : {MatmulBackend::torch, MatmulBackend::onednn, MatmulBackend::transposed}) {
          set_matmul_backend(at::kBFloat16, backend);
          const at::Tensor a16 = left.to(at::kBFloat16), b16 = right.to(at::kBFloat16);
          const at::Tensor half = matmul_nt(a16, b16);
          QVERIFY(at::allclose(half.to(at::kFloat), expected, 0.02, 0.3));
          sum = at::ones_like(half);
          matmul_nt_into(sum, a16, b16, /*add=*/true);
          QVERIFY(at::allclose(sum.to(at::kFloat), expected + 1, 0.02, 0.3));
        }
      }
  }

  void a_part_of_the_columns_is_not_given_to_onednn() {
    const at::Tensor left = at::ones({256, 256}), right = at::ones({256, 512});
    QCOMPARE(usable_backend(MatmulBackend::onednn, left, right.narrow(1, 0, 256).contiguous()), MatmulBackend::onednn);
    QCOMPARE(usable_backend(MatmulBackend::onednn, left, left.t()), MatmulBackend::onednn);
    QCOMPARE(usable_backend(MatmulBackend::onednn, left, right.narrow(1, 0, 256)), MatmulBackend::torch);
    QCOMPARE(usable_backend(MatmulBackend::onednn, left, right.t().narrow(0, 0, 256)), MatmulBackend::torch);
  }

  void a_long_turned_factor_is_cut() {
    set_matmul_backend(at::kBFloat16, MatmulBackend::transposed);
    at::manual_seed(3);
    const at::Tensor tall = at::randint(-3, 4, {30000, 5}).to(at::kBFloat16),
                     x = at::randint(-3, 4, {70, 5}).to(at::kBFloat16);
    const at::Tensor deep = at::randint(-3, 4, {300, 30000}).to(at::kBFloat16);
    // Small integers: every sum is exact.
    const at::Tensor left = tall.t().contiguous().t();
    QVERIFY(at::equal(matmul_nt(left, x), at::mm(tall, x.t())));
    const at::Tensor other = at::randint(-3, 4, {30000, 7}).to(at::kBFloat16);
    const at::Tensor expected = at::mm(deep.to(at::kFloat), other.to(at::kFloat)).to(at::kBFloat16);
    QVERIFY(at::equal(matmul_nt(deep.t().contiguous().t(), other.t()), expected));
  }

  void a_transposed_copy_is_one() {
    for (const auto& [rows, columns] : {std::pair{0, 5}, {1, 1}, {7, 9}, {8, 8}, {33, 64}, {100, 131}, {824, 200}}) {
      const at::Tensor whole = at::arange(int64_t{rows} * (columns + 3)).view({rows, columns + 3}).to(at::kShort);
      const at::Tensor x = whole.view(at::kBFloat16).narrow(1, 2, columns);
      const at::Tensor turned = transposed(x);
      QVERIFY(turned.is_contiguous());
      QVERIFY(at::equal(turned.view(at::kShort), x.t().contiguous().view(at::kShort)));
      QVERIFY(at::equal(transposed(x.to(at::kFloat)).nan_to_num(), x.to(at::kFloat).t().nan_to_num()));
    }
  }

  void gradients_are_those_of_autograd_data() {
    QTest::addColumn<bool>("has_bias");
    QTest::addColumn<bool>("half");
    QTest::addColumn<int>("tokens");
    for (const int tokens : {6, 90}) {
      const bool small = tokens == 6;
      QTest::newRow(small ? "bias" : "bias, oneDNN") << true << false << tokens;
      QTest::newRow(small ? "no bias" : "no bias, oneDNN") << false << false << tokens;
      QTest::newRow(small ? "bfloat16" : "bfloat16, oneDNN") << true << true << tokens;
    }
  }
  void gradients_are_those_of_autograd() {
    QFETCH(bool, has_bias);
    QFETCH(bool, half);
    QFETCH(int, tokens);
    const at::ScalarType type = half ? at::kBFloat16 : at::kFloat;
    const auto random = [&](at::IntArrayRef sizes) {
      return (at::randn(sizes) / 4).to(type).requires_grad_();
    };
    at::manual_seed(2);
    const at::Tensor x = random({2, tokens, 160}), weight = random({150, 160}), upstream = random({2, tokens, 150});
    std::optional<at::Tensor> bias;
    std::vector<at::Tensor> inputs = {x, weight};
    if (has_bias) inputs.push_back(*(bias = random({150})));
    const double relative = half ? 0.02 : 1e-5, absolute = half ? 0.05 : 1e-4;

    const at::Tensor plain = at::linear(x, weight, bias);
    const auto expected = torch::autograd::grad({plain}, inputs, {upstream.detach()});
    for (const MatmulBackend backend : {MatmulBackend::onednn, MatmulBackend::transposed}) {
      if (backend == MatmulBackend::transposed && !half) continue;
      set_matmul_backend(type, backend);
      const at::Tensor own = llavakd::linear(x, weight, bias);
      QVERIFY(at::allclose(own, plain, relative, absolute));
      const auto gradients = torch::autograd::grad({own}, inputs, {upstream.detach()});
      for (size_t i = 0; i < inputs.size(); ++i) {
        QCOMPARE(gradients[i].sizes(), inputs[i].sizes());
        QVERIFY(at::allclose(gradients[i], expected[i], relative, absolute));
      }
    }
  }

  void a_frozen_weight_keeps_no_input() {
    const at::Tensor weight = at::randn({150, 160});
    at::Tensor x = at::randn({200, 160}).requires_grad_() * 1;
    const at::Tensor y = llavakd::linear(x, weight, std::nullopt);
    const c10::Storage numbers = x.storage();
    x.reset();
    QCOMPARE(numbers.use_count(), size_t{1});
    y.sum().backward();
  }

  void other_types_go_the_plain_way() {
    const at::Tensor a = at::randn({3, 4}, at::kDouble), b = at::randn({2, 4}, at::kDouble);
    QVERIFY(at::equal(matmul_nt(a, b), at::mm(a, b.t())));
    QVERIFY_EXCEPTION_THROWN(set_matmul_backend(at::kDouble, MatmulBackend::onednn), c10::Error);
    QVERIFY_EXCEPTION_THROWN(set_matmul_backend(at::kFloat, MatmulBackend::transposed), c10::Error);
    const at::Tensor half = a.to(at::kHalf);
    QVERIFY(at::equal(llavakd::linear(half, b.to(at::kHalf), std::nullopt), at::linear(half, b.to(at::kHalf))));
  }
};

QTEST_GUILESS_MAIN(TestLinear)
#include "tst_linear.moc"
