// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"
#include "core/model_spec/lora_adapter.h"
#include "core/model_spec/matching.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/model_facts.h"
#include "core/model_spec/parameter_shapes.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

ModelConfig tiny_config() {
  ModelConfig config;
  config.vision.hidden_size = 8;
  config.vision.intermediate_size = 12;
  config.vision.num_hidden_layers = 2;
  config.vision.num_attention_heads = 2;
  config.vision.image_size = 12;
  config.vision.patch_size = 4;
  config.language.vocab_size = 5;
  config.language.hidden_size = 8;
  config.language.intermediate_size = 16;
  config.language.num_hidden_layers = 1;
  config.language.num_attention_heads = 2;
  config.language.num_key_value_heads = 1;
  config.language.head_dim = 4;
  config.language.rotary_dim = 4;
  config.language.qkv_bias = true;
  config.language.max_position_embeddings = 32;
  config.language.tie_word_embeddings = true;
  return config;
}

/// Zeros under the given names; `drop` takes a prefix off.
void write_weights(const fs::path& folder, const ParameterShapes& shapes, DType dtype, std::string_view drop = {}) {
  static std::vector<std::byte> zeros(1 << 16);
  std::vector<TensorToWrite> tensors;
  for (const auto& [name, shape] : shapes) {
    const size_t bytes = static_cast<size_t>(checked_elements(shape)) * size_of(dtype);
    tensors.push_back({name.substr(drop.size()), dtype, shape, [bytes] {
                         return std::span(zeros).first(bytes);
                       }});
  }
  write_safetensors(folder / "model.safetensors", tensors);
}

void write_tokenizer(const fs::path& folder, const nlohmann::ordered_json& vocabulary) {
  write_json(folder / "tokenizer.json",
             {{"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", nlohmann::ordered_json::array()}}},
              {"added_tokens", {{{"id", 4}, {"content", "<|endoftext|>"}}}}});
}

/// A whole checkpoint whose config.json may say something else than its weights.
void write_model(const fs::path& folder, const ModelConfig& config, const nlohmann::ordered_json& vocabulary) {
  fs::create_directories(folder);
  write_json(folder / "config.json", write_model_config(config, "bfloat16"));
  write_weights(folder, parameter_shapes(config), DType::BF16);
  write_tokenizer(folder, vocabulary);
}

const MatchFact& row_named(const std::vector<MatchFact>& rows, const std::string& name) {
  return *std::find_if(rows.begin(), rows.end(), [&](const MatchFact& row) { return row.name == name; });
}

}  // namespace

