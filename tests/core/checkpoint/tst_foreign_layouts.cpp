// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include "core/checkpoint/torch_file.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/model_facts.h"
#include "tests/core/checkpoint/tiny_model.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

using Rename = std::function<std::string(const std::string&)>;

TensorMap renamed(const TensorMap& parameters, const Rename& rename) {
  TensorMap result;
  for (const auto& [name, tensor] : parameters) result[rename(name)] = tensor;
  return result;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  if (text.starts_with(from)) text.replace(0, from.size(), to);
  return text;
}

std::string older_name(const std::string& name) {
  return replaced(replaced(replaced(name, "vision_tower._vision_tower.", "vision_tower."), "connector._connector.0.",
                           "multi_modal_projector.linear_1."),
                  "connector._connector.2.", "multi_modal_projector.linear_2.");
}

std::string newer_name(const std::string& name) {
  if (name == "language_model.lm_head.weight") return "lm_head.weight";
  return "model." + replaced(replaced(older_name(name), "vision_tower.vision_model.", "vision_tower."),
                             "language_model.model.", "language_model.");
}

std::string original_name(const std::string& name) {
  return replaced(replaced(name, "language_model.", ""), "connector._connector.", "model.mm_projector.");
}

}  // namespace

/// Layouts of other programs than TinyLLaVA: the same weights must come out under our names.
class TestForeignLayouts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_config = tiny_config(false);
    m_parameters = random_parameters(m_config);
    m_json = write_model_config(m_config, "float32");
  }

  void llavaHf_data() {
    QTest::addColumn<bool>("newer");
    QTest::newRow("older names") << false;
    QTest::newRow("transformers 5") << true;
  }

  void llavaHf() {
    QFETCH(bool, newer);
    write_folder(root(), llava_hf_config(), renamed(m_parameters, newer ? newer_name : older_name));
    const Checkpoint opened = open_checkpoint(root());
    QCOMPARE(opened.layout, std::string("llava_hf"));
    QCOMPARE(opened.config.connector_type, std::string("mlp2x_gelu"));
    compare(opened.parameters);
    const ModelFacts facts = read_model_facts(root());
    QCOMPARE(facts.layout, std::string("llava_hf"));
    QCOMPARE(facts.visual_tokens, int64_t(3));
    QVERIFY(!write_model_config(opened.config, "float32").contains("projector") &&
            write_model_config(opened.config, "float32")["image_token_index"] == -200);
  }

  void llavaHfRefusesWhatItCannotCompute() {
    for (const auto& [key, value] : std::vector<std::pair<const char*, Json>>{{"projector_hidden_act", "relu"},
                                                                              {"multimodal_projector_bias", false},
                                                                              {"vision_feature_layer", {-2, -5}}}) {
      Json config = llava_hf_config();
      config[key] = value;
      write_folder(root(), config, renamed(m_parameters, older_name));
      QVERIFY2(refusal_of(root()).contains(key), qPrintable(refusal_of(root())));
    }
    write_folder(root(), llava_hf_config(), renamed(m_parameters, [](const std::string& name) {
                   return replaced(older_name(name), "multi_modal_projector.linear_1", "multi_modal_projector.first");
                 }));
    QVERIFY(refusal_of(root()).contains("unexpected: multi_modal_projector.first.bias"));
  }

  void originalLlava() {
    write_folder(root() / "tower", m_json["vision_config"], part_of_parameters(m_parameters, kVisionPrefix));
    TensorMap language = m_parameters;
    std::erase_if(language, [](const auto& entry) { return entry.first.starts_with("vision_tower."); });
    write_folder(root() / "model", llava_config(), renamed(language, original_name));
    const Checkpoint opened = open_checkpoint(root() / "model");
    QCOMPARE(opened.layout, std::string("llava"));
    QCOMPARE(opened.config.image_aspect_ratio, std::string("pad"));
    compare(opened.parameters);
    const ModelFacts facts = read_model_facts(root() / "model");
    QVERIFY(facts.faults.empty() || facts.faults.front().find("tokenizer") != std::string::npos);
    QCOMPARE(facts.layout, std::string("llava"));
    QCOMPARE(facts.connector, std::string("mlp2x_gelu"));
    QCOMPARE(facts.aspect_ratio, std::string("pad"));
    // Pictures are prepared as the tower's folder says; a checkpoint's own file counts where that has none.
    write_json(root() / "model/preprocessor_config.json", {{"size", 8}});
    QVERIFY(fs::equivalent(image_processor_folder(root() / "model"), root() / "model"));
    write_json(root() / "tower/preprocessor_config.json", {{"size", 8}});
    QVERIFY(fs::equivalent(read_model_facts(root() / "model").image_processor_from, root() / "tower"));
    fs::remove_all(root() / "tower");
    QVERIFY2(refusal_of(root() / "model").contains("mm_vision_tower is \"hub/tower\""),
             qPrintable(refusal_of(root() / "model")));
  }

  void originalLlavaWithItsConnectorBeside() {
    write_folder(root() / "model/tower", m_json["vision_config"], part_of_parameters(m_parameters, kVisionPrefix));
    TensorMap language, connector;
    for (const auto& [name, tensor] : m_parameters) {
      if (name.starts_with("language_model.")) language[original_name(name)] = tensor;
      if (name.starts_with("connector.")) connector[original_name(name)] = tensor;
    }
    write_folder(root() / "model", llava_config(), language);
    QVERIFY(refusal_of(root() / "model").contains("mm_projector.bin"));
    write_torch_file(root() / "model/mm_projector.bin", connector, at::kFloat);
    compare(open_checkpoint(root() / "model").parameters);
  }

  void mergesAnAdapter() {
    write_folder(root() / "base", m_json, m_parameters);
    write_adapter(root() / "adapter", Json::object());
    const Checkpoint opened = open_checkpoint(root() / "adapter");
    QCOMPARE(opened.folder, root() / "base");
    TensorMap expected = m_parameters;
    expected[m_target] = m_parameters.at(m_target) + 2 * at::mm(m_up, m_down);
    for (const auto& [name, tensor] : expected)
      QVERIFY2(at::allclose(opened.parameters.at(name), tensor), name.c_str());
    QVERIFY(!at::allclose(opened.parameters.at(m_target), m_parameters.at(m_target)));
    QCOMPARE(read_model_facts(root() / "adapter").adapted_weights, int64_t(1));
  }

  void mergesAnAdapterBesideItsBase() {
    // TinyLLaVA's LoRA stages leave the wrapped names in the split layout.
    write_json(root() / "config.json", m_json);
    TensorMap language = part_of_parameters(m_parameters, kLanguagePrefix);
    const std::string inner = m_target.substr(kLanguagePrefix.size());
    language[replaced(inner, "model.layers.0.self_attn.q_proj.", "model.layers.0.self_attn.q_proj.base_layer.")] =
        language.at(inner);
    language.erase(inner);
    write_folder(root() / "language_model", {}, language);
    write_folder(root() / "vision_tower", {}, part_of_parameters(m_parameters, kVisionPrefix));
    write_folder(root() / "connector", {}, part_of_parameters(m_parameters, "connector."));
    compare(open_checkpoint(root()).parameters);
    write_adapter(root() / "language_model", Json::object());
    const Checkpoint opened = open_checkpoint(root());
    QVERIFY(at::allclose(opened.parameters.at(m_target), m_parameters.at(m_target) + 2 * at::mm(m_up, m_down)));
  }

  void refusesOtherAdapters() {
    write_folder(root() / "base", m_json, m_parameters);
    const std::vector<std::pair<Json, const char*>> cases{
        {{{"peft_type", "IA3"}}, "IA3"},
        {{{"use_dora", true}}, "use_dora"},
        {{{"bias", "some"}}, "bias \"some\" is not known"},
        {{{"use_qalora", true}}, "use_qalora is true"},
        {{{"layer_replication", {{0, 1}}}}, "layer_replication is [[0,1]]"},
        {{{"init_lora_weights", "pissa_niter_4"}}, "path_initial_model_for_weight_conversion"},
        {{{"init_lora_weights", "loftq"}}, "init_lora_weights \"loftq\" is not supported"},
        {{{"init_lora_weights", "corda"}}, "merge_and_unload().save_pretrained"},
        {{{"r", 3}}, "which don't fit r = 3"},
        {{{"rank_pattern", {{"q_proj", 4}}}}, "which don't fit r = 4"},
        {{{"rank_pattern", {{"(q_proj", 2}}}}, "is not a regular expression"},
        {{{"base_model_name_or_path", "hub/absent"}}, "hub/absent"},
        {{{"base_model_name_or_path", "adapter"}}, "which is not here"}};
    for (const auto& [change, message] : cases) {
      write_adapter(root() / "adapter", change);
      QVERIFY2(refusal_of(root() / "adapter").contains(message), qPrintable(refusal_of(root() / "adapter")));
    }
    write_adapter(root() / "adapter", Json::object());
    write_tensors(root() / "adapter/adapter_model.safetensors",
                  {{"base_model.model.x.lora_A.weight", at::ones({2, 8})}});
    QVERIFY(refusal_of(root() / "adapter").contains("only one of lora_A and lora_B"));
    write_tensors(root() / "adapter/adapter_model.safetensors",
                  {{"base_model.model.x.lora_A.weight", at::ones({2, 8})},
                   {"base_model.model.x.lora_B.weight", at::ones({8, 2})}});
    QVERIFY(refusal_of(root() / "adapter").contains("which the model doesn't have"));
  }

  /// A tied head is the embedding: what is added to one of them would be added to the other.
  void refusesAnAdapterOfATiedHead() {
    const ModelConfig tied = tiny_config(true);
    TensorMap parameters = random_parameters(tied);
    const std::string head = "language_model.lm_head.weight";
    parameters[head] = parameters.at("language_model.model.embed_tokens.weight").clone();
    write_folder(root() / "base", write_model_config(tied, "float32"), parameters);
    write_adapter(root() / "adapter", Json::object());
    const at::Tensor& weight = parameters.at(head);
    write_tensors(root() / "adapter/adapter_model.safetensors",
                  {{"base_model.model.language_model.lm_head.lora_A.weight", at::ones({2, weight.size(1)})},
                   {"base_model.model.language_model.lm_head.lora_B.weight", at::ones({weight.size(0), 2})}});
    QVERIFY2(refusal_of(root() / "adapter").contains("tie_word_embeddings"),
             qPrintable(refusal_of(root() / "adapter")));
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }

  Json llava_hf_config() const {
    return {{"model_type", "llava"},
            {"image_token_index", 19},
            {"projector_hidden_act", "gelu"},
            {"text_config", m_json["text_config"]},
            {"vision_config", m_json["vision_config"]},
            {"vision_feature_select_strategy", "default"}};
  }

  Json llava_config() const {
    Json config = m_json["text_config"];
    config["model_type"] = "llava_qwen";
    config["mm_vision_tower"] = "hub/tower";
    config["mm_projector_type"] = "mlp2x_gelu";
    config["mm_vision_select_layer"] = -2;
    config["image_aspect_ratio"] = "pad";
    return config;
  }

  void write_adapter(const fs::path& folder, const Json& change) const {
    fs::create_directories(folder);
    Json config{{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 4}, {"base_model_name_or_path", "hub/base"}};
    config.update(change);
    write_json(folder / "adapter_config.json", config);
    const std::string stem = "base_model.model." + m_target.substr(0, m_target.size() - 6);
    write_tensors(folder / "adapter_model.safetensors",
                  {{stem + "lora_A.weight", m_down}, {stem + "lora_B.weight", m_up}});
  }

  void compare(const TensorMap& actual) const { compare_maps(actual, m_parameters); }

  std::unique_ptr<QTemporaryDir> m_folder;
  ModelConfig m_config;
  TensorMap m_parameters;
  Json m_json;
  const std::string m_target = "language_model.model.layers.0.self_attn.q_proj.weight";
  const at::Tensor m_down = at::arange(16, at::kFloat).view({2, 8}) / 10;
  const at::Tensor m_up = at::arange(16, at::kFloat).view({8, 2}) / 5;
};

QTEST_APPLESS_MAIN(TestForeignLayouts)
#include "tst_foreign_layouts.moc"
