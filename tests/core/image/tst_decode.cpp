// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/decode.h"

#include <QTemporaryDir>

#include "tests/core/image/image_testing.h"

using namespace llavakd;
using namespace llavakd::testing;

namespace {
const std::string folder = LLAVAKD_TEST_DATA_DIR "/image/";

/// A PNG whose header claims this size.
std::vector<uint8_t> png_of_size(uint8_t high_byte) {
  std::vector<uint8_t> bytes = file_bytes(folder + "rgb.png");
  bytes[17] = bytes[21] = high_byte;
  return bytes;
}
}  // namespace

class TestDecode : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void equalsPillow();
  void sizeComesFromTheHeader();
  void saysWhatWasCutShort();
  void nameDoesNotDecide();
  void refusesWhatIsNoPicture_data();
  void refusesWhatIsNoPicture();
  void refusesHugePictures();
  void refusesFoldersAndMissingFiles();
  void everyPrefixEndsWell();
  void encodesWhatItDecodes();
};

void TestDecode::equalsPillow() {
  const auto expected = json_file(folder + "expected.json")["decoded"];
  QVERIFY(expected.size() > 20);
  for (const auto& [name, picture] : expected.items()) {
    const Image image = read_image(folder + name);
    QCOMPARE(image.width, picture["width"].get<int>());
    QCOMPARE(image.height, picture["height"].get<int>());
    QVERIFY2(sha256(image) == picture["sha256"], name.c_str());
  }
}

void TestDecode::sizeComesFromTheHeader() {
  for (const char* name : {"rgb.png", "baseline.jpg", "lossy.webp", "animated.webp"}) {
    const ImageSize size = image_size(file_bytes(folder + name), name);
    QCOMPARE(size.width, 23);
    QCOMPARE(size.height, 17);
  }
}

void TestDecode::saysWhatWasCutShort() {
  for (const char* name : {"cut.jpg", "cut.png", "cut_interlaced.png"}) {
    bool truncated = false;
    read_image(folder + name, &truncated);
    QVERIFY2(truncated, name);
  }
  bool truncated = true;
  read_image(folder + "baseline.jpg", &truncated);
  QVERIFY(!truncated);
}

void TestDecode::nameDoesNotDecide() {
  const Image image = decode_image(file_bytes(folder + "rgb.png"), "called.jpg");
  QVERIFY(image == picture(23, 17));
}

void TestDecode::refusesWhatIsNoPicture_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("reason");
  QTest::newRow("empty") << QByteArray() << "empty";
  QTest::newRow("text") << QByteArray("hello, world") << "not a picture";
  QTest::newRow("gif") << QByteArray("GIF89a......") << "GIF";
  QTest::newRow("png signature") << QByteArray("\x89PNG\r\n\x1A\n", 8) << "header is incomplete";
  QTest::newRow("jpeg start") << QByteArray("\xFF\xD8\xFF\xE0", 4) << "JPEG data is damaged";
  QTest::newRow("webp container") << QByteArray("RIFF\x04\0\0\0WEBP", 12) << "WebP data is damaged";
}

void TestDecode::refusesWhatIsNoPicture() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, reason);
  const std::vector<uint8_t> data(bytes.begin(), bytes.end());
  const QString message = user_error([&] { decode_image(data, "some/picture"); });
  QVERIFY2(message.startsWith("some/picture: ") && message.contains(reason), qPrintable(message));
}

void TestDecode::refusesHugePictures() {
  QVERIFY(user_error([] { decode_image(png_of_size(0xFF), "a"); }).contains("over the limit"));
  std::vector<uint8_t> none = png_of_size(0);
  none[18] = none[19] = 0;
  QVERIFY(user_error([&] { decode_image(none, "a"); }).contains("no pixels"));
}

void TestDecode::refusesFoldersAndMissingFiles() {
  QTemporaryDir empty;
  const std::string path = empty.path().toStdString();
  QVERIFY(user_error([&] { read_image(path); }).contains("not a file"));
  QVERIFY(user_error([&] { read_image(path + "/none.png"); }).contains("no such picture"));
}

void TestDecode::everyPrefixEndsWell() {
  for (const char* name :
       {"progressive.jpg", "cmyk.jpg", "palette.png", "interlaced.png", "lossy.webp", "animated.webp"}) {
    const std::vector<uint8_t> bytes = file_bytes(folder + name);
    for (size_t length = 0; length < bytes.size(); ++length) {
      const std::span prefix(bytes.data(), length);
      user_error([&] { QCOMPARE(decode_image(prefix, name).rgb.size(), size_t{23 * 17 * 3}); });
    }
  }
}

void TestDecode::encodesWhatItDecodes() {
  const Image image = picture(19, 6);
  QVERIFY(decode_image(encode_png(image), "own") == image);
}

QTEST_GUILESS_MAIN(TestDecode)
#include "tst_decode.moc"
