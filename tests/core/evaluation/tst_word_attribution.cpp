// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <filesystem>

#include "core/evaluation/word_attribution.h"
#include "core/io/safetensors.h"
#include "core/models/forward.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// 4 × 4 patches of one pixel each, of which the first is dropped.
ModelConfig small_config() {
  ModelConfig config = config_of_width(8);
  config.vision.image_size = 4;
  config.vision.patch_size = 1;
  return config;
}

at::Tensor small_picture() {
  at::manual_seed(5);
  return at::randn({1, 3, 4, 4});
}

/// A caption: the picture and behind it one token, which the picture's last token predicts.
Sequence caption(const ModelConfig& config) {
  const int64_t visual = config.visual_tokens();
  Sequence sequence;
  sequence.input_ids.assign(static_cast<size_t>(visual), image_token_index);
  sequence.input_ids.push_back(8);
  sequence.labels.assign(sequence.input_ids.size(), ignore_index);
  sequence.labels.back() = 8;
  sequence.segments = {{SegmentKind::visual, 0, visual}, {SegmentKind::response, visual, visual + 1}};
  return sequence;
}

/// Layers whose names end so add nothing.
MultimodalModel silenced(const ModelConfig& config, const std::vector<std::string>& ends) {
  TensorMap parameters = small_parameters(config, 4);
  for (const std::string& end : ends) {
    int found = 0;
    for (auto& [name, tensor] : parameters)
      if (name.ends_with(end)) tensor = at::zeros_like(tensor), ++found;
    if (found == 0) throw std::runtime_error("no parameter ends with " + end);
  }
  return {config, parameters};
}

/// Neither the tower nor the language model moves anything from one position to another.
MultimodalModel without_mixing(const ModelConfig& config) {
  return silenced(config, {"out_proj.weight", "out_proj.bias", "o_proj.weight"});
}

WordTarget only_token(const ModelConfig& config) {
  return {{config.visual_tokens() - 1}, {8}};
}

/// ln p of the caption's token, by plain numbers, with token `scaled` of the picture multiplied by `factor`.
double plain_log_probability(const MultimodalModel& model, const at::Tensor& pixels, int64_t scaled, double factor) {
  const at::NoGradGuard no_grad;
  const Sequence sequence = caption(model.config());
  const at::Tensor visual = model.connect(model.vision_features(pixels)).clone();
  visual[0][scaled].mul_(factor);
  const at::Tensor embeddings = model.embed(ids_tensor(model, {sequence}), visual, visual_counts({sequence}));
  const at::Tensor logits = model.logits(model.hidden_states(embeddings, {}))[0];
  const at::Tensor row = logits[model.config().visual_tokens() - 1].to(at::kDouble);
  double sum = 0;
  for (int64_t v = 0; v < row.numel(); ++v) sum += std::exp(row[v].item<double>());
  return row[8].item<double>() - std::log(sum);
}

MultimodalModel in_double(const MultimodalModel& model) {
  TensorMap parameters = model.parameters();
  for (auto& [name, tensor] : parameters) tensor = tensor.to(at::kDouble);
  return {model.config(), parameters};
}

const at::Tensor& map_of(const WordAttribution& attribution, const char* method) {
  for (const PatchMap& map : attribution.maps)
    if (map.method->name == method) return map.values;
  throw std::runtime_error(method);
}

WordAttribution attribution_of_caption(const MultimodalModel& model, int64_t tile = 1) {
  const ModelConfig& config = model.config();
  return word_attribution(model, caption(config), small_picture(), only_token(config), tile);
}

}  // namespace

