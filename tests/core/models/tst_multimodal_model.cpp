// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <fmt/format.h>

#include <QScopeGuard>
#include <QTest>
#include <filesystem>
#include <tuple>

#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/json_file.h"
#include "core/kernels/kernel_backends.h"
#include "core/model_spec/parameter_shapes.h"
#include "core/models/connector.h"
#include "core/models/multimodal_model.h"
#include "core/models/rotary.h"
#include "core/models/vision_tower.h"
#include "core/text/segments.h"

using namespace llavakd;

namespace {

const std::filesystem::path data = std::filesystem::path(LLAVAKD_TEST_DATA_DIR) / "models";

/// A model, and what Hugging Face's classes computed with its weights.
struct Fixture {
  MultimodalModel model;
  TensorMap expected;
};

Fixture fixture(const QString& name, at::ScalarType precision = at::kFloat) {
  Checkpoint checkpoint = open_checkpoint(data / name.toStdString(), {.precision = precision});
  for (auto& [key, tensor] : checkpoint.parameters) tensor = tensor.clone();
  return {{checkpoint.config, checkpoint.parameters}, read_tensors(data / name.toStdString() / "expected.safetensors")};
}

bool close(const at::Tensor& actual, const at::Tensor& wanted, double relative = 1e-4, double absolute = 1e-5) {
  return actual.sizes() == wanted.sizes() && at::allclose(actual, wanted, relative, absolute);
}

at::Tensor embeddings(const Fixture& f) {
  const int64_t count = f.model.config().visual_tokens();
  return f.model.embed(f.expected.at("input_ids"),
                       f.model.connect(f.model.vision_features(f.expected.at("pixel_values"))), {count, count});
}

std::string refusal(const ModelConfig& config, const TensorMap& parameters) {
  try {
    MultimodalModel(config, parameters);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

class TestMultimodalModel : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void agreesWithHuggingFace_data() { models(); }
  void agreesWithHuggingFace() {
    QFETCH(const QString, name);
    const Fixture f = fixture(name);
    const at::NoGradGuard noGrad;
    const ModelConfig& config = f.model.config();
    towerAgrees(f, config.vision, first_tower_prefix(config), "hidden");
    if (config.second_vision) towerAgrees(f, *config.second_vision, std::string(kSecondTowerPrefix), "hidden2");
    QVERIFY(close(f.model.connect(f.model.vision_features(f.expected.at("pixel_values"))), f.expected.at("connected")));
    const at::Tensor hidden = f.model.hidden_states(embeddings(f), {});
    QVERIFY(close(hidden, f.expected.at("final")));
    QVERIFY(close(f.model.logits(hidden), f.expected.at("logits")));
  }

  void gradientsAgreeWithHuggingFace_data() { models(); }
  void gradientsAgreeWithHuggingFace() {
    QFETCH(const QString, name);
    const Fixture f = fixture(name);
    for (const auto& [key, tensor] : f.model.parameters()) tensor.set_requires_grad(part_of(key) != "vision_tower");
    f.model.logits(f.model.hidden_states(embeddings(f), {})).square().mean().backward();
    int compared = 0;
    for (const auto& [key, tensor] : f.model.parameters()) {
      if (part_of(key) == "vision_tower") continue;
      QVERIFY2(close(tensor.grad(), f.expected.at("grad." + key), 1e-3, 1e-6), key.c_str());
      ++compared;
    }
    QVERIFY(compared > 18);
  }

  /// A connector with queries makes as many visual tokens, one with two towers takes the features of both.
  void visualTokensAreTheConnectors() {
    for (const auto& [name, features, tokens] : std::initializer_list<std::tuple<const char*, int64_t, int64_t>>{
             {"llama_qformer", 3, 5}, {"qwen2_resampler", 5, 4}, {"llama_mof", 32, 32}}) {
      const Fixture f = fixture(name);
      const at::NoGradGuard noGrad;
      const at::Tensor rows = f.model.vision_features(f.expected.at("pixel_values"));
      QCOMPARE(rows.size(1), features);
      QCOMPARE(f.model.config().feature_tokens(), features);
      QCOMPARE(f.model.config().visual_tokens(), tokens);
      QCOMPARE(f.model.connect(rows).size(1), tokens);
    }
  }

  /// DPT: the gradient reaches the connector through a language model that keeps none of its own.
  void frozenLanguageModelPassesTheGradient() {
    const Fixture f = fixture("untied");
    for (const auto& [key, tensor] : f.model.parameters()) tensor.set_requires_grad(part_of(key) == "connector");
    f.model.logits(f.model.hidden_states(embeddings(f), {})).square().mean().backward();
    for (const auto& [key, tensor] : f.model.parameters())
      QVERIFY2(tensor.grad().defined() == (part_of(key) == "connector"), key.c_str());
    const std::string name = "connector._connector.0.weight";
    QVERIFY(close(f.model.parameters().at(name).grad(), f.expected.at("grad." + name), 1e-3, 1e-6));
  }

  void recomputedLayersChangeNoBit_data() { models(); }
  void recomputedLayersChangeNoBit() {
    QFETCH(const QString, name);
    const std::string trained = name == "untied" ? "connector" : "language_model";  // DPT's way too
    const auto backward = [&](const Fixture& f, bool recompute) {
      std::vector<at::Tensor> gradients;
      for (const auto& [key, tensor] : f.model.parameters()) {
        tensor.mutable_grad().reset();
        tensor.set_requires_grad(part_of(key) == trained);
      }
      const at::Tensor hidden = f.model.hidden_states(embeddings(f), {}, nullptr, recompute);
      hidden.square().mean().backward();
      gradients.push_back(hidden.detach());
      for (const auto& [key, tensor] : f.model.parameters())
        if (tensor.grad().defined()) gradients.push_back(tensor.grad().clone());
      return gradients;
    };
    const auto restore = qScopeGuard([] { set_backends(KernelBackends()); });
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
      for (const AttentionBackend route :
           {AttentionBackend::sdpa, AttentionBackend::blocks, AttentionBackend::blocks_backward}) {
        set_backends({.float32_attention = route, .bfloat16_attention = route});
        const Fixture f = fixture(name, type);
        const std::vector<at::Tensor> kept = backward(f, false), again = backward(f, true);
        QVERIFY(kept.size() > 1);
        QCOMPARE(again.size(), kept.size());
        for (size_t i = 0; i < kept.size(); ++i) QVERIFY2(at::equal(kept[i], again[i]), fmt::format("{}", i).c_str());
      }
  }

  /// No step reads a number back or takes the processor's memory for granted: all run on tensors without either.
  void allStepsRunWithoutNumbers_data() { models(); }
  void allStepsRunWithoutNumbers() {
    QFETCH(const QString, name);
    if (name == "llama_qformer" || name == "qwen2_resampler") QSKIP("LibTorch has no shapes of LayerNorm alone there");
    const Fixture f = fixture(name);
    const at::Tensor expected = embeddings(f);
    TensorMap shapes;
    for (const auto& [key, tensor] : f.model.parameters()) shapes[key] = tensor.to(at::kMeta).requires_grad_();
    const MultimodalModel model(f.model.config(), shapes);
    const at::Tensor visual = model.connect(model.vision_features(f.expected.at("pixel_values").to(at::kMeta)));
    QCOMPARE(visual.size(1), model.config().visual_tokens());
    visual.sum().backward();
    // LibTorch itself looks up no rows there, which `embed` does.
    const at::Tensor embedded = expected.detach().to(at::kMeta).requires_grad_();
    for (const bool recompute : {false, true}) {
      const at::Tensor logits = model.logits(model.hidden_states(embedded, {}, nullptr, recompute));
      QCOMPARE(logits.sizes(), f.expected.at("logits").sizes());
      logits.sum().backward({}, /*retain_graph=*/true);
    }
  }

  void cacheEqualsFullForward_data() { models(); }
  void cacheEqualsFullForward() {
    QFETCH(const QString, name);
    const Fixture f = fixture(name);
    const at::NoGradGuard noGrad;
    const at::Tensor all = embeddings(f), full = f.model.hidden_states(all, {});
    // Begin with five positions, then four at once, then one by one.
    KeyValueCache cache;
    std::vector<at::Tensor> parts = {f.model.hidden_states(all.narrow(1, 0, 5), {}, &cache),
                                     f.model.hidden_states(all.narrow(1, 5, 4), {}, &cache)};
    QCOMPARE(cache.length(), 9);
    for (int64_t i = 9; i < all.size(1); ++i) parts.push_back(f.model.hidden_states(all.narrow(1, i, 1), {}, &cache));
    QVERIFY(close(at::cat(parts, 1), full, 1e-4, 1e-5));
  }

  void samplesOfUnequalLengthAreThemselves_data() { models(); }
  void samplesOfUnequalLengthAreThemselves() {
    QFETCH(const QString, name);
    const Fixture f = fixture(name);
    const at::Tensor both = embeddings(f).narrow(0, 0, 2).detach();
    const int64_t longest = both.size(1), shortest = longest - 5;
    for (const bool recompute : {false, true}) {
      const at::Tensor inputs = both.clone().requires_grad_(), alone = both.clone().requires_grad_();
      const at::Tensor hidden = f.model.hidden_states(inputs, {shortest, longest}, nullptr, recompute);
      QCOMPARE(hidden.sizes(), both.sizes());
      QVERIFY(hidden[0].narrow(0, shortest, 5).eq(0).all().item<bool>());
      const at::Tensor first = f.model.hidden_states(alone.narrow(0, 0, 1).narrow(1, 0, shortest), {});
      const at::Tensor second = f.model.hidden_states(alone.narrow(0, 1, 1), {});
      QVERIFY(close(hidden[0].narrow(0, 0, shortest), first[0], 1e-4, 1e-5));
      QVERIFY(close(hidden[1], second[0], 1e-4, 1e-5));
      hidden.square().sum().backward();
      (first.square().sum() + second.square().sum()).backward();
      QVERIFY(close(inputs.grad(), alone.grad(), 1e-3, 1e-4));
      QVERIFY(inputs.grad()[0].narrow(0, shortest, 5).eq(0).all().item<bool>());
    }
  }

  void paddingDoesNotShow() {
    const Fixture f = fixture("tied");
    const at::NoGradGuard noGrad;
    const at::Tensor all = embeddings(f);
    const at::Tensor padded = at::cat({all, at::randn({2, 7, all.size(2)})}, 1);
    const at::Tensor hidden = f.model.hidden_states(padded, {all.size(1), all.size(1)});
    QCOMPARE(hidden.sizes(), padded.sizes());
    QVERIFY(close(hidden.narrow(1, 0, all.size(1)), f.model.hidden_states(all, {}), 1e-4, 1e-5));
    QVERIFY(close(f.model.hidden_states(all.narrow(0, 1, 1), {}), f.model.hidden_states(all, {}).narrow(0, 1, 1)));
  }

  void embedPlacesTheTokensOfEachPicture() {
    const Fixture f = fixture("tied");
    const at::NoGradGuard noGrad;
    const int64_t width = f.model.config().language.hidden_size, picture = image_token_index;
    const at::Tensor visual = at::arange(2 * 3 * width, at::kFloat).view({2, 3, width});
    // The first picture is cut after two tokens; text is between and after.
    const at::Tensor ids =
        at::tensor({5L, picture, picture, 6L, picture, picture, picture, 7L}, at::kLong).view({2, 4});
    const at::Tensor out = f.model.embed(ids, visual, {2, 3});
    const at::Tensor& words = f.model.parameters().at("language_model.model.embed_tokens.weight");
    QVERIFY(at::equal(out[0][0], words[5]) && at::equal(out[0][3], words[6]) && at::equal(out[1][3], words[7]));
    QVERIFY(at::equal(out[0][1], visual[0][0]) && at::equal(out[0][2], visual[0][1]));
    QVERIFY(at::equal(out[1].narrow(0, 0, 3), visual[1]));
    QVERIFY(at::equal(f.model.embed(at::tensor({5L}, at::kLong).view({1, 1}), {}, {})[0][0], words[5]));
  }

  void halfTypesStayClose_data() { models(); }
  void halfTypesStayClose() {
    QFETCH(const QString, name);
    for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
      const Fixture f = fixture(name, type);
      const at::NoGradGuard noGrad;
      const at::Tensor logits = f.model.logits(f.model.hidden_states(embeddings(f), {}));
      QVERIFY(logits.scalar_type() == type);
      const at::Tensor wanted = f.expected.at("logits");
      const double error = ((logits.to(at::kFloat) - wanted).norm() / wanted.norm()).item<double>();
      QVERIFY2(error < 0.05, std::to_string(error).c_str());
    }
  }

  void connectors() {
    const TensorMap all = read_tensors(data / "connectors.safetensors");
    for (const char* type : {"identity", "linear", "mlp1x_gelu", "mlp2x_gelu", "mlp3x_gelu"})
      QVERIFY2(close(connector_forward(type, {}, all, type, all.at("x")), all.at(type), 1e-5, 1e-6), type);
  }

  void ropeScalingAgreesWithHuggingFace() {
    const auto cases = read_json(data / "rope.json");
    QCOMPARE(cases.size(), size_t{8});
    for (const auto& [name, wanted] : cases.items()) {
      const LanguageConfig config = read_language_config(wanted["config"], name);
      const at::Tensor expected = at::tensor(wanted["frequencies"].get<std::vector<float>>());
      QVERIFY2(close(rotary_frequencies(config, at::TensorOptions()), expected, 1e-6, 0), name.c_str());
      const RotaryTable turn = rotary_table(config, 7, 2, at::TensorOptions());
      const double factor = wanted["factor"];
      QVERIFY2(close(turn.sin, (at::arange(7, 9, at::kFloat).unsqueeze(1) * expected).sin() * factor, 1e-5, 1e-6),
               name.c_str());
    }
  }

  void everyFaultOfTheWeightsIsNamed() {
    const Fixture f = fixture("untied");
    TensorMap parameters = f.model.parameters();
    QVERIFY(refusal(f.model.config(), parameters).empty());
    parameters.erase("language_model.model.norm.weight");
    parameters["connector._connector.0.bias"] = at::zeros({3});
    parameters["language_model.extra"] = at::zeros({1});
    parameters["language_model.lm_head.weight"] = parameters["language_model.lm_head.weight"].to(at::kInt);
    const std::string said = refusal(f.model.config(), parameters);
    for (const char* part :
         {"model.norm.weight is missing", "connector._connector.0.bias has shape [3] instead of [18]",
          "language_model.extra is unexpected", "lm_head.weight does not hold floating-point"})
      QVERIFY2(said.find(part) != std::string::npos, said.c_str());
  }

  void leftoversAreDropped() {
    const Fixture f = fixture("tied");
    TensorMap parameters = f.model.parameters();
    parameters["language_model.lm_head.weight"] = parameters["language_model.model.embed_tokens.weight"];
    parameters["language_model.model.layers.0.self_attn.rotary_emb.inv_freq"] = at::zeros({2});
    parameters["vision_tower._vision_tower.vision_model.embeddings.position_ids"] = at::zeros({1, 9}, at::kLong);
    QCOMPARE(MultimodalModel(f.model.config(), parameters).parameters().size(), f.model.parameters().size());
  }

  void everyFreshConnectorFits() {
    for (const char* name : {"llama_qformer", "qwen2_resampler", "llama_mof"}) {
      const Fixture f = fixture(name);
      TensorMap parameters = f.model.parameters();
      for (const auto& [key, tensor] : initial_connector(f.model.config(), 7)) {
        QVERIFY2(!at::equal(tensor, parameters.at(key)), key.c_str());
        parameters[key] = tensor;
      }
      const MultimodalModel fresh(f.model.config(), parameters);
      const at::Tensor out = fresh.connect(fresh.vision_features(f.expected.at("pixel_values")));
      QVERIFY(out.isfinite().all().item<bool>() && out.std().item<double>() > 1e-4);
    }
    const TensorMap bert = initial_connector(fixture("llama_qformer").model.config(), 7);
    const std::string layer = "connector._connector.bert.encoder.layer.0.attention.";
    QVERIFY(std::abs(bert.at(layer + "self.query.weight").std().item<double>() - 0.02) < 0.01);
    QVERIFY(at::equal(bert.at(layer + "output.LayerNorm.weight"), at::ones({12})));
    QCOMPARE(bert.at(layer + "self.query.bias").abs().max().item<double>(), 0.0);
  }

  void aFreshConnectorIsSeeded() {
    const ModelConfig config = fixture("tied").model.config();
    const TensorMap one = initial_connector(config, 7), same = initial_connector(config, 7),
                    other = initial_connector(config, 8);
    QCOMPARE(one.size(), size_t{4});
    const double bound = 1 / std::sqrt(static_cast<double>(config.vision.hidden_size));
    for (const auto& [name, tensor] : one)
      QVERIFY(at::equal(tensor, same.at(name)) && !at::equal(tensor, other.at(name)));
    const at::Tensor& first = one.at("connector._connector.0.weight");
    QVERIFY(first.abs().max().item<double>() <= bound && first.abs().max().item<double>() > 0.8 * bound);
  }

 private:
  static void towerAgrees(const Fixture& f, const VisionConfig& tower, const std::string& prefix, const char* states) {
    for (int64_t layers = 0; layers <= tower.num_hidden_layers; ++layers)
      QVERIFY(close(tower_features(tower, f.model.parameters(), prefix, f.expected.at("pixel_values"), layers),
                    f.expected.at(fmt::format("{}.{}", states, layers))));
  }

  static void models() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"tied", "untied", "qwen3", "llama_clip", "phi_dinov2", "gemma_clip_full", "phi3", "stablelm", "openelm",
          "llama_qformer", "qwen2_resampler", "llama_mof", "mistral", "mistral_whole", "gemma_of_5"})
      QTest::newRow(name) << name;
  }
};

QTEST_APPLESS_MAIN(TestMultimodalModel)
#include "tst_multimodal_model.moc"
