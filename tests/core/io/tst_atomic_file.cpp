// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>
#include <sstream>

#include "core/io/atomic_file.h"
#include "core/project/errors.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

class TestAtomicFile : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void replacesWhole() {
    const fs::path path = root() / "a.txt";
    write_file_atomically(path, "old");
    write_file_atomically(path, "new");
    QCOMPARE(content_of(path), std::string("new"));
  }

  void withoutCommitTheOldOneStays() {
    const fs::path path = root() / "a.txt";
    write_file_atomically(path, "old");
    {
      AtomicFile file(path);
      file.write(std::string_view("half"));
    }
    QCOMPARE(content_of(path), std::string("old"));
    QVERIFY(!fs::exists(root() / "a.txt.partial"));
  }

  void namesTheRemedy() {
    QVERIFY_EXCEPTION_THROWN(write_file_atomically(root() / "none" / "a.txt", ""), UserError);
    if (!fs::exists("/dev/full")) QSKIP("no /dev/full");
    try {
      fs::create_symlink("/dev/full", root() / "full.partial");
      write_file_atomically(root() / "full", "text");
      QFAIL("a full disk was not noticed");
    } catch (const RunError& error) {
      QVERIFY2(std::string(error.what()).find("Free some space") != std::string::npos, error.what());
    }
    QVERIFY(!fs::exists(root() / "full"));
  }

  void foldersAppearWhole() {
    const fs::path folder = root() / "step-1";
    for (const std::string text : {"first", "second"}) {
      AtomicFolder building(folder);
      fs::create_directory(building.partial() / "model");
      write_file_atomically(building.partial() / "model" / "x", text);
      QCOMPARE(content_of(folder / "model" / "x"), text == "first" ? std::string() : std::string("first"));
      building.commit();
      QCOMPARE(content_of(folder / "model" / "x"), text);
    }
    QCOMPARE(std::distance(fs::directory_iterator(root()), fs::directory_iterator()), 1);
  }

  void anAbandonedFolderLeavesNothing() {
    {
      AtomicFolder building(root() / "step-1");
      write_file_atomically(building.partial() / "x", "half");
    }
    QVERIFY(fs::is_empty(root()));
  }

  void removesLeftoversOfKilledProcesses() {
    fs::create_directories(root() / "step-2.partial" / "model");
    write_file_atomically(root() / "kept", "");
    QCOMPARE(remove_leftovers(root()), 1);
    QVERIFY(fs::exists(root() / "kept") && !fs::exists(root() / "step-2.partial"));
    QCOMPARE(remove_leftovers(root() / "absent"), 0);
  }

 private:
  fs::path root() const { return m_folder->path().toStdString(); }
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestAtomicFile)
#include "tst_atomic_file.moc"