class TestWordAttribution : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// The derivative of ln p by the factor of one token's embedding, at 1.
  void gradientTimesInputIsTheDerivativeByAFactor() {
    const ModelConfig config = small_config();
    const MultimodalModel model = in_double(MultimodalModel(config, small_parameters(config, 4)));
    const at::Tensor pixels = small_picture().to(at::kDouble);
    const at::Tensor values =
        map_of(word_attribution(model, caption(config), pixels, only_token(config), 2), "gradient_times_input")
            .flatten();
    QVERIFY(std::isnan(values[0].item<double>()));  // the dropped patch
    constexpr double step = 1e-5;
    double greatest = 0;
    for (int64_t token = 0; token < config.visual_tokens(); ++token) {
      const double wanted = (plain_log_probability(model, pixels, token, 1 + step) -
                             plain_log_probability(model, pixels, token, 1 - step)) /
                            (2 * step);
      QVERIFY2(std::abs(values[token + 1].item<double>() - wanted) < 1e-5 * std::abs(wanted) + 1e-7,
               qPrintable(QString("%1: %2").arg(token).arg(wanted)));
      greatest = std::max(greatest, std::abs(wanted));
    }
    QVERIFY(greatest > 1e-3);
  }

  /// Where nothing moves between positions, the picture's last token alone decides what follows it: two of the methods
  /// find its patch and nothing else. The third follows attention, which here changes nothing: what it can't show.
  void oneMattersAlone() {
    const WordAttribution attribution = attribution_of_caption(without_mixing(small_config()));
    const at::Tensor gradient = map_of(attribution, "gradient_times_input").nan_to_num(0).flatten();
    const at::Tensor occlusion = map_of(attribution, "occlusion").flatten();
    QCOMPARE(occlusion.numel(), int64_t{16});
    for (int64_t patch = 0; patch < 15; ++patch) {
      QCOMPARE(gradient[patch].item<float>(), 0.0f);
      QVERIFY(std::abs(occlusion[patch].item<double>()) < 1e-6);
    }
    QVERIFY(std::abs(gradient[15].item<double>()) > 1e-4 && std::abs(occlusion[15].item<double>()) > 1e-4);
    QVERIFY(map_of(attribution, "attention_rollout").flatten()[3].item<double>() > 1e-3);
  }

  /// The drop is that of ln p with the mean colour, which is 0 after the processor, in the tile.
  void occlusionIsTheDropOfTheLogProbability() {
    const ModelConfig config = small_config();
    const MultimodalModel model(config, small_parameters(config, 4));
    const WordAttribution attribution = attribution_of_caption(model, 3);
    const double whole = plain_log_probability(model, small_picture(), 0, 1);
    QVERIFY(std::abs(attribution.log_probability - whole) < 1e-5);
    const at::Tensor drops = map_of(attribution, "occlusion");
    // Tiles of 3 × 3 patches on 4 × 4: the second of a row is one patch wide.
    for (const auto& [top, left] : {std::pair(0, 0), std::pair(0, 3), std::pair(3, 0), std::pair(3, 3)}) {
      at::Tensor blanked = small_picture();
      for (int y = top; y < std::min(top + 3, 4); ++y)
        for (int x = left; x < std::min(left + 3, 4); ++x)
          for (int channel = 0; channel < 3; ++channel) blanked[0][channel][y][x].zero_();
      const double wanted = whole - plain_log_probability(model, blanked, 0, 1);
      for (int y = top; y < std::min(top + 3, 4); ++y)
        for (int x = left; x < std::min(left + 3, 4); ++x)
          QVERIFY(std::abs(drops[y][x].item<double>() - wanted) < 1e-5);
    }
    QVERIFY(drops.abs().max().item<double>() > 1e-3);
  }

  /// Without queries and keys each position attends to all up to its own alike: the product by plain loops.
  void rolloutIsTheProductOfTheLayers() {
    const ModelConfig config = small_config();
    const MultimodalModel model = silenced(config, {"self_attn.q_proj.weight", "self_attn.q_proj.bias",
                                                    "self_attn.k_proj.weight", "self_attn.k_proj.bias"});
    const at::Tensor values = map_of(attribution_of_caption(model), "attention_rollout").flatten();
    const size_t tokens = static_cast<size_t>(config.visual_tokens()) + 1;
    using Matrix = std::vector<std::vector<double>>;
    Matrix layer(tokens, std::vector<double>(tokens)), product = layer;
    for (size_t i = 0; i < tokens; ++i) {
      for (size_t j = 0; j <= i; ++j) layer[i][j] = 0.5 / static_cast<double>(i + 1);
      layer[i][i] += 0.5;
      product[i][i] = 1;
    }
    for (int64_t n = 0; n < config.language.num_hidden_layers; ++n) {
      Matrix next(tokens, std::vector<double>(tokens));
      for (size_t i = 0; i < tokens; ++i)
        for (size_t j = 0; j < tokens; ++j)
          for (size_t k = 0; k < tokens; ++k) next[i][j] += layer[i][k] * product[k][j];
      product = next;
    }
    double sum = 0;
    for (size_t token = 0; token + 1 < tokens; ++token) {
      const double share = values[static_cast<int64_t>(token) + 1].item<double>();
      QVERIFY(std::abs(share - product[tokens - 2][token]) < 1e-6);
      sum += share;
    }
    QVERIFY(std::abs(sum - 1) < 1e-6);  // the caption's row sees the picture alone
  }

  /// A word of several tokens: the sum of their log-probabilities, each given those before it.
  void aWordIsTheProductOfItsTokens() {
    const ModelConfig config = small_config();
    const MultimodalModel model(config, small_parameters(config, 4));
    const at::NoGradGuard no_grad;
    const at::Tensor hidden = model.hidden_states(embed_samples(model, {caption(config)}, small_picture()), {})[0];
    const at::Tensor log_p = model.logits(hidden).log_softmax(-1);
    const double wanted = (log_p[2][5] + log_p[4][6]).item<double>();
    QVERIFY(std::abs(word_log_probability(model, hidden, {{2, 4}, {5, 6}}).item<double>() - wanted) < 1e-5);
    TokenAgreement agreement;
    agreement.positions = {11, 12, 13};
    agreement.ids = {7, 8, 9};
    const WordTarget target = word_target(agreement, {SegmentKind::response, 1, 3});
    QCOMPARE(target.rows, (std::vector<int64_t>{11, 12}));
    QCOMPARE(target.ids, (std::vector<int64_t>{8, 9}));
  }

  /// Queries have no place: their values stay a list; what was blanked has one.
  void queriesHaveNoPlace() {
    const fs::path folder = fs::path(LLAVAKD_TEST_DATA_DIR) / "models/llama_qformer";
    const Checkpoint checkpoint = open_checkpoint(folder);
    const MultimodalModel model(checkpoint.config, checkpoint.parameters);
    const at::Tensor pixels = read_tensors(folder / "expected.safetensors").at("pixel_values").narrow(0, 0, 1);
    const int64_t visual = model.config().visual_tokens();
    const WordAttribution attribution =
        word_attribution(model, caption(model.config()), pixels, only_token(model.config()), 1);
    QVERIFY(map_of(attribution, "gradient_times_input").sizes() == at::IntArrayRef{visual});
    QVERIFY(map_of(attribution, "attention_rollout").sizes() == at::IntArrayRef{visual});
    QCOMPARE(map_of(attribution, "occlusion").dim(), int64_t{2});
  }

  void refusesWhatHasNoPatches() {
    const ModelConfig config = small_config();
    const MultimodalModel model(config, small_parameters(config, 4));
    Sequence text;
    text.input_ids = {5, 8};
    text.labels = {ignore_index, 8};
    text.segments = {{SegmentKind::prompt, 0, 1}, {SegmentKind::response, 1, 2}};
    QVERIFY_THROWS_EXCEPTION(UserError, word_attribution(model, text, {}, {{0}, {8}}, 1));
    QVERIFY_THROWS_EXCEPTION(UserError, word_attribution(model, text, small_picture(), {{0}, {8}}, 1));
    for (const int64_t tile : {0, -1, 5}) QVERIFY_THROWS_EXCEPTION(UserError, attribution_of_caption(model, tile));
  }

  void tellsHowFarItIsAndStops() {
    const ModelConfig config = small_config();
    const MultimodalModel model(config, small_parameters(config, 4));
    std::vector<int64_t> told;
    const auto keep = [&](int64_t done, int64_t total) {
      told.push_back(done);
      return total == 4;
    };
    word_attribution(model, caption(config), small_picture(), only_token(config), 2, keep);
    QCOMPARE(told, (std::vector<int64_t>{0, 1, 2, 3, 4}));
    const auto stop = [](int64_t done, int64_t) {
      return done < 1;
    };
    QVERIFY_THROWS_EXCEPTION(RunError,
                             word_attribution(model, caption(config), small_picture(), only_token(config), 2, stop));
    QCOMPARE(default_tile(config), int64_t{1});
    ModelConfig large = config;
    large.vision.image_size = 27;
    QCOMPARE(default_tile(large), int64_t{4});
  }

  void numbersTravelWithTheirMeaning() {
    const WordAttribution attribution = attribution_of_caption(without_mixing(small_config()));
    const nlohmann::ordered_json json = word_attribution_json(attribution);
    QCOMPARE(json["grid"].dump(), std::string("[4,4]"));
    QCOMPARE(json["maps"].size(), attribution_methods().size());
    for (const auto& map : json["maps"]) {
      QVERIFY(!map["shows"].get<std::string>().empty() && !map["cannot_show"].get<std::string>().empty());
      QVERIFY(map["values"].size() == 4 && map["values"][3].size() == 4 && map["values"][3][3].is_number());
    }
    QVERIFY(json["maps"][0]["values"][0][0].is_null());  // the dropped patch has no token
    const QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "word.safetensors";
    write_word_attribution(attribution, attribution, "fox", file);
    const TensorMap tensors = read_tensors(file);
    QCOMPARE(tensors.size(), size_t{6});
    QVERIFY(at::equal(tensors.at("student.occlusion"), map_of(attribution, "occlusion")));
    const auto metadata = open_safetensors(file).metadata;
    QCOMPARE(metadata.at("word") + metadata.at("teacher.grid"), std::string("fox4x4"));
    QVERIFY(!metadata.at("attention_rollout.cannot_show").empty());
  }
};

QTEST_APPLESS_MAIN(TestWordAttribution)
#include "tst_word_attribution.moc"
