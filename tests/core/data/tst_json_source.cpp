// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/data/dataset.h"
#include "core/model_spec/config_keys.h"

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
    open_dataset(file.path());
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

class TstJsonSource : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void readsAllFields();
  void faultsKeepTheirLines_data();
  void faultsKeepTheirLines();
  void hopelessFilesAreRefused();
  void jsonLinesAreReadByContent();
  void pythonsNumbersAreNoFault();
  void aFirstTurnThatIsNotHumanIsDroppedAndNoted();
  void keysThatNothingReadsAreNamed();
  void eachKeyIsWhatTheTableSays_data();
  void eachKeyIsWhatTheTableSays();
};

void TstJsonSource::readsAllFields() {
  const TextFile file(R"([
 {"id": 7, "image": ["a/b.png", "c.png"], "template": "phi", "type": "count", "extra": {"deep": [[1]]},
  "conversations": [{"from": "human", "value": "<image>1"}, {"from": "gpt", "value": "é", "more": [{}]},
                    {"from": "human", "value": "<image>2"}, {"from": "gpt", "value": ""}]},
 {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "image": null}])");
  const auto data = open_dataset(file.path());
  QVERIFY(data->faults().empty());
  QCOMPARE(data->size(), 2);
  const auto held = data->sample(0);
  const Sample& first = *held;
  QCOMPARE(first.id, std::string("7"));
  QVERIFY((first.images == std::vector<ImageRef>{"a/b.png", "c.png"}));
  QCOMPARE(first.template_name, std::string("phi"));
  QCOMPARE(first.type, std::string("count"));
  QCOMPARE(first.turns.size(), size_t{4});
  QCOMPARE(first.turns[1], (Turn{Speaker::gpt, "é"}));
  QCOMPARE(first.line, 2);
  QCOMPARE(first.conversation().images, 2);
  QCOMPARE(data->sample(1)->id, std::string("entry 2"));
  QCOMPARE(data->sample(1)->line, 5);
}

void TstJsonSource::faultsKeepTheirLines_data() {
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
  row(R"({"conversations": [{"from": "user", "value": ""}]})", "the only one is from 'user'");
  row(R"({"conversations": [{"role": "user", "content": ""}]})", "\"role\" and \"content\"");
  row(R"({"messages": [{"role": "user", "content": ""}]})", "under \"messages\"");
  row(R"({"video": "a.mp4", "conversations": []})", "about a video");
  row(R"({"image": "a", "images": ["b"], "conversations": []})", "\"image\" and \"images\"");
  row(R"({"image": "https://x/a.png", "conversations": []})", "web address");
  row(R"({"conversations": [{"from": "human", "value": 5}]})", "\"value\" of a turn is a number");
  row(R"({"conversations": [{"from": "human", "value": {"a": 1}}]})", "\"value\" of a turn is an object");
  row(R"({"conversations": [{"from": "human", "value": "q"}]})", "no answer");
  row(R"({"id": [], "image": 5, "conversations": []})", "\"image\" is a number");
  row(R"({"image": [5], "conversations": []})", "an image is a number");
  row(R"({"image": "../x", "conversations": []})", "leads out");
  row(R"({"image": "a\\..\\..\\b", "conversations": []})", "b' leads out");
  row(R"({"image": "a\u0000b", "conversations": []})", "zero byte");
  row(R"({"image": "", "conversations": []})", "no name");
  row(R"({"template": "x", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]})",
      "no conversation template 'x'");
  row(R"({"image": "a", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]})",
      "names 1 picture, but there is no <image>");
  row(R"({"conversations": [{"from": "human", "value": "<image>"}, {"from": "gpt", "value": "a"}]})",
      "names no picture");
  row(R"({"image": ["a", "b", "c"], "conversations": [{"from": "human", "value": "<image><image>"}, {"from": "gpt", "value": "a"}]})",
      "a question has several <image>");
}

void TstJsonSource::faultsKeepTheirLines() {
  QFETCH(const QByteArray, entry);
  QFETCH(const QByteArray, reason);
  const TextFile file("[" + std::string(good) + ",\n\n" + entry.toStdString() + ",\n" + good + "]");
  const auto data = open_dataset(file.path());
  QCOMPARE(data->size(), 2);
  QCOMPARE(data->faults().size(), size_t{1});
  QCOMPARE(data->faults()[0].line, 4);
  QVERIFY2(mentions(data->faults()[0].message(), reason.toStdString()), data->faults()[0].message().c_str());
}

void TstJsonSource::hopelessFilesAreRefused() {
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
  QVERIFY_EXCEPTION_THROWN(open_dataset("/nowhere/x.json"), UserError);
}

void TstJsonSource::jsonLinesAreReadByContent() {
  const std::string one =
      R"({"id": 1, "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]})";
  const TextFile file("\xEF\xBB\xBF" + one + "\r\n\n  " + one + "\n{\"id\": \n5\n{}\n" + one + " x\n" + one);
  const auto data = open_dataset(file.path());
  QCOMPARE(data->size(), 3);
  QCOMPARE(data->sample(1)->line, 3);
  QCOMPARE(data->sample(2)->line, 8);
  QCOMPARE(data->sample(2)->id, std::string("1"));
  QCOMPARE(data->faults().size(), size_t{4});
  QCOMPARE(data->faults()[3].line, 7);
  QCOMPARE(data->faults()[0].line, 4);
  QVERIFY2(mentions(data->faults()[0].reason, "not valid JSON"), data->faults()[0].reason.c_str());
  QCOMPARE(data->faults()[1].line, 5);
  QVERIFY(mentions(data->faults()[1].reason, "it is a number"));
  QVERIFY(mentions(data->faults()[2].reason, "no \"conversations\""));
  QCOMPARE(open_dataset(TextFile(one).path())->size(), 1);
  QVERIFY(mentions(refusal("{\n \"data\": [" + one + "]\n}"), "not an object"));
  QVERIFY(mentions(refusal("{\"data\": []}"), "not an object"));
}

