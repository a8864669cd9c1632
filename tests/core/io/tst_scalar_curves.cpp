// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/crc32c.h"
#include "core/io/json_file.h"
#include "core/io/scalar_curves.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string little_endian_text(uint64_t number, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

std::string record(const std::string& data) {
  const std::string length = little_endian_text(data.size(), 8);
  return length + little_endian_text(masked_crc32c(length), 4) + data + little_endian_text(masked_crc32c(data), 4);
}

/// A field with a length, of up to 127 bytes.
std::string field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>((number << 3) | 2)) + static_cast<char>(bytes.size()) + bytes;
}

/// An event of step 3 with one value: 2.5, of the tag "a".
std::string event_with(const std::string& value) {
  return std::string("\x10\x03", 2) + field(5, field(1, value));
}

const std::string two_and_a_half = field(1, "a") + std::string("\x15\x00\x00\x20\x40", 5);

}  // namespace

class TestScalarCurves : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  fs::path file(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

  ScalarCurves board(const std::string& content) const {
    write_file_atomically(file("events.out.tfevents.1"), content);
    return read_tensorboard(file("events.out.tfevents.1"));
  }

  ScalarCurves csv(const std::string& content) const {
    write_file_atomically(file("kd.csv"), content);
    return read_csv_curves(file("kd.csv"));
  }

  template <class Call>
  static QString refusal(Call call) {
    try {
      call();
    } catch (const UserError& error) {
      return error.what();
    }
    return "took it";
  }

 private Q_SLOTS:
  void checksumsAreThoseOfTheStandard() {
    QCOMPARE(crc32c("123456789"), uint32_t{0xE3069283});
    QCOMPARE(crc32c(std::string(32, '\0')), uint32_t{0x8A9136AA});  // RFC 3720, B.4
    QCOMPARE(crc32c(""), uint32_t{0});
  }

  /// Written by TensorBoard's own writer, compared with its own loader: three encodings, a restart, a folder below.
  void filesAreReadAsTensorBoardDoes() {
    const fs::path data = fs::path(LLAVAKD_TEST_DATA_DIR) / "tensorboard";
    const auto expected = read_json(data / "expected.json");
    const ScalarCurves read = read_tensorboard(data / "run");
    QVERIFY(read.warnings.empty());
    QCOMPARE(read.curves.size(), expected.size());
    for (const auto& [name, points] : read.curves) {
      QVERIFY2(expected.contains(name), name.c_str());
      QCOMPARE(points.size(), expected[name].size());
      for (size_t i = 0; i < points.size(); ++i) {
        const auto& point = expected[name][i];
        QCOMPARE(points[i].step, point[0].get<int64_t>());
        QCOMPARE(points[i].time, point[1].get<double>());
        if (point[2].is_null())
          QVERIFY(std::isnan(points[i].value));
        else
          QCOMPARE(points[i].value, point[2].get<double>());
      }
    }
  }

  void whatIsNoScalarIsPassedOver() {
    const std::string histogram = field(1, "h") + field(5, "x");
    const std::string two_numbers =
        field(1, "t") + field(8, std::string("\x08\x01", 2) + field(5, std::string(8, '\0')));
    const std::string words = field(1, "w") + field(8, std::string("\x08\x07", 2) + field(8, "hello"));
    const ScalarCurves read = board(record(event_with(histogram)) + record(event_with(two_numbers)) +
                                    record(event_with(words)) + record(event_with(two_and_a_half)));
    QCOMPARE(read.curves.size(), size_t{1});
    QCOMPARE(read.curves.at("a").at(0).value, 2.5);
    QCOMPARE(read.curves.at("a").at(0).step, int64_t{3});
  }

  /// bfloat16, half, int32 and int64 hold scalars, too.
  void otherTypesOfNumbersAreRead() {
    const auto of = [&](char type, const std::string& content) {
      const auto tensor = std::string("\x08", 1) + type + field(4, content);
      return board(record(event_with(field(1, "a") + field(8, tensor)))).curves.at("a").at(0).value;
    };
    QCOMPARE(of(14, std::string("\xC0\x3F", 2)), 1.5);
    QCOMPARE(of(19, std::string("\x00\x3E", 2)), 1.5);
    QCOMPARE(of(19, std::string("\x01\x00", 2)), std::ldexp(1, -24));
    QCOMPARE(of(3, std::string("\xFE\xFF\xFF\xFF", 4)), -2.0);
    QCOMPARE(of(9, std::string("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8)), -2.0);
  }

  void aHalfRecordEndsTheFileInSilence() {
    const std::string whole = record(event_with(two_and_a_half));
    for (size_t cut = 1; cut < whole.size(); ++cut) {
      const ScalarCurves read = board(whole + whole.substr(0, cut));
      QCOMPARE(read.curves.at("a").size(), size_t{1});
      QVERIFY(read.warnings.empty());
    }
  }

  void behindADamagedRecordNothingIsRead() {
    const std::string whole = record(event_with(two_and_a_half));
    for (size_t at = 8; at < whole.size(); ++at) {  // before that: a length, which its own checksum guards
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      const ScalarCurves read = board(whole + damaged + whole);
      QCOMPARE(read.curves.at("a").size(), size_t{1});
      QCOMPARE(read.warnings.size(), size_t{1});
      QVERIFY2(read.warnings[0].find("damaged at byte " + std::to_string(whole.size())) != std::string::npos,
               read.warnings[0].c_str());
    }
  }

  void hostileFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("content");
    const auto row = [](const char* name, const std::string& content) {
      QTest::newRow(name) << QByteArray(content.data(), static_cast<qsizetype>(content.size()));
    };
    row("empty", "");
    row("text", "step,loss\n1,2\n");
    const std::string huge = little_endian_text(UINT64_MAX, 8);
    row("huge length", huge + little_endian_text(masked_crc32c(huge), 4) + "x");
    row("no message", record(std::string(40, '\xff')));
    row("a field beyond its message", record(std::string("\x2A\x7F", 2) + "x"));
    row("a group", record(std::string("\x2B", 1)));
    row("an endless varint", record("\x10" + std::string(20, '\x80')));
    row("a value beyond its summary", record(field(5, std::string("\x0A\x7F", 2))));
    row("a tag without a value", record(event_with(field(1, "a"))));
    row("a value without a tag", record(event_with(std::string("\x15\x00\x00\x20\x40", 5))));
  }

  void hostileFilesAreRefused() {
    QFETCH(QByteArray, content);
    QVERIFY_EXCEPTION_THROWN(board(content.toStdString()), UserError);
  }

  void namesArePrintable() {
    const std::string value = field(1, "a\xff\n") + std::string("\x15\x00\x00\x20\x40", 5);
    const ScalarCurves read = board(record(event_with(value)));
    QCOMPARE(read.curves.begin()->first, "a\\xff\\x0a");
  }

  void anEmptyFolderSaysSo() {
    fs::create_directories(file("empty"));
    QVERIFY(refusal([&] { read_tensorboard(file("empty")); }).contains("holds no TensorBoard event file"));
    QVERIFY(refusal([&] { read_tensorboard(file("nowhere")); }).contains("There is no file or folder"));
  }

  void columnsAreCurves() {
    const ScalarCurves read = csv("Step,loss,\"lr, peak\",note\n1,0.5,,good\n\n2,2.5e-1,0.001,\n3,nan,0.002,bad\n");
    QCOMPARE(read.curves.size(), size_t{2});
    QCOMPARE(read.curves.at("loss").size(), size_t{3});
    QCOMPARE(read.curves.at("loss")[1].step, int64_t{2});
    QCOMPARE(read.curves.at("loss")[1].value, 0.25);
    QVERIFY(std::isnan(read.curves.at("loss")[2].value));
    QCOMPARE(read.curves.at("lr, peak").size(), size_t{2});
    QCOMPARE(read.warnings.size(), size_t{1});
    QVERIFY(read.warnings[0].find("column note holds texts") != std::string::npos);
  }

  void tensorBoardsDownloadIsACurveByTheFilesName() {
    const ScalarCurves read = csv("\xEF\xBB\xBFWall time,Step,Value\r\n1700000000.5,10,0.75\r\n");
    QCOMPARE(read.curves.at("kd").at(0).time, 1700000000.5);
    QCOMPARE(read.curves.at("kd").at(0).step, int64_t{10});
    QCOMPARE(read.curves.at("kd").at(0).value, 0.75);
  }

  void separatorsFollowTheHeading() {
    QCOMPARE(csv("step;loss\n1;0,5\n").curves.at("loss").at(0).value, 0.5);
    QCOMPARE(csv("step\tloss\n1\t0.5").curves.at("loss").at(0).value, 0.5);
    QCOMPARE(csv("step,\"a \"\"b\"\"\nc\"\n1,0.5\n").curves.begin()->first, "a \"b\"\\x0ac");
  }

  void hostileTablesAreRefused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << QByteArray() << "is empty";
    QTest::newRow("no steps") << QByteArray("loss\n1\n") << "no column is called step";
    QTest::newRow("only steps") << QByteArray("step\n1\n") << "no numbers besides steps";
    QTest::newRow("a word among numbers") << QByteArray("step,loss\n1,2\n2,high\n") << "line 3, column loss: \"high\"";
    QTest::newRow("half a step") << QByteArray("step,loss\n0.5,2\n") << "line 2, column step: \"0.5\"";
    QTest::newRow("a step beyond all") << QByteArray("step,loss\n1e300,2\n") << "line 2, column step";
    QTest::newRow("too many cells") << QByteArray("step,loss\n1,2,3\n") << "line 2: it has 3 cells";
    QTest::newRow("an open quotation") << QByteArray("step,loss\n1,\"2\n\n") << "line 2: a quotation mark";
    QTest::newRow("too many columns") << QByteArray("step").append(20'000, ',') << "too many columns";
    QTest::newRow("bytes") << QByteArray("step,\xff\n1,\xfe\n") << "no numbers";
  }

  void hostileTablesAreRefused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, message);
    const QString said = refusal([&] { csv(content.toStdString()); });
    QVERIFY2(said.contains(message), qPrintable(said));
  }
};

QTEST_APPLESS_MAIN(TestScalarCurves)
#include "tst_scalar_curves.moc"
