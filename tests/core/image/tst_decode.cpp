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

/// Bytes written as hexadecimal digits; blanks between them are for the reader.
std::vector<uint8_t> from_hex(const char* digits) {
  const QByteArray bytes = QByteArray::fromHex(digits);
  return {bytes.begin(), bytes.end()};
}
}  // namespace

class TestDecode : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void equalsPillow();
  void sizeComesFromTheHeader();
  void saysWhatWasCutShort();
  void missingRowsHaveThePalettesFirstColour();
  void readsLongPngs();
  void messagesAreUtf8();
  void nameDoesNotDecide();
  void refusesWhatIsNoPicture_data();
  void refusesWhatIsNoPicture();
  void refusesHugePictures();
  void refusesWrongHeaders();
  void refusesFoldersAndMissingFiles();
  void everyPrefixEndsWell();
  void encodesWhatItDecodes();
};

void TestDecode::equalsPillow() {
  size_t count = 0;
  for (const char* file : {"expected.json", "expected_bmp_gif_tiff.json"}) {
    const auto expected = json_file(folder + file)["decoded"];
    count += expected.size();
    for (const auto& [name, picture] : expected.items()) {
      const Image image = read_image(folder + name);
      QCOMPARE(image.width, picture["width"].get<int>());
      QCOMPARE(image.height, picture["height"].get<int>());
      QVERIFY2(sha256(image) == picture["sha256"].get<std::string>(), name.c_str());
      const ImageSize size = image_size(file_bytes(folder + name), name);
      QVERIFY2(size.width == image.width && size.height == image.height, name.c_str());
    }
  }
  QVERIFY(count > 85);
}

void TestDecode::sizeComesFromTheHeader() {
  for (const char* name : {"rgb.png", "baseline.jpg", "lossy.webp", "animated.webp"}) {
    const ImageSize size = image_size(file_bytes(folder + name), name);
    QCOMPARE(size.width, 23);
    QCOMPARE(size.height, 17);
  }
}

void TestDecode::saysWhatWasCutShort() {
  for (const char* name : {"cut.jpg", "cut.png", "cut_interlaced.png", "cut_rgb24.bmp", "cut_palette4.bmp",
                           "cut_noise.gif", "cut_interlaced.gif", "cut.tif", "cut_cmyk.tif"}) {
    bool truncated = false;
    read_image(folder + name, &truncated);
    QVERIFY2(truncated, name);
  }
  for (const char* name : {"baseline.jpg", "rgb24.bmp", "runs8.bmp", "noise.gif", "part.gif", "rgb.tif", "lzw.tif"}) {
    bool truncated = true;
    read_image(folder + name, &truncated);
    QVERIFY2(!truncated, name);
  }
}

/// As Pillow with LOAD_TRUNCATED_IMAGES, whose picture of indices begins as zeros.
void TestDecode::missingRowsHaveThePalettesFirstColour() {
  // 1 × 3 pixels, the colours (10 20 30) and (40 50 60), and two rows of the second.
  const std::vector<uint8_t> bytes = from_hex(
      "89504e470d0a1a0a 0000000d49484452 0000000100000003 0803000000 650395b0"
      "00000006504c54450a141e28323cd51bb4e9 0000000f49444154 7801010600f9ff 0001 0001");
  bool truncated = false;
  const Image image = decode_image(bytes, "cut", &truncated);
  const std::vector<uint8_t> expected{40, 50, 60, 40, 50, 60, 10, 20, 30};
  QCOMPARE(image.rgb, expected);
  QVERIFY(truncated);
}

/// libpng's own limit of a side is a million.
void TestDecode::readsLongPngs() {
  // 1 × 1,000,001 grey pixels, of which only the first is there.
  const std::vector<uint8_t> bytes = from_hex(
      "89504e470d0a1a0a 0000000d49484452 00000001000f42410800000000 3f92e7c5"
      "0000000f49444154 7801010600f9ff 00c8");
  const Image image = decode_image(bytes, "long");
  QCOMPARE(image.height, 1000001);
  QCOMPARE(image.rgb[0], 200);
  QCOMPARE(image.rgb[3], 0);
}

