// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>

#include "core/base/errors.h"
#include "core/io/safetensors.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

void write_raw(const fs::path& path, const std::string& header, const std::string& data) {
  std::ofstream file(path, std::ios::binary);
  const uint64_t length = header.size();
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << header << data;
}

TensorToWrite tensor_of(const std::string& name, DType dtype, std::vector<int64_t> shape, const std::string& bytes) {
  return {name, dtype, std::move(shape), [bytes] {
            return std::as_bytes(std::span(bytes));
          }};
}

}  // namespace

class TestSafetensors : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void writesAndReadsBack() {
    const fs::path path = root() / "a.safetensors";
    const float values[6] = {1, 2, 3, 4, 5, 6};
    std::vector<TensorToWrite> tensors{tensor_of("b16", DType::BF16, {3}, "abcdef"),
                                       tensor_of("scalar", DType::I64, {}, "12345678"),
                                       tensor_of("empty", DType::F32, {0, 4}, "")};
    tensors.push_back({"matrix", DType::F32, {2, 3}, [&] {
                         return std::as_bytes(std::span(values));
                       }});
    write_safetensors(path, tensors, {{"format", "pt"}, {"step", "7"}});

    const SafetensorsFile file = open_safetensors(path);
    QCOMPARE(file.metadata.at("step"), std::string("7"));
    std::vector<std::string> names;
    for (const StoredTensor& tensor : file.tensors) {
      names.push_back(tensor.name);
      QVERIFY(tensor.is_aligned() && tensor.is_contiguous());
    }
    QCOMPARE(names, (std::vector<std::string>{"scalar", "empty", "matrix", "b16"}));
    QCOMPARE(file.tensors[2].strides, (std::vector<int64_t>{3, 1}));
    QCOMPARE(std::memcmp(file.tensors[2].data, values, sizeof values), 0);
  }

  void theSameInputGivesTheSameBytes() {
    for (const char* name : {"a", "b"}) {
      write_safetensors(root() / name, {tensor_of("x", DType::U8, {2}, "xy"), tensor_of("w", DType::U8, {1}, "w")});
    }
    QFile a(m_folder.filePath("a")), b(m_folder.filePath("b"));
    QVERIFY(a.open(QIODevice::ReadOnly) && b.open(QIODevice::ReadOnly));
    QCOMPARE(a.readAll(), b.readAll());
  }

  void aWrongNumberOfBytesIsNotWritten() {
    QVERIFY_EXCEPTION_THROWN(write_safetensors(root() / "c", {tensor_of("x", DType::F32, {2}, "1234")}), RunError);
    QVERIFY(!fs::exists(root() / "c"));
  }

  void emptyTensorsMayHaveLargeSizes() {
    const fs::path path = root() / "large.safetensors";
    write_raw(path, R"({"x":{"dtype":"F32","shape":[0,1099511627776,3],"data_offsets":[0,0]}})", "");
    const auto tensors = open_safetensors(path).tensors;
    QCOMPARE(tensors[0].elements(), 0);
    QCOMPARE(tensors[0].strides, (std::vector<int64_t>{1, 1, 1}));
  }

  void metadataMayBeNull() {
    const fs::path path = root() / "null.safetensors";
    write_raw(path, R"({"__metadata__":null,"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234");
    QCOMPARE(open_safetensors(path).tensors.size(), size_t{1});
  }

  void refuses_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("dataBytes");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* header, int bytes, const char* expected) {
      QTest::newRow(name) << QByteArray(header) << bytes << QByteArray(expected);
    };
    row("unknown type", R"({"x":{"dtype":"F13","shape":[1],"data_offsets":[0,4]}})", 4, "unknown type F13");
    row("too few bytes", R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "needs 8 bytes");
    row("negative size", R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "whole numbers");
    row("overflow", R"({"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0, "overflows");
    row("overflow beside a 0", R"({"x":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", 0,
        "overflows");
    row("float offsets", R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}})", 4, "whole numbers");
    row("reversed", R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "before it begins");
    row("past the end", R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4, "truncated");
    row("hole", R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "hole of 4 bytes");
    row("rest", R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8, "belong to no tensor");
    row("overlap",
        R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
        8, "overlaps");
    row("twice",
        R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
        2, "stands twice");
    row("array", "[]", 0, "not a JSON object");
    row("no offsets", R"({"x":{"dtype":"F32","shape":[1]}})", 4, "data_offsets");
    row("metadata", R"({"__metadata__":{"a":1}})", 0, "must be text");
  }

  void refuses() {
    QFETCH(QByteArray, header);
    QFETCH(int, dataBytes);
    QFETCH(QByteArray, expected);
    const fs::path path = root() / "bad.safetensors";
    write_raw(path, header.toStdString(), std::string(static_cast<size_t>(dataBytes), '\0'));
    try {
      open_safetensors(path);
      QFAIL("accepted");
    } catch (const UserError& error) {
      const QString message = error.what();
      QVERIFY2(message.contains(expected) && message.contains("bad.safetensors"), error.what());
    }
  }

  void refusesLfsPointersAndShortFiles() {
    for (const std::string text : {"", "1234567", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"}) {
      std::ofstream(root() / "p.safetensors") << text;
      QVERIFY_EXCEPTION_THROWN(open_safetensors(root() / "p.safetensors"), UserError);
    }
  }

 private:
  fs::path root() const { return m_folder.path().toStdString(); }
  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
