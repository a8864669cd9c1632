// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/library.h>

#include <QTest>
#include <cmath>
#include <limits>

#include "core/losses/distillation_loss.h"
#include "core/losses/divergences.h"
#include "core/losses/fused_lm_head.h"
#include "core/losses/reference.h"

using namespace llavakd;

namespace {

constexpr int64_t tokens = 12, studentWidth = 5, teacherWidth = 7;

Sequence sequence(std::vector<Segment> segments, std::vector<int64_t> labels) {
  Sequence result;
  result.segments = std::move(segments);
  result.labels = std::move(labels);
  result.input_ids.resize(result.labels.size());
  return result;
}

constexpr int64_t none = ignore_index;

/// One image, two images of unequal size, text only, a picture whose last row predicts the first label, one skipped.
std::vector<Sequence> batchOfAllKinds() {
  using enum SegmentKind;
  Sequence skipped = sequence({{visual, 0, 4}, {prompt, 4, 6}}, std::vector<int64_t>(6, none));
  skipped.skipped = "no_labels";
  return {sequence({{prompt, 0, 2}, {visual, 2, 6}, {prompt, 6, 8}, {response, 8, 11}},
                   {none, none, none, none, none, none, none, none, 3, 4, 1}),
          sequence({{visual, 0, 4}, {visual, 4, 7}, {prompt, 7, 10}, {response, 10, 12}},
                   {none, none, none, none, none, none, none, none, none, none, 2, 0}),
          sequence({{prompt, 0, 3}, {response, 3, 5}}, {none, none, none, 7, 8}),
          sequence({{visual, 0, 3}, {response, 3, 5}}, {none, none, none, 5, 6}), skipped};
}

std::vector<Term> allTerms() {
  return {{.kind = term_named("ce"), .weight = 0.7},
          {.kind = term_named("mdist_response"), .weight = 1.3, .temperature = 2},
          {.kind = term_named("mdist_visual"), .weight = 0.9},
          {.kind = term_named("rdist"), .weight = 0.5}};
}

struct Models {
  ModelOutput student, teacher;
};

Models models(int64_t samples, int64_t studentVocabulary, int64_t teacherVocabulary, bool trainableHead = true) {
  at::manual_seed(5);
  const auto noise = [](at::IntArrayRef shape) {
    return at::randn(shape, at::kDouble);
  };
  return {{noise({samples, tokens, studentWidth}).requires_grad_(),
           noise({studentVocabulary, studentWidth}).requires_grad_(trainableHead)},
          {noise({samples, tokens, teacherWidth}), noise({teacherVocabulary, teacherWidth})}};
}

struct Outcome {
  double total;
  at::Tensor hidden, head;
};

template <typename Loss>
Outcome outcome(const Models& m, Loss loss) {
  m.student.hidden.mutable_grad() = at::Tensor();
  m.student.head_weight.mutable_grad() = at::Tensor();
  const at::Tensor total = loss();
  (total * 3).backward();
  return {total.template item<double>(), m.student.hidden.grad().clone(),
          m.student.head_weight.grad().defined() ? m.student.head_weight.grad().clone() : at::Tensor()};
}

bool agree(const Outcome& a, const Outcome& b) {
  const auto close = [](const at::Tensor& x, const at::Tensor& y) {
    return at::allclose(x, y, 1e-8, 1e-12);
  };
  return std::abs(a.total - b.total) <= 1e-9 * std::abs(b.total) && close(a.hidden, b.hidden) &&
         a.head.defined() == b.head.defined() && (!a.head.defined() || close(a.head, b.head));
}

bool agreesWithPlain(const Models& m, const std::vector<Sequence>& sequences, const std::vector<Term>& terms) {
  const Outcome chunked =
      outcome(m, [&] { return distillation_loss(m.student, &m.teacher, sequences, terms, 4).total; });
  return agree(chunked, outcome(m, [&] { return reference_loss(m.student, &m.teacher, sequences, terms, 4); }));
}

// Shapes of operations for which LibTorch knows none.
at::Tensor shapeOfSelected(const at::Tensor& x, int64_t dim, const at::Tensor& index) {
  auto sizes = x.sizes().vec();
  sizes[static_cast<size_t>(dim)] = index.numel();
  return at::empty(sizes, x.options());
}
at::Tensor shapeOfDot(const at::Tensor& x, const at::Tensor&) {
  return at::empty({}, x.options());
}
at::Tensor shapeOfChoice(const at::Tensor&, const at::Tensor& x, const at::Tensor&) {
  return at::empty_like(x);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  library.impl("where.self", shapeOfChoice);
  library.impl("index_select", shapeOfSelected);
  library.impl("dot", shapeOfDot);
}

class TestDistillationLoss : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyTermAgreesWithThePlainForm() {
    const auto sequences = batchOfAllKinds();
    std::vector<Term> table;
    for (const LossTerm& kind : loss_terms()) {
      const Term& term = table.emplace_back(Term{.kind = &kind, .weight = 0.9, .temperature = 2});
      QVERIFY2(agreesWithPlain(models(5, 9, 9), sequences, {term}), kind.name.data());
      QVERIFY2(agreesWithPlain(models(5, 9, 9, false), sequences, {term}), kind.name.data());
      QVERIFY2(agreesWithPlain(models(5, 300, 300), sequences, {term}), kind.name.data());
    }
    QVERIFY(agreesWithPlain(models(5, 9, 11), sequences, table));
    QVERIFY(agreesWithPlain(models(5, 9, 9), sequences, allTerms()));
    QVERIFY(agreesWithPlain(models(5, 9, 9), sequences, {{.kind = term_named("rdist"), .on_hidden = true}}));
  }

