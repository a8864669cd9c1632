// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Byte-level BPE on small tokenizers: random Unicode with Hugging Face's ids (tests/data/text), and broken files.
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/text/tokenizer.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

const fs::path data_folder = fs::path(LLAVAKD_TEST_DATA_DIR) / "text";

/// Loads a folder that holds the given files.
Tokenizer load_files(const std::vector<std::pair<std::string, std::string>>& files) {
  const QTemporaryDir dir;
  const fs::path folder = dir.path().toStdString();
  for (const auto& [name, text] : files) std::ofstream(folder / name, std::ios::binary) << text;
  return Tokenizer::load(folder);
}

/// What the refusal says, or "" when it is accepted.
std::string refusal(const std::vector<std::pair<std::string, std::string>>& files) {
  try {
    load_files(files);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

Json small_tokenizer() {
  return Json::parse(R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5, "Ġ": 6},
    "merges": ["b c", "a b", "a bc"]}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
    "added_tokens": [{"id": 7, "content": "<x>", "special": true}]})");
}

bool mentions(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

class TstTokenizer : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void randomUnicode_data();
  void randomUnicode();
  void mergesByRankThenPosition();
  void mergesMayBeArrays();
  void unknownBytes();
  void decodesWhatIsThere();
  void bosIsAddedWhereTheFilesSaySo();
  void addedTokenFlags();
  void wordsOfOtherCharactersAreNotMatched();
  void readsVocabAndMerges();
  void severalThreadsAgree();
  void differencesAreNamed();
  void refusals_data();
  void refusals();
  void hugeWordsTakeLittleTime();
  void textsDoNotGrowWithoutEnd();
  void unknownCharactersWithoutUnk();
};

void TstTokenizer::randomUnicode_data() {
  QTest::addColumn<QString>("name");
  for (const auto& folder : fs::directory_iterator(data_folder)) {
    if (!fs::exists(folder.path() / "expected.json") || !fs::exists(folder.path() / "tokenizer.json")) continue;
    const std::string name = folder.path().filename().string();
    QTest::addRow("%s", name.c_str()) << QString::fromStdString(name);
  }
}

void TstTokenizer::randomUnicode() {
  QFETCH(const QString, name);
  const fs::path folder = data_folder / name.toStdString();
  const Tokenizer tokenizer = Tokenizer::load(folder);
  for (const Json& row : read_json(folder / "expected.json")) {
    const auto ids = tokenizer.encode(row["text"].get<std::string>());
    QVERIFY2(ids == row["ids"].get<std::vector<int64_t>>(), row["text"].dump().c_str());
    QCOMPARE(tokenizer.decode(ids), row["decoded"].get<std::string>());
  }
}

void TstTokenizer::mergesByRankThenPosition() {
  const Tokenizer tokenizer = load_files({{"tokenizer.json", small_tokenizer().dump()}});
  QCOMPARE(tokenizer.encode("abc"), (std::vector<int64_t>{5}));  // b c first, then a bc
  QCOMPARE(tokenizer.encode("abab"), (std::vector<int64_t>{3, 3}));
  QCOMPARE(tokenizer.encode("abcbc"), (std::vector<int64_t>{5, 4}));
  QCOMPARE(tokenizer.encode("a<x>b"), (std::vector<int64_t>{0, 7, 1}));
  QCOMPARE(tokenizer.encode(""), std::vector<int64_t>{});
}

void TstTokenizer::mergesMayBeArrays() {
  Json json = small_tokenizer();
  json["model"]["merges"] = Json::parse(R"([["b", "c"], ["a", "b"], ["a", "bc"]])");
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("abcab"), (std::vector<int64_t>{5, 3}));
  json["model"]["ignore_merges"] = true;
  json["model"]["merges"] = Json::array();
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("abc"), (std::vector<int64_t>{5}));
}

void TstTokenizer::unknownBytes() {
  Json json = small_tokenizer();
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("azzb"), (std::vector<int64_t>{3}));
  json["model"]["unk_token"] = "c";
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("azza"), (std::vector<int64_t>{0, 2, 2, 0}));
  json["model"]["fuse_unk"] = true;
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("azza"), (std::vector<int64_t>{0, 2, 0}));
}

