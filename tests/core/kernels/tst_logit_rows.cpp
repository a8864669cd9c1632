// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest/QTest>
#include <cmath>
#include <limits>

#include "core/kernels/logit_rows.h"
#include "core/kernels/row_data.h"
#include "core/losses/cross_entropy.h"
#include "core/losses/divergences.h"

using namespace llavakd;

namespace {

struct Outcome {
  at::Tensor ce, divergence, gradient;
};

struct Case {
  const Divergence* divergence;  ///< Null: cross-entropy alone.
  double temperature = 1;
  at::Tensor student, teacher;  ///< float64 [rows, vocabulary], [rows, teacher vocabulary]
  std::vector<int64_t> labels;  ///< -1: none
  int64_t common() const { return std::min(student.size(1), teacher.size(1)); }
  double ceScale(int64_t row) const { return 0.3 + 0.1 * static_cast<double>(row); }
  double divergenceScale(int64_t row) const { return 0.7 - 0.05 * static_cast<double>(row); }
};

Case randomCase(const Divergence* divergence, double temperature, int64_t rows, int64_t vocabulary,
                int64_t teacherVocabulary) {
  Case made{divergence, temperature, at::randn({rows, vocabulary}, at::kDouble) * 3, {}, {}};
  made.teacher = at::randn({rows, teacherVocabulary}, at::kDouble) * 2;
  for (int64_t i = 0; i < rows; ++i) made.labels.push_back(i % 4 == 3 ? -1 : (i * 7 + vocabulary - 1) % vocabulary);
  return made;
}

/// The loops on numbers of a type; the numbers themselves are rounded to it first.
Outcome own(const Case& of, at::ScalarType type, bool withGradient = true) {
  const at::Tensor student = of.student.to(type).clone(), teacher = of.teacher.to(type);
  LogitRowsTask task{.temperature = of.temperature, .vocabulary = student.size(1), .common = of.common()};
  task.gradient = withGradient;
  if (of.divergence) task.divergence = of.divergence->logit_divergence(0.5);
  std::vector<LogitRow> rows(of.labels.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    rows[i] = {.label = of.labels[i], .ce_scale = of.ceScale(at), .divergence_scale = of.divergenceScale(at)};
  }
  with_row_type(student, [&]<typename Type>(Type) {
    logit_rows(mutable_row_data<Type>(student), of.divergence ? row_data<Type>(teacher) : nullptr, teacher.size(1),
               rows.data(), student.size(0), task);
  });
  const at::Tensor ce = at::zeros({student.size(0)}, at::kDouble), divergence = at::zeros_like(ce);
  for (size_t i = 0; i < rows.size(); ++i) {
    ce[static_cast<int64_t>(i)] = rows[i].ce;
    divergence[static_cast<int64_t>(i)] = rows[i].divergence;
  }
  return {ce, divergence, student.to(at::kDouble)};
}

/// Autograd of the equations in float64.
Outcome plain(const Case& of, at::ScalarType type) {
  const at::Tensor student = of.student.to(type).to(at::kDouble).requires_grad_();
  const at::Tensor teacher = of.teacher.to(type).to(at::kDouble);
  const at::Tensor labels = at::tensor(of.labels, at::kLong);
  const at::Tensor counts = labels.ge(0).to(at::kDouble);
  const at::Tensor ce = cross_entropy_rows(student, labels.clamp_min(0)) * counts;
  at::Tensor divergence = at::zeros_like(ce);
  if (of.divergence)
    divergence = divergence_rows(*of.divergence, teacher.narrow(1, 0, of.common()), student.narrow(1, 0, of.common()),
                                 of.temperature) /
                 (of.temperature * of.temperature);
  at::Tensor total = at::zeros({}, at::kDouble);
  for (int64_t i = 0; i < student.size(0); ++i)
    total = total + of.ceScale(i) * ce[i] + of.divergenceScale(i) * of.temperature * divergence[i];
  total.requires_grad() ? total.backward() : void();
  return {ce.detach(), divergence.detach(),
          student.grad().defined() ? student.grad() : at::zeros_like(student.detach())};
}

double largestDifference(const at::Tensor& a, const at::Tensor& b) {
  return a.numel() ? (a - b).abs().max().item<double>() : 0;
}

bool agree(const Case& of, at::ScalarType type) {
  const Outcome mine = own(of, type), theirs = plain(of, type);
  const double rounding = type == at::kBFloat16 ? 4e-3 : 1e-5;  // Of a gradient stored in this type.
  const double scale = theirs.gradient.numel() ? theirs.gradient.abs().max().item<double>() : 1;
  return at::allclose(mine.ce, theirs.ce, 1e-6, 1e-6) && at::allclose(mine.divergence, theirs.divergence, 1e-5, 1e-6) &&
         largestDifference(mine.gradient, theirs.gradient) <= rounding * scale;
}

/// None, and all of the table.
std::vector<const Divergence*> everyDivergence() {
  std::vector<const Divergence*> all{nullptr};
  for (const Divergence& divergence : divergences()) all.push_back(&divergence);
  return all;
}

QByteArray title(const Divergence* divergence) {
  return divergence ? QByteArray(divergence->name.data()) : QByteArray("none");
}

}  // namespace