  void unequalVocabulariesUseTheCommonPart() {
    const auto sequences = batchOfAllKinds();
    QVERIFY(agreesWithPlain(models(5, 9, 12), sequences, allTerms()));
    QVERIFY(agreesWithPlain(models(5, 12, 9), sequences, allTerms()));
    QVERIFY(agreesWithPlain(models(5, 12, 9), sequences, {allTerms()[2]}));
  }

  /// A head that adds a bias (Phi-2), of the student, the teacher or both, with and without a gradient of its own.
  void aBiasOfTheHeadReachesEveryTerm() {
    const auto sequences = batchOfAllKinds();
    for (const auto& [student, teacher] : {std::pair{9, 9}, {9, 12}, {12, 9}, {300, 300}}) {
      const Models bare = models(5, student, teacher);
      Models both = bare;
      both.student.head_bias = at::randn({student}, at::kDouble).requires_grad_();
      both.teacher.head_bias = at::randn({teacher}, at::kDouble);
      Models one = bare;
      one.teacher.head_bias = both.teacher.head_bias;
      for (const Term& term : allTerms()) {
        QVERIFY2(agreesWithPlain(one, sequences, {term}), term.kind->name.data());
        const auto with = [&](auto loss) {
          both.student.head_bias.mutable_grad() = at::Tensor();
          return std::pair{outcome(both, loss), both.student.head_bias.grad().clone()};
        };
        const auto [total, bias] =
            with([&] { return distillation_loss(both.student, &both.teacher, sequences, {term}, 4).total; });
        const auto [plainTotal, plainBias] =
            with([&] { return reference_loss(both.student, &both.teacher, sequences, {term}, 4); });
        QVERIFY2(agree(total, plainTotal), term.kind->name.data());
        QVERIFY2(at::allclose(bias, plainBias, 1e-8, 1e-12), term.kind->name.data());
        const double without =
            distillation_loss(bare.student, &bare.teacher, sequences, {term}, 4).total.item<double>();
        QVERIFY(std::abs(total.total - without) > 1e-6);
      }
    }
  }

  void everyDivergence() {
    for (const Divergence& divergence : divergences())
      for (const bool squared : {false, true})
        QVERIFY2(agreesWithPlain(models(5, 9, 11), batchOfAllKinds(),
                                 {{.kind = term_named("mdist_visual"),
                                   .temperature = 0.5,
                                   .divergence = &divergence,
                                   .beta = 0.3,
                                   .temperature_squared = squared}}),
                 divergence.name.data());
  }

  /// The derivative itself, against central differences in double.
  void finiteDifferences() {
    const Models m = models(5, 9, 11);
    const auto sequences = batchOfAllKinds();
    const auto value = [&] {
      return distillation_loss(m.student, &m.teacher, sequences, allTerms(), 4).total;
    };
    value().backward();
    const at::NoGradGuard noGrad;
    for (const at::Tensor& parameter : {m.student.hidden, m.student.head_weight}) {
      const at::Tensor flat = parameter.detach().view({-1}), gradient = parameter.grad().view({-1});
      for (int64_t i = 0; i < flat.numel(); i += 3) {
        const double step = 1e-5, here = flat[i].item<double>();
        flat[i].fill_(here + step);
        const double above = value().item<double>();
        flat[i].fill_(here - step);
        const double below = value().item<double>();
        flat[i].fill_(here);
        QVERIFY(std::abs((above - below) / (2 * step) - gradient[i].item<double>()) < 1e-7);
      }
    }
  }

