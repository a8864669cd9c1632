// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/evaluation/probe.h"
#include "core/io/safetensors.h"
#include "core/models/forward.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const fs::path models = fs::path(LLAVAKD_TEST_DATA_DIR) / "models";

MultimodalModel open_model(const char* name) {
  const Checkpoint checkpoint = open_checkpoint(models / name);
  return {checkpoint.config, checkpoint.parameters};
}

at::Tensor one_picture(const char* name) {
  return read_tensors(models / name / "expected.safetensors").at("pixel_values").narrow(0, 0, 1);
}

/// A word, a picture, two words; the last one is the answer where `labelled`.
Sequence sequence_for(const MultimodalModel& model, bool labelled = false) {
  const int64_t visual = model.config().visual_tokens();
  Sequence sequence;
  sequence.id = "probe";
  sequence.input_ids.assign(static_cast<size_t>(visual) + 3, image_token_index);
  sequence.input_ids.front() = 5;
  sequence.input_ids[static_cast<size_t>(visual) + 1] = 7;
  sequence.input_ids.back() = 8;
  sequence.labels.assign(sequence.input_ids.size(), ignore_index);
  sequence.segments = {
      {SegmentKind::prompt, 0, 1}, {SegmentKind::visual, 1, visual + 1}, {SegmentKind::prompt, visual + 1, visual + 3}};
  if (labelled) {
    sequence.labels.back() = 8;
    sequence.segments.back().end = visual + 2;
    sequence.segments.push_back({SegmentKind::response, visual + 2, visual + 3});
  } else {
    sequence.skipped = "no_labels";
  }
  return sequence;
}

at::Tensor logits_of(const MultimodalModel& model, const Sequence& sequence, const at::Tensor& pixels) {
  return model.logits(model.hidden_states(embed_samples(model, {sequence}, pixels), {}))[0];
}

/// The teacher: the same model with other weights in its language model.
MultimodalModel shaken(const MultimodalModel& model) {
  at::manual_seed(3);
  TensorMap parameters = model.parameters();
  for (auto& [name, tensor] : parameters)
    if (part_of(name) == "language_model") tensor = tensor + 0.1 * at::randn_like(tensor);
  return {model.config(), parameters};
}

}  // namespace

