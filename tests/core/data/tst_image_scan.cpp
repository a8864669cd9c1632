// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>

#include "core/data/image_scan.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

Sample with_images(const char* id, std::vector<ImageRef> images) {
  Sample sample;
  sample.id = id;
  sample.images = std::move(images);
  return sample;
}

}  // namespace

class TstImageScan : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_ = dir_.path().toStdString();

  SampleList samples() const {
    return SampleList({with_images("first", {"a.png"}), with_images("words", {}), with_images("copy", {"copy.png"}),
                       with_images("again", {"a.png"}), with_images("gone", {"gone.png"}),
                       with_images("both", {"a.png", "copy.png", "page.png"}), with_images("other", {"b.gif"})});
  }

 private Q_SLOTS:
  void initTestCase() {
    const fs::path images = fs::path(LLAVAKD_TEST_DATA_DIR) / "image";
    fs::copy_file(images / "rgb.png", folder_ / "a.png");
    fs::copy_file(images / "rgb.png", folder_ / "copy.png");
    fs::copy_file(images / "palette.gif", folder_ / "b.gif");
    std::ofstream(folder_ / "page.png") << "<!doctype html><p>Not found";
  }

  void sameImagesUnderTwoNames() {
    std::vector<int64_t> asked;
    const ImageScan scan = scan_images(samples(), folder_, [&](int64_t done) {
      asked.push_back(done);
      return true;
    });
    QVERIFY(scan.whole);
    QCOMPARE(asked, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
    QCOMPARE(scan.images, 5);
    QCOMPARE(scan.duplicates.size(), size_t{1});
    QCOMPARE(scan.duplicates[0].names, (std::vector<std::string>{"a.png", "copy.png"}));
    QCOMPARE(scan.duplicates[0].samples, (std::vector<int64_t>{0, 2, 3, 5}));
    QCOMPARE(scan.faults.size(), size_t{2});
    QVERIFY(scan.faults.at(4).ends_with("gone.png: there is no such picture"));
    QVERIFY(scan.faults.at(5).find("an HTML page") != std::string::npos);
  }

  void itEndsWhenAsked() {
    const ImageScan scan = scan_images(samples(), folder_, [](int64_t done) { return done < 3; });
    QVERIFY(!scan.whole);
    QCOMPARE(scan.images, 2);
    QCOMPARE(scan.duplicates.size(), size_t{1});
    QCOMPARE(scan.duplicates[0].samples, (std::vector<int64_t>{0, 2}));
    QVERIFY(scan.faults.empty());
  }
};

QTEST_GUILESS_MAIN(TstImageScan)
#include "tst_image_scan.moc"
