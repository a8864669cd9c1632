// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/row_store.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "core/base/sha256.h"

using namespace llavakd;

namespace {

const std::string identity = sha256("these weights"), fox = sha256("fox"), owl = sha256("owl");

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

std::string text_of(RowStore& store, const std::string& key, size_t size) {
  std::vector<std::byte> bytes(size);
  if (!store.read(key, bytes)) return "nothing";
  std::string text;
  for (const std::byte byte : bytes) text += static_cast<char>(byte);
  return text;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

class TestRowStore : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path file() const {
    return std::filesystem::path(m_folder.path().toStdString()) / "deep" / "a.rows";
  }
  /// Two entries of 5 and 3 bytes: 128 + 128 + 5 + 128 + 3.
  void fill() {
    RowStore store(file(), identity);
    store.append(fox, bytes_of("quick"));
    store.append(owl, bytes_of("sly"));
  }

 private Q_SLOTS:
  void init() { std::filesystem::remove_all(file().parent_path()); }

  void keepsWhatItWasGiven() {
    fill();
    QCOMPARE(std::filesystem::file_size(file()), 392);
    RowStore store(file(), identity);
    QCOMPARE(store.entries(), 2);
    QCOMPARE(text_of(store, fox, 5), "quick");
    QCOMPARE(text_of(store, owl, 3), "sly");
    QCOMPARE(text_of(store, owl, 4), "nothing");
    QCOMPARE(text_of(store, sha256("emu"), 3), "nothing");
    QVERIFY(store.holds(fox, 5) && !store.holds(fox, 6));
    store.append(fox, bytes_of("other"));
    store.append("no key", bytes_of("other"));
    QCOMPARE(text_of(store, fox, 5), "quick");
    store.append(sha256("none"), {});
    QCOMPARE(text_of(store, sha256("none"), 0), "");
    QVERIFY(store.take_warnings().empty());
  }

  /// A killed process leaves any number of the last entry's bytes.
  void anEndThatIsCutOffIsDropped() {
    fill();
    const std::string whole = content(file());
    for (size_t size = 0; size < whole.size(); ++size) {
      write(file(), whole.substr(0, size));
      {
        RowStore store(file(), identity);
        QCOMPARE(store.entries(), size < 261 ? 0UL : 1UL);
        store.append(owl, bytes_of("sly"));
        QCOMPARE(text_of(store, owl, 3), "sly");
      }
      RowStore again(file(), identity);
      QCOMPARE(text_of(again, owl, 3), "sly");
      QVERIFY(again.take_warnings().empty());
    }
  }

  /// Whatever single byte is wrong, an entry is right or missing.
  void aDamagedByteCostsEntriesOnly() {
    fill();
    const std::string whole = content(file());
    for (size_t at = 0; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
      write(file(), damaged);
      RowStore store(file(), identity);
      const std::string first = text_of(store, fox, 5), second = text_of(store, owl, 3);
      QVERIFY(first == "quick" || first == "nothing");
      QVERIFY(second == "sly" || second == "nothing");
    }
  }

  void aDamagedEntryIsReplaced() {
    fill();
    std::string damaged = content(file());
    damaged[256] = 'x';
    write(file(), damaged);
    {
      RowStore store(file(), identity);
      QVERIFY(!store.holds(fox, 5));
      QCOMPARE(store.take_warnings().size(), 1);
      store.append(fox, bytes_of("quick"));
    }
    RowStore store(file(), identity);
    QCOMPARE(text_of(store, fox, 5), "quick");
    QCOMPARE(text_of(store, owl, 3), "sly");
  }

  void sizesThatLieAreRefused() {
    fill();
    std::string damaged = content(file());
    for (size_t i = 0; i < 8; ++i) damaged[128 + 6 + 64 + i] = '\xff';
    write(file(), damaged);
    RowStore store(file(), identity);
    QCOMPARE(store.entries(), 0);
    QCOMPARE(store.take_warnings().size(), 1);
  }

  void foreignFilesAreLeftAlone() {
    std::filesystem::create_directories(file().parent_path());
    const std::string diary(300, 'd');
    write(file(), diary);
    {
      RowStore store(file(), identity);
      store.append(fox, bytes_of("quick"));
      QCOMPARE(text_of(store, fox, 5), "nothing");
      QCOMPARE(store.take_warnings().size(), 1);
    }
    QCOMPARE(content(file()), diary);
    init();
    fill();
    RowStore other(file(), sha256("other weights"));
    QCOMPARE(text_of(other, fox, 5), "nothing");
  }

  void aPlaceThatCannotBeOpenedIsNoFault() {
    std::filesystem::create_directories(file());
    RowStore store(file(), identity);
    store.append(fox, bytes_of("quick"));
    QCOMPARE(text_of(store, fox, 5), "nothing");
    QCOMPARE(store.take_warnings().size(), 1);
  }

  /// Only one appends; the other reads what was there.
  void twoAtOnce() {
    fill();
    RowStore first(file(), identity), second(file(), identity);
    second.append(sha256("emu"), bytes_of("tall"));
    QCOMPARE(text_of(second, sha256("emu"), 4), "nothing");
    QCOMPARE(text_of(second, fox, 5), "quick");
    first.append(sha256("emu"), bytes_of("tall"));
    QCOMPARE(text_of(first, sha256("emu"), 4), "tall");
  }
};

QTEST_APPLESS_MAIN(TestRowStore)
#include "tst_row_store.moc"
