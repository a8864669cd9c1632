// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <map>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/model_spec/config_keys.h"
#include "core/model_spec/gguf_config.h"
#include "core/model_spec/gguf_keys.h"
#include "tests/core/io/gguf_writer.h"

using namespace llavakd;

namespace {

/// The key as a file of the architecture llama has it.
std::string key_in_file(std::string key) {
  if (key.starts_with("{arch}")) key.replace(0, 6, "llama");
  if (key.ends_with('*')) key.replace(key.size() - 1, 1, "0.name");
  return key;
}

/// Entries that change the configuration, or are refused, when they have this value; of the others of these rows the
/// tokenizer's and the reader's own tests speak.
const std::map<std::string_view, double>& telling() {
  static const std::map<std::string_view, double> values{
      {"general.alignment", 3},
      {"general.quantization_version", 1},
      {"split.count", 2},
      {"{arch}.vocab_size", 9},
      {"{arch}.context_length", 64},
      {"{arch}.embedding_length", 32},
      {"{arch}.block_count", 2},
      {"{arch}.feed_forward_length", 32},
      {"{arch}.attention.head_count", 2},
      {"{arch}.attention.head_count_kv", 2},
      {"{arch}.attention.key_length", 8},
      {"{arch}.attention.value_length", 8},
      {"{arch}.attention.layer_norm_rms_epsilon", 0.25},
      {"{arch}.attention.scale", 0.25},
      {"{arch}.attention.sliding_window", 8},
      {"{arch}.rope.freq_base", 500},
      {"{arch}.rope.dimension_count", 2},
      {"{arch}.rope.scale_linear", 2},
      {"{arch}.rope.scaling.factor", 2},
      {"{arch}.rope.scaling.attn_factor", 2},
      {"{arch}.rope.scaling.original_context_length", 64},
      {"{arch}.rope.scaling.yarn_log_multiplier", 2},
      {"{arch}.rope.scaling.yarn_ext_factor", 0.5},
      {"{arch}.rope.scaling.yarn_attn_factor", 2},
      {"{arch}.rope.scaling.yarn_beta_fast", 8},
      {"{arch}.rope.scaling.yarn_beta_slow", 2},
      {"tokenizer.ggml.bos_token_id", 3},
      {"tokenizer.ggml.eos_token_id", 3},
      {"tokenizer.ggml.eot_token_id", 3},
      {"tokenizer.ggml.eom_token_id", 3},
  };
  return values;
}

bool is_fraction(double value) {
  return value != static_cast<double>(static_cast<uint32_t>(value));
}

}  // namespace

class TestGgufKeys : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void eachKeyDoesWhatTheTableSays_data() {
    QTest::addColumn<int>("number");
    for (size_t i = 0; i < gguf_keys().size(); ++i)
      QTest::newRow(std::string(gguf_keys()[i].key).c_str()) << static_cast<int>(i);
  }

  void eachKeyDoesWhatTheTableSays() {
    QFETCH(int, number);
    const ConfigKey& row = gguf_keys()[static_cast<size_t>(number)];
    const std::string key = key_in_file(std::string(row.key));
    const bool floats =
        row.key.find("rope") != std::string_view::npos || row.key.find("scale") != std::string_view::npos;
    const auto found = telling().find(row.key);
    const double value = found == telling().end() ? 7 : found->second;
    const std::string changed = outcome(row.key, [&](GgufWriter& writer) {
      if (is_fraction(value) || floats)
        writer.add(key, static_cast<float>(value));
      else
        writer.add(key, static_cast<uint32_t>(value));
    });
    const std::string plain = outcome(row.key, [](GgufWriter&) {});
    switch (row.fate) {
      case KeyFate::refused:
        QVERIFY2(changed.find(key + " is 7") != std::string::npos, changed.c_str());
        break;
      case KeyFate::no_effect:
        QCOMPARE(changed, plain);
        break;
      case KeyFate::warned:
        QVERIFY2(changed.find(key + " is 7, which is passed over") != std::string::npos, changed.c_str());
        break;
      case KeyFate::read:
        if (found != telling().end()) QVERIFY2(changed != plain, changed.c_str());
        QVERIFY2(changed.find("passed over") == std::string::npos, changed.c_str());
        break;
    }
  }

  void unknownKeysAreNamed() {
    const std::string said = outcome("", [](GgufWriter& writer) {
      writer.add("llama.attention.novel", 7U);
      writer.add("vendor.note", "x");
    });
    QVERIFY2(said.find("llama.attention.novel (7)") != std::string::npos, said.c_str());
    QVERIFY2(said.find("vendor.note") != std::string::npos, said.c_str());
    QVERIFY(said.find("{arch}") == std::string::npos);
  }

 private:
  /// The configuration and what is passed over, or the refusal.
  std::string outcome(std::string_view without, const std::function<void(GgufWriter&)>& edit) const {
    GgufWriter writer;
    const auto add = [&](std::string_view key, auto value) {
      if (key != without) writer.add(key_in_file(std::string(key)), value);
    };
    writer.add("general.architecture", "llama");
    if (without.find("yarn") != std::string_view::npos || without.find("original") != std::string_view::npos) {
      add("{arch}.rope.scaling.type", std::string_view("yarn"));
      add("{arch}.rope.scaling.factor", 4.0F);
    }
    add("{arch}.context_length", 4096U);
    add("{arch}.embedding_length", 16U);
    add("{arch}.feed_forward_length", 24U);
    add("{arch}.block_count", 1U);
    add("{arch}.attention.head_count", 4U);
    add("{arch}.attention.layer_norm_rms_epsilon", 1e-5F);
    writer.tensor("token_embd.weight", {16, 8}, 0, std::string(16 * 8 * 4, '\0'));
    writer.tensor("output.weight", {32}, 8, std::string(34, 'x'));
    edit(writer);
    const auto path = std::filesystem::path(m_folder.path().toStdString()) / "model.gguf";
    write_file_atomically(path, writer.bytes());
    try {
      const GgufFile file = GgufFile::open(path);
      std::string text = gguf_config(file).dump();
      for (const std::string& sentence : gguf_passed_over(file)) text += "\n" + sentence;
      return text;
    } catch (const UserError& error) {
      return error.what();
    }
  }

  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestGgufKeys)
#include "tst_gguf_keys.moc"