class TestModelFacts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void readsAWholeModel() {
    write_model(root() / "m", tiny_config(), {{"a", 0}, {"b", 1}});
    const ModelFacts facts = read_model_facts(root() / "m");
    QVERIFY2(facts.faults.empty(), facts.faults.empty() ? "" : facts.faults.front().c_str());
    QCOMPARE(facts.layout, std::string("tinyllava_hf"));
    QCOMPARE(facts.family, std::string("qwen2"));
    QCOMPARE(facts.dtype, std::string("BF16"));
    QCOMPARE(facts.visual_tokens, 8);
    QCOMPARE(facts.tower.image_size, 12);
    QCOMPARE(facts.template_guess, std::string("qwen2_base"));
    QCOMPARE(facts.tokenizer.entries, 3);
    QCOMPARE(facts.tokenizer.max_id, 4);
    QCOMPARE(facts.tokenizer.sha256.size(), size_t{64});
    QCOMPARE(facts.parameters.at("connector"), 8 * 8 + 8 + 8 * 8 + 8);
    int64_t total = 0;
    for (const auto& [name, shape] : parameter_shapes(tiny_config())) total += checked_elements(shape);
    QCOMPARE(facts.total_parameters, total);
    QCOMPARE(to_json(facts)["vision_tower"]["patch_size"].get<int>(), 4);
  }

  void saysWhereTokenizerFilesDisagreeOnBos() {
    write_model(root() / "m", tiny_config(), {{"a", 0}, {"b", 1}});
    for (const bool wanted : {true, false}) {
      write_json(root() / "m/tokenizer_config.json", {{"add_bos_token", wanted}});
      const std::vector<std::string> warnings = read_model_facts(root() / "m").warnings;
      QCOMPARE(std::ranges::any_of(warnings,
                                   [](const auto& warning) {
                                     return warning.find(
                                                "add_bos_token is true, which is passed over: tokenizer.json "
                                                "counts, which puts nothing") != std::string::npos;
                                   }),
               wanted);
    }
  }

  void readsBareParts() {
    const ModelConfig config = tiny_config();
    const auto json = write_model_config(config, "float32");
    fs::create_directories(root() / "llm");
    fs::create_directories(root() / "tower");
    write_json(root() / "llm/config.json", json["text_config"]);
    write_json(root() / "tower/config.json", json["vision_config"]);
    write_weights(root() / "llm", language_parameter_shapes(config.language, ""), DType::F32);
    write_weights(root() / "tower", vision_parameter_shapes(config.vision, ""), DType::F32);
    write_tokenizer(root() / "llm", {{"a", 0}});
    const ModelFacts language = read_model_facts(root() / "llm");
    const ModelFacts tower = read_model_facts(root() / "tower");
    QCOMPARE(language.layout, std::string("language_model"));
    QCOMPARE(tower.layout, std::string("vision_tower"));
    QCOMPARE(language.faults, std::vector<std::string>{});
    QCOMPARE(tower.faults, std::vector<std::string>{});
    ModelFacts warned = tower;
    warned.warnings = {"of the tower"};
    QCOMPARE(combine_parts(language, warned, "mlp2x_gelu").warnings.size(), language.warnings.size() + 1);
    const ModelFacts student = combine_parts(language, tower, "mlp2x_gelu");
    QCOMPARE(student.visual_tokens, 8);
    QCOMPARE(student.parameters.at("connector"), 144);
    QVERIFY(student.is_whole_model() && student.faults.empty());
    QVERIFY(!combine_parts(tower, language, "mlp2x_gelu").faults.empty());
    QVERIFY(!combine_parts(language, tower, "perceiver").faults.empty());
  }

  void listsEveryFaultAndStillShowsTheRest() {
    ModelConfig said = tiny_config();
    write_model(root() / "m", said, {{"a", 0}});
    said.language.num_hidden_layers = 2;
    said.language.intermediate_size = 24;
    write_json(root() / "m/config.json", write_model_config(said, "bfloat16"));
    const ModelFacts facts = read_model_facts(root() / "m");
    const auto holds = [&](const std::string& part) {
      return std::any_of(facts.faults.begin(), facts.faults.end(),
                         [&](const std::string& fault) { return fault.find(part) != std::string::npos; });
    };
    QVERIFY(holds("language_model: missing: model.layers.1.input_layernorm.weight, "));
    QVERIFY(
        holds("language_model: of another shape than the configuration asks for: "
              "model.layers.0.mlp.down_proj.weight [8, 16] instead of [8, 24], "));
    QCOMPARE(facts.layers, 2);
    QVERIFY(facts.total_parameters > 0 && facts.tokenizer.entries == 2);
  }

  void neverThrows() {
    QVERIFY(!read_model_facts(root() / "absent").faults.empty());
    QCOMPARE(read_model_facts(root() / "absent").missing.size(), size_t(1));
    QVERIFY(!read_model_facts(root()).faults.empty());
    QVERIFY(read_model_facts(root()).missing.empty());
    for (const char* config : {"{", "[]", R"({"model_type": 3})", R"({"text_config": 1, "connector_type": 2})",
                               R"({"model_type": "llava"})", R"({"patch_size": 0, "image_size": "x"})"}) {
      std::ofstream(root() / "config.json") << config;
      const ModelFacts facts = read_model_facts(root());
      QVERIFY2(!facts.faults.empty(), config);
      QVERIFY(!to_json(facts).dump().empty());
    }
  }

  /// Several steps of the reading meet the same damage.
  void aDamagedFileIsSaidOnce() {
    write_file_atomically(root() / "broken.gguf", std::string("GGUF\3\0\0\0", 8));
    const ModelFacts facts = read_model_facts(root() / "broken.gguf");
    QCOMPARE(facts.faults.size(), size_t(1));
    QVERIFY2(facts.faults[0].find("broken.gguf") != std::string::npos, facts.faults[0].c_str());
  }

  /// Of a family that isn't read no key is known: its name is what counts.
  void aFamilyThatIsNotReadHasNoKeys() {
    write_model(root() / "m", tiny_config(), {{"a", 0}, {"b", 1}});
    nlohmann::ordered_json config = read_json(root() / "m/config.json");
    config["text_config"]["model_type"] = "mixtral";
    config["vision_config"]["model_type"] = "pixtral";
    write_json(root() / "m/config.json", config);
    const ModelFacts facts = read_model_facts(root() / "m");
    QVERIFY(!facts.faults.empty() && facts.faults.front().find("Mixtral") != std::string::npos);
    for (const std::string& warning : facts.warnings)
      QVERIFY2(warning.find("_config: keys") == std::string::npos, warning.c_str());
  }

  void widthsOfNoModelAreNotMultiplied() {
    ModelFacts language, tower;
    language.hidden_size = 4611686018427387905;
    tower.tower.width = 1152;
    const ModelFacts both = combine_parts(language, tower, "mlp2x_gelu");
    QVERIFY(!both.parameters.contains("connector"));
  }

  void whatCannotBeReachedIsNotMissing() {
    fs::create_symlink("config.json", root() / "config.json");  // leads to itself
    const ModelFacts facts = read_model_facts(root());
    QCOMPARE(facts.faults.size(), size_t{1});
    QVERIFY2(facts.faults.front().find("config.json can't be read: ") != std::string::npos,
             facts.faults.front().c_str());
  }

  void adaptersOfAnotherBaseAreRefused() {
    const auto refuses = [&](const nlohmann::ordered_json& settings, const std::string& word) {
      write_json(root() / "adapter_config.json", settings);
      try {
        open_lora_adapter(root(), "language_model");
      } catch (const UserError& error) {
        return std::string(error.what()).find(word) != std::string::npos;
      }
      return false;
    };
    const std::string layer = "base_model.model.model.layers.0.self_attn.q_proj.";
    write_weights(root(), {{layer + "lora_A.weight", {8, 4}}, {layer + "lora_A.other.weight", {8, 4}}}, DType::F32);
    fs::rename(root() / "model.safetensors", root() / "adapter_model.safetensors");
    QVERIFY(refuses({{"init_lora_weights", "pissa_niter_4"}}, "pissa_niter_4"));
    QVERIFY(refuses({{"alora_invocation_tokens", {1, 2}}}, "alora_invocation_tokens"));
    QVERIFY(refuses({{"init_lora_weights", "gaussian"}, {"alora_invocation_tokens", nullptr}}, "two tensors"));
  }

  void comparesAPair_data() {
    QTest::addColumn<QByteArray>("student");
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<QByteArray>("level");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* student, const char* r, const char* level, const char* expected) {
      QTest::newRow(name) << QByteArray(student) << QByteArray(r) << QByteArray(level) << QByteArray(expected);
    };
    row("same", "", "Tokenizer", "green", "");
    row("other ids", "ids", "Tokenizer", "red", "Id 1 is \"b\" for the teacher and \"c\"");
    row("more tokens", "tokens", "Tokenizer", "amber", "3 tokens are the same");
    row("vocabulary", "vocabulary", "Vocabulary", "amber", "first 5 entries");
    row("image size", "image", "Image size", "red", "different sizes");
    row("visual tokens", "image", "Visual tokens", "red", "one by one");
    row("larger student", "layers", "Parameters", "amber", "swapped");
  }

  void comparesAPair() {
    QFETCH(QByteArray, student);
    QFETCH(QByteArray, row);
    QFETCH(QByteArray, level);
    QFETCH(QByteArray, expected);
    ModelConfig config = tiny_config();
    nlohmann::ordered_json vocabulary{{"a", 0}, {"b", 1}};
    write_model(root() / "t", config, vocabulary);
    if (student == "ids") vocabulary = {{"a", 0}, {"c", 1}};
    if (student == "tokens") vocabulary["d"] = 3;
    if (student == "vocabulary") config.language.vocab_size = 7;
    if (student == "image") config.vision.image_size = 16;
    if (student == "layers") config.language.num_hidden_layers = 3;
    write_model(root() / "s", config, vocabulary);
    const auto rows = compare_models(read_model_facts(root() / "t"), read_model_facts(root() / "s"));
    const MatchFact& found = row_named(rows, row.toStdString());
    QCOMPARE(QByteArray(name_of(found.level).data()), level);
    QVERIFY2(QByteArray::fromStdString(found.remedy).contains(expected), found.remedy.c_str());
    QCOMPARE(row_named(rows, "Files").level, MatchLevel::green);
    QCOMPARE(to_json(rows).size(), rows.size());
    if (student.isEmpty()) QCOMPARE(worst_level(rows), MatchLevel::green);
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestModelFacts)
#include "tst_model_facts.moc"
