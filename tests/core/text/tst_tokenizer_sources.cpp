// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Tokenizers that aren't tokenizer.json: tokenizer.model, tiktoken and the parts that GGUF carries, against the ids of
// the libraries that such files come from (tests/data/text/make_models.py); and broken ones.
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/text/sentencepiece_fault.h"
#include "core/text/tokenizer.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

const fs::path data_folder = fs::path(LLAVAKD_TEST_DATA_DIR) / "text";

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Loads a folder that holds the given files.
Tokenizer load_files(const std::vector<std::pair<std::string, std::string>>& files) {
  const QTemporaryDir dir;
  const fs::path folder = dir.path().toStdString();
  for (const auto& [name, text] : files) std::ofstream(folder / name, std::ios::binary) << text;
  return Tokenizer::load(folder);
}

/// What a refusal says, or "" when nothing is refused.
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

void compare_with(const Tokenizer& tokenizer, const std::string& name) {
  for (const Json& row : read_json(data_folder / name / "expected.json")) {
    const auto ids = tokenizer.encode(row["text"].get<std::string>());
    QVERIFY2(ids == row["ids"].get<std::vector<int64_t>>(), row["text"].dump().c_str());
    if (row.contains("decoded")) QCOMPARE(tokenizer.decode(ids), row["decoded"].get<std::string>());
  }
}

/// The parts of a byte-level tokenizer.json.
TokenizerParts byte_level_parts() {
  const Json json = read_json(data_folder / "qwen2" / "tokenizer.json");
  TokenizerParts parts{"model.gguf", "gpt2", "qwen2", {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  for (const auto& item : json["model"]["vocab"].items()) parts.tokens.push_back(item.key());
  for (const auto& item : json["model"]["vocab"].items()) parts.tokens[item.value().get<size_t>()] = item.key();
  parts.types.assign(parts.tokens.size(), 1);
  parts.tokens.push_back("<|end|>");
  parts.types.push_back(3);
  for (const Json& merge : json["model"]["merges"]) {
    parts.merges.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
  }
  parts.eos = static_cast<int64_t>(parts.tokens.size()) - 1;
  return parts;
}

TokenizerParts sentencepiece_parts() {
  const Json json = read_json(data_folder / "spm_legacy" / "pieces.json");
  TokenizerParts parts{"model.gguf", "llama", "", {}, {}, {}, {}, 1, 2, {}, 0, {}, {}};
  json["pieces"].get_to(parts.tokens);
  json["types"].get_to(parts.types);
  json["scores"].get_to(parts.scores);
  return parts;
}

std::string parts_refusal(TokenizerParts parts, const std::function<void(TokenizerParts&)>& edit) {
  edit(parts);
  return refusal([&] { Tokenizer::from_parts(parts); });
}

}  // namespace

class TstTokenizerSources : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void idsOfModelFiles_data();
  void idsOfModelFiles();
  void modelFilesNameTheirTokens();
  void partsOfByteLevelBpe();
  void partsOfEachPreTokenizer_data();
  void partsOfEachPreTokenizer();
  void bosByPreTokenizer();
  void partsOfSentencePiece();
  void partsAreChecked();
  void chatTokensAreFound();
  void namedTokensAreAdded();
  void prefixSpaceOfTheConfiguration();
  void brokenModelsAreRefused();
  void brokenTablesAreRefused();
  void lengthsBeyondTheFileAreRefused();
  void tiktokenLinesAreChecked();
};

void TstTokenizerSources::idsOfModelFiles_data() {
  QTest::addColumn<QString>("name");
  for (const char* name : {"spm_legacy", "spm_first", "spm_unigram", "tiktoken"}) QTest::addRow("%s", name) << name;
}

void TstTokenizerSources::idsOfModelFiles() {
  QFETCH(const QString, name);
  compare_with(Tokenizer::load(data_folder / name.toStdString()), name.toStdString());
}

void TstTokenizerSources::modelFilesNameTheirTokens() {
  const Tokenizer first = Tokenizer::load(data_folder / "spm_first");
  QVERIFY(!first.legacy());
  QVERIFY(first.adds_bos());
  QCOMPARE(first.bos()->id, 1);
  QCOMPARE(first.eos()->text, std::string("</s>"));
  QCOMPARE(first.encode_with_bos("").size(), size_t{1});
  QVERIFY(Tokenizer::load(data_folder / "spm_legacy").legacy());
  const Tokenizer qwen = Tokenizer::load(data_folder / "tiktoken");
  QCOMPARE(qwen.eos()->text, std::string("<|endoftext|>"));
  QVERIFY(qwen.id("<|extra_204|>").has_value());
  QVERIFY(!qwen.adds_bos());
}