void TstJsonSource::pythonsNumbersAreNoFault() {
  const TextFile file(R"([{"id": "NaN", "score": NaN, "low": [-Infinity, Infinity],
    "conversations": [{"from": "human", "value": "is \"NaN\" \\"}, {"from": "gpt", "value": "Infinity"}]}])");
  const auto data = open_dataset(file.path());
  QCOMPARE(data->size(), 1);
  QCOMPARE(data->sample(0)->id, std::string("NaN"));
  QCOMPARE(data->sample(0)->turns[0].text, std::string("is \"NaN\" \\"));
  QCOMPARE(data->sample(0)->turns[1].text, std::string("Infinity"));
}

void TstJsonSource::aFirstTurnThatIsNotHumanIsDroppedAndNoted() {
  const std::string turns = R"({"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]})";
  const TextFile file("[{\"id\": \"s\", \"conversations\": [{\"from\": \"system\", \"value\": \"be kind\"}, " + turns +
                      ",\n{\"conversations\": [{\"from\": \"gpt\", \"value\": \"hi\"}, " + turns +
                      ",\n{\"conversations\": [" + turns.substr(0, turns.size() - 2) +
                      ", {\"from\": \"system\", \"value\": \"x\"}]}" +
                      ",\n{\"conversations\": [{\"from\": \"system\", \"value\": \"\"}, {\"from\": \"gpt\", \"value\": "
                      "\"\"}]}]");
  const auto data = open_dataset(file.path());
  QCOMPARE(data->size(), 2);
  QCOMPARE(data->sample(0)->turns.size(), size_t{2});
  QCOMPARE(data->notes().size(), size_t{1});
  QVERIFY2(
      mentions(data->notes()[0], "In 2 samples the first turn") && mentions(data->notes()[0], "'s', from 'system'"),
      data->notes()[0].c_str());
  QCOMPARE(data->faults().size(), size_t{2});
  QVERIFY(mentions(data->faults()[0].reason, "from 'system'"));
  QVERIFY(mentions(data->faults()[1].reason, "from gpt instead of human"));
}

void TstJsonSource::keysThatNothingReadsAreNamed() {
  const std::string turns =
      R"("conversations": [{"from": "human", "value": "q", "weight": 0}, {"from": "gpt", "value": "a"}])";
  const TextFile file("[{\"system\": \"be kind\", \"model\": \"x\", \"bbox\": [[1]], \"note\": null, \"tag\": \"\", " +
                      turns + "}, {\"bbox\": {}, " + turns + "}]");
  const auto data = open_dataset(file.path());
  QCOMPARE(data->notes(), (std::vector<std::string>{"Keys that nothing reads are passed over: \"bbox\" (2), "
                                                    "\"conversations[].weight\" (2), \"system\" (1)."}));
}

void TstJsonSource::eachKeyIsWhatTheTableSays_data() {
  QTest::addColumn<int>("index");
  const auto rows = data_file_keys();
  for (size_t i = 0; i < rows.size(); ++i)
    QTest::addRow("%s: %s", std::string(name_of(rows[i].place)).c_str(), std::string(rows[i].key).c_str()) << int(i);
}

void TstJsonSource::eachKeyIsWhatTheTableSays() {
  QFETCH(const int, index);
  const ConfigKey& row = data_file_keys()[size_t(index)];
  const auto read_with = [&](bool with) {
    Json entry = Json::parse(good);
    const std::string key(row.key);
    if (with && key == "images") entry.erase("image");
    Json& object = row.place == KeyPlace::data_turn ? entry["conversations"][1] : entry;
    if (with && key == "conversations")
      object[key] = "x";
    else if (with)
      object[key] = key == "template" ? "phi" : key == "from" ? "human" : "other.png";
    return open_dataset_to_check(TextFile(Json::array({entry}).dump()).path());
  };
  const auto text_of = [](const std::shared_ptr<const Dataset>& data) {
    std::string text;
    for (int64_t i = 0; i < data->size(); ++i) {
      const auto s = data->sample(i);
      text +=
          fmt::format("{}|{}|{}|{}|{}", s->id, s->images.at(0).file, s->template_name, s->type, s->turns.at(1).text);
    }
    return text;
  };
  const auto before = read_with(false), after = read_with(true);
  const bool said = !after->notes().empty() && mentions(after->notes()[0], row.key);
  switch (row.fate) {
    case KeyFate::read:
      QVERIFY(text_of(after) != text_of(before));
      QVERIFY(after->notes().empty());
      break;
    case KeyFate::no_effect:
      QCOMPARE(text_of(after), text_of(before));
      QVERIFY(after->notes().empty());
      break;
    case KeyFate::refused:
      QCOMPARE(after->faults().size(), size_t{1});
      QCOMPARE(after->faults()[0].reason, std::string(row.description));
      break;
    case KeyFate::warned:
      QCOMPARE(text_of(after), text_of(before));
      QVERIFY(said);
      break;
  }
}

QTEST_GUILESS_MAIN(TstJsonSource)
#include "tst_json_source.moc"
