// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <QtTest>

#include "core/base/errors.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/save_checkpoint.h"
#include "core/io/atomic_file.h"
#include "core/model_spec/model_facts.h"
#include "tests/core/checkpoint/tiny_model.h"
#include "tests/core/io/gguf_writer.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string floats(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  return {static_cast<const char*>(values.const_data_ptr()), values.nbytes()};
}

std::string stored_name(std::string name) {
  const std::vector<std::pair<std::string, std::string>> names{{"model.embed_tokens", "token_embd"},
                                                               {"model.norm", "output_norm"},
                                                               {"lm_head", "output"},
                                                               {"model.layers.", "blk."},
                                                               {"post_attention_layernorm", "ffn_norm"},
                                                               {"input_layernorm", "attn_norm"},
                                                               {"self_attn.o_proj", "attn_output"},
                                                               {"self_attn.", "attn_"},
                                                               {"_proj", ""},
                                                               {"mlp.", "ffn_"}};
  for (const auto& [from, to] : names) {
    if (const size_t at = name.find(from); at != std::string::npos) name.replace(at, from.size(), to);
  }
  return name;
}

}  // namespace

class TestGgufModel : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void opensAsALanguageModel() {
    const ModelConfig config = tiny_config();
    const TensorMap parameters = part_of_parameters(random_parameters(config), kLanguagePrefix);
    const fs::path path = write(config, parameters);
    const Checkpoint opened = open_language_model(path);
    QCOMPARE(opened.layout, std::string("language_model"));
    QVERIFY(opened.config.language.tie_word_embeddings);
    for (const auto& [name, tensor] : parameters)
      QVERIFY2(at::equal(opened.parameters.at(std::string(kLanguagePrefix) + name), tensor), name.c_str());
    QCOMPARE(open_language_model(path.parent_path()).parameters.size(), opened.parameters.size());

    const ModelFacts facts = read_model_facts(path);
    QCOMPARE(facts.layout, std::string("language_model"));
    QCOMPARE(facts.format, std::string("gguf"));
    QCOMPARE(facts.family, std::string("qwen2"));
    QCOMPARE(facts.vocabulary, int64_t(20));
    QCOMPARE(facts.tokenizer.entries, int64_t(20));
    QCOMPARE(facts.tokenizer.eos_token, std::string("t19"));
    QVERIFY2(facts.faults.empty(), facts.faults.empty() ? "" : facts.faults.front().c_str());
  }

  void joinsATower() {
    const ModelConfig config = tiny_config();
    const TensorMap parameters = random_parameters(config);
    const fs::path path = write(config, part_of_parameters(parameters, kLanguagePrefix));
    write_folder(root() / "tower", write_model_config(config, "float32")["vision_config"],
                 part_of_parameters(parameters, kVisionPrefix));
    const Checkpoint opened = open_parts(path, root() / "tower", "mlp2x_gelu", 3);
    QCOMPARE(opened.folder, path);
    QVERIFY(at::equal(opened.parameters.at("language_model.model.norm.weight"),
                      parameters.at("language_model.model.norm.weight")));
  }

  void keepsItsTokenizerInOtherLayouts() {
    const ModelConfig config = tiny_config();
    const TensorMap parameters = random_parameters(config);
    const fs::path path = write(config, part_of_parameters(parameters, kLanguagePrefix));
    save_checkpoint(root() / "saved", config, parameters, {at::kFloat, path, {}});
    save_checkpoint(root() / "again", config, parameters, {at::kFloat, root() / "saved", {}});
    const ModelFacts facts = read_model_facts(root() / "again");
    QCOMPARE(facts.tokenizer.entries, int64_t(20));
    QCOMPARE(facts.tokenizer.sha256, read_model_facts(path).tokenizer.sha256);
    QVERIFY(facts.faults.empty());
  }

  void refuses() {
    const ModelConfig config = tiny_config();
    TensorMap parameters = part_of_parameters(random_parameters(config), kLanguagePrefix);
    parameters.erase("model.norm.weight");
    parameters["rope_freqs.weight"] = at::ones({1});
    const QString message = language_refusal_of(write(config, parameters));
    QVERIFY2(message.contains("missing: output_norm.weight"), qPrintable(message));
    QVERIFY2(message.contains("unexpected: rope_freqs.weight"), qPrintable(message));
    QVERIFY2(!message.contains("config.json"), qPrintable(message));
    QVERIFY(language_refusal_of(write(config, parameters, "mamba")).contains("\"mamba\" can't be read"));
    write_file_atomically(root() / "models/other.gguf", "x");
    QVERIFY(language_refusal_of(root() / "models").contains("holds several GGUF files"));
    QVERIFY(language_refusal_of(root() / "models/other.gguf").contains("is not a GGUF file"));
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }

  fs::path write(const ModelConfig& config, const TensorMap& parameters, const std::string& family = "qwen2") const {
    const LanguageConfig& language = config.language;
    GgufWriter writer;
    writer.add("general.architecture", family);
    writer.add(family + ".context_length", static_cast<uint32_t>(language.max_position_embeddings));
    writer.add(family + ".attention.layer_norm_rms_epsilon", static_cast<float>(language.norm_eps));
    writer.add(family + ".embedding_length", static_cast<uint32_t>(language.hidden_size));
    writer.add(family + ".feed_forward_length", static_cast<uint32_t>(language.intermediate_size));
    writer.add(family + ".block_count", static_cast<uint32_t>(language.num_hidden_layers));
    writer.add(family + ".attention.head_count", static_cast<uint32_t>(language.num_attention_heads));
    writer.add(family + ".attention.head_count_kv", static_cast<uint32_t>(language.num_key_value_heads));
    std::vector<std::string> tokens;
    for (int64_t i = 0; i < language.vocab_size; ++i) tokens.push_back(fmt::format("t{}", i));
    writer.add("tokenizer.ggml.model", "gpt2");
    writer.add("tokenizer.ggml.pre", "gpt-2");
    writer.add("tokenizer.ggml.tokens", tokens);
    writer.add("tokenizer.ggml.eos_token_id", 19U);
    for (const auto& [name, tensor] : parameters) {
      std::vector<uint64_t> sizes(tensor.sizes().rbegin(), tensor.sizes().rend());
      writer.tensor(stored_name(name), sizes, 0, floats(tensor));
    }
    fs::create_directories(root() / "models");
    write_file_atomically(root() / "models/model.gguf", writer.bytes());
    return root() / "models/model.gguf";
  }

  static QString language_refusal_of(const fs::path& path) {
    try {
      open_language_model(path);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  }

  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestGgufModel)
#include "tst_gguf_model.moc"