void TstTokenizerSources::partsOfByteLevelBpe() {
  const Tokenizer tokenizer = Tokenizer::from_parts(byte_level_parts());
  const Tokenizer file = Tokenizer::load(data_folder / "qwen2");
  QCOMPARE(tokenizer.eos()->text, std::string("<|end|>"));
  for (const Json& row : read_json(data_folder / "qwen2" / "expected.json")) {
    const auto text = row["text"].get<std::string>();
    if (text.find("<pad>") != std::string::npos || text.find("<|end|>") != std::string::npos) continue;
    QVERIFY2(tokenizer.encode(text) == row["ids"].get<std::vector<int64_t>>(), row["text"].dump().c_str());
  }
  QCOMPARE(tokenizer.encode("<|end|>"), (std::vector<int64_t>{tokenizer.eos()->id}));
  TokenizerParts digits = byte_level_parts();
  digits.pre_tokenizer = "smollm";
  QCOMPARE(Tokenizer::from_parts(digits).decode(Tokenizer::from_parts(digits).encode("a 12")), std::string("a 12"));
}

void TstTokenizerSources::partsOfEachPreTokenizer_data() {
  QTest::addColumn<QString>("pre");
  QTest::addColumn<QString>("like");
  for (const auto& [pre, like] :
       std::initializer_list<std::pair<const char*, const char*>>{{"gpt-2", "gpt-2"},
                                                                  {"phi-2", "gpt-2"},
                                                                  {"olmo", "gpt-2"},
                                                                  {"qwen2", "qwen2"},
                                                                  {"deepseek-r1-qwen", "stablelm2"},
                                                                  {"falcon3", "llama-bpe"},
                                                                  {"stablelm2", "stablelm2"},
                                                                  {"llama-bpe", "llama-bpe"},
                                                                  {"llama3", "llama-bpe"},
                                                                  {"llama-v3", "llama-bpe"},
                                                                  {"dbrx", "dbrx"},
                                                                  {"smollm", "smollm"},
                                                                  {"starcoder", "smollm"},
                                                                  {"refact", "smollm"},
                                                                  {"command-r", "smollm"}}) {
    QTest::addRow("%s", pre) << pre << like;
  }
}

void TstTokenizerSources::partsOfEachPreTokenizer() {
  QFETCH(const QString, pre);
  QFETCH(const QString, like);
  TokenizerParts parts = byte_level_parts();
  parts.pre_tokenizer = pre.toStdString();
  const Tokenizer tokenizer = Tokenizer::from_parts(parts);
  const Json expected = read_json(data_folder / "gguf_pre" / "expected.json");
  const Json& ids = expected["ids"][like.toStdString()];
  QCOMPARE(ids.size(), size_t{88});
  for (size_t i = 0; i < ids.size(); ++i) {
    const Json& text = expected["texts"][i];
    QVERIFY2(tokenizer.encode(text.get<std::string>()) == ids[i].get<std::vector<int64_t>>(), text.dump().c_str());
  }
}

/// As llama.cpp does where tokenizer.ggml.add_bos_token is absent.
void TstTokenizerSources::bosByPreTokenizer() {
  TokenizerParts parts = byte_level_parts();
  parts.bos = 0;
  QVERIFY(!Tokenizer::from_parts(parts).adds_bos());
  parts.pre_tokenizer = "llama-bpe";
  QVERIFY(Tokenizer::from_parts(parts).adds_bos());
  parts.adds_bos = false;
  QVERIFY(!Tokenizer::from_parts(parts).adds_bos());
}

void TstTokenizerSources::partsOfSentencePiece() {
  const Tokenizer tokenizer = Tokenizer::from_parts(sentencepiece_parts());
  compare_with(tokenizer, "spm_legacy");
  QVERIFY(tokenizer.adds_bos());
  QCOMPARE(tokenizer.decode(tokenizer.encode("the small dog")), std::string("the small dog"));
  TokenizerParts bare = sentencepiece_parts();
  bare.adds_space_prefix = false;
  QCOMPARE(Tokenizer::from_parts(bare).encode(" the"), tokenizer.encode("the"));
}

