// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/io/pickle_machine.h"
#include "core/io/torch_archive.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(const StoredTensor& tensor, size_t index) {
  return {reinterpret_cast<const char*>(tensor.data) + index * size_of(tensor.dtype), size_of(tensor.dtype)};
}

std::string refusal_of(std::string_view pickle) {
  try {
    PickleMachine(std::as_bytes(std::span(pickle)), "t");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

std::string little_endian(uint32_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

/// A zip archive of stored entries (APPNOTE.TXT 4.3: local headers, directory, its end).
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string local, directory;
  for (const auto& [name, bytes] : entries) {
    const auto size = static_cast<uint32_t>(bytes.size()), length = static_cast<uint32_t>(name.size());
    const std::string sizes = little_endian(0, 4) + little_endian(size, 4) + little_endian(size, 4);
    directory += "PK\x01\x02" + little_endian(20, 2) + little_endian(20, 2) + std::string(8, '\0') + sizes +
                 little_endian(length, 2) + std::string(12, '\0') +
                 little_endian(static_cast<uint32_t>(local.size()), 4) + name;
    local += "PK\x03\x04" + little_endian(20, 2) + std::string(8, '\0') + sizes + little_endian(length, 2) +
             little_endian(0, 2) + name + bytes;
  }
  const auto count = static_cast<uint32_t>(entries.size());
  return local + directory + "PK\x05\x06" + std::string(4, '\0') + little_endian(count, 2) + little_endian(count, 2) +
         little_endian(static_cast<uint32_t>(directory.size()), 4) +
         little_endian(static_cast<uint32_t>(local.size()), 4) + std::string(2, '\0');
}

}  // namespace

class TestTorchArchive : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void interpretsDictionaries() {
    using namespace std::string_view_literals;
    constexpr auto pickle = "\x80\x02}q\0(X\x01\0\0\0aK\x05X\x01\0\0\0b\x8a\x01\xFFu."sv;
    const PickleMachine machine(std::as_bytes(std::span(pickle)), "t");
    QCOMPARE(machine.result().kind, PickleValue::Kind::dict);
    const auto& items = machine.items(machine.result());
    QCOMPARE(items.size(), size_t{4});
    QCOMPARE(machine.value(items[0]).text, "a"sv);
    QCOMPARE(machine.value(items[1]).integer, 5);
    QCOMPARE(machine.value(items[3]).integer, -1);
  }

  void refusesCodeAndDamage_data() {
    using namespace std::string_literals;
    QTest::addColumn<QByteArray>("pickle");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const std::string& pickle, const char* expected) {
      QTest::newRow(name) << QByteArray::fromStdString(pickle) << QByteArray(expected);
    };
    row("call", "\x80\x02"s + "cos\nsystem\n(X\x02\0\0\0lstR."s, "os.system");
    row("stack global", "\x80\x04\x8c\x02os\x8c\x06system\x93."s, "os.system");
    row("storage", "ctorch\nBananaStorage\n."s, "torch.BananaStorage is unknown");
    row("name no text", "\x80\x02"s + "co\xffs\nsys\x1btem\n."s, "o\\xffs.sys\\x1btem");
    row("storage of a function",
        "(X\x07\0\0\0storagectorch._utils\n_rebuild_tensor_v2\nX\x01\0\0\0"
        "0X\x03\0\0\0cpuK\x01tQ."s,
        "a persistent id that isn't a storage");
    row("empty", "", "ends early");
    row("pop of nothing", "R", "nothing on the stack");
    row("pop below mark", "N(R", "nothing on the stack");
    row("no mark", "t", "no mark");
    row("memo", "h\x07.", "wasn't stored");
    row("length", "X\xff\xff\xff\xff", "ends early");
    row("long", "\x8b\xff\xff\xff\x7f\x01"s, "ends early");
    row("INST opcode", "i", "0x69");
    row("latin-1", "X\x01\0\0\0\xe9."s, "UTF-8");
  }

  void refusesCodeAndDamage() {
    QFETCH(QByteArray, pickle);
    QFETCH(QByteArray, expected);
    const std::string message = refusal_of(pickle.toStdString());
    QVERIFY2(QByteArray::fromStdString(message).contains(expected), message.c_str());
  }

  /// made by tests/data/make_torch_archive.py: views, a transposed tensor, a parameter and shared storages.
  void opensViewsAndSharedStorages() {
    const auto tensors = open_torch_archive(fs::path(LLAVAKD_TEST_DATA_DIR) / "torch_archive/views.bin");
    const auto named = [&](const std::string& name) {
      return *std::find_if(tensors.begin(), tensors.end(), [&](const StoredTensor& t) { return t.name == name; });
    };
    const StoredTensor transposed = named("transposed");
    QCOMPARE(transposed.shape, (std::vector<int64_t>{3, 2}));
    QCOMPARE(transposed.strides, (std::vector<int64_t>{1, 3}));
    QVERIFY(!transposed.is_contiguous());
    QCOMPARE(named("base").data, transposed.data);
    const StoredTensor row = named("second_row");
    QCOMPARE(row.data, named("base").data + 3 * sizeof(float));
    float value = 0;
    std::memcpy(&value, bytes_of(row, 1).data(), sizeof value);
    QCOMPARE(value, 4.0F);
    QCOMPARE(named("parameter").dtype, DType::BF16);
    QCOMPARE(named("scalar").shape.size(), size_t{0});
    QCOMPARE(named("ids").dtype, DType::I64);
  }

  void takesAnyFolderForItsRoot() {
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("a.bin").toStdString();
    for (const char* name : {"data.pkl", "./data.pkl", "archive/data.pkl"}) {
      std::ofstream(path, std::ios::binary) << zip_of({{name, "\x80\x02}."}});
      QVERIFY(open_torch_archive(path).empty());
    }
    for (const char* name : {"metadata.pkl", "/data.pkl", "../data.pkl"}) {
      std::ofstream(path, std::ios::binary) << zip_of({{name, "\x80\x02}."}});
      QVERIFY_EXCEPTION_THROWN(open_torch_archive(path), UserError);
    }
  }

  /// A few names for the same bytes are tied weights; thousands would fill the memory.
  void tiedWeightsMayShareTheirBytes() {
    using namespace std::string_literals;
    const auto archive_of = [](int names) {
      std::string pickle = "\x80\x02}("s;
      for (int i = 0; i < names; ++i)
        pickle += "X\x01\0\0\0"s + static_cast<char>('a' + i) +
                  "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
                  "X\x01\0\0\0"
                  "0X\x03\0\0\0cpuM\0\x04tQK\0M\0\x04\x85K\x01\x85\x89"
                  "ccollections\nOrderedDict\n)RtR"s;
      return zip_of({{"m/data.pkl", pickle + "u."}, {"m/data/0", std::string(4096, '\0')}});
    };
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("a.bin").toStdString();
    std::ofstream(path, std::ios::binary) << archive_of(2);
    QCOMPARE(open_torch_archive(path).size(), size_t{2});
    std::ofstream(path, std::ios::binary) << archive_of(26);
    QVERIFY_EXCEPTION_THROWN(open_torch_archive(path), UserError);
  }

  void namesCheckpointsOfTraining() {
    using namespace std::string_literals;
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("a.bin").toStdString();
    std::ofstream(path, std::ios::binary) << zip_of({{"m/data.pkl", "\x80\x02}(X\x0a\0\0\0state_dict}u."s}});
    try {
      open_torch_archive(path);
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString(error.what()).contains("weights under \"state_dict\". Save that dictionary alone."),
               error.what());
    }
  }

  void refusesEntryNamesThatAreNoUtf8() {
    std::ifstream file(fs::path(LLAVAKD_TEST_DATA_DIR) / "torch_archive/views.bin", std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    bytes[bytes.rfind("/data/") + 1] = '\xff';  // in the directory, which is last
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("a.bin").toStdString();
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      open_torch_archive(path);
      QFAIL("accepted");
    } catch (const UserError& error) {
      QVERIFY2(QString::fromUtf8(error.what()).contains("/\\xffata"), error.what());
    }
  }
};

QTEST_APPLESS_MAIN(TestTorchArchive)
#include "tst_torch_archive.moc"
