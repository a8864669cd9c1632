// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QTest>
#include <cmath>

#include "core/models/layers.h"

using namespace llavakd;

namespace {

at::Tensor angles(int64_t tokens, int64_t half) {
  return at::outer(at::arange(tokens, at::kFloat), at::rand({half}));
}

bool close(const at::Tensor& a, const at::Tensor& b, double relative, double absolute) {
  return at::allclose(a.to(at::kFloat), b.to(at::kFloat), relative, absolute);
}

template <typename Function>
at::Tensor gradientOf(const at::Tensor& x, const at::Tensor& weights, Function function) {
  x.mutable_grad() = at::Tensor();
  (function(x) * weights).sum().backward();
  return x.grad().clone();
}

}  // namespace

class TestLayers : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rmsNormLiteral() {
    // mean of squares of (3, 4) is 12.5
    const at::Tensor out = rms_norm(at::tensor({3.0f, 4.0f}).view({1, 2}), at::tensor({1.0f, 2.0f}), 0);
    QVERIFY(std::abs(out[0][0].item<double>() - 3 / std::sqrt(12.5)) < 1e-6);
    QVERIFY(std::abs(out[0][1].item<double>() - 8 / std::sqrt(12.5)) < 1e-6);
  }

  void rmsNormLoopsEqualPlainForm() {
    at::manual_seed(1);
    const at::Tensor x = at::randn({3, 50, 37}).requires_grad_(), weight = at::randn({37}).requires_grad_();
    const at::Tensor upstream = at::randn({3, 50, 37});
    QVERIFY(at::allclose(rms_norm(x, weight, 1e-3), plain_rms_norm(x, weight, 1e-3), 1e-5, 1e-6));
    const at::Tensor dx = gradientOf(x, upstream, [&](const at::Tensor& t) { return rms_norm(t, weight, 1e-3); });
    const at::Tensor dw = weight.grad().clone();
    weight.mutable_grad() = at::Tensor();
    const at::Tensor plain =
        gradientOf(x, upstream, [&](const at::Tensor& t) { return plain_rms_norm(t, weight, 1e-3); });
    QVERIFY(at::allclose(dx, plain, 1e-4, 1e-5));
    QVERIFY(at::allclose(dw, weight.grad(), 1e-4, 1e-4));
  }

  void rotationLoopsEqualPlainForm() {
    at::manual_seed(2);
    const at::Tensor x = at::randn({2, 19, 3, 10}).requires_grad_(), upstream = at::randn({2, 19, 3, 10});
    const at::Tensor cos = angles(19, 5).cos(), sin = angles(19, 5).sin();
    QVERIFY(at::allclose(apply_rotary(x, cos, sin), plain_rotary(x, cos, sin), 1e-5, 1e-6));
    QVERIFY(at::allclose(gradientOf(x, upstream, [&](const at::Tensor& t) { return apply_rotary(t, cos, sin); }),
                         gradientOf(x, upstream, [&](const at::Tensor& t) { return plain_rotary(t, cos, sin); }), 1e-5,
                         1e-6));
  }

  /// Both round to bfloat16 in the same places; float32 sums differ in the last bits, so now and then a number does by
  /// one step of bfloat16.
  void bfloatLoopsEqualPlainForms() {
    at::manual_seed(3);
    const at::Tensor x = at::randn({2, 19, 3, 10}).to(at::kBFloat16).requires_grad_();
    const at::Tensor weight = at::randn({10}).to(at::kBFloat16).requires_grad_();
    const at::Tensor upstream = at::randn({2, 19, 3, 10}).to(at::kBFloat16);
    const at::Tensor cos = angles(19, 5).cos(), sin = angles(19, 5).sin();
    const auto turned = [&](const at::Tensor& t) {
      return apply_rotary(t, cos, sin);
    };
    const auto plainly = [&](const at::Tensor& t) {
      return plain_rotary(t, cos, sin);
    };
    QVERIFY(close(turned(x), plainly(x), 0.01, 1e-3));
    QVERIFY(close(gradientOf(x, upstream, turned), gradientOf(x, upstream, plainly), 0.01, 1e-3));

    QVERIFY(close(rms_norm(x, weight, 1e-6), plain_rms_norm(x, weight, 1e-6), 0.01, 1e-3));
    // The derivatives against float32, whose plain form rounds nothing on the way.
    const at::Tensor dx = gradientOf(x, upstream, [&](const at::Tensor& t) { return rms_norm(t, weight, 1e-6); });
    const at::Tensor dw = weight.grad();
    const at::Tensor wide = x.detach().to(at::kFloat).requires_grad_();
    const at::Tensor wideWeight = weight.detach().to(at::kFloat).requires_grad_();
    const at::Tensor expected = gradientOf(wide, upstream.to(at::kFloat),
                                           [&](const at::Tensor& t) { return plain_rms_norm(t, wideWeight, 1e-6); });
    QVERIFY(close(dx, expected, 0.02, 2e-2));
    QVERIFY(close(dw, wideWeight.grad(), 0.02, 2e-2));
  }

  void gatedLoopsEqualPlainForm_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"silu", "gelu", "gelu_new", "gelu_pytorch_tanh", "quick_gelu"})
      QTest::newRow(name) << name;
  }
  void gatedLoopsEqualPlainForm() {
    QFETCH(QString, name);
    const std::string kind = name.toStdString();
    at::manual_seed(4);
    for (const int64_t rows : {0, 1, 13}) {
      // Far values too, where the sigmoid is 0 or 1.
      const at::Tensor gate = (at::randn({rows, 33}) * 20).requires_grad_(),
                       up = at::randn({rows, 33}).requires_grad_();
      const at::Tensor upstream = at::randn({rows, 33});
      const at::Tensor own = glu(kind, gate, up), plain = activation(kind, gate) * up;
      QVERIFY(at::allclose(own, plain, 1e-5, 1e-5));
      const auto grads = torch::autograd::grad({own}, {gate, up}, {upstream});
      const auto expected = torch::autograd::grad({plain}, {gate, up}, {upstream});
      for (size_t i = 0; i < 2; ++i) QVERIFY(at::allclose(grads[i], expected[i], 1e-4, 1e-5));

      const at::Tensor alone = activation_inplace(kind, gate), aten = activation(kind, gate);
      QVERIFY(at::allclose(alone, aten, 1e-5, 1e-5));
      QVERIFY(at::allclose(torch::autograd::grad({alone}, {gate}, {upstream})[0],
                           torch::autograd::grad({aten}, {gate}, {upstream})[0], 1e-4, 1e-5));
      QVERIFY(at::equal(activation_inplace(kind, gate.detach().clone()), alone));

      const at::Tensor half = gate.detach().to(at::kBFloat16), halfUp = up.detach().to(at::kBFloat16);
      const at::Tensor wide = activation(kind, half.to(at::kFloat)) * halfUp.to(at::kFloat);
      QVERIFY(close(glu(kind, half, halfUp), wide, 0.01, 1e-3));
      const at::Tensor value = activation(kind, half.to(at::kFloat));
      QVERIFY(close(activation_inplace(kind, half.clone()), value, 0.01, 1e-3));
    }
  }

  void sumsInPlaceOnlyWithoutAGraph() {
    const at::Tensor x = at::ones({2}), own = at::ones({2}), leaf = at::ones({2}).requires_grad_();
    QVERIFY(residual_add(x, own).is_same(own));
    QVERIFY(at::equal(own, at::full({2}, 2.0f)));
    QVERIFY(residual_add(leaf, own).requires_grad());
    QVERIFY(at::equal(own, at::full({2}, 2.0f)));
    QCOMPARE(residual_add(x, own.to(at::kBFloat16)).scalar_type(), at::kFloat);
  }

  /// The statistics of half types are those of float32: squares beyond 65504 don't overflow.
  void halfTypes() {
    const at::Tensor x = at::full({1, 4}, 1000.0f).to(at::kHalf), weight = at::ones({4}, at::kHalf);
    const at::Tensor out = rms_norm(x, weight, 1e-6);
    QVERIFY(out.scalar_type() == at::kHalf);
    QVERIFY(at::allclose(out.to(at::kFloat), at::ones({1, 4}), 1e-3));
  }
};

QTEST_APPLESS_MAIN(TestLayers)
#include "tst_layers.moc"
