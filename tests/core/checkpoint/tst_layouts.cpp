// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/load_tokenizer.h"
#include "core/model_spec/model_facts.h"
#include "core/models/multimodal_model.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const fs::path data_folder = fs::path(LLAVAKD_TEST_DATA_DIR);

fs::path layout_folder(const QString& name) {
  return data_folder / "layouts" / name.toStdString();
}

fs::path base_folder(const QString& name) {
  return data_folder / "models" / name.toStdString();
}

/// The logits of what expected.safetensors holds as input.
at::Tensor logits(const ModelConfig& config, const TensorMap& parameters, const TensorMap& expected) {
  const MultimodalModel model(config, parameters);
  if (!expected.contains("pixel_values"))
    return model.logits(model.hidden_states(model.embed(expected.at("input_ids"), {}, {}), {}));
  const at::Tensor visual = model.connect(model.vision_features(expected.at("pixel_values")));
  const std::vector<int64_t> counts(static_cast<size_t>(visual.size(0)), config.visual_tokens());
  return model.logits(model.hidden_states(model.embed(expected.at("input_ids"), visual, counts), {}));
}

}  // namespace

/// Every layout that people have on disk, written by tests/data/layouts/make_layouts.py from the models of
/// tests/data/models: the same parameters under our names, and the logits that Hugging Face's classes compute.
class TestLayouts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void opensAsItsBase_data() {
    QTest::addColumn<QString>("layout");
    QTest::addColumn<QString>("base");
    QTest::newRow("sharded") << "tinyllava_hf"
                             << "llama_clip";
    QTest::newRow("bin") << "tinyllava_hf"
                         << "llama_clip";
    QTest::newRow("split") << "split"
                           << "gemma_clip_full";
    QTest::newRow("llava_hf_old") << "llava_hf"
                                  << "llama_clip";
    QTest::newRow("llava_hf_new") << "llava_hf"
                                  << "llama_clip";
    QTest::newRow("llava") << "llava"
                           << "llama_clip";
  }

  void opensAsItsBase() {
    QFETCH(const QString, layout);
    QFETCH(const QString, base);
    const fs::path folder = layout_folder(QTest::currentDataTag());
    const Checkpoint opened = open_checkpoint(folder);
    QCOMPARE(QString::fromStdString(opened.layout), layout);
    compare_maps(opened.parameters, open_checkpoint(base_folder(base)).parameters);
    if (QTest::currentTestFailed()) return;
    const TensorMap expected = read_tensors(base_folder(base) / "expected.safetensors");
    QVERIFY(at::allclose(logits(opened.config, opened.parameters, expected), expected.at("logits"), 1e-4, 1e-5));
    const ModelFacts facts = read_model_facts(folder);
    QCOMPARE(QString::fromStdString(facts.layout), layout);
    for (const std::string& fault : facts.faults) QVERIFY2(fault.find("tokenizer") != std::string::npos, fault.c_str());
  }

  void mergesAnAdapter() {
    const Checkpoint opened = open_checkpoint(layout_folder("lora")), base = open_checkpoint(base_folder("llama_clip"));
    const TensorMap expected = read_tensors(layout_folder("lora") / "expected.safetensors");
    QVERIFY(at::allclose(logits(opened.config, opened.parameters, expected), expected.at("logits"), 1e-4, 1e-5));
    QVERIFY(!at::allclose(logits(base.config, base.parameters, expected), expected.at("logits"), 1e-2, 1e-2));
    QCOMPARE(read_model_facts(layout_folder("lora")).adapted_weights, int64_t(6));
  }

  void putsPartsTogether() {
    Checkpoint opened =
        open_parts(layout_folder("parts/language_model"), layout_folder("parts/vision_tower"), "mlp2x_gelu", 3);
    const TensorMap base = open_checkpoint(base_folder("qwen3")).parameters;
    for (auto& [name, tensor] : opened.parameters)
      if (name.starts_with("connector.")) tensor = base.at(name);  // a fresh one has no reference
    compare_maps(opened.parameters, base);
    const TensorMap expected = read_tensors(base_folder("qwen3") / "expected.safetensors");
    QVERIFY(at::allclose(logits(opened.config, opened.parameters, expected), expected.at("logits"), 1e-4, 1e-5));
  }

  void gguf_data() {
    QTest::addColumn<QString>("tokenizer");
    QTest::newRow("qwen2") << "qwen2";
    QTest::newRow("llama") << "spm_legacy";
  }

  void gguf() {
    QFETCH(const QString, tokenizer);
    const std::string name = QTest::currentDataTag();
    const fs::path path = data_folder / "layouts/gguf" / (name + ".gguf");
    const Checkpoint opened = open_language_model(path);
    QCOMPARE(opened.config.language.model_type, name);
    const TensorMap expected = read_tensors(data_folder / "layouts/gguf" / (name + ".expected.safetensors"));
    // llama.cpp turns the rows of q and k by pairs; the published order is the one by halves.
    const std::string keys = "model.layers.0.self_attn.k_proj.weight";
    QVERIFY(at::equal(opened.parameters.at("language_model." + keys), expected.at(keys)));
    QVERIFY(at::allclose(logits(opened.config, opened.parameters, expected), expected.at("logits"), 1e-4, 1e-4));
    const Tokenizer loaded = load_tokenizer(path);
    const auto rows = read_json(data_folder / "text" / tokenizer.toStdString() / "expected.json");
    for (const auto& row : rows) {
      // <pad> takes the spaces around it, which tokenizer.json can say and GGUF can't.
      if (row["text"].get<std::string>().find("<pad>") != std::string::npos) continue;
      QVERIFY2(loaded.encode(row["text"].get<std::string>()) == row["ids"].get<std::vector<int64_t>>(),
               row["text"].dump().c_str());
    }
    const ModelFacts facts = read_model_facts(path);
    QVERIFY2(facts.faults.empty(), facts.faults.empty() ? "" : facts.faults.front().c_str());
  }
};

QTEST_APPLESS_MAIN(TestLayouts)
#include "tst_layouts.moc"
