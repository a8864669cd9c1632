// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/model_spec/model_config.h"
#include "core/model_spec/parameter_shapes.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;

namespace {

const Json text = {{"model_type", "llama"}, {"hidden_size", 32}, {"num_attention_heads", 4}, {"num_hidden_layers", 1}};
const Json clip = {{"model_type", "clip_vision_model"}, {"hidden_size", 1024}, {"num_attention_heads", 16},
                   {"num_hidden_layers", 24},           {"image_size", 224},   {"patch_size", 14}};

Json whole(const std::string& connector, const Json& more = Json::object()) {
  Json json = {
      {"model_type", "tinyllava"}, {"connector_type", connector}, {"text_config", text}, {"vision_config", clip}};
  json.update(more);
  return json;
}

Json mixture(const Json& more = Json::object()) {
  Json json = whole("mof_mlp", {{"vision_model_name_or_path", "mof:openai/clip-vit-large-patch14"},
                                {"vision_model_name_or_path2", "mof:facebook/dinov2-large"}});
  json.update(more);
  return json;
}

}  // namespace

/// Keys of connectors that are more than linear layers, and of the mixture of two towers.
class TestConnectorConfig : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// What TinyLLaVA itself saves: BERT base's sizes stand nowhere in the file.
  void publishedQFormer() {
    const ModelConfig config = read(whole("qformer", {{"num_queries", 64}, {"resampler_hidden_size", 768}}));
    QCOMPARE(config.visual_tokens(), 64);
    QCOMPARE(config.feature_tokens(), 256);
    const ParameterShapes shapes = parameter_shapes(config);
    const std::string layer = "connector._connector.bert.encoder.layer.";
    QCOMPARE(shapes.at("connector._connector.query_tokens"), (std::vector<int64_t>{1, 64, 768}));
    QCOMPARE(shapes.at(layer + "10.crossattention.self.key.weight"), (std::vector<int64_t>{768, 1024}));
    QCOMPARE(shapes.at(layer + "11.intermediate_query.dense.weight"), (std::vector<int64_t>{3072, 768}));
    QCOMPARE(shapes.at("connector._connector.projector.weight"), (std::vector<int64_t>{32, 768}));
    QVERIFY(!shapes.contains(layer + "1.crossattention.self.key.weight") &&
            !shapes.contains(layer + "0.intermediate.dense.weight") &&
            !shapes.contains(layer + "12.attention.self.key.weight"));
    QVERIFY(!write_model_config(config, "float32").contains("qformer_config"));
  }

  void publishedResampler() {
    const ModelConfig config = read(whole("resampler", {{"num_queries", 128}, {"num_resampler_layers", 3}}));
    QCOMPARE(config.visual_tokens(), 128);
    const ParameterShapes shapes = connector_parameter_shapes("resampler", 1024, 32, "", config.connector);
    QCOMPARE(shapes.size(), size_t{3 + 3 * 11 + 2});
    QCOMPARE(shapes.at("layers.2.0.to_kv.weight"), (std::vector<int64_t>{1024, 32}));
    QCOMPARE(shapes.at("latents"), (std::vector<int64_t>{128, 32}));
  }

  void ownSizesSurviveWriting() {
    const Json sizes = {{"hidden_size", 48},
                        {"intermediate_size", 20},
                        {"num_hidden_layers", 3},
                        {"num_attention_heads", 6},
                        {"layer_norm_eps", 1e-6}};
    const ModelConfig config = read(whole("qformer", {{"num_queries", 7}, {"qformer_config", sizes}}));
    const Json written = write_model_config(config, "float32");
    QVERIFY(written["qformer_config"] == sizes);
    const ModelConfig again = read(written);
    QVERIFY(again.connector.qformer == config.connector.qformer && again.visual_tokens() == 7);
  }

  void refuses_data() {
    QTest::addColumn<QString>("config");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const Json& json, const char* expected) {
      QTest::newRow(name) << QString::fromStdString(json.dump()) << expected;
    };
    row("no queries", whole("qformer"), "num_queries");
    row("null queries", whole("resampler", {{"num_queries", nullptr}, {"num_resampler_layers", 2}}), "num_queries");
    row("no layers", whole("resampler", {{"num_queries", 5}}), "num_resampler_layers");
    row("too many queries", whole("qformer", {{"num_queries", 1 << 20}}), "num_queries");
    row("heads", whole("qformer", {{"num_queries", 5}, {"qformer_config", {{"num_attention_heads", 7}}}}),
        "num_attention_heads");
    row("layers", whole("qformer", {{"num_queries", 5}, {"qformer_config", {{"num_hidden_layers", -1}}}}),
        "num_hidden_layers");
    row("unknown", whole("cabstractor"), "cabstractor");
    row("one tower", whole("mof_mlp"), "mixture");
    row("two towers", mixture({{"connector_type", "linear"}}), "mof_mlp");
    row("unknown second", mixture({{"vision_model_name_or_path2", "mof:somebody/dinov2-tiny"}}),
        "vision_model_name_or_path2");
    row("giant", mixture({{"vision_config2", {{"model_type", "dinov2"}, {"use_swiglu_ffn", true}}}}), "use_swiglu_ffn");
    row("widths", mixture({{"vision_model_name_or_path2", "mof:facebook/dinov2-base"}}), "equally wide");
    row("other kind", mixture({{"vision_config2", clip}}), "dinov2");
    row("patches",
        mixture({{"vision_config2",
                  {{"model_type", "dinov2"}, {"hidden_size", 1024}, {"patch_size", 16}, {"num_attention_heads", 16}}}}),
        "cut a picture alike");
    row("feature layer",
        mixture({{"vision_config2", {{"model_type", "dinov2"}, {"hidden_size", 1024}, {"num_attention_heads", 16}}},
                 {"vision_feature_layer", -20}}),
        "vision_feature_layer");
  }
  void refuses() {
    QFETCH(const QString, config);
    QFETCH(const QString, expected);
    try {
      read(Json::parse(config.toStdString()));
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(expected), error.what());
      QVERIFY2(QString(error.what()).contains("config.json"), error.what());
    }
  }

  /// scripts/train/train_mof.sh: DINOv2 sees CLIP's 224 pixels, its positions are stored for 518.
  void publishedMixture() {
    const ModelConfig config = read(mixture());
    QVERIFY(config.second_vision.has_value());
    QCOMPARE(config.second_vision->num_hidden_layers, 24);
    QCOMPARE(config.visual_tokens(), 512);
    const Json slash{{"vision_model_name_or_path2", "mof:facebook/dinov2-large/"}};
    QCOMPARE(read(mixture(slash)).second_vision->num_hidden_layers, 24);
    const ParameterShapes shapes = parameter_shapes(config);
    const std::string tower = "vision_tower._vision_tower.";
    QCOMPARE(shapes.at(tower + "dinov2.embeddings.position_embeddings"), (std::vector<int64_t>{1, 1370, 1024}));
    QCOMPARE(shapes.at(tower + "clip.vision_model.embeddings.position_embedding.weight"),
             (std::vector<int64_t>{257, 1024}));
    QCOMPARE(shapes.at("connector._connector.dinov2.2.weight"), (std::vector<int64_t>{32, 32}));
    // Our own file names its sizes, so that it opens wherever it is.
    Json written = write_model_config(config, "float32");
    QVERIFY(written["vision_config2"]["image_size"] == 518);
    written["vision_model_name_or_path2"] = "mof:somewhere";
    QVERIFY(parameter_shapes(read(written)) == shapes);
  }

 private:
  ModelConfig read(const Json& json) {
    write_json(m_folder.path().toStdString() + "/config.json", json);
    return read_model_config(m_folder.path().toStdString());
  }
  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestConnectorConfig)
#include "tst_connector_config.moc"
