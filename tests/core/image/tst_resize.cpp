// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/resize.h"

#include "tests/core/image/image_testing.h"

using namespace llavakd;
using namespace llavakd::testing;

class TestResize : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void equalsPillow();
  void sameSizeIsACopy();
  void oneColourStays();
  void paddingCentres();
  void paddingRefusesStrips();
  void cropTakesTheMiddle();
  void cropFillsWithBlack();
};

void TestResize::equalsPillow() {
  const auto cases = json_file(LLAVAKD_TEST_DATA_DIR "/image/expected.json")["resized"];
  QVERIFY(cases.size() > 30);
  for (const auto& expected : cases) {
    const ResampleFilter filter = expected["resample"] == 1   ? ResampleFilter::lanczos
                                  : expected["resample"] == 2 ? ResampleFilter::bilinear
                                                              : ResampleFilter::bicubic;
    const Image result =
        resize(picture(expected["from"][0], expected["from"][1]), expected["to"][0], expected["to"][1], filter);
    QVERIFY2(sha256(result) == expected["sha256"].get<std::string>(), expected.dump().c_str());
  }
}

void TestResize::sameSizeIsACopy() {
  QVERIFY(resize(picture(9, 4), 9, 4) == picture(9, 4));
}

void TestResize::oneColourStays() {
  Image image(31, 7);
  std::fill(image.rgb.begin(), image.rgb.end(), 201);
  const Image result = resize(image, 6, 50);
  QVERIFY(std::all_of(result.rgb.begin(), result.rgb.end(), [](uint8_t value) { return value == 201; }));
}

void TestResize::paddingCentres() {
  Image image(1, 4);
  std::fill(image.rgb.begin(), image.rgb.end(), 9);
  const Image square = pad_to_square(image, {1, 2, 3});
  QCOMPARE(square.width, 4);
  QCOMPARE(square.height, 4);
  QCOMPARE(square.row(2)[0], 1);
  QCOMPARE(square.row(2)[3], 9);  // (4 − 1) / 2 = 1 column on the left
  QCOMPARE(square.row(2)[7], 2);
  QVERIFY(pad_to_square(square, {}) == square);
}

void TestResize::paddingRefusesStrips() {
  QVERIFY(user_error([] { pad_to_square(Image(1, 13378), {}); }).contains("1 × 13378 is too long and narrow"));
  QVERIFY(user_error([] { pad_to_square(Image(60000, 1), {}); }).contains("60000 × 1 is too long and narrow"));
}

void TestResize::cropTakesTheMiddle() {
  const Image image = picture(8, 5);
  const Image middle = center_crop(image, 3, 3);
  QCOMPARE(middle.row(0)[0], image.row(1)[2 * 3]);
  QCOMPARE(middle.row(2)[8], image.row(3)[4 * 3 + 2]);
}

void TestResize::cropFillsWithBlack() {
  Image image(1, 1);
  image.rgb = {5, 6, 7};
  const Image result = center_crop(image, 4, 1);
  const std::vector<uint8_t> expected{0, 0, 0, 0, 0, 0, 5, 6, 7, 0, 0, 0};
  QCOMPARE(result.rgb, expected);
}

QTEST_GUILESS_MAIN(TestResize)
#include "tst_resize.moc"
