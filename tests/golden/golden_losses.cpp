// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>

#include "core/evaluation/generate.h"
#include "core/losses/distillation_loss.h"
#include "core/text/conversation.h"
#include "tests/golden/golden_case.h"
#include "tests/golden/golden_tests.h"

using namespace llavakd;
using golden::Json;

namespace {

const std::map<std::string, const LossTerm*> termOfKey = {{"ce", term_named("ce")},
                                                          {"res", term_named("mdist_response")},
                                                          {"vis", term_named("mdist_visual")},
                                                          {"rel", term_named("rdist")}};

std::vector<Term> termsOf(const std::string& key) {
  if (termOfKey.contains(key)) return {{.kind = termOfKey.at(key)}};
  const double relation = key == "total_paper" ? 0.5 : 1;
  return {{.kind = term_named("ce")},
          {.kind = term_named("mdist_response")},
          {.kind = term_named("mdist_visual")},
          {.kind = term_named("rdist"), .weight = relation}};
}

struct Batch {
  std::vector<Sequence> sequences;
  at::Tensor ids;                // [samples, tokens], padded
  std::vector<int64_t> lengths;  // of each sample
  std::vector<int64_t> counts;   // visual positions of each image
};

Batch batchOf(const std::vector<Json>& samples, int64_t visualTokens) {
  Batch batch;
  int64_t longest = 0;
  for (const Json& sample : samples) {
    batch.sequences.push_back(golden::sequence_of(sample, visualTokens));
    batch.lengths.push_back(static_cast<int64_t>(batch.sequences.back().input_ids.size()));
    longest = std::max(longest, batch.lengths.back());
    if (!sample["visual_span"].is_null()) batch.counts.push_back(sample["visual_span"][1]);
  }
  batch.ids = at::zeros({static_cast<int64_t>(samples.size()), longest}, at::kLong);
  for (size_t s = 0; s < samples.size(); ++s)
    batch.ids[static_cast<int64_t>(s)].narrow(0, 0, batch.lengths[s]).copy_(at::tensor(batch.sequences[s].input_ids));
  return batch;
}

struct Run {
  at::Tensor features, visual, hidden;
};

Run run(const MultimodalModel& model, const Batch& batch, const at::Tensor& pixels) {
  Run result;
  if (pixels.defined()) {
    const at::NoGradGuard noGrad;
    result.features = model.vision_features(pixels);
  }
  if (pixels.defined()) result.visual = model.connect(result.features);
  result.hidden = model.hidden_states(model.embed(batch.ids, result.visual, batch.counts), batch.lengths);
  return result;
}

double norm(const MultimodalModel& model, std::string_view part) {
  double squares = 0;
  for (const auto& [name, tensor] : model.parameters())
    if (part_of(name) == part && tensor.grad().defined())
      squares += tensor.grad().square().sum(at::kDouble).item<double>();
  return std::sqrt(squares);
}

void train(const MultimodalModel& model, bool languageModel) {
  for (const auto& [name, tensor] : model.parameters()) {
    tensor.mutable_grad() = at::Tensor();
    tensor.set_requires_grad(part_of(name) == "connector" || (languageModel && part_of(name) == "language_model"));
  }
}

}  // namespace

