// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <QtTest>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <thread>
#include <vector>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

constexpr size_t mebibyte = 1 << 20;

/// Resident pages of this process in bytes.
size_t resident() {
  size_t all = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> all >> pages;
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

long sum(std::span<const std::byte> bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), 0L,
                         [](long total, std::byte byte) { return total + std::to_integer<int>(byte); });
}

}  // namespace

class TestMappedFile : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void refusesWhatIsNoFile() {
    QVERIFY_THROWS_EXCEPTION(UserError, MappedFile::open(path("absent")));
    QVERIFY_THROWS_EXCEPTION(UserError, MappedFile::open(m_folder.path().toStdString()));
  }

  void releasedPagesComeBack() {
    std::vector<char> content(64 * mebibyte, 1);
    content.back() = 7;
    std::ofstream(path("big"), std::ios::binary).write(content.data(), std::ssize(content));
    const auto file = MappedFile::open(path("big"));
    const long before = sum(file->bytes());
    const size_t touched = resident();
    release_pages(file->bytes().data() + 10, file->bytes().size() - 10);
    QVERIFY2(resident() + 48 * mebibyte < touched, "the pages are still in memory");
    QCOMPARE(sum(file->bytes()), before);
  }

  void otherMemoryKeepsItsContents() {
    const auto file = MappedFile::open(path("big"));
    std::vector<char> own(4 * mebibyte, 5);
    release_pages(own.data(), own.size());
    release_pages(nullptr, 100);
    // Beyond the file's end.
    release_pages(file->bytes().data() + file->bytes().size() + (1 << 16), 100);
    QVERIFY(std::ranges::all_of(own, [](char value) { return value == 5; }));
  }

  void aFileThatIsCutBecomesZerosAndIsTold() {
    const fs::path cut = written("cut");
    auto file = MappedFile::open(cut);
    const auto whole = MappedFile::open(written("whole"));
    const long before = sum(whole->bytes());
    fs::resize_file(cut, 1 << 12);
    QVERIFY(sum(file->bytes().subspan(mebibyte)) == 0);
    QCOMPARE(sum(file->bytes()), 0L);  // all of it, so that nothing of two states is mixed
    QCOMPARE(sum(whole->bytes()), before);
    const QString told = told_change();
    QVERIFY2(told.contains(QString::fromStdString(cut.string())) && told.contains("can't be read any more"),
             qPrintable(told));
    file.reset();
    QCOMPARE(told_change(), QString());
  }

  void severalThreadsMeetACutFile() {
    const fs::path cut = written("shared");
    const auto file = MappedFile::open(cut);
    fs::resize_file(cut, 0);
    std::vector<long> sums(8, -1);
    {
      std::vector<std::jthread> threads;
      for (long& one : sums) threads.emplace_back([&one, &file] { one = sum(file->bytes()); });
    }
    QCOMPARE(sums, std::vector<long>(8, 0));
    QVERIFY(!told_change().isEmpty());
  }

  void aFileThatIsWrittenOverIsTold() {
    const fs::path over = written("over");
    const auto file = MappedFile::open(over);
    QCOMPARE(told_change(), QString());
    fs::last_write_time(over, fs::last_write_time(over) + std::chrono::hours(1));
    const QString told = told_change();
    QVERIFY2(told.contains(QString::fromStdString(over.string())) && told.contains("was written to"), qPrintable(told));
  }

  void aFileThatIsReplacedStaysAsItWas() {
    const fs::path replaced = written("replaced");
    const auto file = MappedFile::open(replaced);
    const long before = sum(file->bytes());
    std::ofstream(path("other")) << "another";
    fs::rename(path("other"), replaced);
    QCOMPARE(sum(file->bytes()), before);
    QCOMPARE(told_change(), QString());
    fs::remove(replaced);
    QCOMPARE(sum(file->bytes()), before);
    QCOMPARE(told_change(), QString());
  }

  /// The system finds it rather than a signal.
  void aCutFileThatIsCopiedIsTold() {
    const fs::path cut = written("source");
    const auto file = MappedFile::open(cut);
    fs::resize_file(cut, 1 << 12);
    QString message;
    try {
      write_file_atomically(path("copy"), file->text());
    } catch (const RunError& error) {
      message = error.what();
    }
    QVERIFY2(message.contains(QString::fromStdString(cut.string())), qPrintable(message));
    QVERIFY(!fs::exists(path("copy")));
  }

  void emptyFilesAreEmpty() {
    std::ofstream(path("empty"));
    const auto file = MappedFile::open(path("empty"));
    QVERIFY(file->bytes().empty());
    release_pages(file->bytes().data(), 0);
  }

 private:
  /// A file of two mebibytes of ones.
  fs::path written(const char* name) const {
    const std::vector<char> content(2 * mebibyte, 1);
    std::ofstream(path(name), std::ios::binary).write(content.data(), std::ssize(content));
    return path(name);
  }

  /// What refuse_changed_mappings() says; empty if nothing.
  static QString told_change() {
    try {
      refuse_changed_mappings();
      return {};
    } catch (const RunError& error) {
      return error.what();
    }
  }

  fs::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }
  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestMappedFile)
#include "tst_mapped_file.moc"