  void chunksDoNotShow() {
    const Models m = models(1, 9, 9);
    FusedTask task;
    task.labels = at::arange(9);
    task.row_weights = at::rand({9}, at::kDouble);
    task.teacher_hidden = m.teacher.hidden[0].narrow(0, 0, 9);
    task.teacher_head = m.teacher.head_weight;
    task.vocabulary = 9;
    task.parts = {
        {.rows = 9, .ce_weight = 0.5, .divergence = Term{.kind = term_named("mdist_response"), .temperature = 2}}};
    const auto with = [&](int64_t chunk) {
      return outcome(m, [&] {
        return fused_lm_head_loss(m.student.hidden[0].narrow(0, 0, 9), m.student.head_weight, task, {},
                                  {.chunk_rows = chunk})
            .total;
      });
    };
    for (const int64_t chunk : {1, 2, 4, 9}) QVERIFY(agree(with(chunk), with(0)));
  }

  void batchIsTheMeanOfItsSamples() {
    const Models m = models(5, 9, 9);
    const auto sequences = batchOfAllKinds();
    const LossResult batch = distillation_loss(m.student, &m.teacher, sequences, allTerms(), 4);
    double sum = 0;
    for (int64_t s = 0; s < 5; ++s) {
      const ModelOutput student{m.student.hidden.narrow(0, s, 1), m.student.head_weight};
      const ModelOutput teacher{m.teacher.hidden.narrow(0, s, 1), m.teacher.head_weight};
      const LossResult one = distillation_loss(student, &teacher, {sequences[static_cast<size_t>(s)]}, allTerms(), 1);
      sum += one.total.item<double>();
      for (const LossTerm& term : loss_terms()) {
        const auto alone = one.samples[0][term.name], within = batch.samples[static_cast<size_t>(s)][term.name];
        QCOMPARE(alone.has_value(), within.has_value());
        if (alone) QVERIFY(std::abs(*alone - *within) < 1e-12);
      }
    }
    QVERIFY(std::abs(batch.total.item<double>() - sum / 4) < 1e-12);
  }

  void termsThatDoNotApplyAreAbsent() {
    const Models m = models(5, 9, 9);
    const LossResult result = distillation_loss(m.student, &m.teacher, batchOfAllKinds(), allTerms(), 4);
    QVERIFY(result.samples[2]["ce"] && result.samples[2]["mdist_response"]);
    QVERIFY(!result.samples[2]["mdist_visual"] && !result.samples[2]["rdist"]);
    QVERIFY(result.samples[4].values.empty());
  }

  void nothingLeftGivesZeroAndNoGradient() {
    const Models m = models(2, 9, 9);
    auto sequences = batchOfAllKinds();
    const LossResult result = distillation_loss(m.student, &m.teacher, {sequences[4], sequences[4]}, allTerms(), 1);
    result.total.backward();
    QCOMPARE(result.total.item<double>(), 0.0);
    QCOMPARE(m.student.hidden.grad().abs().sum().item<double>(), 0.0);
  }

  void oneVisualTokenIsRelatedOnlyToItself() {
    const Models m = models(1, 9, 9);
    const Sequence one =
        sequence({{SegmentKind::visual, 0, 1}, {SegmentKind::prompt, 1, 1}, {SegmentKind::response, 1, 2}}, {none, 4});
    QVERIFY(agreesWithPlain(m, {one}, allTerms()));
    QVERIFY(std::abs(*distillation_loss(m.student, &m.teacher, {one}, allTerms(), 1).samples[0]["rdist"]) < 1e-12);
    const Sequence empty = sequence({{SegmentKind::visual, 0, 0}, {SegmentKind::response, 0, 2}}, {none, 4});
    QVERIFY(!distillation_loss(m.student, &m.teacher, {empty}, allTerms(), 1).samples[0]["rdist"]);
  }

  void nanReachesTheResult() {
    const Models m = models(5, 9, 9);
    m.teacher.hidden[0][3].fill_(std::numeric_limits<double>::quiet_NaN());
    const LossResult result = distillation_loss(m.student, &m.teacher, batchOfAllKinds(), allTerms(), 4);
    QVERIFY(std::isnan(result.total.item<double>()));
    QVERIFY(std::isnan(*result.samples[0]["mdist_visual"]) && std::isnan(*result.samples[0]["rdist"]));
    QVERIFY(std::isfinite(*result.samples[1]["mdist_visual"]));
  }

