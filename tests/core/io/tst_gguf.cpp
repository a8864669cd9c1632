// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/gguf.h"
#include "tests/core/io/gguf_writer.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

using Damage = std::function<void(GgufWriter&)>;

/// The values as float32, for the types that GGUF files of models hold.
std::vector<float> values_of(const StoredTensor& tensor) {
  const auto count = static_cast<size_t>(tensor.elements());
  std::vector<float> values(count);
  if (tensor.blocks) {
    const BlockSize size = size_of(*tensor.blocks);
    dequantise(*tensor.blocks, {tensor.data, count / size.elements * size.bytes}, values);
  } else if (tensor.dtype == DType::F32) {
    std::memcpy(values.data(), tensor.data, count * 4);
  } else if (tensor.dtype == DType::BF16) {
    for (size_t i = 0; i < count; ++i) std::memcpy(reinterpret_cast<char*>(&values[i]) + 2, tensor.data + 2 * i, 2);
  }
  return values;
}

}  // namespace

class TestGguf : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void reads() {
    GgufWriter writer = model();
    const GgufFile file = open(writer.bytes());
    QCOMPARE(file.version(), 3U);
    QCOMPARE(file.text("general.architecture"), std::optional<std::string>("llama"));
    QCOMPARE(file.integer("llama.block_count"), std::optional<int64_t>(2));
    QCOMPARE(file.number("llama.rope.freq_base"), std::optional<double>(500.0));
    QCOMPARE(file.integer("absent"), std::optional<int64_t>());
    QCOMPARE(file.texts("tokenizer.ggml.tokens"), (std::vector<std::string>{"a", "", "c"}));
    QCOMPARE(file.keys().size(), size_t(4));
    QCOMPARE(file.value("llama.block_count"), nlohmann::ordered_json(2));
    QCOMPARE(file.value("llama.rope.freq_base"), nlohmann::ordered_json(500));
    QCOMPARE(file.value("general.architecture"), nlohmann::ordered_json("llama"));
    QCOMPARE(file.value("tokenizer.ggml.tokens"), nlohmann::ordered_json("a list of 3"));
    QVERIFY_EXCEPTION_THROWN(file.integer("general.architecture"), UserError);
    QVERIFY_EXCEPTION_THROWN(file.text("tokenizer.ggml.tokens"), UserError);
    QVERIFY_EXCEPTION_THROWN(file.numbers("tokenizer.ggml.tokens"), UserError);
    QCOMPARE(file.tensors().size(), size_t(2));
    const StoredTensor& plain = file.tensors()[0];
    QCOMPARE(plain.shape, (std::vector<int64_t>{2, 3}));
    QCOMPARE(values_of(plain), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    QCOMPARE(std::string(file.tensors()[1].type_name()), std::string("Q8_0"));
    const auto quantised = values_of(file.tensors()[1]);
    QCOMPARE(quantised[0], -64.0F);
    QCOMPARE(quantised[31], -48.5F);
  }

  /// Texts stand in messages and tables, which are UTF-8; bytes of tokens may be anything.
  void refusesTextsThatAreNoUtf8() {
    GgufWriter writer = model();
    writer.add("general.name", "\xe9t\xe9");
    writer.add("list", std::vector<std::string>{"\xe9"});
    const GgufFile file = open(writer.bytes());
    QVERIFY_EXCEPTION_THROWN(file.text("general.name"), UserError);
    QCOMPARE(file.texts("list"), (std::vector<std::string>{"\xe9"}));
  }