void TstTokenizer::decodesWhatIsThere() {
  const Tokenizer tokenizer = load_files({{"tokenizer.json", small_tokenizer().dump()}});
  const std::vector<int64_t> ids{5, 6, 7, -3, 99, 0};
  QCOMPARE(tokenizer.decode(ids), std::string("abc <x>a"));
  QCOMPARE(tokenizer.decode(ids, true), std::string("abc a"));
  QCOMPARE(tokenizer.size(), 8);
  QCOMPARE(tokenizer.max_id(), 7);
  QCOMPARE(tokenizer.token(6).value(), std::string("Ġ"));
  QVERIFY(!tokenizer.token(8));
  QCOMPARE(tokenizer.id("abc").value(), 5);
}

void TstTokenizer::bosIsAddedWhereTheFilesSaySo() {
  Json json = small_tokenizer();
  const std::string config = R"({"bos_token": {"content": "<x>"}, "eos_token": "<x>", "pad_token": null})";
  const Tokenizer plain = load_files({{"tokenizer.json", json.dump()}, {"tokenizer_config.json", config}});
  QVERIFY(!plain.adds_bos());
  QCOMPARE(plain.eos()->id, 7);
  QVERIFY(!plain.pad());
  json["post_processor"] = Json::parse(R"({"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<x>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]})");
  const Tokenizer with_bos = load_files({{"tokenizer.json", json.dump()}, {"tokenizer_config.json", config}});
  QVERIFY(with_bos.adds_bos());
  QCOMPARE(with_bos.encode_with_bos("a"), (std::vector<int64_t>{7, 0}));
  QCOMPARE(with_bos.encode("a"), (std::vector<int64_t>{0}));
  // The key of tokenizer_config.json counts for nothing next to tokenizer.json, whatever the class.
  Json settings = Json::parse(config);
  settings.update({{"tokenizer_class", "LlamaTokenizer"}, {"add_bos_token", false}});
  QVERIFY(load_files({{"tokenizer.json", json.dump()}, {"tokenizer_config.json", settings.dump()}}).adds_bos());
  json.erase("post_processor");
  settings["add_bos_token"] = true;
  QVERIFY(!load_files({{"tokenizer.json", json.dump()}, {"tokenizer_config.json", settings.dump()}}).adds_bos());
}

void TstTokenizer::addedTokenFlags() {
  Json json = small_tokenizer();
  json["added_tokens"] = Json::parse(R"([{"id": 7, "content": "cc", "single_word": true},
    {"id": 8, "content": "<p>", "lstrip": true, "rstrip": true, "special": true},
    {"id": 9, "content": "<p>>", "special": true}])");
  const Tokenizer tokenizer = load_files({{"tokenizer.json", json.dump()}});
  QCOMPARE(tokenizer.encode("a cc b"), (std::vector<int64_t>{0, 6, 7, 6, 1}));
  QCOMPARE(tokenizer.encode("acc"), (std::vector<int64_t>{0, 2, 2}));
  QCOMPARE(tokenizer.encode("a  <p> \n<p>b"), (std::vector<int64_t>{0, 8, 8, 1}));
  QCOMPARE(tokenizer.encode("a<p>>"), (std::vector<int64_t>{0, 9}));  // the longest of two
  json["added_tokens"][2]["content"] = " <b>";
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("<p> <b>"), (std::vector<int64_t>{8, 9}));
}

void TstTokenizer::wordsOfOtherCharactersAreNotMatched() {
  Json json = small_tokenizer();
  json["model"]["ignore_merges"] = true;
  json["model"]["vocab"]["漢"] = 7;
  json["added_tokens"] = Json::array();
  QCOMPARE(load_files({{"tokenizer.json", json.dump()}}).encode("a漢"), (std::vector<int64_t>{0}));
}