  void crossEntropyNeedsNoTeacherAndKeepsOutOfItsGraph() {
    const Models m = models(5, 9, 9);
    const std::vector<Term> ce = {allTerms()[0]};
    const Outcome chunked =
        outcome(m, [&] { return distillation_loss(m.student, nullptr, batchOfAllKinds(), ce, 4).total; });
    QVERIFY(agree(chunked, outcome(m, [&] { return reference_loss(m.student, nullptr, batchOfAllKinds(), ce, 4); })));
    m.teacher.hidden.requires_grad_();
    distillation_loss(m.student, &m.teacher, batchOfAllKinds(), allTerms(), 4).total.backward();
    QVERIFY(!m.teacher.hidden.grad().defined());
    const at::NoGradGuard noGrad;
    QVERIFY(!distillation_loss(m.student, &m.teacher, batchOfAllKinds(), allTerms(), 4).total.requires_grad());
  }

  void halfTypesStayClose() {
    const Models m = models(5, 30, 30);
    const auto sequences = batchOfAllKinds();
    const double exact = distillation_loss(m.student, &m.teacher, sequences, allTerms(), 4).total.item<double>();
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
      const auto in = [&](const at::Tensor& t) {
        return t.detach().to(type);
      };
      const ModelOutput student{in(m.student.hidden).requires_grad_(), in(m.student.head_weight).requires_grad_()};
      const ModelOutput teacher{in(m.teacher.hidden), in(m.teacher.head_weight)};
      const LossResult result = distillation_loss(student, &teacher, sequences, allTerms(), 4);
      result.total.backward();
      QVERIFY(std::abs(result.total.item<double>() / exact - 1) < (type == at::kFloat ? 1e-5 : 2e-2));
      QVERIFY(student.hidden.grad().scalar_type() == type && student.head_weight.grad().scalar_type() == type);
    }
  }

  /// Where there are shapes but no numbers, nothing may ask for one: neither loss nor backward reads the device.
  void nothingIsReadFromTheDevice() {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      const auto away = [&](at::IntArrayRef shape) {
        return at::empty(shape, at::device(at::kMeta).dtype(type)).requires_grad_();
      };
      const ModelOutput student{away({5, tokens, studentWidth}), away({30, studentWidth}), {}, away({30})};
      const ModelOutput teacher{away({5, tokens, teacherWidth}), away({40, teacherWidth})};
      for (const bool onHidden : {false, true}) {
        auto terms = allTerms();
        terms[3].on_hidden = onHidden;
        const LossResult result = distillation_loss(student, &teacher, batchOfAllKinds(), terms, 4);
        result.total.backward();
        QVERIFY(student.hidden.grad().is_meta() && student.head_weight.grad().is_meta());
        QVERIFY(result.samples.empty());
      }
    }
  }

  void theMethodOfTheRelationIsTold() {
    const auto sequences = batchOfAllKinds();
    const auto methodOf = [&](const Models& m, std::vector<Term> terms) {
      return distillation_loss(m.student, &m.teacher, sequences, terms, 4).relation;
    };
    Term relation{.kind = term_named("rdist")};
    QCOMPARE(methodOf(models(5, 9, 9), {relation}), RelationMethod::gram);
    QCOMPARE(methodOf(models(5, 9, 9), {allTerms()[2]}), RelationMethod::none);
    relation.on_hidden = true;
    QCOMPARE(methodOf(models(5, 9, 9), {relation}), RelationMethod::hidden);
    QCOMPARE(name(RelationMethod::gram), std::string_view("gram"));
  }

  void mistakesOfTheCallerAreNamed() {
    const Models m = models(5, 9, 9);
    const auto sequences = batchOfAllKinds();
    QVERIFY_EXCEPTION_THROWN(distillation_loss(m.student, nullptr, sequences, allTerms(), 4), std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(distillation_loss(m.student, &m.teacher, {sequences[0]}, allTerms(), 4),
                             std::invalid_argument);
    QVERIFY_EXCEPTION_THROWN(distillation_loss(m.student, &m.teacher, sequences, allTerms(), 0), std::invalid_argument);
  }
};

QTEST_APPLESS_MAIN(TestDistillationLoss)
#include "tst_distillation_loss.moc"