void TstTokenizerSources::partsAreChecked() {
  const auto bytes = [](const std::function<void(TokenizerParts&)>& edit) {
    return QString::fromStdString(parts_refusal(byte_level_parts(), edit));
  };
  const auto pieces = [](const std::function<void(TokenizerParts&)>& edit) {
    return QString::fromStdString(parts_refusal(sentencepiece_parts(), edit));
  };
  QVERIFY(bytes([](TokenizerParts& p) { p.model = "bert"; }).contains("tokenizer.ggml.model 'bert'"));
  QVERIFY(bytes([](TokenizerParts& p) { p.pre_tokenizer = "x"; }).contains("tokenizer.ggml.pre"));
  QVERIFY(bytes([](TokenizerParts& p) { p.pre_tokenizer = "tekken"; }).contains("smollm"));
  QVERIFY(bytes([](TokenizerParts& p) { p.tokens.clear(); }).contains("tokenizer.ggml.tokens"));
  QVERIFY(bytes([](TokenizerParts& p) { p.types.pop_back(); }).contains("token_type"));
  QVERIFY(bytes([](TokenizerParts& p) { p.merges[3] = "nonsense"; }).contains("merges[3]"));
  QVERIFY(bytes([](TokenizerParts& p) { p.merges[3] = "zzzzz q"; }).contains("merges[3]"));
  QVERIFY(bytes([](TokenizerParts& p) { p.tokens[5] = "\xFF"; }).contains("tokens[5]"));
  QVERIFY(bytes([](TokenizerParts& p) { p.eos = 1 << 20; }).contains("eos_token_id"));
  QVERIFY(bytes([](TokenizerParts& p) { p.pad = -1; }).contains("padding_token_id"));
  QVERIFY(pieces([](TokenizerParts& p) { p.scores.pop_back(); }).contains("scores"));
  QVERIFY(
      pieces([](TokenizerParts& p) { p.scores.back() = std::numeric_limits<float>::quiet_NaN(); }).contains("finite"));
  QVERIFY(pieces([](TokenizerParts& p) { p.tokens.back() = std::string(100000, 'a'); }).contains("100000 bytes"));
}

void TstTokenizerSources::chatTokensAreFound() {
  const std::string tokenizer = R"({"model": {"type": "BPE", "vocab": {"a": 0, "<": 1, "<u>": 2}, "merges": []},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}})";
  QCOMPARE(load_files({{"tokenizer.json", tokenizer}}).encode("a<u>"), (std::vector<int64_t>{0, 1}));
  const Tokenizer chat = load_files(
      {{"tokenizer.json", tokenizer}, {"tokenizer_config.json", R"({"additional_special_tokens": ["<u>", "<v>"]})"}});
  QCOMPARE(chat.encode("a<u>"), (std::vector<int64_t>{0, 2}));
  QCOMPARE(chat.decode(chat.encode("a<u>"), true), std::string("a"));
}

void TstTokenizerSources::namedTokensAreAdded() {
  const std::string tokenizer = R"({"model": {"type": "BPE", "vocab": {"a": 0, "<": 1, "<u>": 2}, "merges": []},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}})";
  const Tokenizer named = load_files(
      {{"tokenizer.json", tokenizer},
       {"tokenizer_config.json",
        R"({"eos_token": "<u>", "pad_token": "<pad>", "bos_token": "<s>", "additional_special_tokens": ["<image>"]})"}});
  QCOMPARE(named.encode("a<u><image>a<pad><s>"), (std::vector<int64_t>{0, 2, 5, 0, 4, 3}));
  QCOMPARE(named.pad()->id, 4);
}

void TstTokenizerSources::prefixSpaceOfTheConfiguration() {
  const std::string model = bytes_of(data_folder / "spm_first" / "tokenizer.model");
  const Tokenizer bare =
      load_files({{"tokenizer.model", model},
                  {"tokenizer_config.json",
                   R"({"tokenizer_class": "LlamaTokenizer", "legacy": false, "add_prefix_space": false})"}});
  const Tokenizer first = Tokenizer::load(data_folder / "spm_first");
  QCOMPARE(bare.encode(" the"), first.encode("the"));
  QVERIFY(bare.encode("the") != first.encode("the"));
  const std::string bytes = R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}})";
  const std::string message = refusal([&] {
    load_files({{"tokenizer.json", bytes},
                {"tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": true})"}});
  });
  QVERIFY2(message.find("add_prefix_space") != std::string::npos, message.c_str());
}