/// Features, logits, losses, gradients and greedy answers of every case, computed in this process.
class GoldenLosses : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void samples_data() { golden::add_cases(); }
  void samples() {
    QFETCH(const QString, name);
    open(name);
    for (const Json& sample : m_case.expected["samples"]) {
      checkForward(sample);
      if (!QTest::currentTestFailed() && !golden::is_skipped(sample)) checkLosses(sample);
      if (!QTest::currentTestFailed() && !golden::is_skipped(sample)) checkGradients(sample);
      if (QTest::currentTestFailed()) return;
    }
  }

  void generation_data() { golden::add_cases(); }
  void generation() {
    QFETCH(const QString, name);
    open(name);
    for (const Json& sample : m_case.expected["samples"]) {
      if (!sample.contains("generation") || !sample["generation"].is_object()) continue;
      const Json& wanted = sample["generation"];
      for (const auto& [key, model] : {std::pair{"teacher", &*m_teacher}, std::pair{"student", &*m_student}}) {
        auto ids = wanted[key]["ids"].get<std::vector<int64_t>>();
        if (wanted[key]["stopped_by_eos"].get<bool>()) ids.pop_back();
        const auto prompt_ids = wanted["input_ids"].get<std::vector<int64_t>>();
        Sequence prompt;
        expand_images(prompt_ids, prompt_ids, model->config().visual_tokens(), 100000, prompt);
        QCOMPARE(generate(*model, prompt, golden::pixels_of(m_case, sample["id"], model->config()),
                          model->config().language.eos_token_ids, wanted["max_new_tokens"]),
                 ids);
      }
    }
  }

  /// A padded batch of unequal samples, one of them without a picture, gives the mean of their values.
  void paddedBatch() {
    open("g_batch");
    std::vector<Json> samples = m_case.expected["samples"];
    std::erase_if(samples, golden::is_skipped);
    const Batch batch = batchOf(samples, m_student->config().visual_tokens());
    std::vector<at::Tensor> images;
    for (const Json& sample : samples)
      if (const at::Tensor pixels = golden::pixels_of(m_case, sample["id"], m_student->config()); pixels.defined())
        images.push_back(pixels);
    const at::NoGradGuard noGrad;
    const Run student = run(*m_student, batch, at::cat(images)), teacher = run(*m_teacher, batch, at::cat(images));
    const ModelOutput taught{teacher.hidden, m_teacher->head_weight(), {}, m_teacher->head_bias()};
    for (const char* key : {"total_paper", "total_code"}) {
      const double total =
          distillation_loss({student.hidden, m_student->head_weight(), {}, m_student->head_bias()}, &taught,
                            batch.sequences, termsOf(key), static_cast<double>(samples.size()))
              .total.item<double>();
      QVERIFY(golden::near(total, m_case.expected["batch"][std::string(key) + "_mean_of_samples"], 1e-4));
    }
  }

 private:
  void open(const QString& name) {
    m_case = golden::open_case(golden::root / "vlm" / name.toStdString());
    m_teacher = golden::open_model(m_case.folder / "teacher");
    m_student = golden::open_model(m_case.folder / "student");
  }

  void checkForward(const Json& sample) {
    const at::NoGradGuard noGrad;
    for (const auto& [key, model] : {std::pair{"teacher", &*m_teacher}, std::pair{"student", &*m_student}}) {
      const Run seen = run(*model, batchOf({sample}, model->config().visual_tokens()),
                           golden::pixels_of(m_case, sample["id"], model->config()));
      if (!sample.contains(key)) continue;
      const Json& wanted = sample[key];
      const auto check = [&](const char* what, const at::Tensor& matrix) {
        if (!wanted.contains(what) || !wanted[what].is_object()) return;
        const std::string fault = golden::compare_slices(matrix, wanted[what]);
        QVERIFY2(fault.empty(), (std::string(key) + " " + what + " " + fault).c_str());
      };
      if (seen.features.defined()) check("vision_features", seen.features[0]);
      if (seen.visual.defined()) check("connector_out", seen.visual[0]);
      check("logits", model->logits(seen.hidden)[0]);
    }
  }

  LossResult loss(const Json& sample, const std::vector<Term>& terms) {
    const Batch batch = batchOf({sample}, m_student->config().visual_tokens());
    const at::Tensor pixels = golden::pixels_of(m_case, sample["id"], m_student->config());
    const Run teacher = [&] {
      const at::NoGradGuard noGrad;
      return run(*m_teacher, batch, pixels);
    }();
    const ModelOutput taught{teacher.hidden, m_teacher->head_weight(), {}, m_teacher->head_bias()};
    return distillation_loss(
        {run(*m_student, batch, pixels).hidden, m_student->head_weight(), {}, m_student->head_bias()}, &taught,
        batch.sequences, terms, 1);
  }

  void checkLosses(const Json& sample) {
    const LossResult result = loss(sample, termsOf("total_paper"));
    for (const auto& [key, kind] : termOfKey) {
      const Json& wanted = sample["losses"][key];
      const double value = result.samples[0][kind->name].value_or(0);
      QVERIFY2(golden::near(value, wanted.is_null() ? 0.0 : wanted.get<double>(), 1e-4), key.c_str());
    }
    QVERIFY(golden::near(result.total.item<double>(), sample["losses"]["total_paper"], 1e-4));
  }

  void checkGradients(const Json& sample) {
    for (const auto& [key, wanted] : sample["grad"].items()) {
      if (!wanted.is_object()) continue;
      train(*m_student, /*languageModel=*/false);
      // Nothing of a text-only sample reaches the connector: then there is no graph.
      const at::Tensor total = loss(sample, termsOf(key)).total;
      QCOMPARE(total.requires_grad(), !sample["visual_span"].is_null());
      if (total.requires_grad()) total.backward();
      QVERIFY2(golden::near(norm(*m_student, "connector"), wanted["dpt_connector_norm"], 1e-3, 1e-7), key.c_str());
      QCOMPARE(norm(*m_student, "language_model"), 0.0);
      train(*m_student, /*languageModel=*/true);
      loss(sample, termsOf(key)).total.backward();
      QVERIFY2(golden::near(norm(*m_student, "connector"), wanted["dft_connector_norm"], 1e-3, 1e-7), key.c_str());
      QVERIFY2(golden::near(norm(*m_student, "language_model"), wanted["dft_llm_norm"], 1e-3, 1e-7), key.c_str());
      if (!wanted.contains("entries")) continue;
      for (const Json& entry : wanted["entries"]) {
        const std::string name = entry["name"];
        const at::Tensor gradient = m_student->parameters().at(name).grad();
        const double actual =
            gradient.defined() ? gradient.flatten()[entry["index"].get<int64_t>()].item<double>() : 0.0;
        QVERIFY2(golden::near(actual, entry["value"], 2e-3, 1e-5), (key + " " + name).c_str());
      }
    }
  }

  golden::Case m_case;
  std::optional<MultimodalModel> m_teacher, m_student;
};

std::unique_ptr<QObject> golden::make_losses() {
  return std::make_unique<GoldenLosses>();
}

#include "golden_losses.moc"
