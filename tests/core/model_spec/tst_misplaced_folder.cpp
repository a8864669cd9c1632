// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>

#include "core/base/errors.h"
#include "core/model_spec/model_tensors.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestMisplacedFolder : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void saysWhereTheModelIs_data() {
    QTest::addColumn<QByteArray>("files");
    QTest::addColumn<QByteArray>("chosen");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* files, const char* chosen, const char* expected) {
      QTest::newRow(name) << QByteArray(files) << QByteArray(chosen) << QByteArray(expected);
    };
    row("one level too high", "m/config.json n/x", "", "Choose a folder in it that has one: m.");
    row("checkpoints", "c-1/config.json c-2/config.json", "", "that has one: c-1, c-2.");
    row("cache", "blobs/x refs/main snapshots/abc/config.json", "",
        "Hugging Face cache; choose the snapshot in it: snapshots/abc.");
    row("empty cache", "blobs/x refs/main snapshots/abc/model.safetensors", "", "no snapshot in it is whole");
    row("one level too low", "config.json tokenizer/x", "tokenizer", "The folder around it has one: choose ");
    row("DeepSpeed", "zero_to_fp32.py global_step10/x", "", "It holds DeepSpeed's shards: zero_to_fp32.py.");
    row("publisher's own", "consolidated.00.pth params.json", "", "publisher's own format: consolidated.00.pth.");
    row("transformers.js", "onnx/model.onnx", "", "It holds a folder of ONNX graphs: onnx.");
    row("Parquet", "train.parquet readme.txt", "", "It holds data, not weights: train.parquet.");
    row("nothing", "readme.txt", "", "Choose the folder that has config.json");
    row("a file", "m/model.safetensors", "m/model.safetensors", "is a file, but not a GGUF file; choose the folder");
  }

  void saysWhereTheModelIs() {
    QFETCH(QByteArray, files);
    QFETCH(QByteArray, chosen);
    QFETCH(QByteArray, expected);
    const QTemporaryDir temporary;
    const fs::path root = fs::path(temporary.path().toStdString()) / "folder";
    for (const QByteArray& name : files.split(' ')) {
      fs::create_directories((root / name.toStdString()).parent_path());
      std::ofstream(root / name.toStdString()) << "x";
    }
    try {
      detect_layout(chosen.isEmpty() ? root : root / chosen.toStdString());
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QByteArray(error.what()).contains(expected), error.what());
    }
  }
};

QTEST_APPLESS_MAIN(TestMisplacedFolder)
#include "tst_misplaced_folder.moc"