void TstTokenizerSources::brokenModelsAreRefused() {
  const std::string model = bytes_of(data_folder / "spm_legacy" / "tokenizer.model");
  const auto message_of = [](const std::string& bytes) {
    return refusal([&] { load_files({{"tokenizer.model", bytes}}).encode("the small dog"); });
  };
  QVERIFY(message_of("").find("tokenizer.model") != std::string::npos);
  QVERIFY(message_of("nonsense").find("tokenizer.model") != std::string::npos);
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
  for (const auto& files : std::vector<std::vector<std::pair<std::string, std::string>>>{
           {{"tokenizer.model", pointer}},
           {{"tokenizer.json", pointer}},
           {{"qwen.tiktoken", pointer}},
           {{"merges.txt", pointer}, {"vocab.json", R"({"a": 0})"}},
           {{"vocab.json", pointer}, {"merges.txt", ""}}}) {
    const std::string message = refusal([&] { load_files(files); });
    QVERIFY2(message.find(files[0].first + " is a Git LFS pointer. ") != std::string::npos, message.c_str());
  }
  QVERIFY(message_of(model.substr(0, model.size() / 2 + 1)).find("tokenizer.model") != std::string::npos);
  std::string no_text = model;
  no_text[no_text.find("\u2581t")] = '\xff';
  QVERIFY(message_of(no_text).find("not UTF-8") != std::string::npos);
  // ModelProto { pieces { "<unk>", type: UNKNOWN } pieces { "\0a" } }: the library's trie throws.
  const std::string zero("\x0a\x09\x0a\x05<unk>\x18\x02\x0a\x04\x0a\x02\0a", 17);
  QVERIFY(message_of(zero).find("not a SentencePiece model") != std::string::npos);
  // Whatever the bytes are, there is an answer.
  for (const char* name : {"spm_legacy", "spm_unigram"}) {
    const std::string whole = bytes_of(data_folder / name / "tokenizer.model");
    for (size_t i = 0; i < 60; ++i) {
      std::string changed = whole;
      changed[(i * 7919 + i * i) % changed.size()] ^= static_cast<char>(1 << (i % 8));
      message_of(changed);
    }
  }
}

void TstTokenizerSources::brokenTablesAreRefused() {
  std::string model = bytes_of(data_folder / "spm_unigram" / "tokenizer.model");
  QVERIFY(!sentencepiece_fault(model));
  QVERIFY(!sentencepiece_fault(bytes_of(data_folder / "spm_legacy" / "tokenizer.model")));
  // normalizer_spec { precompiled_charsmap: a trie of one unit, then texts }.
  const std::string table("\x04\0\0\0\0\xFF\xFF\x0F\0", 9);
  const std::string spec = std::string("\x12\x09") + table;
  const std::string broken = std::string("\x1a\x0b") + spec;
  QVERIFY(sentencepiece_fault(broken).has_value());
  const std::string message = refusal([&] { load_files({{"tokenizer.model", model + broken}}); });
  QVERIFY2(message.find("precompiled_charsmap") != std::string::npos, message.c_str());
}

void TstTokenizerSources::lengthsBeyondTheFileAreRefused() {
  // trainer_spec of 2 GB { input: 50 MB }, then the same one level deeper: protobuf would take the 50 MB.
  const std::string input("\x0a\x80\xe1\xeb\x17", 5);
  const std::string too_long("\x12\xff\xff\xff\x07", 5);
  QVERIFY(sentencepiece_fault(too_long + input).has_value());
  QVERIFY(sentencepiece_fault(std::string("\x12\x05", 2) + input).has_value());
  QVERIFY(sentencepiece_fault(std::string("\x22\x07\x0a\x05", 4) + input).has_value());
  const std::string message = refusal([&] { load_files({{"tokenizer.model", too_long + input}}); });
  QVERIFY2(message.find("ends in the middle") != std::string::npos, message.c_str());
}

void TstTokenizerSources::tiktokenLinesAreChecked() {
  const auto message_of = [](const std::string& lines) {
    return QString::fromStdString(refusal([&] { load_files({{"qwen.tiktoken", lines}}); }));
  };
  QCOMPARE(message_of("YQ== 0\nYg== 1\r\n\nYWI= 2\n"), QString());
  for (const char* line : {"YQ==", "YQ== -1", "YQ== 1x", "Y*== 1", "YQ= 1", "YQ== 99999999999", " 1"}) {
    const QString message = message_of(std::string("Yg== 0\n") + line + "\n");
    QVERIFY2(message.contains("qwen.tiktoken, line 2"), qPrintable(message));
  }
  QVERIFY(message_of("").contains("no token"));
  QVERIFY(message_of("YQ== 0\nYg== 0\n").contains("same id 0"));
  const Tokenizer tokenizer = load_files({{"qwen.tiktoken", "YQ== 0\nYg== 1\nYWI= 2\n"}});
  QCOMPARE(tokenizer.encode("abb"), (std::vector<int64_t>{2, 1}));
}

QTEST_GUILESS_MAIN(TstTokenizerSources)
#include "tst_tokenizer_sources.moc"
