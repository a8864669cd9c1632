// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/checkpoint/save_checkpoint.h"
#include "core/io/atomic_file.h"
#include "core/model_spec/model_tensors.h"
#include "core/models/multimodal_model.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestOpenCheckpoint : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void savesAndOpens_data() {
    QTest::addColumn<bool>("tied");
    QTest::addColumn<bool>("head");
    QTest::newRow("tied") << true << false;
    QTest::newRow("own head") << false << false;
    QTest::newRow("pooling head kept") << true << true;
  }

  void savesAndOpens() {
    QFETCH(bool, tied);
    QFETCH(bool, head);
    ModelConfig config = tiny_config(tied);
    config.vision.has_head = head;
    const TensorMap parameters = random_parameters(config);
    write_file_atomically(root() / "tokenizer.json", "{}");
    save_checkpoint(root() / "model", config, parameters, {at::kFloat, root(), {}});
    const Checkpoint opened = open_checkpoint(root() / "model");
    QCOMPARE(opened.layout, std::string("tinyllava_hf"));
    QCOMPARE(opened.config.language.tie_word_embeddings, tied);
    QCOMPARE(opened.config.vision.has_head, head);
    compare_maps(opened.parameters, parameters);
    QVERIFY(fs::exists(root() / "model/tokenizer.json"));
    QVERIFY(fs::exists(root() / "model/generation_config.json"));
    const MultimodalModel model(opened.config, opened.parameters);
    QCOMPARE(model.config().visual_tokens(), 3);
  }

  void storesAndComputesInDifferentTypes() {
    const TensorMap parameters = random_parameters(tiny_config());
    save_checkpoint(root() / "model", tiny_config(), parameters, {at::kBFloat16, {}, {}});
    QCOMPARE(read_json(root() / "model/config.json")["torch_dtype"], "bfloat16");
    const auto half = open_checkpoint(root() / "model", {at::kBFloat16, at::kCPU});
    const auto whole = open_checkpoint(root() / "model");
    for (const auto& [name, tensor] : parameters) {
      QVERIFY(at::equal(half.parameters.at(name), tensor.to(at::kBFloat16)));
      QVERIFY(at::equal(whole.parameters.at(name), tensor.to(at::kBFloat16).to(at::kFloat)));
    }
  }

  void weightsStayOnTheMapping() {
    save_checkpoint(root() / "model", tiny_config(), random_parameters(tiny_config()), {});
    const auto stored = open_model_tensors(root() / "model");
    const at::Tensor weight = as_tensor(stored.tensors.begin()->second);
    QCOMPARE(weight.const_data_ptr(), static_cast<const void*>(stored.tensors.begin()->second.data));
    // The mapping outlives its file, so that a checkpoint may be replaced while it is in use.
    const Checkpoint opened = open_checkpoint(root() / "model");
    fs::remove_all(root() / "model");
    QVERIFY(std::isfinite(opened.parameters.begin()->second.sum().item<float>()));
  }

  void opensTheSplitLayout() {
    const ModelConfig config = tiny_config(true);
    const TensorMap parameters = random_parameters(config);
    // config.json says untied, as released checkpoints do whose head is absent.
    write_json(root() / "config.json", write_model_config(tiny_config(false), "float32"));
    write_folder(root() / "language_model", {}, part_of_parameters(parameters, kLanguagePrefix));
    write_folder(root() / "vision_tower", {}, part_of_parameters(parameters, kVisionPrefix));
    write_folder(root() / "connector", {}, part_of_parameters(parameters, "connector."));
    const Checkpoint opened = open_checkpoint(root());
    QCOMPARE(opened.layout, std::string("split"));
    QVERIFY(opened.config.language.tie_word_embeddings);
    compare_maps(opened.parameters, parameters);
  }

  void putsPartsTogether() {
    const ModelConfig config = tiny_config();
    const TensorMap parameters = random_parameters(config);
    const auto json = write_model_config(config, "float32");
    write_folder(root() / "llm", json["text_config"], part_of_parameters(parameters, kLanguagePrefix));
    write_folder(root() / "tower", json["vision_config"], part_of_parameters(parameters, kVisionPrefix));
    const Checkpoint opened = open_parts(root() / "llm", root() / "tower", "mlp2x_gelu", 3);
    QCOMPARE(opened.layout, std::string("parts"));
    QCOMPARE(opened.folder, root() / "llm");
    TensorMap expected = parameters;
    for (const auto& [name, tensor] : initial_connector(config, 3)) expected[name] = tensor;
    compare_maps(opened.parameters, expected);
    QVERIFY_EXCEPTION_THROWN(open_parts(root() / "tower", root() / "llm", "mlp2x_gelu", 3), UserError);
    QVERIFY_EXCEPTION_THROWN(open_checkpoint(root() / "llm"), UserError);
  }

  void namesEveryFault() {
    const ModelConfig config = tiny_config();
    TensorMap parameters = random_parameters(config);
    parameters.erase("language_model.model.norm.weight");
    parameters["connector._connector.0.bias"] = at::zeros({3});
    parameters["language_model.model.extra.weight"] = at::zeros({1});
    parameters["connector._connector.2.bias"] = at::zeros({8}, at::kLong);
    write_folder(root(), write_model_config(config, "float32"), parameters);
    const QString message = refusal_of(root());
    for (const char* expected :
         {"language_model: missing: model.norm.weight;", "language_model: unexpected: model.extra.weight",
          "connector: of another shape than the configuration asks for: 0.bias [3] instead of [8]",
          "connector: not weights but whole numbers: 2.bias (I64)"}) {
      QVERIFY2(message.contains(expected), qPrintable(message));
    }
  }

  void refusesWeightsThatAreNotFinite() {
    for (const float bad : {NAN, INFINITY, -INFINITY}) {
      TensorMap parameters = random_parameters(tiny_config());
      parameters["connector._connector.2.weight"][1][2] = bad;
      write_folder(root(), write_model_config(tiny_config(), "float32"), parameters);
      QVERIFY2(refusal_of(root()).contains("connector._connector.2.weight holds"), qPrintable(refusal_of(root())));
    }
  }

  void leavesOutBuffersOfOldVersions() {
    const TensorMap parameters = random_parameters(tiny_config());
    TensorMap stored = parameters;
    stored["language_model.model.layers.0.self_attn.rotary_emb.inv_freq"] = at::ones({1});
    stored["vision_tower._vision_tower.vision_model.embeddings.position_ids"] = at::arange(4).view({1, 4});
    stored["language_model.lm_head.weight"] = parameters.at("language_model.model.embed_tokens.weight");
    write_folder(root(), write_model_config(tiny_config(), "float32"), stored);
    compare_maps(open_checkpoint(root()).parameters, parameters);
  }

  void saysThatAFolderIsNoModel() {
    QVERIFY(refusal_of(root()).contains("no config.json"));
    QVERIFY(refusal_of(root() / "absent").contains("not a folder"));
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestOpenCheckpoint)
#include "tst_open_checkpoint.moc"