  void refuses_data() {
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, Damage damage, const char* message) {
      QTest::newRow(name) << damage << QString(message);
    };
    row(
        "magic", [](GgufWriter& w) { w.magic = "GGUX"; }, "is not a GGUF file");
    row(
        "older magic", [](GgufWriter& w) { w.magic = "GGML"; }, "is a GGML file (before GGUF)");
    row(
        "version", [](GgufWriter& w) { w.version = 4; }, "GGUF version 4");
    row(
        "byte order", [](GgufWriter& w) { w.version = 0x03000000; }, "big-endian");
    row(
        "tensors", [](GgufWriter& w) { w.tensor_count = uint64_t{1} << 60; }, "tensors can't be in a file");
    row(
        "entries", [](GgufWriter& w) { w.entry_count = 60000; }, "metadata entries can't be in a file");
    row(
        "string", [](GgufWriter& w) { w.add("s", 8, GgufWriter::raw(UINT64_MAX)); }, "the metadata entry s needs");
    row(
        "type", [](GgufWriter& w) { w.add("s", 13, ""); }, "unknown type 13");
    row(
        "nested", [](GgufWriter& w) { w.add("s", 9, GgufWriter::raw(9) + GgufWriter::raw(uint64_t{1})); },
        "unknown type 9");
    row(
        "elements", [](GgufWriter& w) { w.add("s", 9, GgufWriter::raw(10) + GgufWriter::raw(uint64_t{1} << 61)); },
        "more than the file holds");
    row(
        "key twice", [](GgufWriter& w) { w.add("general.architecture", "x"); }, "stands twice");
    row(
        "alignment", [](GgufWriter& w) { w.add("general.alignment", 24U); }, "general.alignment is 24");
    row(
        "alignment 0", [](GgufWriter& w) { w.add("general.alignment", 0U); }, "general.alignment is 0");
    row(
        "dimensions",
        [](GgufWriter& w) {
          w.tensor("t", {1, 1, 1, 1, 1}, 0, std::string(4, 'x'));
        },
        "has 5 dimensions");
    row(
        "size", [](GgufWriter& w) { w.tensor("t", {UINT64_MAX}, 0, 0); }, "beyond 63 bits");
    row(
        "overflow",
        [](GgufWriter& w) {
          w.tensor("t", {1UL << 40, 1UL << 40}, 0, 0);
        },
        "overflows");
    row(
        "bytes", [](GgufWriter& w) { w.tensor("t", {1UL << 62}, 0, 0); }, "overflows");
    row(
        "ggml type", [](GgufWriter& w) { w.tensor("t", {32}, 250, 0); }, "1 tensor is of the type number 250");
    row(
        "many of a type",
        [](GgufWriter& w) {
          for (int i = 0; i < 7; ++i) w.tensor("t" + std::to_string(i), {32}, 31, 0);
        },
        "7 tensors are of the type Q4_0_4_4, which can't be read: t0, t1, t2, t3, t4 and 2 more.");
    row(
        "block", [](GgufWriter& w) { w.tensor("t", {33}, 8, 0); }, "no whole blocks");
    row(
        "past the end", [](GgufWriter& w) { w.tensor("t", {32}, 0, 1UL << 20); }, "truncated or damaged");
    row(
        "odd offset", [](GgufWriter& w) { w.tensor("t", {1}, 0, 7); }, "not a multiple");
    row(
        "overlap", [](GgufWriter& w) { w.tensor("t", {2}, 0, 0); }, "overlap");
    row(
        "key no text", [](GgufWriter& w) { w.add("\xff", "x"); }, "is no name");
    row(
        "name no text", [](GgufWriter& w) { w.tensor("\xc3\x28", {1}, 0, std::string(4, 'x')); }, "is no name");
    row(
        "name twice", [](GgufWriter& w) { w.tensor("plain", {1}, 0, std::string(4, 'x')); }, "plain stands twice");
  }

  void refuses() {
    QFETCH(Damage, damage);
    QFETCH(QString, message);
    GgufWriter writer = model();
    damage(writer);
    try {
      open(writer.bytes());
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains(message), error.what());
      QVERIFY(QString(error.what()).contains(m_folder.path()));
    }
  }

  void everyTruncationIsRefused() {
    const std::string whole = model().bytes();
    for (size_t size = 0; size + 32 < whole.size(); ++size)
      QVERIFY_EXCEPTION_THROWN(open(whole.substr(0, size)), UserError);
  }

 private:
  static GgufWriter model() {
    GgufWriter writer;
    writer.add("general.architecture", "llama");
    writer.add("llama.block_count", 2U);
    writer.add("llama.rope.freq_base", 500.0F);
    writer.add("tokenizer.ggml.tokens", std::vector<std::string>{"a", "", "c"});
    std::string numbers, block("\x00\x38", 2);  // 0.5 as half precision
    for (int i = 1; i <= 6; ++i) numbers += GgufWriter::raw(static_cast<float>(i));
    for (int i = 0; i < 32; ++i) block += static_cast<char>(i - 128);
    writer.tensor("plain", {3, 2}, 0, numbers);
    writer.tensor("quantised", {32}, 8, block);
    return writer;
  }

  GgufFile open(const std::string& bytes) const {
    const fs::path path = fs::path(m_folder.path().toStdString()) / "model.gguf";
    write_file_atomically(path, bytes);
    return GgufFile::open(path);
  }

  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestGguf)
#include "tst_gguf.moc"
