// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <functional>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/model_spec/gguf_config.h"
#include "core/model_spec/gguf_model.h"
#include "core/model_spec/model_config.h"
#include "tests/core/io/gguf_writer.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
using Edit = std::function<void(GgufWriter&)>;

namespace {

std::string floats(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) bytes += GgufWriter::raw(value);
  return bytes;
}

/// What every language model has: four heads of four, 16 wide.
GgufWriter language(const std::string& architecture) {
  GgufWriter writer;
  writer.add("general.architecture", architecture);
  writer.add(architecture + ".context_length", 4096U);
  writer.add(architecture + ".embedding_length", 16U);
  writer.add(architecture + ".feed_forward_length", 24U);
  writer.add(architecture + ".block_count", 1U);
  writer.add(architecture + ".attention.head_count", 4U);
  writer.add(architecture + ".attention.layer_norm_rms_epsilon", 1e-5F);
  writer.tensor("token_embd.weight", {16, 8}, 0, std::string(16 * 8 * 4, '\0'));
  return writer;
}

}  // namespace

class TestGgufConfig : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void readsSizes() {
    GgufWriter writer = language("qwen3");
    writer.add("qwen3.attention.head_count_kv", 2U);
    writer.add("qwen3.attention.key_length", 8U);
    writer.add("qwen3.attention.value_length", 8U);
    writer.add("qwen3.rope.freq_base", 5000.0F);
    const LanguageConfig config = read_language_config(config_of(writer), "here");
    QCOMPARE(config.model_type, std::string("qwen3"));
    QCOMPARE(config.vocab_size, int64_t(8));
    QCOMPARE(config.intermediate_size, int64_t(24));
    QCOMPARE(config.num_key_value_heads, int64_t(2));
    QCOMPARE(config.head_dim, int64_t(8));
    QCOMPARE(config.max_position_embeddings, int64_t(4096));
    QCOMPARE(config.rope_theta, 5000.0);
    QCOMPARE(config.norm_eps, static_cast<double>(1e-5F));
    QVERIFY(config.tie_word_embeddings);
    QCOMPARE(config.rope_scaling.type, std::string("default"));
    writer.tensor("output.weight", {16, 8}, 0, std::string(16 * 8 * 4, '\0'));
    QVERIFY(!read_language_config(config_of(writer), "here").tie_word_embeddings);
  }

  void endsAtAnyOfItsEnds() {
    GgufWriter writer = language("llama");
    writer.add("tokenizer.ggml.eos_token_id", 5U);
    QCOMPARE(config_of(writer)["eos_token_id"], Json(5));
    writer.add("tokenizer.ggml.eot_token_id", 6U);
    writer.add("tokenizer.ggml.eom_token_id", 5U);
    QCOMPARE(config_of(writer)["eos_token_id"], (Json{5, 6}));
  }

  /// Llama 3.1 and later: llama.cpp has no other word for their scaling than this tensor.
  void dividesFrequencies() {
    GgufWriter writer = language("llama");
    writer.tensor(kRopeFactors, {2}, 0, floats({1, 8}));
    const LanguageConfig config = read_language_config(config_of(writer), "here");
    QCOMPARE(config.rope_scaling.type, std::string("longrope"));
    QCOMPARE(config.rope_scaling.factors, (std::vector<double>{1, 8}));
    QCOMPARE(config.rope_scaling.attention_factor, 1.0);
    const GgufFile file = open(writer);
    QCOMPARE(gguf_tensors(file, gguf_config(file)).size(), size_t(1));
    writer.add("llama.rope.scaling.factor", 2.0F);
    QCOMPARE(config_of(writer)["rope_scaling"]["long_factor"], (Json{2.0, 16.0}));
  }

  void stretchesPositions() {
    GgufWriter linear = language("qwen2");
    linear.add("qwen2.rope.scale_linear", 4.0F);
    QCOMPARE(config_of(linear)["rope_scaling"], (Json{{"rope_type", "linear"}, {"factor", 4.0}}));
    linear.add("qwen2.rope.scaling.factor", 2.0F);
    QCOMPARE(config_of(linear)["rope_scaling"]["factor"], Json(2.0));
    linear.add("qwen2.rope.scaling.type", "none");
    QVERIFY(!config_of(linear).contains("rope_scaling"));
    GgufWriter louder = language("qwen2");
    louder.add("qwen2.rope.scaling.attn_factor", 1.5F);
    const LanguageConfig config = read_language_config(config_of(louder), "here");
    QCOMPARE(config.rope_scaling.factors, (std::vector<double>{1, 1}));
    QCOMPARE(config.rope_scaling.attention_factor, 1.5);
  }

  void computesYarn() {
    GgufWriter writer = language("qwen2");
    writer.add("qwen2.rope.scaling.type", "yarn");
    writer.add("qwen2.rope.scaling.factor", 4.0F);
    writer.add("qwen2.rope.scaling.original_context_length", 1024U);
    RopeScaling scaling = read_language_config(config_of(writer), "here").rope_scaling;
    QCOMPARE(scaling.type, std::string("yarn"));
    QCOMPARE(scaling.factor, 4.0);
    QCOMPARE(scaling.original_positions, int64_t(1024));
    QCOMPARE(scaling.beta_fast, 32.0);
    QCOMPARE(scaling.attention_factor, 0.1 * std::log(4.0) + 1);
    writer.add("qwen2.rope.scaling.yarn_beta_fast", 20.0F);
    writer.add("qwen2.rope.scaling.yarn_attn_factor", 1.25F);
    writer.add("qwen2.rope.scaling.attn_factor", 2.0F);
    scaling = read_language_config(config_of(writer), "here").rope_scaling;
    QCOMPARE(scaling.beta_fast, 20.0);
    QCOMPARE(scaling.attention_factor, 2.5);
  }

  /// The text model of a LLaVA with Qwen2: llama.cpp calls it llama, and turns its rows.
  void knowsClassesByTheirBiases() {
    GgufWriter writer = language("llama");
    writer.tensor("blk.0.attn_q.weight", {16, 16}, 0, std::string(16 * 16 * 4, '\0'));
    writer.tensor("blk.0.attn_q.bias", {16}, 0, std::string(64, '\0'));
    writer.tensor("blk.0.attn_v.bias", {16}, 0, std::string(64, '\0'));
    const GgufFile file = open(writer);
    const Json config = gguf_config(file);
    QCOMPARE(config["model_type"], Json("qwen2"));
    for (const StoredTensor& tensor : gguf_tensors(file, config)) {
      const bool turned = tensor.name.find("q_proj") != std::string::npos;
      QCOMPARE(tensor.paired_heads, int64_t(turned ? 4 : 0));
    }
    writer.tensor("blk.0.attn_output.bias", {16}, 0, std::string(64, '\0'));
    writer.tensor("blk.0.ffn_down.bias", {16}, 0, std::string(64, '\0'));
    const LanguageConfig all = read_language_config(config_of(writer), "here");
    QCOMPARE(all.model_type, std::string("llama"));
    QVERIFY(all.qkv_bias && all.out_bias && all.mlp_bias);
  }

  void refuses_data() {
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* message, Edit edit) {
      QTest::newRow(message) << edit << QString(message);
    };
    row("mmproj", [](GgufWriter& w) { w.add("general.type", "mmproj"); });
    row("a LoRA adapter", [](GgufWriter& w) { w.add("general.type", "adapter"); });
    row("general.type is \"imatrix\"", [](GgufWriter& w) { w.add("general.type", "imatrix"); });
    row("it is part 2 of 3 of a split file", [](GgufWriter& w) {
      w.add("split.count", 3U);
      w.add("split.no", 1U);
    });
    row("llama.vocab_size is 9, but token_embd.weight has 8", [](GgufWriter& w) { w.add("llama.vocab_size", 9U); });
    row("llama.attention.value_length is 2, but a key has 4",
        [](GgufWriter& w) { w.add("llama.attention.value_length", 2U); });
    row("llama.rope.dimension_count is 2, but a head has 4",
        [](GgufWriter& w) { w.add("llama.rope.dimension_count", 2U); });
    row("llama.attention.sliding_window is 1024 of 4096 positions",
        [](GgufWriter& w) { w.add("llama.attention.sliding_window", 1024U); });
    row("llama.attention.scale is 0.25; only 1 / √4 can be computed",
        [](GgufWriter& w) { w.add("llama.attention.scale", 0.25F); });
    row("general.quantization_version is 1", [](GgufWriter& w) {
      w.add("general.quantization_version", 1U);
      w.tensor("output.weight", {32}, 8, std::string(34, 'x'));
    });
    row("llama.rope.freq_base is 0, not 1 to", [](GgufWriter& w) { w.add("llama.rope.freq_base", 0.0F); });
    row("llama.attention.key_length is 0, not 1 to", [](GgufWriter& w) { w.add("llama.attention.key_length", 0U); });
    row("llama.rope.scaling.type \"longrope\" can't be computed; known: none, linear, yarn",
        [](GgufWriter& w) { w.add("llama.rope.scaling.type", "longrope"); });
    row("llama.rope.scaling.factor is -1, which isn't a positive number",
        [](GgufWriter& w) { w.add("llama.rope.scaling.factor", -1.0F); });
    row("llama.rope.scaling.yarn_ext_factor is 0.5", [](GgufWriter& w) {
      w.add("llama.rope.scaling.type", "yarn");
      w.add("llama.rope.scaling.yarn_ext_factor", 0.5F);
    });
    row("both rope_freqs.weight and llama.rope.scaling.type \"yarn\"", [](GgufWriter& w) {
      w.add("llama.rope.scaling.type", "yarn");
      w.tensor(kRopeFactors, {2}, 0, floats({1, 8}));
    });
    row("rope_freqs.weight has the shape [3], but a head has 2 pairs", [](GgufWriter& w) {
      w.tensor(kRopeFactors, {3}, 0, floats({1, 2, 3}));
    });
    row("rope_freqs.weight holds 0", [](GgufWriter& w) { w.tensor(kRopeFactors, {2}, 0, floats({1, 0})); });
    row("rope_freqs.weight is of type F16", [](GgufWriter& w) { w.tensor(kRopeFactors, {2}, 1, floats({1})); });
  }

  void refuses() {
    QFETCH(Edit, edit);
    QFETCH(QString, message);
    GgufWriter writer = language("llama");
    edit(writer);
    const QString refusal = refusal_of(writer);
    QVERIFY2(refusal.contains(message), qPrintable(refusal));
    QVERIFY2(!refusal.contains("config.json asks"), qPrintable(refusal));
  }

  void refusesOtherArchitectures() {
    QVERIFY(refusal_of(language("gemma2")).contains("\"gemma2\" can't be read; known: llama, qwen2, qwen3."));
    QVERIFY(refusal_of(language("clip")).contains("mmproj"));
    QVERIFY(refusal_of(GgufWriter()).contains("general.architecture is missing"));
    GgufWriter bare;
    bare.add("general.architecture", "llama");
    bare.tensor("token_embd.weight", {16, 8}, 0, std::string(16 * 8 * 4, '\0'));
    QVERIFY(refusal_of(bare).contains("the metadata entry llama.attention.head_count is missing"));
  }

 private:
  GgufFile open(const GgufWriter& writer) const {
    const auto path = std::filesystem::path(m_folder.path().toStdString()) / "model.gguf";
    write_file_atomically(path, writer.bytes());
    return GgufFile::open(path);
  }

  Json config_of(const GgufWriter& writer) const { return gguf_config(open(writer)); }

  QString refusal_of(const GgufWriter& writer) const {
    try {
      config_of(writer);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  }

  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestGgufConfig)
#include "tst_gguf_config.moc"
