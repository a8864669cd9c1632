// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>

#include "core/checkpoint/loaded_model.h"
#include "core/evaluation/sample_losses.h"
#include "core/text/conversation.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::vector<Term> paper_terms() {
  std::vector<Term> terms;
  for (const LossTerm& term : loss_terms()) terms.push_back({.kind = &term, .weight = term.info->paper_weight});
  return terms;
}

/// The model in float64, where finite differences are worth something.
MultimodalModel in_double(const MultimodalModel& model) {
  TensorMap parameters = model.parameters();
  for (auto& [name, tensor] : parameters) tensor = tensor.to(at::kDouble);
  return {model.config(), parameters};
}

}  // namespace

class TestSampleLosses : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  std::optional<LoadedModel> teacher_, student_;
  Sequence sequence_;
  at::Tensor pixels_;

 private Q_SLOTS:
  void initTestCase() {
    const fs::path folder = dir_.path().toStdString();
    write_tiny_project(folder);
    teacher_ = load_model(folder / "teacher");
    student_ = load_model(folder / "student");
    Conversation conversation{"s", {{Speaker::human, "<image>\nWho?"}, {Speaker::gpt, "a fox"}}, 1};
    sequence_ = make_sequence(student_->tokenizer, conversation_template("no_system"), conversation,
                              student_->model.config().visual_tokens(), 80);
    pixels_ = load_pixels(*student_, {folder / "images" / "0.png"}, AspectRatio::square);
  }

  void allTermsAreThere() {
    const SampleLosses losses =
        sample_losses(teacher_->model, student_->model, sequence_, pixels_, pixels_, paper_terms(), false);
    double total = 0;
    for (const Term& term : paper_terms()) {
      QVERIFY(losses.terms[term.kind->name] && *losses.terms[term.kind->name] > 0);
      total += term.weight * *losses.terms[term.kind->name];
    }
    QVERIFY(std::abs(*losses.total - total) < 1e-5 * total);
    QVERIFY(!losses.gradients);
  }

  void aSkippedSampleHasNone() {
    Sequence skipped = sequence_;
    skipped.skipped = "no_labels";
    const SampleLosses losses =
        sample_losses(teacher_->model, student_->model, skipped, pixels_, pixels_, paper_terms(), false);
    QVERIFY(!losses.total);
    QVERIFY(losses.terms.values.empty());
  }

  /// The norm of the gradient is the slope along the gradient: moved by ±h along it, the total changes by 2h·norm.
  void gradientsEqualFiniteDifferences_data() {
    QTest::addColumn<QString>("part");
    QTest::newRow("connector") << "connector";
    QTest::newRow("language model") << "language_model";
  }
  void gradientsEqualFiniteDifferences() {
    QFETCH(const QString, part);
    const MultimodalModel teacher = in_double(teacher_->model), plain = in_double(student_->model);
    const at::Tensor pixels = pixels_.to(at::kDouble);
    const auto terms = paper_terms();
    const auto norms = sample_losses(teacher, with_gradients(plain), sequence_, pixels, pixels, terms, true).gradients;
    QVERIFY(norms);
    const double norm = part == "connector" ? norms->connector : norms->language_model;
    QVERIFY(norm > 0);

    double squares = 0;
    int64_t numbers = 0;
    const double h = 1e-5;
    for (const auto& [name, tensor] : plain.parameters()) {
      if (part_of(name) != part.toStdString()) continue;
      // Each entry of small tensors; of the two large ones every number counts too, there are but a few thousand.
      for (int64_t i = 0; i < tensor.numel(); ++i) {
        const auto total_at = [&](double shift) {
          TensorMap parameters = plain.parameters();
          at::Tensor moved = tensor.clone();
          moved.view(-1)[i] += shift;
          parameters[name] = moved;
          return *sample_losses(teacher, {plain.config(), parameters}, sequence_, pixels, pixels, terms, false).total;
        };
        if (part == "language_model" && tensor.numel() > 64) break;
        const double slope = (total_at(h) - total_at(-h)) / (2 * h);
        squares += slope * slope;
        ++numbers;
      }
    }
    QVERIFY(numbers > 50);
    // All of the connector; of the language model the small tensors, which can only be a part of the whole.
    if (part == "connector")
      QVERIFY2(std::abs(std::sqrt(squares) - norm) < 1e-4 * norm,
               qPrintable(QString::number(std::sqrt(squares) / norm)));
    else
      QVERIFY(std::sqrt(squares) > 0 && std::sqrt(squares) <= norm * 1.0001);
  }

  void gradientsDontAddUp() {
    const MultimodalModel learner = with_gradients(student_->model);
    const auto once =
        sample_losses(teacher_->model, learner, sequence_, pixels_, pixels_, paper_terms(), true).gradients;
    const auto again =
        sample_losses(teacher_->model, learner, sequence_, pixels_, pixels_, paper_terms(), true).gradients;
    QCOMPARE(again->connector, once->connector);
    QCOMPARE(again->language_model, once->language_model);
  }
};

QTEST_APPLESS_MAIN(TestSampleLosses)
#include "tst_sample_losses.moc"
