// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <unordered_set>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/image/decode.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

QString refusal(const ImageRef& image) {
  try {
    read_image(image);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

class TstImageRef : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_ = dir_.path().toStdString();
  std::string png_;

 private Q_SLOTS:
  void initTestCase() {
    const auto bytes = encode_png(Image(6, 4));
    png_.assign(bytes.begin(), bytes.end());
    std::ofstream(folder_ / "alone.png", std::ios::binary) << png_;
    std::ofstream(folder_ / "many.bin", std::ios::binary) << "12345" << png_ << png_ << "end";
  }

  void keysTellApart() {
    const std::string file = "a/b.png";
    QCOMPARE(ImageRef(file).key(), file);
    QCOMPARE(ImageRef(file, 5, 10).key(), std::string("a/b.png@5+10"));
    QVERIFY(ImageRef(file).is_file() && !ImageRef(file, 0, 10).is_file());
    const std::unordered_set<ImageRef> known{file, {file, 0, 10}, {file, 5, 10}, {file, 5, 11}, "a/b.png"};
    QCOMPARE(known.size(), size_t{4});
  }

  void aPartIsReadAsAFileIs() {
    const ImageRef whole(folder_ / "alone.png");
    const std::string many = (folder_ / "many.bin").string();
    const auto length = static_cast<int64_t>(png_.size());
    for (const int64_t offset : {int64_t{5}, 5 + length}) {
      const ImageRef part(many, offset, length);
      QVERIFY(read_encoded_image(part) == read_encoded_image(whole));
      QCOMPARE(read_image(part).width, 6);
      QCOMPARE(content_hash(part), content_hash(whole));
    }
    QCOMPARE(content_hash(whole), sha256_of_file(folder_ / "alone.png"));
    bool truncated = false;
    read_image(ImageRef(many, 5, length - 20), &truncated);
    QVERIFY(truncated);
  }

  void whatIsNotThereIsRefusedByName() {
    const std::string many = (folder_ / "many.bin").string();
    for (const ImageRef& image : {ImageRef(many, 5, 1 << 20), ImageRef(many, 1 << 20, 1), ImageRef(many, -1, 4),
                                  ImageRef(many, 4, -2), ImageRef(many, 1, INT64_MAX)}) {
      QVERIFY2(refusal(image).contains("the picture isn't in it"), qPrintable(refusal(image)));
      QVERIFY(refusal(image).contains("many.bin@"));
      QVERIFY_EXCEPTION_THROWN(content_hash(image), UserError);
    }
    QVERIFY(refusal(ImageRef(many, 0, 5)).contains("many.bin@0+5"));  // no picture
    QVERIFY(refusal(ImageRef(many, 0, 0)).contains("many.bin@0+0"));
    QVERIFY(refusal(folder_ / "none.png").contains("there is no such picture"));
    QVERIFY(refusal(folder_).contains("this is not a file"));
    QVERIFY_EXCEPTION_THROWN(content_hash(folder_ / "none.png"), UserError);
  }
};

QTEST_GUILESS_MAIN(TstImageRef)
#include "tst_image_ref.moc"
