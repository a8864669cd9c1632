// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>
#include <sstream>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"

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

  void copiesBytesAlone() {
    const fs::path from = root() / "from", to = root() / "to";
    const std::string content = std::string(3 << 20, 'a') + "end";
    write_file_atomically(from, content);
    fs::permissions(from, fs::perms::owner_all);
    write_file_atomically(to, "old");
    copy_file_atomically(from, to);
    QCOMPARE(content_of(to), content);
    QVERIFY((fs::status(to).permissions() & fs::perms::owner_exec) == fs::perms::none);
    write_file_atomically(from, "");
    copy_file_atomically(from, to);
    QCOMPARE(content_of(to), std::string());
    QVERIFY_EXCEPTION_THROWN(copy_file_atomically(root() / "none", to), RunError);
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

  void linksStayLinks() {
    fs::create_directories(root() / "real");
    fs::create_symlink("real/a.txt", root() / "link.txt");
    write_file_atomically(root() / "real/a.txt", "old");
    write_file_atomically(root() / "link.txt", "new");
    QCOMPARE(content_of(root() / "real/a.txt"), std::string("new"));
    QVERIFY(fs::is_symlink(root() / "link.txt"));
    fs::create_directory_symlink("real", root() / "folder");
    AtomicFolder folder(root() / "folder");
    write_file_atomically(folder.partial() / "b.txt", "b");
    folder.commit();
    QVERIFY(fs::is_symlink(root() / "folder"));
    QCOMPARE(content_of(root() / "real/b.txt"), std::string("b"));
  }

  void impossibleNamesAreTheUsers() {
    write_file_atomically(root() / "file", "x");
    for (const fs::path& path : {fs::path(), root() / std::string(300, 'a'), root() / "file/inside"}) {
      QVERIFY_EXCEPTION_THROWN(AtomicFolder{path}, UserError);
      QVERIFY_EXCEPTION_THROWN(AtomicFile{path}, UserError);
    }
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
