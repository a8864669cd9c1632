// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest/QTest>
#include <cmath>

#include "core/losses/divergences.h"
#include "core/losses/fused_lm_head.h"

using namespace llavakd;

namespace {

/// Rows with all that may belong to them; tensors of one type.
struct Case {
  at::Tensor hidden, head, bias;
  FusedTask task;
};

struct Shape {
  int64_t first = 5, second = 7;  ///< Rows of the two parts.
  int64_t words = 30, taughtWords = 30;
  bool biased = false;
};

Case randomCase(const Shape& shape, at::ScalarType type, const Term& term, bool headLearns = true) {
  const int64_t rows = shape.first + shape.second;
  const auto noise = [&](at::IntArrayRef sizes) {
    return at::randn(sizes, at::kDouble).to(type);
  };
  Case made;
  made.hidden = noise({rows, 6}).requires_grad_();
  made.head = noise({shape.words, 6}).requires_grad_(headLearns);
  if (shape.biased) made.bias = noise({shape.words}).requires_grad_(headLearns);
  Term second = term;
  second.temperature = 1.5;
  second.weight = 0.4;
  made.task.parts = {{.rows = shape.first, .ce_weight = 0.8, .divergence = term},
                     {.rows = shape.second, .divergence = second}};
  made.task.labels = at::randint(0, shape.words, {rows}, at::kLong);
  if (rows > 2) made.task.labels[1] = -100;
  made.task.row_weights = at::rand({rows});
  made.task.teacher_hidden = noise({rows, 4});
  made.task.teacher_head = noise({shape.taughtWords, 4});
  if (shape.biased) made.task.teacher_bias = noise({shape.taughtWords});
  made.task.vocabulary = std::min(shape.words, shape.taughtWords);
  return made;
}

struct Outcome {
  at::Tensor total, ce, divergence, hidden, head, bias;
};

Outcome outcome(const Case& of, const FusedOptions& way, double upstream = 3) {
  for (const at::Tensor& leaf : {of.hidden, of.head, of.bias})
    if (leaf.defined()) leaf.mutable_grad().reset();
  const FusedResult result = fused_lm_head_loss(of.hidden, of.head, of.task, of.bias, way);
  (result.total * upstream).backward();
  return {result.total.detach(), result.ce,      result.divergence,
          of.hidden.grad(),      of.head.grad(), of.bias.defined() ? of.bias.grad() : at::Tensor()};
}

bool close(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined() || a.numel() == 0) return true;
  const at::Tensor x = a.to(at::kDouble), y = b.to(at::kDouble);
  return (x - y).abs().max().item<double>() <= tolerance * std::max(1e-3, y.abs().max().item<double>());
}

bool agree(const Outcome& a, const Outcome& b, double values, double gradients) {
  return close(a.total, b.total, values) && close(a.ce, b.ce, values) && close(a.divergence, b.divergence, values) &&
         close(a.hidden, b.hidden, gradients) && close(a.head, b.head, gradients) && close(a.bias, b.bias, gradients);
}

const FusedOptions plainWay{.plain = true};

}  // namespace

