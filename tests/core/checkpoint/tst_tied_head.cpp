// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/model_spec/model_facts.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

const std::string head = "language_model.lm_head.weight", embedding = "language_model.model.embed_tokens.weight";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  if (text.starts_with(from)) text.replace(0, from.size(), to);
  return text;
}

std::string llava_hf_name(std::string name) {
  name = replaced(name, "vision_tower._vision_tower.", "vision_tower.");
  name = replaced(name, "connector._connector.0.", "multi_modal_projector.linear_1.");
  return replaced(name, "connector._connector.2.", "multi_modal_projector.linear_2.");
}

void set(Json& object, const QString& value) {
  object.erase("tie_word_embeddings");
  if (value != "-") object["tie_word_embeddings"] = value == "true";
}

bool mentions(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

}  // namespace

/// Whether head and embedding are one matrix: the configuration and what is stored decide together, as transformers
/// 5.24.0 does it (LlavaForConditionalGeneration.from_pretrained, Qwen2).
class TestTiedHead : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_parameters = random_parameters(tiny_config(false));
  }

  void asTheLibraryDoes_data() {
    QTest::addColumn<QString>("layout");
    QTest::addColumn<QString>("top");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("tied");
    const auto row = [](const char* layout, const char* top, const char* text, bool tied) {
      QTest::addRow("%s: top %s, text %s", layout, top, text)
          << QString(layout) << QString(top) << QString(text) << tied;
    };
    // Llava ties the two where either place says so; a false next to a true counts for nothing.
    row("llava_hf", "-", "-", false);
    row("llava_hf", "-", "true", true);
    row("llava_hf", "-", "false", false);
    row("llava_hf", "true", "-", true);
    row("llava_hf", "true", "true", true);
    row("llava_hf", "true", "false", true);
    row("llava_hf", "false", "-", false);
    row("llava_hf", "false", "true", true);
    row("llava_hf", "false", "false", false);
    row("tinyllava_hf", "-", "true", true);
    row("tinyllava_hf", "true", "-", true);
    row("tinyllava_hf", "true", "false", false);
    row("tinyllava_hf", "-", "false", false);
    row("language_model", "true", "-", true);
    row("language_model", "false", "-", false);
    row("language_model", "-", "-", false);
  }

  void asTheLibraryDoes() {
    QFETCH(const bool, tied);
    TensorMap stored = m_parameters;
    write(stored);
    check(false, stored, "two matrices");
    stored[head] = stored.at(embedding).clone();
    write(stored);
    check(tied, stored, "two equal ones");
    stored.erase(head);
    write(stored);
    if (tied)
      check(true, stored, "the embedding alone");
    else
      refuses("missing: lm_head.weight");
    stored = m_parameters;
    stored.erase(embedding);
    write(stored);
    if (!tied) return refuses("missing: model.embed_tokens.weight");
    TensorMap both = stored;
    both[embedding] = both.at(head);
    check(true, both, "the head alone");
  }

  void saysThatTwoDifferentOnesAreNotTied() {
    write_folder(root(), write_model_config(tiny_config(true), "float32"), m_parameters);
    QVERIFY(mentions(read_model_facts(root()).warnings, "two different matrices"));
  }

  /// named_parameters(), which the split layout is written from, lists a shared matrix once.
  void saysThatSplitIsTied() {
    write_json(root() / "config.json", write_model_config(tiny_config(false), "float32"));
    TensorMap language = part_of_parameters(m_parameters, kLanguagePrefix);
    language.erase("lm_head.weight");
    write_folder(root() / "language_model", {}, language);
    write_folder(root() / "vision_tower", {}, part_of_parameters(m_parameters, kVisionPrefix));
    write_folder(root() / "connector", {}, part_of_parameters(m_parameters, "connector."));
    QVERIFY(open_checkpoint(root()).config.language.tie_word_embeddings);
    QVERIFY(mentions(read_model_facts(root()).warnings, "the embedding is the head"));
  }

  /// Llava's head has no bias, Phi's alone has one.
  void phiInLlavaHasNoHeadBias() {
    const Json phi{{"model_type", "phi"},      {"vocab_size", 20},        {"hidden_size", 8},
                   {"intermediate_size", 16},  {"num_hidden_layers", 2},  {"num_attention_heads", 2},
                   {"num_key_value_heads", 2}, {"rope_theta", 10000.0},   {"partial_rotary_factor", 0.5},
                   {"layer_norm_eps", 1e-5},   {"hidden_act", "gelu_new"}};
    ModelConfig config = tiny_config(false);
    config.language = read_language_config(phi, "phi");
    const TensorMap parameters = random_parameters(config);
    const std::string bias = "language_model.lm_head.bias";
    QVERIFY(parameters.contains(bias));
    const Json json{{"model_type", "llava"},
                    {"text_config", phi},
                    {"vision_config", write_model_config(tiny_config(false), "float32")["vision_config"]}};
    for (const bool stored : {false, true}) {
      TensorMap renamed;
      for (const auto& [name, tensor] : parameters)
        if (stored || name != bias) renamed[llava_hf_name(name)] = tensor;
      write_folder(root(), json, renamed);
      const Checkpoint opened = open_checkpoint(root());
      QVERIFY(at::equal(opened.parameters.at(bias), at::zeros({20})));
      QCOMPARE(opened.parameters.size(), parameters.size());
      QCOMPARE(mentions(read_model_facts(root()).warnings, "lm_head.bias is passed over"), stored);
    }
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }

  void write(const TensorMap& stored) const {
    QFETCH(const QString, layout);
    QFETCH(const QString, top);
    QFETCH(const QString, text);
    Json json = write_model_config(tiny_config(false), "float32");
    set(json["text_config"], layout == "language_model" ? top : text);
    if (layout == "language_model")
      return write_folder(root(), json["text_config"], part_of_parameters(stored, kLanguagePrefix));
    set(json, top);
    if (layout == "tinyllava_hf") return write_folder(root(), json, stored);
    TensorMap renamed;
    for (const auto& [name, tensor] : stored) renamed[llava_hf_name(name)] = tensor;
    json["model_type"] = "llava";
    json.erase("connector_type");
    write_folder(root(), json, renamed);
  }

  Checkpoint open() const {
    QFETCH(const QString, layout);
    return layout == "language_model" ? open_language_model(root()) : open_checkpoint(root());
  }

  void check(bool tied, const TensorMap& stored, const char* what) const {
    const Checkpoint opened = open();
    QVERIFY2(opened.config.language.tie_word_embeddings == tied, what);
    QVERIFY2(opened.parameters.contains(head) != tied, what);
    QVERIFY2(at::equal(opened.parameters.at(embedding), stored.at(embedding)), what);
    if (!tied) QVERIFY2(at::equal(opened.parameters.at(head), stored.at(head)), what);
    QCOMPARE(read_model_facts(root()).tied_head, tied);
  }

  void refuses(const char* words) const {
    try {
      open();
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(words), error.what());
    }
    QVERIFY(mentions(read_model_facts(root()).faults, words));
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  TensorMap m_parameters;
};

QTEST_APPLESS_MAIN(TestTiedHead)
#include "tst_tied_head.moc"
