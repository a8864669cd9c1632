// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model_spec/model_facts.h"
#include "core/model_spec/tensor_names.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const fs::path adapters = fs::path(LLAVAKD_TEST_DATA_DIR) / "adapters";

}  // namespace

/// Adapters as PEFT saves them (tests/data/adapters/make_adapters.py): the weights that its merge_and_unload gives.
class TestAdapters : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void mergesAsPeft_data() {
    QTest::addColumn<QString>("base");
    for (const auto& entry : fs::directory_iterator(adapters)) {
      const std::string name = entry.path().filename().string();
      if (fs::exists(entry.path() / "expected.safetensors"))
        QTest::newRow(name.c_str()) << QString(name.starts_with("tied_") ? "base_tied" : "base_untied");
    }
  }

  void mergesAsPeft() {
    QFETCH(const QString, base);
    const fs::path folder = adapters / QTest::currentDataTag();
    const Checkpoint opened = open_checkpoint(folder), plain = open_checkpoint(adapters / base.toStdString());
    TensorMap expected = plain.parameters;
    for (const auto& [name, tensor] : read_tensors(folder / "expected.safetensors"))
      expected[name_in_model("llava_hf", name)] = tensor;
    const std::string head = "language_model.lm_head.weight";
    // Of a tied pair the class names both.
    if (opened.config.language.tie_word_embeddings) {
      if (expected.contains(head))
        QVERIFY(at::equal(expected.at(head), expected.at("language_model.model.embed_tokens.weight")));
      expected.erase(head);
    } else if (!expected.contains(head)) {
      expected[head] = plain.parameters.at("language_model.model.embed_tokens.weight");
    }
    QCOMPARE(opened.parameters.size(), expected.size());
    for (const auto& [name, tensor] : expected)
      QVERIFY2(opened.parameters.contains(name) && at::allclose(opened.parameters.at(name), tensor, 1e-5, 1e-5),
               name.c_str());
  }

  void saysWhenHeadAndEmbeddingPart_data() {
    QTest::addColumn<bool>("tied");
    QTest::newRow("tied_plain") << true;
    QTest::newRow("tied_tokens") << true;
    QTest::newRow("tied_kept_tie") << true;
    QTest::newRow("tied_tokens_of_both") << false;
    QTest::newRow("tied_own_embedding") << false;
    QTest::newRow("tied_own_head") << false;
  }

  void saysWhenHeadAndEmbeddingPart() {
    QFETCH(const bool, tied);
    const ModelFacts facts = read_model_facts(adapters / QTest::currentDataTag());
    QCOMPARE(facts.tied_head, tied);
    const bool said = std::any_of(facts.warnings.begin(), facts.warnings.end(), [](const std::string& warning) {
      return warning.find("on a base that ties them") != std::string::npos;
    });
    QCOMPARE(said, !tied);
  }

  /// Nothing tells whether an adapter next to whole weights is in them already.
  void refusesAnAdapterBesideWholeWeights() {
    const QTemporaryDir temporary;
    const fs::path folder = fs::path(temporary.path().toStdString()) / "both";
    fs::copy(adapters / "base_untied", folder);
    fs::copy_file(adapters / "plain/adapter_config.json", folder / "adapter_config.json");
    fs::copy_file(adapters / "plain/adapter_model.safetensors", folder / "adapter_model.safetensors");
    QVERIFY2(refusal_of(folder).contains("nothing says whether the adapter is merged"), qPrintable(refusal_of(folder)));
    fs::remove(folder / "adapter_config.json");
    QCOMPARE(refusal_of(folder), QString("accepted"));
  }

  void refusesWhatDoesNotFit() {
    const QTemporaryDir temporary;
    const fs::path root = temporary.path().toStdString(), folder = root / "adapter";
    fs::copy(adapters / "base_tied", root / "base_tied");
    fs::copy(adapters / "tied_tokens", folder);
    const auto settings = read_json(folder / "adapter_config.json");
    for (const auto& [change, message] : std::vector<std::pair<nlohmann::ordered_json, const char*>>{
             {{{"trainable_token_indices", {1, 2}}}, "trained tokens of the shape [3, 8]"},
             {{{"trainable_token_indices", {1, 2, 2}}}, "a token twice"},
             {{{"trainable_token_indices", {1, 2, 32}}}, "doesn't fit the weight's shape [32, 8]"},
             {{{"trainable_token_indices", nullptr}}, "trainable_token_indices doesn't list"},
             {{{"use_dora", true}}, "has no lora_magnitude_vector"},
             {{{"kasa_config", {{"x", 1}}}}, "can't do KaSA"}}) {
      auto changed = settings;
      changed.update(change);
      write_json(folder / "adapter_config.json", changed);
      QVERIFY2(refusal_of(folder).contains(message), qPrintable(refusal_of(folder)));
    }
  }
};

QTEST_APPLESS_MAIN(TestAdapters)
#include "tst_adapters.moc"