class TestProbe : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void relationsAreTheProductsOfTheVisualLogits() {
    const MultimodalModel student = open_model("tied"), teacher = shaken(student);
    const at::Tensor pixels = one_picture("tied");
    const Sequence sequence = sequence_for(student);
    const Probe probe = run_probe(&teacher, student, sequence, pixels);
    const int64_t n = student.config().visual_tokens();
    QVERIFY(probe.relation_student.sizes() == (at::IntArrayRef{n, n}));
    for (const auto& [model, relation] :
         {std::pair(&student, probe.relation_student), std::pair(&teacher, probe.relation_teacher)}) {
      const at::Tensor z = logits_of(*model, sequence, pixels).to(at::kDouble);
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) {
          const double wanted = (z[1 + i] * z[1 + j]).sum().item<double>();
          QVERIFY(std::abs(relation[i][j].item<double>() - wanted) <= 1e-4 * std::abs(wanted) + 1e-4);
        }
    }
    const at::Tensor a = probe.relation_teacher.flatten().to(at::kDouble),
                     b = probe.relation_student.flatten().to(at::kDouble);
    const double cosine = ((a * b).sum() / (a.norm() * b.norm())).item<double>();
    QVERIFY(std::abs(*probe.terms["rdist"] - (1 - cosine)) < 1e-5);
  }

  void divergenceIsThatOfTheDistributions() {
    const MultimodalModel student = open_model("untied"), teacher = shaken(student);
    const at::Tensor pixels = one_picture("untied");
    const Sequence sequence = sequence_for(student, true);
    const Probe probe = run_probe(&teacher, student, sequence, pixels);
    QCOMPARE(probe.token_kl.size(0), static_cast<int64_t>(sequence.input_ids.size()));
    const at::Tensor p = logits_of(teacher, sequence, pixels).to(at::kDouble).softmax(-1);
    const at::Tensor q = logits_of(student, sequence, pixels).to(at::kDouble).softmax(-1);
    const at::Tensor wanted = (p * (p.log() - q.log())).sum(-1);
    QVERIFY(at::allclose(probe.token_kl.to(at::kDouble), wanted, 1e-3, 1e-6));
    QVERIFY(probe.token_kl.min().item<double>() >= -1e-6);
    QVERIFY(probe.token_kl.max().item<double>() > 1e-3);
    // The terms are means of the same numbers: visual positions, and the row before the label.
    const int64_t n = student.config().visual_tokens();
    QVERIFY(std::abs(*probe.terms["mdist_visual"] - wanted.slice(0, 1, n + 1).mean().item<double>()) < 1e-5);
    QVERIFY(std::abs(*probe.terms["mdist_response"] - wanted[n + 1].item<double>()) < 1e-5);
  }

  void theSameModelTwiceDiffersInNothing() {
    const MultimodalModel model = open_model("tied");
    const Probe probe = run_probe(&model, model, sequence_for(model, true), one_picture("tied"));
    QVERIFY(probe.token_kl.abs().max().item<double>() < 1e-6);
    QVERIFY(at::equal(probe.relation_teacher, probe.relation_student));
    QVERIFY(at::equal(probe.top_ids_teacher, probe.top_ids_student));
    for (const char* kind : {"mdist_response", "mdist_visual", "rdist"}) QVERIFY(std::abs(*probe.terms[kind]) < 1e-6);
    QVERIFY(*probe.terms["ce"] > 0);
  }

  void theLikeliestTokensComeInOrder() {
    const MultimodalModel model = open_model("tied");
    const Sequence sequence = sequence_for(model);
    const Probe probe = run_probe(nullptr, model, sequence, one_picture("tied"));
    const at::Tensor p = logits_of(model, sequence, one_picture("tied")).softmax(-1);
    QVERIFY(probe.top_ids_student.sizes() == (at::IntArrayRef{static_cast<int64_t>(sequence.input_ids.size()), 5}));
    QVERIFY(at::equal(probe.top_ids_student.select(1, 0), p.argmax(-1)));
    QVERIFY(at::allclose(probe.top_probabilities_student, p.gather(1, probe.top_ids_student)));
    QVERIFY((probe.top_probabilities_student.diff(1, 1) <= 0).all().item<bool>());
  }

  void withoutATeacherItSaysWhatTheStudentDoes() {
    const MultimodalModel model = open_model("tied");
    const Probe probe = run_probe(nullptr, model, sequence_for(model), one_picture("tied"));
    QVERIFY(probe.relation_student.defined());
    QVERIFY(!probe.relation_teacher.defined() && !probe.token_kl.defined() && !probe.top_ids_teacher.defined());
    QVERIFY(probe.terms.values.empty());
  }

  void textAloneHasNoRelations() {
    const MultimodalModel model = open_model("tied");
    Sequence sequence;
    sequence.input_ids = {5, 6, 7};
    sequence.labels = {ignore_index, ignore_index, 7};
    sequence.segments = {{SegmentKind::prompt, 0, 2}, {SegmentKind::response, 2, 3}};
    const Probe probe = run_probe(&model, model, sequence, {});
    QVERIFY(!probe.relation_student.defined() && !probe.terms["rdist"]);
    QVERIFY(probe.token_kl.defined() && probe.terms["ce"]);
  }

  void theTeacherMaySeeOtherPixels() {
    const MultimodalModel model = open_model("tied");
    const at::Tensor pixels = one_picture("tied");
    const Probe same = run_probe(&model, model, sequence_for(model), pixels, pixels.clone());
    QVERIFY(at::equal(same.relation_teacher, same.relation_student));
    const Probe other = run_probe(&model, model, sequence_for(model), pixels, pixels * 0.5);
    QVERIFY(!at::equal(other.relation_teacher, other.relation_student));
  }

  /// first_patch is the raster index of the first token's patch: 1 when it was dropped, -1 for a class token.
  void tokensKnowTheirPlace() {
    struct Case {
      const char* name;
      int64_t rows, first, each;
    };
    for (const Case& c :
         {Case{"tied", 3, 1, 1}, Case{"llama_clip", 2, 0, 1}, Case{"gemma_clip_full", 2, -1, 1}, Case{"phi3", 2, 0, 1},
          Case{"llama_mof", 4, 0, 2}, Case{"llama_qformer", 0, 0, 1}, Case{"qwen2_resampler", 0, 0, 1}}) {
      const MultimodalModel model = open_model(c.name);
      const Probe probe = run_probe(&model, model, sequence_for(model), one_picture(c.name));
      QVERIFY2(probe.grid_rows == c.rows && probe.grid_columns == c.rows, c.name);
      QVERIFY2(probe.first_patch == c.first && probe.tokens_per_patch == c.each, c.name);
      QCOMPARE(probe.relation_student.size(0), model.config().visual_tokens());
    }
  }

  void theFileHoldsWhatTheDesignSays() {
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "probe.safetensors";
    const MultimodalModel student = open_model("tied"), teacher = shaken(student);
    Probe probe = run_probe(&teacher, student, sequence_for(student, true), one_picture("tied"));
    probe.image = "a.png";
    probe.question = "What?";
    write_probe(probe, file);
    const TensorMap tensors = read_tensors(file);
    for (const char* name :
         {"relation.teacher", "relation.student", "relation.difference", "token_kl", "topk.teacher.ids",
          "topk.teacher.probabilities", "topk.student.ids", "topk.student.probabilities", "input_ids"})
      QVERIFY2(tensors.count(name) == 1, name);
    QVERIFY(at::equal(tensors.at("relation.student"), probe.relation_student));
    QVERIFY(tensors.at("relation.teacher").scalar_type() == at::kFloat);
    QVERIFY(tensors.at("topk.student.ids").scalar_type() == at::kLong);

    const auto metadata = open_safetensors(file).metadata;
    const auto segments = nlohmann::json::parse(metadata.at("segments")),
               terms = nlohmann::json::parse(metadata.at("terms"));
    const int64_t n = student.config().visual_tokens();
    QCOMPARE(segments.size(), size_t{4});
    QCOMPARE(segments[1].dump(), "{\"begin\":1,\"end\":" + std::to_string(n + 1) + ",\"kind\":\"visual\"}");
    QCOMPARE(segments[3]["kind"].get<std::string>(), std::string("response"));
    QCOMPARE(terms["rdist"].get<double>(), *probe.terms["rdist"]);
    QCOMPARE(metadata.at("image") + metadata.at("question"), std::string("a.pngWhat?"));
    QCOMPARE(metadata.at("grid"), std::string("3x3"));
    QCOMPARE(metadata.at("first_patch"), std::string("1"));
  }
};

QTEST_APPLESS_MAIN(TestProbe)
#include "tst_probe.moc"
