// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <QtTest>
#include <algorithm>
#include <fstream>
#include <numeric>
#include <vector>

#include "core/base/errors.h"
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

  void emptyFilesAreEmpty() {
    std::ofstream(path("empty"));
    const auto file = MappedFile::open(path("empty"));
    QVERIFY(file->bytes().empty());
    release_pages(file->bytes().data(), 0);
  }

 private:
  fs::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }
  QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestMappedFile)
#include "tst_mapped_file.moc"