/// The loops on the CPU against LibTorch's operations.
class TestFusedLmHead : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void bothWaysAgree_data() {
    QTest::addColumn<int>("divergence");
    QTest::addColumn<double>("temperature");
    for (size_t i = 0; i < divergences().size(); ++i)
      for (const double temperature : {1.0, 2.0})
        QTest::addRow("%s at %g", divergences()[i].name.data(), temperature) << static_cast<int>(i) << temperature;
  }
  void bothWaysAgree() {
    QFETCH(const int, divergence);
    QFETCH(const double, temperature);
    at::manual_seed(divergence);
    const Term term{.kind = term_named("mdist_response"),
                    .weight = 1.3,
                    .temperature = temperature,
                    .divergence = &divergences()[static_cast<size_t>(divergence)]};
    for (const auto& [first, second] : {std::pair<int64_t, int64_t>{5, 7}, {0, 0}, {1, 0}, {0, 1}, {0, 9}, {40, 300}})
      for (const auto& [words, taught] : {std::pair<int64_t, int64_t>{30, 30}, {30, 41}, {41, 30}, {700, 700}})
        for (const bool biased : {false, true})
          for (const bool learns : {false, true}) {
            const Shape shape{first, second, words, taught, biased};
            const Case exact = randomCase(shape, at::kFloat, term, learns);
            QVERIFY(agree(outcome(exact, {}), outcome(exact, plainWay), 1e-5, 1e-4));
            // A bias is added before rounding here and after it there, which the sign of a difference may show.
            if (biased && term.divergence->name == "tv_distance") continue;
            const Case rounded = randomCase(shape, at::kBFloat16, term, learns);
            QVERIFY(agree(outcome(rounded, {}), outcome(rounded, plainWay), 2e-2, 3e-2));
          }
  }

  /// The ends of β are other divergences, and the square of the temperature may be left out.
  void bothWaysAgreeOnOptions() {
    at::manual_seed(3);
    for (const double beta : {0.0, 0.2, 1.0})
      for (const bool squared : {false, true}) {
        const Term term{.kind = term_named("mdist_response"),
                        .weight = 1.3,
                        .temperature = 2,
                        .divergence = divergence_named("jsd"),
                        .beta = beta,
                        .temperature_squared = squared};
        const Case of = randomCase({5, 7, 30, 30, false}, at::kFloat, term);
        QVERIFY(agree(outcome(of, {}), outcome(of, plainWay), 1e-5, 1e-4));
      }
  }

  /// Pieces of whatever size give the same.
  void chunksAndGroupsDoNotShow() {
    at::manual_seed(7);
    const Case of = randomCase({11, 13, 50, 60, true}, at::kFloat, {.kind = term_named("mdist_response")});
    const Outcome whole = outcome(of, {});
    for (const int64_t chunk : {1, 2, 5, 24})
      for (const int64_t kept : {1, 2000, 1 << 20}) {
        QVERIFY(agree(outcome(of, {.chunk_rows = chunk, .kept_bytes = kept}), whole, 1e-6, 1e-5));
        QVERIFY(agree(outcome(of, {.chunk_rows = chunk, .plain = true}), whole, 1e-5, 1e-4));
      }
  }

  /// Sums over hundreds of groups round no more than one product does.
  void manyGroupsLoseNoDigits() {
    at::manual_seed(9);
    const Case of = randomCase({200, 200, 30, 30, false}, at::kBFloat16, {.kind = term_named("mdist_response")});
    const Outcome whole = outcome(of, {}), pieces = outcome(of, {.chunk_rows = 1, .kept_bytes = 1});
    QCOMPARE(pieces.head.scalar_type(), at::kBFloat16);
    QVERIFY(close(pieces.head, whole.head, 8e-3));
  }

  void aTeacherOfAnotherTypeIsWidened() {
    at::manual_seed(8);
    Case of = randomCase({}, at::kFloat, {.kind = term_named("mdist_response")});
    for (at::Tensor* tensor : {&of.task.teacher_hidden, &of.task.teacher_head}) *tensor = tensor->to(at::kBFloat16);
    QVERIFY(agree(outcome(of, {}), outcome(of, plainWay), 1e-5, 1e-4));
  }

  void termsMayBeMissing() {
    at::manual_seed(9);
    Case of = randomCase({}, at::kFloat, {.kind = term_named("mdist_response")});
    of.task.parts[0].divergence.reset();  // One part has cross-entropy alone, another a divergence alone.
    QVERIFY(agree(outcome(of, {}), outcome(of, plainWay), 1e-5, 1e-4));
    of.task.labels.fill_(-100);
    const Outcome masked = outcome(of, {});
    QVERIFY(agree(masked, outcome(of, plainWay), 1e-5, 1e-4));
    QCOMPARE(masked.ce.abs().sum().item<double>(), 0.0);
    of.task.parts = {{.rows = 12, .ce_weight = 1}};
    of.task.teacher_hidden.reset();
    of.task.labels = at::arange(12);
    QVERIFY(agree(outcome(of, {}), outcome(of, plainWay), 1e-5, 1e-4));
  }

  void valuesWithoutAGraph() {
    const Case of = randomCase({}, at::kFloat, {.kind = term_named("mdist_response")});
    const at::NoGradGuard noGrad;
    const FusedResult own = fused_lm_head_loss(of.hidden, of.head, of.task),
                      plain = fused_lm_head_loss(of.hidden, of.head, of.task, {}, plainWay);
    QVERIFY(!own.total.requires_grad());
    QVERIFY(close(own.total, plain.total, 1e-5) && close(own.divergence, plain.divergence, 1e-5));
  }

  /// Central differences of the float64 form, against the gradient of the float32 loops.
  void finiteDifferences() {
    for (const Divergence& divergence : divergences()) {
      if (divergence.name == "tv_distance") continue;  // Its kinks are dense among 30 words.
      at::manual_seed(10);
      const Case of = randomCase({}, at::kFloat, {.kind = term_named("mdist_response"), .divergence = &divergence});
      const Outcome own = outcome(of, {}, 1);
      const at::NoGradGuard noGrad;
      Case wide{of.hidden.to(at::kDouble), of.head.to(at::kDouble), {}, of.task};
      for (at::Tensor* tensor : {&wide.task.teacher_hidden, &wide.task.teacher_head, &wide.task.row_weights})
        *tensor = tensor->to(at::kDouble);
      const auto difference = [&](const at::Tensor& tensor, int64_t i) {
        const at::Tensor flat = tensor.view({-1});
        const double step = 1e-5, here = flat[i].item<double>();
        const auto at = [&](double x) {
          flat[i].fill_(x);
          return fused_lm_head_loss(wide.hidden, wide.head, wide.task).total.item<double>();
        };
        const double slope = (at(here + step) - at(here - step)) / (2 * step);
        flat[i].fill_(here);
        return slope;
      };
      for (int64_t i = 0; i < of.hidden.numel(); i += 11)
        QVERIFY(std::abs(difference(wide.hidden, i) - own.hidden.view({-1})[i].item<double>()) < 1e-4);
      for (int64_t i = 0; i < of.head.numel(); i += 17)
        QVERIFY(std::abs(difference(wide.head, i) - own.head.view({-1})[i].item<double>()) < 1e-4);
    }
  }

  void gradientsKeepTheirTypeAndAreGivenOnce() {
    const Case of = randomCase({.biased = true}, at::kBFloat16, {.kind = term_named("mdist_response")});
    const at::Tensor total = fused_lm_head_loss(of.hidden, of.head, of.task, of.bias).total;
    total.backward({}, /*retain_graph=*/true);
    for (const at::Tensor& leaf : {of.hidden, of.head, of.bias}) QVERIFY(leaf.grad().scalar_type() == at::kBFloat16);
    QVERIFY_EXCEPTION_THROWN(total.backward(), c10::Error);
  }

  void labelsBeyondTheVocabularyAreRefused() {
    Case of = randomCase({}, at::kFloat, {.kind = term_named("mdist_response")});
    of.task.labels[2] = 30;
    QVERIFY_EXCEPTION_THROWN(fused_lm_head_loss(of.hidden, of.head, of.task), c10::Error);
    of.task.parts[1].rows = 6;
    QVERIFY_EXCEPTION_THROWN(fused_lm_head_loss(of.hidden, of.head, of.task), c10::Error);
  }
};

QTEST_GUILESS_MAIN(TestFusedLmHead)
#include "tst_fused_lm_head.moc"
