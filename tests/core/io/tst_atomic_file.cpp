// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <sys/stat.h>

#include <QtTest>
#include <csignal>
#include <fstream>
#include <sstream>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/linked_folder.h"

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
    std::string said;
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit little{.rlim_cur = 2, .rlim_max = before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);
    try {
      write_file_atomically(root() / "full", "text");
    } catch (const RunError& error) {
      said = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY2(said.find("Free some space") != std::string::npos, said.c_str());
    QVERIFY(!fs::exists(root() / "full") && !fs::exists(root() / "full.partial"));
  }

  /// What a killed process or somebody else has left under the name of the unfinished file: it may be open to all, or
  /// lead elsewhere.
  void anUnfinishedFileIsNew() {
    write_file_atomically(root() / "left.partial", "half");
    fs::permissions(root() / "left.partial", fs::perms::all);
    write_file_atomically(root() / "left", "whole");
    QVERIFY((fs::status(root() / "left").permissions() & fs::perms::others_write) == fs::perms::none);
    write_file_atomically(root() / "elsewhere", "mine");
    fs::create_symlink("elsewhere", root() / "led.partial");
    write_file_atomically(root() / "led", "text");
    QCOMPARE(content_of(root() / "elsewhere"), std::string("mine"));
    QCOMPARE(content_of(root() / "led"), std::string("text"));
    QVERIFY(!fs::is_symlink(root() / "led"));
    fs::create_directory(root() / "folder.partial");
    QVERIFY_EXCEPTION_THROWN(write_file_atomically(root() / "folder", "text"), UserError);
  }

  void newFilesAreAsPrivateAsAsked_data() {
    QTest::addColumn<int>("mask");
    QTest::newRow("077") << 077;
    QTest::newRow("022") << 022;
    QTest::newRow("027") << 027;
  }

  /// Whatever the rights of the source are.
  void newFilesAreAsPrivateAsAsked() {
    QFETCH(const int, mask);
    const fs::path from = root() / "open", to = root() / QTest::currentDataTag();
    fs::create_directories(from / "inner");
    write_file_atomically(from / "inner" / "a", "text");
    fs::create_symlink("inner/a", from / "link");
    for (const fs::path& each : {from, from / "inner", from / "inner" / "a"}) fs::permissions(each, fs::perms::all);
    const mode_t before = umask(static_cast<mode_t>(mask));
    copy_file_atomically(from / "inner" / "a", root() / "copied");
    link_or_copy_folder(from, to);
    umask(before);
    const auto forbidden = static_cast<fs::perms>(mask);
    for (const fs::path& each : {root() / "copied", to, to / "inner", to / "link"})
      QVERIFY2((fs::status(each).permissions() & forbidden) == fs::perms::none, each.c_str());
    QCOMPARE(content_of(to / "link"), std::string("text"));
    QVERIFY(!fs::is_symlink(to / "link"));
    QVERIFY(fs::equivalent(to / "inner" / "a", from / "inner" / "a"));
  }

  void onlyOrdinaryFilesAreLinked() {
    fs::create_directories(root() / "with-pipe");
    QCOMPARE(mkfifo((root() / "with-pipe" / "pipe").c_str(), 0600), 0);
    QVERIFY_EXCEPTION_THROWN(link_or_copy_folder(root() / "with-pipe", root() / "copy"), UserError);
    QVERIFY_EXCEPTION_THROWN(link_or_copy_folder(root() / "none", root() / "copy-2"), RunError);
  }

  /// A link to a folder is followed once, and never to one around it.
  void linksWithoutAnEndAreRefused() {
    for (const char* name : {"one", "two"}) fs::create_directories(root() / name / "inner");
    write_file_atomically(root() / "two" / "inner" / "a", "text");
    fs::create_symlink(root() / "two", root() / "one" / "link");
    link_or_copy_folder(root() / "one", root() / "followed");
    QCOMPARE(content_of(root() / "followed" / "link" / "inner" / "a"), std::string("text"));
    fs::create_symlink(root() / "one", root() / "two" / "back");
    QVERIFY_EXCEPTION_THROWN(link_or_copy_folder(root() / "one", root() / "endless"), UserError);
    for (const char* target : {"/", ".", ".."}) {
      const fs::path link = root() / "one" / "inner" / "up";
      fs::create_directory_symlink(target, link);
      QVERIFY_EXCEPTION_THROWN(link_or_copy_folder(root() / "one" / "inner", root() / "up"), UserError);
      fs::remove(link);
      const fs::path whole = root() / "whole-link";
      fs::create_directory_symlink(target, whole);
      QVERIFY_EXCEPTION_THROWN(link_or_copy_folder(whole, root() / "up-2"), UserError);
      fs::remove(whole);
    }
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
