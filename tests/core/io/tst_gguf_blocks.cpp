// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <algorithm>
#include <bit>

#include "core/base/sha256.h"
#include "core/io/gguf_blocks.h"
#include "core/io/json_file.h"
#include "core/io/safetensors.h"

using namespace llavakd;

namespace {

const std::filesystem::path data_folder = std::filesystem::path(LLAVAKD_TEST_DATA_DIR) / "gguf";

BlockType type_called(std::string_view name) {
  for (uint32_t number = 0; number < 64; ++number) {
    const auto type = block_type_numbered(number);
    if (type && name_of(*type) == name) return *type;
  }
  qFatal("no such type");
}

/// The upper bytes of a linear congruential generator, as make_blocks.py draws them.
std::vector<std::byte> pseudo_random(size_t count) {
  std::vector<std::byte> bytes(count);
  uint32_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 24);
  }
  return bytes;
}

}  // namespace

/// Every type against what the Python package gguf makes of the same blocks: tests/data/gguf/make_blocks.py.
class TestGgufBlocks : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void namesEveryType() {
    const auto many = read_json(data_folder / "many_blocks.json");
    size_t types = 0;
    for (uint32_t number = 0; number < 1000; ++number) {
      const auto type = block_type_numbered(number);
      if (!type) continue;
      ++types;
      QVERIFY2(many.contains(std::string(name_of(*type))), std::string(name_of(*type)).c_str());
    }
    QCOMPARE(types, many.size());
    QCOMPARE(name_of_unread_type(9), std::string("Q8_1"));
    QCOMPARE(name_of_unread_type(250), std::string("number 250"));
  }

  void everyBit_data() { types(); }

  /// Middling, largest and zero scales; signs of zeros count too.
  void everyBit() {
    QFETCH(std::string, name);
    const SafetensorsFile file = open_safetensors(data_folder / "blocks.safetensors");
    const auto stored = [&](const std::string& tensor) {
      return *std::find_if(file.tensors.begin(), file.tensors.end(), [&](const auto& t) { return t.name == tensor; });
    };
    const StoredTensor blocks = stored(name + ".blocks"), expected = stored(name + ".values");
    const BlockType type = type_called(name);
    QCOMPARE(static_cast<size_t>(blocks.shape[1]), size_of(type).bytes);
    QCOMPARE(static_cast<size_t>(expected.shape[1]), size_of(type).elements);
    std::vector<float> values(static_cast<size_t>(expected.elements()));
    dequantise(type, {blocks.data, blocks.bytes()}, values);
    for (size_t i = 0; i < values.size(); ++i) {
      float right;
      std::memcpy(&right, expected.data + i * sizeof right, sizeof right);
      QVERIFY2(std::bit_cast<uint32_t>(values[i]) == std::bit_cast<uint32_t>(right),
               qPrintable(QString("number %1: %2, not %3").arg(i).arg(values[i]).arg(right)));
    }
  }

  void manyBlocks_data() { types(); }

  /// 512 blocks of random bytes meet nearly all codes, scales from the smallest on, and entries of the codebooks.
  void manyBlocks() {
    QFETCH(std::string, name);
    const auto many = read_json(data_folder / "many_blocks.json");
    const BlockType type = type_called(name);
    const BlockSize size = size_of(type);
    std::vector<std::byte> blocks = pseudo_random(512 * size.bytes);
    for (size_t i = 0; i < 512; ++i) {
      for (const auto& bounded : many[name]["bounded"])
        blocks[i * size.bytes + bounded.get<size_t>()] &= std::byte{0xbf};
    }
    std::vector<float> values(512 * size.elements);
    dequantise(type, blocks, values);
    QCOMPARE(sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}),
             many[name]["sha256"].get<std::string>());
  }

 private:
  static void types() {
    QTest::addColumn<std::string>("name");
    const auto many = read_json(data_folder / "many_blocks.json");
    for (const auto& [name, row] : many.items()) QTest::newRow(name.c_str()) << name;
  }
};

QTEST_APPLESS_MAIN(TestGgufBlocks)
#include "tst_gguf_blocks.moc"