void TstTokenizer::readsVocabAndMerges() {
  const std::string vocab = R"({"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġa": 4, "#": 5, "##": 6})";
  const std::string merges = "#version: 0.2\r\na b\r\nĠ a\n# #\n";
  const Tokenizer qwen = load_files({{"vocab.json", vocab},
                                     {"merges.txt", merges},
                                     {"added_tokens.json", R"({"<e>": 7})"},
                                     {"tokenizer_config.json", R"({"tokenizer_class": "Qwen2Tokenizer"})"}});
  QCOMPARE(qwen.encode("ab a<e>##"), (std::vector<int64_t>{3, 4, 7, 6}));
  const std::string message = refusal(
      {{"vocab.json", vocab}, {"merges.txt", merges}, {"tokenizer_config.json", R"({"tokenizer_class": "X"})"}});
  QVERIFY2(mentions(message, "'X'"), message.c_str());
  QVERIFY(mentions(refusal({{"vocab.json", vocab}, {"merges.txt", "a b\nbad\n"}}), "line 2"));
  QVERIFY(mentions(refusal({{"vocab.json", vocab}, {"merges.txt", "\xff\n"}}), "'\\xff'"));
  QVERIFY(mentions(refusal({{"vocab.json", vocab}, {"merges.txt", "a \xff\n"}}), "'a \\xff'"));
  QVERIFY(mentions(refusal({{"vocab.json", vocab}, {"merges.txt", merges}}), "tokenizer_class"));
}

void TstTokenizer::severalThreadsAgree() {
  const Tokenizer tokenizer = Tokenizer::load(data_folder / "qwen2");
  const std::string text = "the small dog runs beside the river, l'été à la plage 12345";
  const auto expected = tokenizer.encode(text);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 200; ++k) wrong += tokenizer.encode(text) == expected ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  QCOMPARE(wrong.load(), 0);
}

void TstTokenizer::differencesAreNamed() {
  Json other = small_tokenizer();
  const Tokenizer tokenizer = load_files({{"tokenizer.json", other.dump()}});
  QVERIFY(!first_difference(tokenizer, tokenizer));
  other["model"]["vocab"]["a"] = 1;
  other["model"]["vocab"]["b"] = 0;
  QCOMPARE(first_difference(tokenizer, load_files({{"tokenizer.json", other.dump()}})).value(), std::string("a"));
}

void TstTokenizer::refusals_data() {
  QTest::addColumn<QByteArray>("edit");
  QTest::addColumn<QByteArray>("part");
  const auto row = [](const char* name, const std::string& edit, const char* part) {
    QTest::newRow(name) << QByteArray::fromStdString(edit) << QByteArray(part);
  };
  row("unigram", R"({"model": {"type": "Unigram", "vocab": []}})", "Unigram");
  row("unigram piece", R"({"pre_tokenizer": null, "model": {"type": "Unigram", "vocab": [["a", "b"]]}})", "vocab[0]");
  row("unigram unk", R"({"pre_tokenizer": null, "model": {"type": "Unigram", "vocab": [["a", 0.5]], "unk_id": 1}})",
      "unk_id 1");
  row("word level", R"({"model": {"type": "WordLevel"}})", "WordLevel");
  row("table", R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}})", "Precompiled");
  row("prefix", R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "no"}})", "'no'");
  row("metaspace", R"({"pre_tokenizer": {"type": "Metaspace", "replacement": ""}})", "replacement");
  row("decoder", R"({"decoder": {"type": "WordPiece"}})", "WordPiece");
  row("strip", R"({"decoder": {"type": "Strip", "content": "ab", "start": 1, "stop": 0}})", "content");
  row("long replacement", R"({"normalizer": {"type": "Prepend", "prepend": ")" + std::string(65, 'a') + R"("}})",
      "65 bytes");
  row("byte fallback", R"({"model": {"byte_fallback": true}})", "byte_fallback");
  row("suffix", R"({"model": {"end_of_word_suffix": "</w>"}})", "end_of_word_suffix");
  row("dropout", R"({"model": {"dropout": 0.1}})", "dropout");
  row("normalizer", R"({"normalizer": {"type": "Lowercase"}})", "Lowercase");
  row("pre-tokenizer", R"({"pre_tokenizer": {"type": "BertPreTokenizer"}})", "BertPreTokenizer");
  row("pattern", R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(["}, "behavior": "Isolated"}})",
      "pattern");
  row("behavior", R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "No"}})", "'No'");
  row("added id", R"({"added_tokens": [{"id": -1, "content": "x"}]})", "-1");
  row("added id huge", R"({"added_tokens": [{"id": 18446744073709551615, "content": "x"}]})", "out of range");
  row("added id taken", R"({"added_tokens": [{"id": 5, "content": "x"}]})", "make it 7");
  row("added id of another", R"({"added_tokens": [{"id": 1, "content": "a"}]})", "make it 0");
  row("added text long", R"({"added_tokens": [{"id": 7, "content": ")" + std::string(1001, 'x') + R"("}]})",
      "1001 bytes");
  row("added text", R"({"added_tokens": [{"id": 9, "content": ""}]})", "empty");
  row("id a text", R"({"model": {"vocab": {"a": "0"}}})", "integer");
  row("id twice", R"({"model": {"vocab": {"a": 0, "b": 0}}})", "same id");
  row("merge of three", R"({"model": {"merges": ["a b c"]}})", "merges[0]");
  row("merge a number", R"({"model": {"merges": [1]}})", "merges[0]");
  row("merges a text", R"({"model": {"merges": "a b"}})", "list");
}

