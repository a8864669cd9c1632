// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/data/conversation_file.h"
#include "core/io/printable.h"
#include "core/project/errors.h"

using namespace llavakd;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

class TextFile {
 public:
  explicit TextFile(const std::string& text) : path_(fs::path(dir_.path().toStdString()) / "data.json") {
    std::ofstream(path_, std::ios::binary) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  QTemporaryDir dir_;
  fs::path path_;
};

std::string refusal(const std::string& text) {
  const TextFile file(text);
  try {
    read_samples(file.path());
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

bool mentions(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

constexpr const char* good = R"({"id": "ok", "image": "a.png", "conversations": [
  {"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "A dog."}]})";

}  // namespace

class TstConversationFile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void readsAllFields();
  void faultsKeepTheirLines_data();
  void faultsKeepTheirLines();
  void hopelessFilesAreRefused();
  void missingImagesAreFound();
  void wordsAreCounted();
};

void TstConversationFile::readsAllFields() {
  const TextFile file(R"([
 {"id": 7, "image": ["a/b.png", "c.png"], "template": "phi", "type": "count", "extra": {"deep": [[1]]},
  "conversations": [{"from": "human", "value": "<image>1"}, {"from": "gpt", "value": "é", "more": [{}]},
                    {"from": "human", "value": "<image>2"}, {"from": "gpt", "value": ""}]},
 {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "image": null}])");
  const SampleSet set = read_samples(file.path());
  QVERIFY(set.faults.empty());
  QCOMPARE(set.samples.size(), size_t{2});
  const Sample& first = set.samples[0];
  QCOMPARE(first.id, std::string("7"));
  QCOMPARE(first.images, (std::vector<std::string>{"a/b.png", "c.png"}));
  QCOMPARE(first.template_name, std::string("phi"));
  QCOMPARE(first.type, std::string("count"));
  QCOMPARE(first.turns.size(), size_t{4});
  QCOMPARE(first.turns[1], (Turn{Speaker::gpt, "é"}));
  QCOMPARE(first.line, 2);
  QCOMPARE(first.conversation().images, 2);
  QCOMPARE(set.samples[1].id, std::string("entry 2"));
  QCOMPARE(set.samples[1].line, 5);
}

void TstConversationFile::faultsKeepTheirLines_data() {
  QTest::addColumn<QByteArray>("entry");
  QTest::addColumn<QByteArray>("reason");
  const auto row = [](const char* entry, const char* reason) {
    QTest::newRow(reason) << QByteArray(entry) << QByteArray(reason);
  };
  row("5", "must be an object");
  row("[{}]", "is a list");
  row("{}", "no \"conversations\"");
  row(R"({"conversations": {}})", "is an object");
  row(R"({"conversations": "x"})", "must be a list");
  row(R"({"conversations": []})", "empty");
  row(R"({"conversations": [5]})", "a turn is a number");
  row(R"({"conversations": [[]]})", "holds a list");
  row(R"({"conversations": [{"from": "human"}]})", "needs \"from\" and \"value\"");
  row(R"({"conversations": [{"from": "user", "value": ""}]})", "from 'user'");
  row(R"({"conversations": [{"from": "human", "value": 5}]})", "\"value\" of a turn is a number");
  row(R"({"conversations": [{"from": "human", "value": {"a": 1}}]})", "\"value\" of a turn is an object");
  row(R"({"conversations": [{"from": "human", "value": "q"}]})", "no answer");
  row(R"({"id": [], "image": 5, "conversations": []})", "\"image\" is a number");
  row(R"({"image": [5], "conversations": []})", "an image is a number");
  row(R"({"image": "../x", "conversations": []})", "leads out");
  row(R"({"image": "/x", "conversations": []})", "'/x' leads out");
  row(R"({"image": "a\\b", "conversations": []})", "b' leads out");
  row(R"({"image": "a\u0000b", "conversations": []})", "zero byte");
  row(R"({"image": "", "conversations": []})", "no name");
  row(R"({"template": "x", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]})",
      "no conversation template 'x'");
  row(R"({"image": "a", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]})",
      "0 <image> in the text but 1 image");
}

void TstConversationFile::faultsKeepTheirLines() {
  QFETCH(const QByteArray, entry);
  QFETCH(const QByteArray, reason);
  const TextFile file("[" + std::string(good) + ",\n\n" + entry.toStdString() + ",\n" + good + "]");
  const SampleSet set = read_samples(file.path());
  QCOMPARE(set.samples.size(), size_t{2});
  QCOMPARE(set.faults.size(), size_t{1});
  QCOMPARE(set.faults[0].line, 4);
  QVERIFY2(mentions(set.faults[0].sentence(), reason.toStdString()), set.faults[0].sentence().c_str());
}

void TstConversationFile::hopelessFilesAreRefused() {
  QVERIFY(mentions(refusal("{}"), "list"));
  QVERIFY(mentions(refusal("5"), "list"));
  QVERIFY(mentions(refusal("[]"), "no sample"));
  QVERIFY(mentions(refusal(""), "JSON"));
  QVERIFY(mentions(refusal("[\n\n{]"), "line 3"));
  QVERIFY(mentions(refusal("[] []"), "JSON"));
  QVERIFY(mentions(refusal(std::string(300000, '[')), "deep"));
  const std::string bytes = refusal("[{\"id\": \"\xff\"}]");
  QVERIFY(mentions(bytes, "UTF-8"));
  QVERIFY(is_utf8(bytes));
  QVERIFY(mentions(refusal("[{}]"), "none of the 1 samples"));
  QVERIFY_EXCEPTION_THROWN(read_samples("/nowhere/x.json"), UserError);
}

void TstConversationFile::missingImagesAreFound() {
  const TextFile file("[" + std::string(good) + ",\n" + good + ",\n{}]");
  const fs::path folder = file.path().parent_path();
  QCOMPARE(check_samples(file.path(), folder).size(), size_t{3});
  std::ofstream(folder / "a.png") << "x";
  QCOMPARE(check_samples(file.path(), folder).size(), size_t{1});
  int looked = 0;
  const auto faults = check_samples(file.path(), folder, [&](const fs::path&) {
    ++looked;
    return std::optional<std::string>("no picture");
  });
  QCOMPARE(looked, 1);
  QCOMPARE(faults.size(), size_t{3});
  QCOMPARE(faults[1].line, 3);
  QCOMPARE(image_path(folder, "x/y.png"), folder / "x/y.png");
  QVERIFY_EXCEPTION_THROWN(image_path(folder, "x/../../y.png"), UserError);
}

void TstConversationFile::wordsAreCounted() {
  Sample sample;
  sample.turns = {{Speaker::human, " a b\n\u3000c"}, {Speaker::gpt, ""}};
  const auto lengths = sample_lengths({sample});
  QCOMPARE(lengths[0].words, 3);
  QVERIFY(!lengths[0].has_image);
}

QTEST_GUILESS_MAIN(TstConversationFile)
#include "tst_conversation_file.moc"
