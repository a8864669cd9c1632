// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/json_file.h"

using namespace llavakd;

namespace {

std::string message_of(const std::string& text, const JsonLimits& limits = {}) {
  try {
    parse_json(text, "t.json", limits);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

class TestJsonFile : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void keepsOrderAndTypes() {
    const auto json = parse_json(R"({"z": 1, "a": [true, null, -2, 3.5, "é"], "m": {}})", "t.json");
    QCOMPARE(json.dump(), std::string(R"({"z":1,"a":[true,null,-2,3.5,"é"],"m":{}})"));
  }

  void toleratesByteOrderMark() { QCOMPARE(parse_json("\xEF\xBB\xBF[1]", "t.json").dump(), std::string("[1]")); }

  void namesLineAndColumn() {
    const std::string message = message_of("{\n \"a\": 1,\n \"b\": x\n}");
    QVERIFY2(message.starts_with("t.json, line 3, column 7:"), message.c_str());
  }

  void refuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& text, const char* expected) {
      QTest::newRow(name) << text << QByteArray(expected);
    };
    row("duplicate key", R"({"a": 1, "b": {"a": 2}, "a": 3})", "\"a\" stands twice");
    row("deep arrays", QByteArray(100000, '['), "nested more than 64");
    row("deep objects", QByteArray(R"({"a":)").repeated(100000), "nested more than 64");
    row("NaN", "[NaN]", "not valid JSON");
    row("trailing text", "{} x", "not valid JSON");
    row("truncated", R"({"a": [1, 2)", "not valid JSON");
    row("empty", "", "not valid JSON");
    row("bad UTF-8", "[\"\xC3\x28\"]", "not valid JSON");
    row("lone surrogate", R"(["\ud800"])", "not valid JSON");
    row("number out of range", "[1e999]", "a number is too large");
    row("long number out of range", "[" + QByteArray(100000, '9') + "]", "a number is too large");
  }

  void refuses() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const std::string message = message_of(text.toStdString());
    QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
    QVERIFY(message.size() < 400);
  }

  void refusesTooMuchText() { QVERIFY(message_of("[1, 2, 3]", {4, 64}).find("more than") != std::string::npos); }

  void readsManyKeysInLinearTime() {
    std::string text = "{";
    for (int i = 0; i < 150'000; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(parse_json(text + "}", "t.json").size(), size_t{150'000});
    QVERIFY2(timer.elapsed() < 5'000, qPrintable(QString::number(timer.elapsed())));
  }

  void writesAndReadsBack() {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("a.json").toStdString();
    write_json(path, {{"b", 1}, {"a", {1, 2}}});
    QCOMPARE(read_json(path).dump(), std::string(R"({"b":1,"a":[1,2]})"));
    QVERIFY(!std::filesystem::exists(path.string() + ".partial"));
    QVERIFY_EXCEPTION_THROWN(read_json(path.parent_path() / "absent.json"), UserError);
    QVERIFY_EXCEPTION_THROWN(read_json(path.parent_path()), UserError);
  }
};

QTEST_APPLESS_MAIN(TestJsonFile)
#include "tst_json_file.moc"
