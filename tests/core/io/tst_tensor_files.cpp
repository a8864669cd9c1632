// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/safetensors.h"
#include "core/io/tensor_files.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

void write_tensor(const fs::path& path, const std::string& name) {
  static const float value = 1;
  write_safetensors(path, {{name, DType::F32, {1}, [] {
                              return std::as_bytes(std::span(&value, 1));
                            }}});
}

}  // namespace

class TestTensorFiles : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void opensOneFile() {
    write_tensor(root() / "model.safetensors", "x");
    const TensorFiles files = open_tensor_files(root());
    QCOMPARE(files.tensors.size(), size_t{1});
    QCOMPARE(files.format, std::string("safetensors"));
    QCOMPARE(files.bytes, fs::file_size(root() / "model.safetensors"));
    QVERIFY(has_tensor_files(root()));
  }

  void opensShardsSortedByName() {
    write_tensor(root() / "s1.safetensors", "b");
    write_tensor(root() / "s2.safetensors", "a");
    index(R"({"b": "s1.safetensors", "a": "s2.safetensors"})");
    const TensorFiles files = open_tensor_files(root());
    QCOMPARE(files.tensors.at(0).name, std::string("a"));
    QCOMPARE(files.tensors.at(1).name, std::string("b"));
    QCOMPARE(files.files.size(), size_t{2});
  }

  void refusesBrokenIndexes_data() {
    QTest::addColumn<QByteArray>("map");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("missing shard") << QByteArray(R"({"x": "s1.safetensors", "y": "s2.safetensors"})")
                                   << QByteArray("shards that are not there: s2.safetensors.");
    QTest::newRow("a name no file can have")
        << ("{\"x\": \"" + QByteArray(300, 's') + "\"}") << QByteArray("shards that are not there: sss");
    QTest::newRow("traversal") << QByteArray(R"({"x": "../s1.safetensors"})")
                               << QByteArray("leaves the checkpoint folder");
    QTest::newRow("absolute") << QByteArray(R"({"x": "/etc/passwd"})") << QByteArray("leaves the checkpoint folder");
    QTest::newRow("tensor elsewhere") << QByteArray(R"({"z": "s1.safetensors"})") << QByteArray("should hold z");
    QTest::newRow("not text") << QByteArray(R"({"x": 1})") << QByteArray("is not text");
    QTest::newRow("empty") << QByteArray("{}") << QByteArray("no \"weight_map\"");
  }

  void refusesBrokenIndexes() {
    QFETCH(QByteArray, map);
    QFETCH(QByteArray, expected);
    write_tensor(root() / "s1.safetensors", "x");
    index(map.toStdString());
    try {
      open_tensor_files(root());
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(expected), error.what());
    }
  }

  void refusesATensorInTwoShards() {
    write_tensor(root() / "s1.safetensors", "x");
    write_tensor(root() / "s2.safetensors", "x");
    // Only "y" leads to the second shard, whose "x" is then there twice.
    index(R"({"x": "s1.safetensors", "x2": "s2.safetensors"})");
    QVERIFY_EXCEPTION_THROWN(open_tensor_files(root()), UserError);
  }

  void saysWhatItLookedFor() {
    try {
      open_tensor_files(root());
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains("pytorch_model.bin.index.json"), error.what());
    }
  }

  void saysWhatLiesThereInstead_data() {
    QTest::addColumn<QByteArray>("files");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* files, const char* expected) {
      QTest::newRow(name) << QByteArray(files) << QByteArray(expected);
    };
    row("TensorFlow", "tf_model.h5", "TensorFlow (Keras) weights: tf_model.h5.");
    row("Flax", "flax_model.msgpack", "Flax weights: flax_model.msgpack.");
    row("ONNX", "model.onnx", "an ONNX graph: model.onnx.");
    row("download", "model.safetensors.incomplete", "unfinished downloads: model.safetensors.incomplete.");
    row("browser's download", "model.safetensors.crdownload x.json", "unfinished downloads");
    row("shards", "model-00001-of-00002.safetensors model-00002-of-00002.safetensors", "shards without their index: ");
    row("GGUF", "model.Q4_K_M.gguf", "Name the .gguf file itself");
    row("DeepSpeed", "zero_to_fp32.py latest", "zero_to_fp32.py (DeepSpeed)");
    row("FSDP", "__0_0.distcp __1_0.distcp", "a distributed checkpoint: __0_0.distcp, __1_0.distcp.");
    row("another name", "model.fp16.safetensors", "other names: model.fp16.safetensors.");
    row("many", "1.pt 2.pt 3.pt 4.pt 5.pt 6.pt 7.pt", "1.pt, 2.pt, 3.pt, 4.pt, 5.pt and 2 more.");
  }

  void saysWhatLiesThereInstead() {
    QFETCH(QByteArray, files);
    QFETCH(QByteArray, expected);
    for (const QByteArray& name : files.split(' ')) std::ofstream(root() / name.toStdString()) << "x";
    try {
      open_tensor_files(root());
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(expected), error.what());
    }
  }

 private:
  void index(const std::string& map) const {
    std::ofstream(root() / "model.safetensors.index.json") << R"({"metadata": {}, "weight_map": )" << map << "}";
  }
  fs::path root() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestTensorFiles)
#include "tst_tensor_files.moc"
