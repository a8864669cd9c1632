// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/gradient_products.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <cmath>

#include "core/base/errors.h"
#include "core/models/forward.h"
#include "core/training/stage.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;

namespace {

TensorMap in_double(TensorMap parameters) {
  for (auto& [name, tensor] : parameters) tensor = tensor.to(at::kDouble);
  return parameters;
}

ModelConfig with_layers(ModelConfig config, int64_t layers) {
  config.language.num_hidden_layers = layers;
  return config;
}

Sequence sequence_of(int index, bool with_picture) {
  Sequence sequence{.id = "s" + std::to_string(index)};
  const int64_t visual = with_picture ? 3 : 0, tokens = 14 + index;
  for (int64_t i = 0; i < tokens; ++i) {
    const int64_t word = (i * 31 + index * 17) % 250;
    sequence.input_ids.push_back(i >= 2 && i < 2 + visual ? image_token_index : word);
    sequence.labels.push_back(i < 8 ? ignore_index : word);
  }
  sequence.segments = {{SegmentKind::prompt, 0, 2}};
  if (with_picture) sequence.segments.push_back({SegmentKind::visual, 2, 2 + visual});
  sequence.segments.push_back({SegmentKind::prompt, 2 + visual, 8});
  sequence.segments.push_back({SegmentKind::response, 8, tokens});
  return sequence;
}

/// Two samples with a picture, and one of text alone.
std::vector<MicroBatch> three_samples() {
  std::vector<MicroBatch> batch;
  for (int i = 0; i < 3; ++i) {
    MicroBatch& micro = batch.emplace_back();
    micro.sequences.push_back(sequence_of(i, i < 2));
    if (i == 2) continue;
    micro.images.emplace_back(std::to_string(i));
    at::manual_seed(static_cast<uint64_t>(i));
    micro.pixels.push_back(at::randn({3, 8, 8}));
  }
  return batch;
}

/// Models in float64, so that differences of losses say something.
struct Pair {
  StageOptions stage = [] {
    StageOptions options = stage_of("DFT", true);
    options.terms.back().temperature = 1;
    return options;
  }();
  std::vector<Term> terms = terms_of(stage);
  ModelConfig small = with_layers(config_of_width(8), 6);
  MultimodalModel teacher{with_layers(config_of_width(16), 6),
                          in_double(small_parameters(with_layers(config_of_width(16), 6), 2))};
  MultimodalModel student = make_trainable(MultimodalModel(small, in_double(small_parameters(small, 1))), stage);
  Forward::Plan plan{.reads_head_gram = true};

  BatchGradients products(const GradientProductsOptions& options = {}) const {
    return gradient_products(&teacher, student, terms, three_samples(), plan, options);
  }
  /// One term's mean over the samples, with its graph.
  at::Tensor loss(const MultimodalModel& of, Term term) const {
    term.weight = 1;
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const MicroBatch& micro : three_samples()) {
      const auto features = [&](const MultimodalModel& model) {
        const at::NoGradGuard no_grad;
        return micro.pixels.empty() ? at::Tensor() : model.vision_features(at::stack(micro.pixels).to(at::kDouble));
      };
      const ModelOutput of_teacher = predict(teacher, micro.sequences, features(teacher));
      sum =
          sum +
          distillation_loss(predict(of, micro.sequences, features(of)), &of_teacher, micro.sequences, {term}, 3).total;
    }
    return sum;
  }
  /// The gradient of one term by a graph and a backward pass of its own.
  TensorMap gradient(const Term& term) const {
    loss(student, term).backward();
    TensorMap taken;
    for (const auto& [name, parameter] : trained_parameters(student))
      if (at::Tensor& gradient = parameter.mutable_grad(); gradient.defined())
        taken[name] = std::exchange(gradient, {});
    return taken;
  }
};

std::vector<double> sum_of(const std::vector<GradientProducts>& parts, size_t count) {
  std::vector<double> sum(count);
  for (const GradientProducts& part : parts)
    for (size_t i = 0; i < count; ++i) sum[i] += part.products[i];
  return sum;
}

bool is_close(double a, double b, double relative, double scale) {
  return std::abs(a - b) <= relative * scale;
}

}  // namespace