void TstTokenizer::refusals() {
  QFETCH(const QByteArray, edit);
  QFETCH(const QByteArray, part);
  Json json = small_tokenizer();
  const Json patch = Json::parse(edit.toStdString());
  for (const auto& item : patch.items()) {
    if (item.key() != "model") {
      json[item.key()] = item.value();
      continue;
    }
    for (const auto& field : item.value().items()) json["model"][field.key()] = field.value();
  }
  const std::string message = refusal({{"tokenizer.json", json.dump()}});
  QVERIFY2(mentions(message, part.toStdString()), message.c_str());
  QVERIFY2(mentions(message, "tokenizer.json"), message.c_str());
}

void TstTokenizer::hugeWordsTakeLittleTime() {
  const Tokenizer tokenizer = Tokenizer::load(data_folder / "qwen2");
  QElapsedTimer timer;
  timer.start();
  QVERIFY(!tokenizer.encode(std::string(1 << 20, 'a')).empty());
  QVERIFY(!tokenizer.encode(std::string(1 << 20, ' ')).empty());
  for (const char* name : {"llama_first", "gemma_never", "unigram", "unigram_bytes"}) {
    const Tokenizer pieces = Tokenizer::load(data_folder / name);
    QVERIFY(!pieces.encode(std::string(1 << 19, 'a')).empty());
    QVERIFY(!pieces.encode(std::string(1 << 19, ' ') + "a").empty());
  }
  QVERIFY(timer.elapsed() < 60000);
}

void TstTokenizer::textsDoNotGrowWithoutEnd() {
  Json json = small_tokenizer();
  Json steps = Json::array();
  for (int i = 0; i < 30; ++i) {
    steps.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}});
  }
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", steps}};
  const Tokenizer tokenizer = load_files({{"tokenizer.json", json.dump()}});
  QVERIFY_EXCEPTION_THROWN(tokenizer.encode("a"), UserError);
  json = small_tokenizer();
  json["decoder"] = {{"type", "Sequence"}, {"decoders", steps}};
  const Tokenizer decoder = load_files({{"tokenizer.json", json.dump()}});
  QVERIFY_EXCEPTION_THROWN(decoder.decode(std::vector<int64_t>{0}), UserError);
}

void TstTokenizer::unknownCharactersWithoutUnk() {
  const Tokenizer tokenizer =
      load_files({{"tokenizer.json", R"({"model": {"type": "Unigram", "vocab": [["a", -1.0]]}})"}});
  QCOMPARE(tokenizer.encode("aa"), (std::vector<int64_t>{0, 0}));
  QVERIFY_EXCEPTION_THROWN(tokenizer.encode("ab"), UserError);
}

QTEST_GUILESS_MAIN(TstTokenizer)
#include "tst_tokenizer.moc"
