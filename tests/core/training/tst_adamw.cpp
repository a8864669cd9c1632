// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <QTest>
#include <cmath>
#include <vector>

#include "core/base/errors.h"
#include "core/training/adamw.h"

using namespace llavakd;

namespace {

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor parameter(std::vector<float> values) {
  const auto count = static_cast<int64_t>(values.size());
  return at::tensor(values).reshape({1, count}).set_requires_grad(true);
}

}  // namespace

class TestAdamW : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Oracle: LibTorch's fused kernel. 70,001 elements cross our blocks and leave a tail.
  void agreesWithLibTorch() {
    at::manual_seed(1);
    at::Tensor ours = at::randn({7, 10001});
    at::Tensor bias = at::randn({13});
    at::Tensor theirs = ours.clone(), their_bias = bias.clone();
    at::Tensor m = at::zeros_like(theirs), v = at::zeros_like(theirs);
    at::Tensor bias_m = at::zeros_like(bias), bias_v = at::zeros_like(bias);
    ours.set_requires_grad(true);
    bias.set_requires_grad(true);
    const TensorMap parameters{{"linear.weight", ours}, {"linear.bias", bias}};
    AdamW optimizer(parameters, {.weight_decay = 0.1, .max_grad_norm = 0});
    GradientBuffer gradients(parameters);
    for (int i = 1; i <= 5; ++i) {
      const at::Tensor gradient = at::randn_like(theirs), bias_gradient = at::randn_like(bias);
      ours.mutable_grad() = gradient.clone();
      bias.mutable_grad() = bias_gradient.clone();
      gradients.finish_micro_batch();
      optimizer.step(gradients, 1e-2, gradients.norm());
      const at::Tensor step = at::full({}, double(i), at::kFloat);
      at::_fused_adamw_({theirs}, {gradient}, {m}, {v}, {}, {step}, 1e-2, 0.9, 0.999, 0.1, 1e-8, false, false,
                        std::nullopt, std::nullopt);
      at::_fused_adamw_({their_bias}, {bias_gradient}, {bias_m}, {bias_v}, {}, {step}, 1e-2, 0.9, 0.999, 0.0, 1e-8,
                        false, false, std::nullopt, std::nullopt);
    }
    QVERIFY2(largest_difference(ours.detach(), theirs) < 2e-6, "matrix");
    QVERIFY2(largest_difference(bias.detach(), their_bias) < 2e-6, "bias");
  }

  /// One step by hand: the first AdamW update is lr · sign(gradient) whatever the gradient's size.
  void firstStepByHand() {
    at::Tensor weight = parameter({1, 2, 3});
    AdamW optimizer({{"w", weight}}, {.weight_decay = 0.5, .max_grad_norm = 0});
    GradientBuffer gradients({{"w", weight}});
    weight.mutable_grad() = at::tensor({0.5F, -4.F, 0.F}).reshape({1, 3});
    gradients.finish_micro_batch();
    QCOMPARE(gradients.norm(), std::sqrt(16.25));
    optimizer.step(gradients, 0.1, gradients.norm());
    const auto expected = at::tensor({0.95F - 0.1F, 1.9F + 0.1F, 2.85F}).reshape({1, 3});
    QVERIFY(largest_difference(weight.detach(), expected) < 1e-6);
    QVERIFY(!weight.grad().defined());
  }

  void clippingScalesAllGradientsTogether() {
    at::Tensor a = parameter({0}), b = parameter({0});
    AdamW optimizer({{"a", a}, {"b", b}}, {.max_grad_norm = 1});
    GradientBuffer gradients({{"a", a}, {"b", b}});
    a.mutable_grad() = at::full({1, 1}, 3.F);
    b.mutable_grad() = at::full({1, 1}, 4.F);
    gradients.finish_micro_batch();
    QCOMPARE(gradients.norm(), 5.0);
    optimizer.step(gradients, 0, 5.0);
    const TensorMap state = optimizer.state();
    QVERIFY(std::abs(state.at("exp_avg/a").item<float>() - 0.1F * 3 / (5 + 1e-6F)) < 1e-7F);
    QVERIFY(std::abs(state.at("exp_avg/b").item<float>() - 0.1F * 4 / (5 + 1e-6F)) < 1e-7F);
  }

  void decayIsForMatricesAlone() {
    QVERIFY(is_decayed("language_model.model.layers.0.self_attn.q_proj.weight", at::zeros({2, 2})));
    QVERIFY(!is_decayed("language_model.model.layers.0.self_attn.q_proj.bias", at::zeros({2})));
    QVERIFY(!is_decayed("language_model.model.norm.weight", at::zeros({2})));
  }

  /// In bf16 alone, steps of 1e-4 on a weight of 1 would be rounded away.
  void sixteenBitParametersHaveAMaster() {
    at::Tensor weight = at::ones({1, 4}, at::kBFloat16).set_requires_grad(true);
    AdamW optimizer({{"w", weight}}, {.max_grad_norm = 0});
    GradientBuffer gradients({{"w", weight}});
    for (int i = 0; i < 100; ++i) {
      weight.mutable_grad() = at::ones({1, 4}, at::kBFloat16);
      gradients.finish_micro_batch();
      optimizer.step(gradients, 1e-4, 2);
    }
    QVERIFY(std::abs(optimizer.state().at("master/w")[0][0].item<float>() - 0.99F) < 1e-4F);
    QVERIFY(std::abs(weight.detach()[0][0].item<float>() - 0.99F) < 4e-3F);
  }

  /// A bfloat16 parameter goes the way of a float32 one with the same gradients, to the last bit; it shows the nearest
  /// bfloat16 of it. One micro-batch keeps its gradient as it is, several are summed.
  void halvesGoTheWayOfWholeWeights_data() {
    QTest::addColumn<int>("micro_batches");
    QTest::addColumn<int>("elements");
    for (const int elements : {0, 1, 17, 70001})
      for (const int micro_batches : {1, 3})
        QTest::addRow("%d elements, %d micro-batches", elements, micro_batches) << micro_batches << elements;
  }
  void halvesGoTheWayOfWholeWeights() {
    QFETCH(int, micro_batches);
    QFETCH(int, elements);
    at::manual_seed(3);
    at::Tensor narrow = at::randn({1, elements}).to(at::kBFloat16).set_requires_grad(true);
    at::Tensor wide = narrow.detach().to(at::kFloat).set_requires_grad(true);
    const AdamWOptions options{.weight_decay = 0.1, .max_grad_norm = 0.5};
    AdamW ours({{"w", narrow}}, options), plain({{"w", wide}}, options);
    GradientBuffer of_ours({{"w", narrow}}), of_plain({{"w", wide}});
    for (int step = 0; step < 5; ++step) {
      at::Tensor sum = at::zeros_like(wide.detach());
      for (int i = 0; i < micro_batches; ++i) {
        const at::Tensor gradient = at::randn({1, elements}).to(at::kBFloat16);
        narrow.mutable_grad() = gradient.clone();
        of_ours.finish_micro_batch();
        sum += gradient;
      }
      wide.mutable_grad() = sum;
      of_plain.finish_micro_batch();
      QCOMPARE(of_ours.norm(), of_plain.norm());
      ours.step(of_ours, 1e-3, of_ours.norm());
      plain.step(of_plain, 1e-3, of_plain.norm());
      QVERIFY(at::equal(ours.state().at("master/w"), wide.detach()));
      QVERIFY(at::equal(ours.state().at("exp_avg_sq/w"), plain.state().at("exp_avg_sq/w")));
      const at::Tensor away = (narrow.detach().to(at::kFloat) - wide.detach()).abs();
      QVERIFY((away <= wide.detach().abs() * 0.00391).all().item<bool>());
    }
  }

  void halvesContinueExactly() {
    at::manual_seed(4);
    const at::Tensor start = at::randn({9, 5}).to(at::kBFloat16);
    std::vector<at::Tensor> given;
    for (int i = 0; i < 6; ++i) given.push_back(at::randn({9, 5}).to(at::kBFloat16));
    const auto run = [&](AdamW& optimizer, at::Tensor& weight, size_t from, size_t to) {
      GradientBuffer gradients({{"w", weight}});
      for (size_t i = from; i < to; ++i) {
        weight.mutable_grad() = given[i].clone();
        gradients.finish_micro_batch();
        optimizer.step(gradients, 1e-3, gradients.norm());
      }
    };
    at::Tensor whole = start.clone().set_requires_grad(true), first = whole.detach().clone().set_requires_grad(true);
    AdamW one({{"w", whole}}, {}), before({{"w", first}}, {});
    run(one, whole, 0, 6);
    run(before, first, 0, 3);
    at::Tensor second = at::zeros_like(start).set_requires_grad(true);
    AdamW after({{"w", second}}, {});
    after.load_state(before.state());
    QVERIFY(at::equal(first.detach(), second.detach()));
    run(after, second, 3, 6);
    QVERIFY(at::equal(whole.detach(), second.detach()));
    QVERIFY(at::equal(one.state().at("master/w"), after.state().at("master/w")));
  }

  void nothingIsAllocatedBeforeTheFirstUpdate() {
    at::Tensor weight = parameter({1, 2}), other = parameter({3});
    AdamW optimizer({{"w", weight}, {"other", other}}, {});
    GradientBuffer gradients({{"w", weight}, {"other", other}});
    QVERIFY(at::equal(optimizer.state().at("exp_avg/w"), at::zeros({1, 2})));
    weight.mutable_grad() = at::ones({1, 2});
    gradients.finish_micro_batch();
    optimizer.step(gradients, 1e-3, 1);
    QVERIFY(!at::equal(optimizer.state().at("exp_avg/w"), at::zeros({1, 2})));
    QVERIFY(at::equal(optimizer.state().at("exp_avg/other"), at::zeros({1, 1})));
    QVERIFY(at::equal(other.detach(), at::full({1, 1}, 3.F)));
  }

  void stateContinuesExactly() {
    at::manual_seed(2);
    const at::Tensor start = at::randn({3, 5});
    std::vector<at::Tensor> given;
    for (int i = 0; i < 6; ++i) given.push_back(at::randn({3, 5}));
    const auto run = [&](AdamW& optimizer, at::Tensor& weight, int from, int to) {
      GradientBuffer gradients({{"w", weight}});
      for (int i = from; i < to; ++i) {
        weight.mutable_grad() = given[static_cast<size_t>(i)].clone();
        gradients.finish_micro_batch();
        optimizer.step(gradients, 1e-2, gradients.norm());
      }
    };
    at::Tensor whole = start.clone().set_requires_grad(true);
    AdamW one({{"w", whole}}, {});
    run(one, whole, 0, 6);

    at::Tensor first = start.clone().set_requires_grad(true);
    AdamW before({{"w", first}}, {});
    run(before, first, 0, 3);
    at::Tensor second = first.detach().clone().set_requires_grad(true);
    AdamW after({{"w", second}}, {});
    after.load_state(before.state());
    QCOMPARE(after.steps(), 3);
    run(after, second, 3, 6);
    QVERIFY(at::equal(whole.detach(), second.detach()));
  }

  void foreignStateIsRefused() {
    at::Tensor weight = parameter({1, 2});
    AdamW optimizer({{"w", weight}}, {});
    QVERIFY_THROWS_EXCEPTION(UserError, optimizer.load_state({}));
    TensorMap state = optimizer.state();
    state["exp_avg/w"] = at::zeros({3});
    QVERIFY_THROWS_EXCEPTION(UserError, optimizer.load_state(state));
  }

  void damagedStateIsRefused() {
    at::Tensor weight = parameter({1, 2});
    AdamW optimizer({{"w", weight}}, {});
    const TensorMap good = optimizer.state();
    const std::pair<const char*, at::Tensor> damages[] = {{"exp_avg/w", at::full({2}, NAN)},
                                                          {"exp_avg/w", at::zeros({2}, at::kInt)},
                                                          {"exp_avg_sq/w", at::full({2}, -1.0F)},
                                                          {"step", at::full({1}, int64_t{-5})},
                                                          {"step", at::zeros({1})}};
    for (const auto& [name, values] : damages) {
      TensorMap state = good;
      state[name] = values;
      QVERIFY_THROWS_EXCEPTION(UserError, optimizer.load_state(state));
    }
    optimizer.load_state(good);
  }
};

QTEST_APPLESS_MAIN(TestAdamW)
#include "tst_adamw.moc"