class TestGradientProducts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { at::set_num_threads(1); }  // threads that wait for each other are no help at this size

  void areThoseOfSeparateBackwardPasses() {
    const Pair pair;
    const BatchGradients found = pair.products();
    const size_t count = pair.terms.size();
    QCOMPARE(count, size_t{4});
    std::vector<TensorMap> gradients;
    for (size_t t = 0; t < count; ++t) {
      gradients.push_back(pair.gradient(pair.terms[t]));
      const double value = pair.loss(pair.student, pair.terms[t]).item<double>();
      QVERIFY(value > 0 && is_close(found.values[t], value, 1e-10, value));
    }
    QCOMPARE(found.parts.size(), size_t{6});
    for (const GradientProducts& part : found.parts)
      for (size_t a = 0; a < count; ++a)
        for (size_t b = 0; b < count; ++b) {
          double sum = 0;
          for (const auto& [name, gradient] : gradients[a])
            if (is_in(part.part, name) && gradients[b].contains(name))
              sum += (gradient * gradients[b].at(name)).sum().item<double>();
          const double scale = std::sqrt(part.products[a * count + a] * part.products[b * count + b]);
          QVERIFY2(is_close(part.products[a * count + b], sum, 1e-9, scale), part.part.c_str());
        }
  }

  /// What a loss changes by when the weights go a little way along a term's gradient is the product of the two.
  void areWhatTheLossesChangeBy() {
    const Pair pair;
    const size_t count = pair.terms.size();
    const std::vector<double> products = sum_of(pair.products().parts, count * count);
    for (size_t along = 0; along < count; ++along) {
      const TensorMap gradient = pair.gradient(pair.terms[along]);
      const double step = 1e-5 / std::sqrt(products[along * count + along]);
      const auto moved = [&](double by) {
        TensorMap parameters;
        for (const auto& [name, tensor] : pair.student.parameters())
          parameters[name] = gradient.contains(name) ? tensor.detach() + by * gradient.at(name) : tensor.detach();
        return MultimodalModel(pair.small, std::move(parameters));
      };
      const MultimodalModel forth = moved(step), back = moved(-step);
      for (size_t t = 0; t < count; ++t) {
        const double change =
            (pair.loss(forth, pair.terms[t]) - pair.loss(back, pair.terms[t])).item<double>() / (2 * step);
        const double scale = std::sqrt(products[t * count + t] * products[along * count + along]);
        QVERIFY2(is_close(products[t * count + along], change, 1e-5, scale), pair.terms[t].kind->info->label.data());
      }
    }
  }

  /// The norm at the stage's weights is that of the gradient of the weighted total.
  void weightsMakeTheTotal() {
    const Pair pair;
    const size_t count = pair.terms.size();
    const std::vector<double> products = sum_of(pair.products().parts, count * count);
    std::vector<double> weights;
    TensorMap total;
    for (const Term& term : pair.terms) {
      weights.push_back(term.weight);
      for (const auto& [name, gradient] : pair.gradient(term)) {
        at::Tensor& sum = total[name];
        sum = sum.defined() ? sum + term.weight * gradient : term.weight * gradient;
      }
    }
    double square = 0;
    for (const auto& [name, gradient] : total) square += gradient.square().sum().item<double>();
    const GradientShares shares = gradient_shares(products, weights);
    QVERIFY(is_close(shares.norm, std::sqrt(square), 1e-9, shares.norm));
    double sum = 0;
    for (const double share : shares.shares) sum += share;
    QVERIFY(is_close(sum, 1, 1e-12, 1));
  }

  /// Little memory costs passes over the batch, and nothing else.
  void severalPassesFindTheSame() {
    const Pair pair;
    int64_t steps = 0, of_one = 0, of_many = 0;
    const BatchGradients one = pair.products({.progress = [&](int64_t done, int64_t of) {
      steps = done;
      of_one = of;
    }});
    QCOMPARE(steps, of_one);
    QCOMPARE(of_one, int64_t{3 * 4});
    const BatchGradients many = pair.products({.most_bytes = 1 << 14, .progress = [&](int64_t done, int64_t of) {
                                                 steps = done;
                                                 of_many = of;
                                               }});
    QVERIFY(of_many > of_one && steps == of_many);
    QVERIFY(many.values == one.values);
    for (size_t i = 0; i < one.parts.size(); ++i) QVERIFY(many.parts[i].products == one.parts[i].products);
  }

  void layersComeInGroups() {
    const Pair pair;
    std::vector<std::string> names;
    for (const GradientProducts& part : pair.products().parts) names.push_back(part.part);
    QVERIFY(names == (std::vector<std::string>{"connector", "layers 1-2", "layer 3", "layers 4-5", "layer 6",
                                               "embedding and head"}));
  }

  /// Text alone doesn't reach the connector.
  void aConnectorThatNothingReachesHasNoGradient() {
    Pair pair;
    pair.stage.train = {"connector"};
    pair.student = make_trainable(frozen(pair.student), pair.stage);
    const BatchGradients found =
        gradient_products(&pair.teacher, pair.student, pair.terms, {three_samples()[2]}, pair.plan);
    QCOMPARE(found.parts.size(), size_t{1});
    for (const double product : found.parts[0].products) QCOMPARE(product, 0.0);
  }

  void aGradientThatIsNoNumberIsNamed() {
    Pair pair;
    pair.student.parameters().at("connector._connector.0.bias").detach().fill_(std::nan(""));
    try {
      pair.products();
      QFAIL("NaN went through");
    } catch (const RunError& error) {
      QVERIFY2(std::string(error.what()).find("connector") != std::string::npos, error.what());
    }
  }

 private:
  static bool is_in(const std::string& part, const std::string& parameter) {
    if (part == "connector") return part_of(parameter) == "connector";
    const size_t at = parameter.find("layers.");
    if (part_of(parameter) != "language_model") return false;
    if (at == std::string::npos) return part == "embedding and head";
    const int layer = parameter[at + 7] - '0' + 1;
    if (part == "layers 1-2") return layer <= 2;
    if (part == "layers 4-5") return layer == 4 || layer == 5;
    return part == "layer " + std::to_string(layer);
  }
};

QTEST_GUILESS_MAIN(TestGradientProducts)
#include "tst_gradient_products.moc"
