// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/json_file.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/model_config_language.h"
#include "core/model_spec/model_config_vision.h"
#include "core/model_spec/model_tensors.h"
#include "core/model_spec/parameter_shapes.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

namespace {

Json wholeConfig() {
  return Json::parse(R"({
    "model_type": "tinyllava", "connector_type": "mlp2x_gelu", "hidden_size": 32, "vocab_size": 50, "torch_dtype": "bfloat16",
    "text_config": {"model_type": "qwen2", "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4,
      "num_hidden_layers": 2, "num_key_value_heads": 2, "rope_theta": 1000000.0, "tie_word_embeddings": true,
      "vocab_size": 50, "eos_token_id": [7, 8]},
    "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 24, "image_size": 56, "patch_size": 14,
      "num_attention_heads": 3, "num_hidden_layers": 5, "intermediate_size": 48},
    "vision_feature_layer": -2, "vision_feature_select_strategy": "patch", "something_else": {"kept": true}})");
}

}  // namespace

class TestModelConfig : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void readsAWholeConfig() {
    const ModelConfig config = read(wholeConfig());
    QCOMPARE(config.language.hidden_size, 32);
    QCOMPARE(config.language.head_dim, 8);
    QCOMPARE(config.language.rope_theta, 1e6);
    QVERIFY(config.language.tie_word_embeddings && config.language.eos_token_ids == std::vector<int64_t>({7, 8}) &&
            !config.language.bos_token_id);
    QCOMPARE(config.vision.patches(), 16);
    QCOMPARE(config.visual_tokens(), 15);
    QCOMPARE(config.tower_layers_used(), 4);
    QCOMPARE(config.dtype, std::string("bfloat16"));
  }

  void derivesTheVisualTokens() {
    Json json = wholeConfig();
    json["vision_config"]["image_size"] = 384;
    QCOMPARE(read(json).visual_tokens(), 728);
    json["vision_feature_select_strategy"] = "full";
    json["vision_feature_layer"] = 3;
    QCOMPARE(read(json).visual_tokens(), 729);
    QCOMPARE(read(json).tower_layers_used(), 3);
  }

  void dinov2SeesWhatItsProcessorCutsOut() {
    Json json = wholeConfig();
    json["vision_config"]["model_type"] = "dinov2";
    const auto sizes = [&](int64_t stored) {
      json["vision_config"]["image_size"] = stored;
      const VisionConfig vision = read(json).vision;
      return std::tuple(vision.image_size, vision.stored_image_size, vision.tokens());
    };
    QVERIFY(sizes(518) == std::tuple(224, 518, 257));
    QVERIFY(sizes(56) == std::tuple(56, 0, 17));
    const auto processor = std::filesystem::path(folder()) / "preprocessor_config.json";
    write_json(processor, {{"crop_size", {{"height", 518}, {"width", 518}}}});
    QVERIFY(sizes(518) == std::tuple(518, 0, 1370));
    write_json(processor, {{"crop_size", 28}});
    QVERIFY(sizes(56) == std::tuple(28, 56, 5));
    QCOMPARE(parameter_shapes(read(json)).at("vision_tower._vision_tower.embeddings.position_embeddings").at(1), 17);
    write_json(processor, {{"crop_size", 30}});
    QVERIFY(refusal().find("must be a multiple") != std::string::npos);
    std::filesystem::remove(processor);
  }

  void absentKeysHaveHuggingFacesDefaults() {
    const LanguageConfig language = read_language_config(Json{{"model_type", "qwen2"}}, "here");
    QVERIFY(language.vocab_size == 151936 && language.hidden_size == 4096 && language.intermediate_size == 22016 &&
            language.num_hidden_layers == 32 && language.num_key_value_heads == 32 && language.rope_theta == 10000 &&
            language.norm_eps == 1e-6 && !language.tie_word_embeddings);
    const VisionConfig vision = read_vision_config(Json::object(), "here");
    QVERIFY(vision.hidden_size == 768 && vision.image_size == 224 && vision.patch_size == 16 &&
            vision.num_channels == 3 && vision.layer_norm_eps == 1e-6 && vision.hidden_act == "gelu_pytorch_tanh");
  }

  void readsTheNamesOfTransformers5() {
    Json json = wholeConfig();
    json["text_config"].erase("rope_theta");
    json["text_config"]["rope_parameters"] = {{"rope_theta", 5000.0}, {"rope_type", "default"}};
    json.erase("torch_dtype");
    json["dtype"] = "float16";
    QCOMPARE(read(json).language.rope_theta, 5000.0);
    QCOMPARE(read(json).dtype, std::string("float16"));
  }

  void headsOfKeysAreTheClassesOrAsMany() {
    for (const char* family : {"qwen2", "qwen3"}) {
      Json json = {{"model_type", family}, {"num_attention_heads", 64}};
      QCOMPARE(read_language_config(json, "here").num_key_value_heads, 32);
      json["num_key_value_heads"] = nullptr;
      QCOMPARE(read_language_config(json, "here").num_key_value_heads, 64);
    }
  }

  void ropeScalingReplacesRopeParameters() {
    Json json = {{"model_type", "llama"}, {"max_position_embeddings", 4096}};
    json["rope_parameters"] = {{"rope_type", "linear"}, {"factor", 4.0}, {"rope_theta", 500.0}};
    QCOMPARE(read_language_config(json, "here").rope_scaling.factor, 4.0);
    json["rope_scaling"] = {{"rope_type", "llama3"}, {"factor", 2.0}};
    const LanguageConfig both = read_language_config(json, "here");
    QCOMPARE(both.rope_scaling.factor, 2.0);
    QCOMPARE(both.rope_scaling.original_positions, 4096);
    QCOMPARE(both.rope_theta, 10000.0);
  }

  void aWindowOfNoLayerIsNone() {
    Json json = {{"model_type", "qwen2"}, {"use_sliding_window", true}, {"num_hidden_layers", 28}};
    QCOMPARE(read_language_config(json, "here").sliding_window, 0);
    json["max_window_layers"] = 27;
    QVERIFY_EXCEPTION_THROWN(read_language_config(json, "here"), UserError);
    json["layer_types"] = {"full_attention", "full_attention"};
    QCOMPARE(read_language_config(json, "here").sliding_window, 0);
    json["layer_types"] = {"full_attention", "sliding_attention"};
    QVERIFY_EXCEPTION_THROWN(read_language_config(json, "here"), UserError);
    json["sliding_window"] = 32768;  // over all positions
    QCOMPARE(read_language_config(json, "here").sliding_window, 0);
  }

  void theWholeModelsTypeNamesItsParts() {
    const auto type = [&](const char* outer, const char* part) {
      write_json(path(), {{"model_type", outer}, {"text_config", Json::object()}, {"vision_config", Json::object()}});
      return read_model_json(folder())[part].value("model_type", "");
    };
    QCOMPARE(type("clip", "vision_config"), std::string("clip_vision_model"));
    QCOMPARE(type("siglip", "vision_config"), std::string("siglip_vision_model"));
    QCOMPARE(type("llava", "vision_config"), std::string("clip_vision_model"));
    QCOMPARE(type("llava", "text_config"), std::string("llama"));
  }

  void aModelsNameMayEndInSlashes() {
    const auto own = folder() / "beside" / "own", base = folder() / "beside" / "base";
    for (const auto& each : {own, base, own.parent_path()}) {
      std::filesystem::create_directories(each);
      write_json(each / "config.json", Json::object());
    }
    for (const char* name : {"/nowhere/base/", "hub/base//", "../base/"})
      QVERIFY2(std::filesystem::equivalent(find_beside(own, name), base), name);
    for (const char* name : {"", "/", ".", "..", "base/..", "../own/", "/nowhere/other/"})
      QVERIFY2(find_beside(own, name).empty(), name);
    QVERIFY(find_beside(own, own.string() + "/").empty());
  }

  void refuses_data() {
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("message");
    QTest::newRow("rope") << "/text_config/rope_scaling"
                          << R"({"rope_type": "yarn"})"
                          << "yarn";
    QTest::newRow("longrope") << "/text_config/rope_scaling"
                              << R"({"type": "longrope", "factor": 2.0})"
                              << "short_factor of RoPE type";
    QTest::newRow("rope that divides by nothing")
        << "/text_config/rope_scaling"
        << R"({"rope_type": "llama3", "factor": 2, "original_max_position_embeddings": 9, "high_freq_factor": 1})"
        << "high_freq_factor";
    QTest::newRow("yarn without a base") << "/text_config/rope_parameters"
                                         << R"({"rope_type": "yarn", "factor": 2, "rope_theta": 1})"
                                         << "rope_theta must be above 1";
    QTest::newRow("no pair turned") << "/text_config"
                                    << R"({"model_type": "phi", "partial_rotary_factor": 0.01})"
                                    << "rotates pairs";
    QTest::newRow("activation") << "/text_config/hidden_act"
                                << "\"relu\""
                                << "hidden_act";
    QTest::newRow("no token left") << "/vision_config/patch_size"
                                   << "56"
                                   << "no visual token";
    QTest::newRow("patch") << "/vision_config/patch_size"
                           << "57"
                           << "patch_size";
    QTest::newRow("identity") << "/connector_type"
                              << "\"identity\""
                              << "equal widths";
    QTest::newRow("number beyond 64 bits") << "/text_config/vocab_size"
                                           << "18446744073709551615"
                                           << "vocab_size";
    QTest::newRow("boolean number") << "/text_config/vocab_size"
                                    << "true"
                                    << "vocab_size";
    QTest::newRow("no type") << "/text_config/model_type"
                             << "null"
                             << "model_type";
    QTest::newRow("a long value is cut between characters") << "/text_config/model_type"
                                                            << "[\"" + QString(40, u'ü') + "\"]"
                                                            << "[\"üü";
    QTest::newRow("odd head") << "/text_config/head_dim"
                              << "7"
                              << "head_dim";
    QTest::newRow("text as object") << "/text_config"
                                    << "[]"
                                    << "text_config";
  }
  void refuses() {
    QFETCH(const QString, pointer);
    QFETCH(const QString, value);
    QFETCH(const QString, message);
    Json json = wholeConfig();
    json[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
    const std::string said = refusal(json);
    QVERIFY(is_utf8(said));
    QVERIFY2(said.find(message.toStdString()) != std::string::npos && said.find("config.json") != std::string::npos,
             said.c_str());
  }

  void writingKeepsWhatItDoesNotKnow() {
    const ModelConfig config = read(wholeConfig());
    const Json written = write_model_config(config, "float16");
    QCOMPARE(written["something_else"]["kept"].get<bool>(), true);
    QCOMPARE(written["torch_dtype"].get<std::string>(), std::string("float16"));
    const ModelConfig again = read(written);
    QCOMPARE(again.language.rope_theta, 1e6);
    QCOMPARE(again.visual_tokens(), 15);
    QVERIFY(again.language.tie_word_embeddings);
  }

  void everyFamilySurvivesWriting() {
    int families = 0;
    const auto models = std::filesystem::path(LLAVAKD_TEST_DATA_DIR) / "models";
    for (const auto& entry : std::filesystem::directory_iterator(models)) {
      if (!entry.is_directory()) continue;
      const ModelConfig config = read_model_config(entry.path());
      const ModelConfig again = read(write_model_config(config, "float16"));
      const LanguageConfig &a = config.language, &b = again.language;
      const auto features = [](const LanguageConfig& c) {
        return std::tuple(c.norm_eps, c.rope_theta, c.rotary_dim, c.sliding_window, c.hidden_act, c.rope_scaling.type,
                          c.rope_scaling.factor, c.max_position_embeddings);
      };
      QVERIFY2(parameter_shapes(config) == parameter_shapes(again), entry.path().c_str());
      QVERIFY2(features(a) == features(b), entry.path().c_str());
      QCOMPARE(again.visual_tokens(), config.visual_tokens());
      ++families;
    }
    QVERIFY(families >= 9);
  }

  void familiesFillInWhatIsAbsent() {
    for (const std::string_view family : known_language_models()) {
      if (family == "openelm") continue;
      const LanguageConfig config = read_language_config(Json{{"model_type", family}}, "here");
      QVERIFY(config.vocab_size > 0 && config.head_dim > 0 && config.rotary_dim > 0);
    }
    const LanguageConfig phi = read_language_config(Json{{"model_type", "phi"}}, "here");
    QVERIFY(phi.head_bias && phi.norm_eps == 1e-5 && phi.rotary_dim == 32 && phi.hidden_act == "gelu_new");
    const LanguageConfig gemma = read_language_config(Json{{"model_type", "gemma"}, {"hidden_act", "gelu"}}, "here");
    QVERIFY(gemma.scaled_embeddings && gemma.head_dim == 256 && gemma.tie_word_embeddings);
    QCOMPARE(gemma.hidden_act, std::string("gelu_pytorch_tanh"));
    for (const std::string_view family : known_vision_towers())
      QVERIFY(read_vision_config(Json{{"model_type", family}}, "here").hidden_size == 768);
  }

  void unknownFamiliesAreRefused() {
    QVERIFY_EXCEPTION_THROWN(language_traits("mamba2"), UserError);
    QVERIFY_EXCEPTION_THROWN(vision_traits(""), UserError);
    for (const LanguageTraits& row : language_traits()) QVERIFY(!row.hf_class.empty());
    for (const VisionTraits& row : vision_traits()) QVERIFY(!row.hf_class.empty());
  }

  /// Phi3Config's own length comes before the one inside rope_scaling; that of the file before both.
  void phi3IsStretchedFromItsOwnLength() {
    Json json = Json::parse(R"({"model_type": "phi3", "hidden_size": 16, "num_attention_heads": 4,
      "max_position_embeddings": 16384, "rope_scaling": {"type": "longrope", "short_factor": [1, 2],
      "long_factor": [1, 2], "original_max_position_embeddings": 64}})");
    QCOMPARE(read_language_config(json, "here").rope_scaling.attention_factor, std::sqrt(7.0 / 6));
    json["original_max_position_embeddings"] = 128;
    QCOMPARE(read_language_config(json, "here").rope_scaling.attention_factor, std::sqrt(2.0));
  }

  /// Absent it is the class's, null is none.
  void mistralsWindow() {
    Json json{{"model_type", "mistral"}};
    QCOMPARE(read_language_config(json, "here").sliding_window, 4096);
    json["sliding_window"] = nullptr;
    QCOMPARE(read_language_config(json, "here").sliding_window, 0);
    json["sliding_window"] = 7;
    QCOMPARE(read_language_config(json, "here").sliding_window, 7);
  }

  /// The layer that a list of one names; of several it is refused, as other models are by their name.
  void otherModelsAreNamed() {
    Json json = wholeConfig();
    json["vision_feature_layer"] = {-2};
    QCOMPARE(read(json).vision_feature_layer, -2);
    json["vision_feature_layer"] = {-2, -5};
    QVERIFY(refusal(json).find("vision_feature_layer lists 2 layers") != std::string::npos);
    for (const auto& [type, name] :
         {std::pair("llava_next", "LLaVA-NeXT"), std::pair("llava_onevision", "LLaVA-OneVision"),
          std::pair("qwen2_vl", "Qwen2-VL"), std::pair("paligemma", "PaliGemma")}) {
      json["model_type"] = type;
      write_json(path(), json);
      QByteArray said;
      try {
        detect_layout(folder());
      } catch (const UserError& error) {
        said = error.what();
      }
      QVERIFY2(said.contains(QByteArray("this is ") + name) && said.contains("Choose a model"), said.constData());
    }
    for (const auto& [config, name] :
         {std::pair(R"({"model_type": "bunny-llama"})", "Bunny"),
          std::pair(R"({"model_type": "moe_llava_phi"})", "MoE-LLaVA"),
          std::pair(R"({"model_type": "cambrian_qwen"})", "Cambrian-1"),
          std::pair(R"({"model_type": "llava_llama", "llm_cfg": {}})", "VILA"),
          std::pair(R"({"model_type": "llava_qwen2", "mm_vision_tower": "mobileclip_l_1024"})", "FastVLM"),
          std::pair(R"({"model_type": "llava_qwen", "image_aspect_ratio": "anyres"})", "LLaVA-NeXT"),
          std::pair(R"({"model_type": "llava_qwen", "image_aspect_ratio": "anyres_max_9"})", "LLaVA-OneVision"),
          std::pair(R"({"model_type": "newest", "vision_config": {}})", "another model of pictures and texts")}) {
      write_json(path(), Json::parse(config));
      QByteArray said;
      try {
        detect_layout(folder());
      } catch (const UserError& error) {
        said = error.what();
      }
      QVERIFY2(said.contains(QByteArray("this is ") + name + " (") && said.contains("Choose a model"),
               said.constData());
    }
    json = wholeConfig();
    json["text_config"]["model_type"] = "gemma2";
    QVERIFY(refusal(json).find("\"gemma2\" (Gemma 2) is not supported") != std::string::npos);
  }

  void openelmNeedsItsLists() {
    const Json good = {{"model_type", "openelm"},      {"model_dim", 12},           {"head_dim", 6},
                       {"num_transformer_layers", 2},  {"num_query_heads", {2, 4}}, {"num_kv_heads", {1, 2}},
                       {"ffn_multipliers", {0.5, 1.4}}};
    QCOMPARE(read_language_config(good, "here").layer(1).heads, 4);
    for (const char* key : {"num_query_heads", "num_kv_heads", "ffn_multipliers"})
      for (const Json& wrong :
           {Json(3), Json::array({1}), Json::array({1, -2}), Json::array({1, 3e9}), Json::array({"1", 2})}) {
        Json json = good;
        json[key] = wrong;
        Json whole = wholeConfig();
        whole["text_config"] = json;
        whole.erase("hidden_size");
        const std::string said = refusal(whole);
        QVERIFY2(said.find(key) != std::string::npos, said.c_str());
      }
  }

  void composesFromTwoFolders() {
    std::filesystem::create_directories(folder() / "language");
    std::filesystem::create_directories(folder() / "tower");
    std::ofstream(folder() / "language/config.json") << wholeConfig()["text_config"].dump();
    std::ofstream(folder() / "tower/config.json") << Json{{"vision_config", wholeConfig()["vision_config"]}}.dump();
    const ModelConfig config = compose_model_config(folder() / "language", folder() / "tower", "linear");
    QCOMPARE(config.visual_tokens(), 15);
    QCOMPARE(read(write_model_config(config, "float32")).connector_type, std::string("linear"));
    QVERIFY_EXCEPTION_THROWN(compose_model_config(folder() / "language", folder() / "tower", "perceiver"), UserError);
    QVERIFY_EXCEPTION_THROWN(compose_model_config(folder() / "none", folder() / "tower", "linear"), UserError);
  }

  void connectorTypes() {
    QVERIFY(connector_layers("identity") == 0 && connector_layers("linear") == 1 &&
            connector_layers("mlp3x_gelu") == 3);
    QVERIFY(!connector_layers("mlp0x_gelu") && !connector_layers("mlp2x_relu") && !connector_layers(""));
  }

 private:
  std::filesystem::path folder() const { return m_folder.path().toStdString(); }
  std::filesystem::path path() const { return folder() / "config.json"; }

  ModelConfig read(const Json& json) {
    std::ofstream(path()) << json.dump();
    return read_model_config(folder());
  }

  std::string refusal() {
    try {
      read_model_config(folder());
    } catch (const UserError& error) {
      return error.what();
    }
    return "not refused";
  }
  std::string refusal(const Json& json) {
    std::ofstream(path()) << json.dump();
    return refusal();
  }

  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestModelConfig)
#include "tst_model_config.moc"
