// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/base/sha256.h"
#include "core/training/disk_cache.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestDiskCache : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_ = dir_.path().toStdString();

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

 private Q_SLOTS:
  void anImageIsKnownByItsBytes() {
    write("a.png", "aaaa");
    write("many.bin", "aaaabbbb");
    const std::string many = (folder_ / "many.bin").string();
    ImageHashes hashes;
    const std::string of_file = hashes.of(folder_ / "a.png");
    QCOMPARE(of_file, sha256_of_file(folder_ / "a.png"));
    QCOMPARE(hashes.of({many, 0, 4}), of_file);
    QCOMPARE(hashes.of({many, 4, 4}), sha256("bbbb"));
    QVERIFY(hashes.of(folder_ / "gone.png").empty());
    QVERIFY(hashes.of({many, 4, 5}).empty());
  }
};

QTEST_GUILESS_MAIN(TestDiskCache)
#include "tst_disk_cache.moc"
