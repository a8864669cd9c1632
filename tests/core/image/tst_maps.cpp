// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/maps.h"

#include <cmath>

#include "tests/core/image/image_testing.h"

using namespace llavakd;
using namespace llavakd::testing;

namespace {
const float missing = std::nanf("");
Rgb at(const Image& image, int x, int y) {
  const uint8_t* pixel = image.row(y) + x * 3;
  return {pixel[0], pixel[1], pixel[2]};
}
}  // namespace

class TestMaps : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void viridisRunsFromDarkToYellow();
  void divergingIsBalanced();
  void scalesIgnoreWhatIsMissing();
  void mapsAreCells();
  void missingIsHatched();
  void overlayMixes();
  void overlayKnowsTheDroppedPatch();
  void thumbnailsKeepTheirShape();
};

void TestMaps::viridisRunsFromDarkToYellow() {
  const ColourScale scale{.low = -1, .high = 3};
  QVERIFY(colour_of(-1, scale) == (Rgb{68, 1, 84}));
  const Rgb top = colour_of(3, scale);
  QVERIFY(top.red > 240 && top.green > 220 && top.blue < 60);
  QVERIFY(colour_of(99, scale) == top);
  QVERIFY(colour_of(-99, scale) == colour_of(-1, scale));
}

void TestMaps::divergingIsBalanced() {
  const ColourScale scale{.palette = Palette::diverging, .low = -2, .high = 2, .centre = {250, 250, 250}};
  const Rgb low = colour_of(-2, scale), middle = colour_of(0, scale), high = colour_of(2, scale);
  QVERIFY(low.blue > low.red + 50);
  QVERIFY(high.red > high.blue + 50);
  QVERIFY(middle.red > 240 && middle.green > 240 && middle.blue > 240);
  const ColourScale dark{.palette = Palette::diverging, .low = -2, .high = 2, .centre = {30, 31, 34}};
  QVERIFY(colour_of(0, dark).red < 45);
}

void TestMaps::scalesIgnoreWhatIsMissing() {
  const std::vector<float> values{missing, -1, 4, INFINITY};
  QCOMPARE(scale_for(values, Palette::viridis).low, -1.0);
  QCOMPARE(scale_for(values, Palette::viridis).high, 4.0);
  QCOMPARE(scale_for(values, Palette::diverging).low, -4.0);
  QCOMPARE(scale_for(std::vector<float>{missing}, Palette::viridis).high, 1.0);
}

void TestMaps::mapsAreCells() {
  const std::vector<float> values{0, 1, 2, 3, 4, 5};
  const ColourScale scale{.low = 0, .high = 5};
  const Image map = map_image(values, 2, 3, scale, 4);
  QCOMPARE(map.width, 12);
  QCOMPARE(map.height, 8);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 12; ++x) QVERIFY(at(map, x, y) == colour_of(y / 4 * 3 + x / 4, scale));
  }
  const Image bar = colour_bar(scale, 3, 256);
  QVERIFY(at(bar, 2, 0) == colour_of(5, scale));
  QVERIFY(at(bar, 0, 255) == colour_of(0, scale));
}

void TestMaps::missingIsHatched() {
  const Image map = map_image(std::vector<float>{missing, missing}, 1, 2, {}, 12);
  int changes = 0;
  for (int x = 0; x < 24; ++x) {
    const Rgb colour = at(map, x, 0);
    QVERIFY(colour.red == colour.green && colour.green == colour.blue);
    changes += x > 0 && !(colour == at(map, x - 1, 0));
  }
  QVERIFY(changes > 3);
}

void TestMaps::overlayMixes() {
  Image picture(4, 4);
  std::fill(picture.rgb.begin(), picture.rgb.end(), 100);
  const std::vector<float> relations{0, 1, 1, 0};
  const ColourScale scale;
  QVERIFY(overlay(picture, relations, 2, 2, scale, 0) == picture);
  const Image full = overlay(picture, relations, 2, 2, scale, 1);
  QVERIFY(at(full, 0, 0) == colour_of(0, scale));
  QVERIFY(at(full, 3, 1) == colour_of(1, scale));
  const Image half = overlay(picture, relations, 2, 2, scale, 0.5);
  QVERIFY(std::abs(at(half, 0, 0).red - (100 + colour_of(0, scale).red) / 2) <= 1);
}

void TestMaps::overlayKnowsTheDroppedPatch() {
  const std::vector<float> relations{0, 0.5F, 1};
  const ColourScale scale;
  const Image map = overlay(Image(6, 6), relations, 2, 2, scale, 1);
  QVERIFY(at(map, 5, 0) == colour_of(0, scale));
  QVERIFY(at(map, 5, 5) == colour_of(1, scale));
  const Rgb first = at(map, 0, 0);
  QVERIFY(first.red == first.green && first.green == first.blue);
}

void TestMaps::thumbnailsKeepTheirShape() {
  const Image small = thumbnail(picture(200, 50), 64);
  QCOMPARE(small.width, 64);
  QCOMPARE(small.height, 16);
  QVERIFY(thumbnail(picture(20, 10), 64) == picture(20, 10));
  QCOMPARE(thumbnail(picture(1, 500), 50).width, 1);
}

QTEST_GUILESS_MAIN(TestMaps)
#include "tst_maps.moc"