void TestDecode::messagesAreUtf8() {
  const QString message = user_error([] { read_image("/nowhere/\xFF\xFE.png"); });
  QVERIFY2(message.startsWith("/nowhere/\\xff\\xfe.png: "), qPrintable(message));
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
  QTest::newRow("gif") << QByteArray("GIF89a......") << "GIF data is damaged";
  QTest::newRow("gif without a picture") << QByteArray("GIF89a\x02\0\x02\0\0\0\0;", 14) << "no picture in it";
  QTest::newRow("bmp start") << QByteArray("BM.........") << "BMP data is damaged";
  QTest::newRow("tiff start") << QByteArray("II*\0\x08\0\0\0", 8) << "TIFF data is damaged";
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

/// A file whose header claims the most that its format can, while the rest stays.
std::vector<uint8_t> with_bytes(const char* name, size_t at, std::initializer_list<uint8_t> values) {
  std::vector<uint8_t> bytes = file_bytes(folder + name);
  std::copy(values.begin(), values.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

void TestDecode::refusesWrongHeaders() {
  const auto message_of = [](const std::vector<uint8_t>& bytes) {
    return user_error([&] { decode_image(bytes, "a"); });
  };
  QVERIFY(message_of(with_bytes("rgb24.bmp", 18, {0xFF, 0xFF, 0xFF, 0x7F})).contains("over the limit"));
  QVERIFY(message_of(with_bytes("rgb24.bmp", 22, {0, 0, 0, 0})).contains("no pixels"));
  QVERIFY(message_of(with_bytes("rgb24.bmp", 28, {7})).contains("7 bits"));
  QVERIFY(message_of(with_bytes("rgb24.bmp", 30, {4})).contains("compression 4"));
  QVERIFY(message_of(with_bytes("rgb24.bmp", 14, {41})).contains("unknown kind"));
  QVERIFY(message_of(with_bytes("rgb565.bmp", 54, {1})).contains("bit fields"));
  QVERIFY(message_of(with_bytes("runs8.bmp", 46, {1, 1})).contains("256 colours"));
  QVERIFY(message_of(with_bytes("palette.gif", 6, {0xFF, 0xFF, 0xFF, 0xFF})).contains("over the limit"));
  // big_endian.tif begins with its directory: 8 + 2 bytes, then twelve a tag; the value of a tag is in its last four.
  QVERIFY(message_of(with_bytes("big_endian.tif", 18, {0xFF, 0xFF, 0xFF, 0xFF})).contains("over the limit"));
  QVERIFY(message_of(with_bytes("big_endian.tif", 18 + 36, {0, 6})).contains("compression 6"));
  QVERIFY(message_of(with_bytes("big_endian.tif", 18 + 48, {0, 8})).contains("colours of kind 8"));
  QVERIFY(message_of(with_bytes("tiled.tif", 10 + 12 * 6 + 8, {0xF0, 0xFF})).contains("TIFF data is damaged"));
  QVERIFY(message_of(with_bytes("tiled.tif", 10 + 12 * 6 + 8, {0, 15, 0, 0, 0x43, 1, 4, 0, 1, 0, 0, 0, 0, 16}))
              .contains("tiles are far larger"));
}

void TestDecode::refusesFoldersAndMissingFiles() {
  QTemporaryDir empty;
  const std::string path = empty.path().toStdString();
  QVERIFY(user_error([&] { read_image(path); }).contains("not a file"));
  QVERIFY(user_error([&] { read_image(path + "/none.png"); }).contains("no such picture"));
}

void TestDecode::everyPrefixEndsWell() {
  for (const char* name :
       {"progressive.jpg", "cmyk.jpg", "palette.png", "interlaced.png", "lossy.webp", "animated.webp", "palette4.bmp",
        "runs4.bmp", "interlaced.gif", "animated.gif", "lzw.tif", "jpeg_ycbcr.tif", "tiled.tif", "planes.tif"}) {
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
