// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>
#include <functional>

#include "core/base/errors.h"
#include "core/io/foreign_file.h"
#include "core/io/json_file.h"
#include "core/io/tensor_files.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

QString refusal_of(const std::function<void()>& open) {
  try {
    open();
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

class TestForeignFile : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void knows_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("what");
    const auto row = [](const char* name, const QByteArray& bytes, const char* what) {
      QTest::newRow(name) << bytes << QByteArray(what);
    };
    row("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a Git LFS pointer");
    row("page", "\xEF\xBB\xBF \n<!DOCTYPE HTML>\n<html>", "an HTML page");
    row("page without a type", "<Html lang=\"en\">", "an HTML page");
    row("answer of a store", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "an XML document");
    row("answer of a hub", "Entry not found", "Entry not found");
    row("zeros", QByteArray(4096, '\0'), "begins with zeros");
    row("gzip", QByteArray("\x1f\x8b\x08\x00", 4), "a gzip archive");
    row("xz",
        QByteArray("\xfd"
                   "7zXZ\0",
                   6),
        "an xz archive");
    row("tar", QByteArray(257, 'a') + "ustar\0" + QByteArray(100, '0'), "a tar archive");
    row("Keras", QByteArray("\x89HDF\r\n\x1a\n\x00", 9), "an HDF5 file");
    row("Parquet", "PAR1\x15\x04", "a Parquet file");
  }

  void knows() {
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, what);
    const auto found = foreign_file(bytes.toStdString());
    QVERIFY(found);
    QVERIFY2(QByteArray::fromStdString(std::string(found->what)).contains(what), std::string(found->what).c_str());
    QVERIFY(found->remedy.ends_with('.'));
  }

  void knowsNothingOfOthers() {
    for (const std::string_view text : {"", "{\"a\": 1}", "[1]", "<image>\nWhat is it?", "<s>", "version 2", "hello"})
      QVERIFY2(!foreign_file(text), std::string(text).c_str());
    QVERIFY(!foreign_file(std::string_view("\0\0\0", 3)));
  }

  void everyReaderNamesIt() {
    const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    for (const char* name : {"model.safetensors", "pytorch_model.bin", "config.json"}) {
      std::ofstream(path() / name) << pointer;
      const QString message = refusal_of([&] {
        if (std::string_view(name) == "config.json")
          read_json(path() / name);
        else
          open_tensor_files(path() / name);
      });
      QVERIFY2(message.contains("is a Git LFS pointer. Run `git lfs pull` in its folder."), qPrintable(message));
      QVERIFY2(message.contains(name), qPrintable(message));
    }
    std::ofstream(path() / "model.safetensors") << "<!doctype html><html></html>";
    QVERIFY(refusal_of([&] { open_tensor_files(path()); }).contains("is an HTML page"));
    std::ofstream(path() / "model.safetensors") << std::string("PK\x03\x04\0\0\0\0\0\0\0\0", 12);
    QVERIFY(refusal_of([&] { open_tensor_files(path()); }).contains("is a zip archive"));
  }

 private:
  fs::path path() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestForeignFile)
#include "tst_foreign_file.moc"