class TestLogitRows : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void agreesWithTheEquations_data() {
    QTest::addColumn<int>("divergence");
    for (size_t i = 0; i < everyDivergence().size(); ++i)
      QTest::newRow(title(everyDivergence()[i]).constData()) << static_cast<int>(i);
  }
  void agreesWithTheEquations() {
    QFETCH(const int, divergence);
    at::manual_seed(divergence);
    const Divergence* kind = everyDivergence()[static_cast<size_t>(divergence)];
    const std::vector<std::array<int64_t, 3>> shapes = {{0, 5, 5},   {1, 1, 1},   {1, 5, 5},       {9, 33, 33},
                                                        {5, 40, 17}, {5, 17, 40}, {4, 5000, 4500}, {2, 4096, 4096}};
    for (const double temperature : {1.0, 0.5, 3.0})
      for (const auto& [rows, vocabulary, teacherVocabulary] : shapes)
        for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
          QVERIFY2(agree(randomCase(kind, temperature, rows, vocabulary, teacherVocabulary), type),
                   qPrintable(QStringLiteral("%1 x %2/%3, temperature %4, type %5")
                                  .arg(rows)
                                  .arg(vocabulary)
                                  .arg(teacherVocabulary)
                                  .arg(temperature)
                                  .arg(static_cast<int>(type))));
  }

  /// Distributions of one word each, and logits that no exponential holds.
  void extremesStayFinite() {
    for (const Divergence* kind : everyDivergence()) {
      Case of = randomCase(kind, 1, 3, 50, 50);
      of.student *= 100;
      of.teacher *= 100;
      const Outcome found = own(of, at::kFloat);
      QVERIFY2(found.gradient.isfinite().all().item<bool>() && found.divergence.isfinite().all().item<bool>(),
               title(kind).constData());
      of.teacher = of.student.clone();
      QVERIFY2(own(of, at::kFloat).divergence.abs().max().item<double>() < 1e-5, title(kind).constData());
    }
  }

  void notANumberStays() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      for (const Divergence* kind : everyDivergence()) {
        Case of = randomCase(kind, 2, 2, 40, 40);
        of.student[1][7] = nan;
        Outcome found = own(of, type);
        QVERIFY2(std::isnan(found.ce[1].item<double>()), title(kind).constData());
        QVERIFY2(std::isfinite(found.ce[0].item<double>()), title(kind).constData());
        if (!kind) continue;
        QVERIFY2(std::isnan(found.divergence[1].item<double>()), title(kind).constData());
        of = randomCase(kind, 1, 2, 40, 40);
        of.teacher[0][39] = nan;
        found = own(of, type);
        QVERIFY2(std::isnan(found.divergence[0].item<double>()), title(kind).constData());
        QVERIFY2(std::isfinite(found.divergence[1].item<double>()), title(kind).constData());
      }
    }
  }

  void withoutGradientTheLogitsStay() {
    const Case of = randomCase(divergence_named("forward_kl"), 1, 3, 20, 20);
    const Outcome bare = own(of, at::kFloat, false), whole = own(of, at::kFloat);
    QVERIFY(at::equal(bare.gradient, of.student.to(at::kFloat).to(at::kDouble)));
    QVERIFY(at::equal(bare.ce, whole.ce) && at::equal(bare.divergence, whole.divergence));
  }
};

QTEST_GUILESS_MAIN(TestLogitRows)
#include "tst_logit_rows.moc"
