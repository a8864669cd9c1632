// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/data/dataset.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

QString refusal(const fs::path& path) {
  try {
    open_dataset(path);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

class TstDataFormat : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void otherFormatsAreNamed_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("name");
    const auto row = [](const char* name, QByteArray bytes) {
      QTest::newRow(name) << bytes << QString(name);
    };
    row("Parquet", "PAR1\x15\x04");
    row("Arrow file", QByteArray("ARROW1\0\0", 8));
    row("Arrow stream", QByteArray("\xFF\xFF\xFF\xFF\x10\0\0\0", 8));
    row("gzip", "\x1F\x8B\x08");
    row("zip", QByteArray("PK\x03\x04\x14\0", 6));
    row("tar archive", "a.json" + QByteArray(251, '\0') + "ustar\0" + QByteArray(200, '\0'));
    row("CSV", "id,image,text\n1,a.png,\"hello\"\n");
    row("TSV", "id\timage\n1\ta.png\n");
    row("HTML", "\n<!DOCTYPE html><html></html>");
    row("YAML", "- id: 1\n  image: a.png\n");
    row("UTF-16", QByteArray("\xFF\xFE[\0]\0", 6));
    row("UTF-32", QByteArray("\xFF\xFE\0\0[\0\0\0", 8));
    row("UTF-16 or UTF-32", QByteArray("[\0{\0", 4));
    row("UTF-16 or", QByteArray("\0[\0{", 4));
    row("or UTF-32", QByteArray("\0\0\0[", 4));
    row("empty", "");
    row("is empty", "\xEF\xBB\xBF \n\n");
    row("its \"train\" are the samples", R"({"version": 1, "train": [{"conversations": [{"from": "human"}]}]})");
    row("safetensors", QByteArray("\x40\0\0\0\0\0\0\0{\"a\": 1}", 16));
    row("Git LFS pointer",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + QByteArray(64, 'a') + "\nsize 5\n");
  }
  void otherFormatsAreNamed() {
    QFETCH(const QByteArray, bytes);
    QFETCH(const QString, name);
    const QTemporaryDir dir;
    const fs::path path = fs::path(dir.path().toStdString()) / "data.json";
    std::ofstream(path, std::ios::binary).write(bytes.data(), bytes.size());
    const QString message = refusal(path);
    QVERIFY2(message.contains(name) && message.contains("data.json") && message.contains("JSON"), qPrintable(message));
  }

  void foldersAreNamed() {
    const QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    QVERIFY(refusal(folder).contains("a folder"));
    std::ofstream(folder / "dataset_info.json") << "{}";
    QVERIFY(refusal(folder).contains("save_to_disk"));
  }
};

QTEST_GUILESS_MAIN(TstDataFormat)
#include "tst_data_format.moc"
