// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <QtTest>

#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/model_spec/matching.h"
#include "core/models/multimodal_model.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

const fs::path models = fs::path(LLAVAKD_TEST_DATA_DIR) / "models";

void compare_part(const TensorMap& actual, const TensorMap& expected, std::string_view part) {
  const TensorMap here = part_of_parameters(actual, part), wanted = part_of_parameters(expected, part);
  QVERIFY(!wanted.empty());
  QCOMPARE(here.size(), wanted.size());
  for (const auto& [name, tensor] : wanted) QVERIFY2(at::equal(here.at(name), tensor), name.c_str());
}

QString refusal(const fs::path& language, const fs::path& tower, const std::string& connector = "mlp2x_gelu") {
  try {
    open_parts(language, tower, connector, 1);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TensorMap with_prefix(const TensorMap& tensors, const std::string& prefix) {
  TensorMap result;
  for (const auto& [name, tensor] : tensors) result[prefix + name] = tensor;
  return result;
}

}  // namespace

/// Students put together from parts of other models.
class TestOpenParts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_config = tiny_config(false);
    m_parameters = random_parameters(m_config);
    m_json = write_model_config(m_config, "float32");
  }

  void partsOfWholeModels() {
    for (const char* name : {"tied", "untied", "llama_clip", "phi_dinov2"}) {
      const Checkpoint language = open_checkpoint(models / name), tower = open_checkpoint(models / "gemma_clip_full");
      const Checkpoint made = open_parts(models / name, models / "gemma_clip_full", "linear", 1);
      compare_part(made.parameters, language.parameters, kLanguagePrefix);
      compare_part(made.parameters, tower.parameters, kVisionPrefix);
      QCOMPARE(made.config.language.tie_word_embeddings, language.config.language.tie_word_embeddings);
      // The tower's own ways come along.
      QCOMPARE(made.config.visual_tokens(), tower.config.visual_tokens());
      QCOMPARE(made.config.vision_feature_select_strategy, std::string("full"));
      const MultimodalModel model(made.config, made.parameters);
      const ModelFacts facts =
          combine_parts(read_model_facts(models / name), read_model_facts(models / "gemma_clip_full"), "linear");
      QCOMPARE(facts.visual_tokens, made.config.visual_tokens());
      int64_t numbers = 0;
      for (const auto& [key, tensor] : made.parameters) numbers += tensor.numel();
      QCOMPARE(facts.total_parameters, numbers);
    }
  }

  void partsOfTheSplitLayout() {
    const ModelConfig tied = tiny_config(true);
    const TensorMap parameters = random_parameters(tied);
    // config.json says untied, as released checkpoints do whose head is absent.
    write_json(root() / "config.json", m_json);
    write_folder(root() / "language_model", {}, part_of_parameters(parameters, kLanguagePrefix));
    write_folder(root() / "vision_tower", {}, part_of_parameters(parameters, kVisionPrefix));
    write_folder(root() / "connector", {}, part_of_parameters(parameters, "connector."));
    const Checkpoint made = open_parts(root(), models / "tied", "mlp2x_gelu", 1);
    QVERIFY(made.config.language.tie_word_embeddings);
    compare_part(made.parameters, parameters, kLanguagePrefix);
    // An absent head says nothing about another language model.
    const Checkpoint other = open_parts(models / "untied", root(), "mlp2x_gelu", 1);
    QVERIFY(!other.config.language.tie_word_embeddings);
    compare_part(other.parameters, parameters, kVisionPrefix);
  }

  void partsOfLlavaHf() {
    Json config = m_json;
    config["model_type"] = "llava";
    config.erase("connector_type");
    TensorMap tensors = with_prefix(part_of_parameters(m_parameters, kVisionPrefix), "vision_tower.");
    tensors.merge(with_prefix(part_of_parameters(m_parameters, kLanguagePrefix), "language_model."));
    for (const char* layer : {"linear_1", "linear_2"})
      for (const char* kind : {".weight", ".bias"})
        tensors[fmt::format("multi_modal_projector.{}{}", layer, kind)] = at::zeros({8});
    write_folder(root(), config, tensors);
    const Checkpoint made = open_parts(root(), root(), "linear", 1);
    compare_part(made.parameters, m_parameters, kLanguagePrefix);
    compare_part(made.parameters, m_parameters, kVisionPrefix);
  }

  void towersOfTwoTowerModels_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"SiglipModel", "CLIPModel", "CLIPVisionModelWithProjection"}) QTest::newRow(kind) << kind;
  }

  void towersOfTwoTowerModels() {
    QFETCH(const QString, kind);
    const bool clip = kind != "SiglipModel", both = kind != "CLIPVisionModelWithProjection";
    const Checkpoint source = open_checkpoint(models / (clip ? "llama_clip" : "tied"));
    TensorMap tensors = part_of_parameters(source.parameters, kVisionPrefix);
    const Json vision = write_model_config(source.config, "float32")["vision_config"];
    if (clip) tensors["visual_projection.weight"] = at::zeros({4, 8});
    if (both) {
      tensors["text_model.embeddings.token_embedding.weight"] = at::zeros({3, 4});
      tensors["text_model.final_layer_norm.bias"] = at::zeros({4});
      tensors["vision_model.embeddings.position_ids"] = at::zeros({1, 9}, at::kLong);
      tensors["logit_scale"] = at::zeros({});
      tensors[clip ? "text_projection.weight" : "logit_bias"] = at::zeros({4, 4});
    }
    const Json whole = {{"model_type", clip ? "clip" : "siglip"}, {"text_config", {}}, {"vision_config", vision}};
    write_folder(root(), both ? whole : vision, tensors);
    const Checkpoint made = open_parts(models / "untied", root(), "mlp2x_gelu", 1);
    compare_part(made.parameters, source.parameters, kVisionPrefix);
    QCOMPARE(made.config.visual_tokens(), source.config.visual_tokens());
    const ModelFacts facts = read_model_facts(root());
    QVERIFY2(facts.faults.empty() && facts.layout == "vision_tower",
             facts.faults.empty() ? "" : facts.faults.front().c_str());
  }

  void aMixtureOfTowers() {
    const fs::path mixture = models / "llama_mof";
    const Checkpoint source = open_checkpoint(mixture), made = open_parts(models / "untied", mixture, "mof_mlp", 1);
    compare_part(made.parameters, source.parameters, kVisionPrefix);
    const at::NoGradGuard no_grad;
    const at::Tensor pixels = at::ones({1, 3, 12, 12});
    const MultimodalModel model(made.config, made.parameters), other(source.config, source.parameters);
    QVERIFY(at::equal(model.vision_features(pixels), other.vision_features(pixels)));
    QCOMPARE(model.connect(model.vision_features(pixels)).size(1), 32);
    QVERIFY(refusal(models / "untied", mixture).contains("mof_mlp"));
    QVERIFY(refusal(models / "untied", models / "tied", "mof_mlp").contains("mixture"));
    const ModelFacts facts = read_model_facts(mixture);
    QCOMPARE(facts.tower.second_type, std::string("dinov2"));
    QCOMPARE(facts.visual_tokens, 32);
    const ModelFacts language = read_model_facts(models / "untied");
    QCOMPARE(combine_parts(language, facts, "mof_mlp").faults, language.faults);
    QCOMPARE(combine_parts(language, facts, "linear").faults.size(), language.faults.size() + 1);
  }

  void freshQueries() {
    const Checkpoint usual = open_parts(models / "untied", models / "tied", "resampler", 1);
    QCOMPARE(usual.config.visual_tokens(), 128);
    const Checkpoint few = open_parts(models / "untied", models / "tied", "resampler", 1, {}, 9);
    QCOMPARE(few.config.visual_tokens(), 9);
    QCOMPARE(few.parameters.at("connector._connector.latents").size(0), 9);
    QVERIFY(write_model_config(few.config, "float32")["num_queries"] == 9);
  }

  void strictAboutTheirOwnPartAlone() {
    TensorMap parameters = m_parameters;
    parameters.erase("language_model.model.norm.weight");
    parameters.erase("connector._connector.0.bias");
    write_folder(root() / "model", m_json, parameters);
    QVERIFY(refusal(root() / "model", models / "tied").contains("language_model: missing: model.norm.weight"));
    QVERIFY(!refusal(root() / "model", models / "tied").contains("connector:"));
    compare_part(open_parts(models / "untied", root() / "model", "linear", 1).parameters, m_parameters, kVisionPrefix);
    const ModelFacts facts = read_model_facts(root() / "model"), fine = read_model_facts(models / "untied");
    QCOMPARE(combine_parts(fine, facts, "linear").faults, fine.faults);
    QVERIFY(combine_parts(facts, fine, "linear").faults.front().find("missing: model.norm.weight") !=
            std::string::npos);
    // A name of no part is a fault of each.
    parameters = m_parameters;
    parameters["something.weight"] = at::zeros({1});
    write_folder(root() / "model", m_json, parameters);
    QVERIFY(refusal(root() / "model", models / "tied").contains("unexpected: something.weight"));
    QVERIFY(refusal(models / "tied", root() / "model").contains("unexpected: something.weight"));
  }

  void refusesTheWrongPart() {
    write_folder(root() / "llm", m_json["text_config"], part_of_parameters(m_parameters, kLanguagePrefix));
    write_folder(root() / "tower", m_json["vision_config"], part_of_parameters(m_parameters, kVisionPrefix));
    QCOMPARE(refusal(root() / "llm", root() / "tower"), QString("accepted"));
    QVERIFY(refusal(root() / "tower", root() / "tower").contains("is a vision tower"));
    QVERIFY(refusal(root() / "llm", root() / "llm").contains("is a language model"));
  }

  /// A connector_type of other tensors than the file's is named before each of them.
  void anotherConnectorThanTheWeights() {
    for (const char* type : {"qformer", "resampler", "linear"}) {
      Json json = m_json;
      json["connector_type"] = type;
      json["num_queries"] = 128;
      json["num_resampler_layers"] = 3;
      write_folder(root(), json, m_parameters);
      try {
        open_checkpoint(root());
        QFAIL("accepted");
      } catch (const UserError& error) {
        const QString said = error.what();
        QVERIFY2(said.contains(QString("connector_type \"%1\" of config.json isn't").arg(type)), qPrintable(said));
        QVERIFY2(said.contains("connector: unexpected: 0.") || said.contains("more"), qPrintable(said));
      }
    }
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
  ModelConfig m_config;
  TensorMap m_parameters;
  Json m_json;
};

QTEST_APPLESS_MAIN(TestOpenParts)
#include "tst_open_parts.moc"
