// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <filesystem>
#include <fstream>

#include "core/base/errors.h"
#include "core/data/image_file.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

const std::string composed = "caf\u00e9", decomposed = "cafe\u0301";

}  // namespace

class TstImageFile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void namesOfOtherSystemsAreFound() {
    const QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const auto make = [&](const fs::path& name) {
      fs::create_directories((folder / name).parent_path());
      std::ofstream(folder / name) << "x";
    };
    make("x/y.png");
    QCOMPARE(image_path(folder, "x/y.png"), folder / "x/y.png");
    QCOMPARE(image_path(folder, "x\\y.png"), folder / "x/y.png");
    make("odd\\name.png");  // a name with a backslash goes before a folder's
    QCOMPARE(image_path(folder, "odd\\name.png"), folder / "odd\\name.png");
    make(decomposed + "/" + composed + ".png");
    for (const std::string& written :
         {composed + "/" + composed, decomposed + "/" + decomposed, composed + "\\" + decomposed})
      QCOMPARE(image_path(folder, written + ".png"), folder / decomposed / (composed + ".png"));
    QCOMPARE(image_path(folder, "none.png"), folder / "none.png");
    QCOMPARE(image_path(folder, "none\\b.png"), folder / "none\\b.png");
  }

  void absoluteNamesCountInsideTheFolder() {
    const QTemporaryDir dir;
    const fs::path folder = fs::path(dir.path().toStdString()) / "pictures";
    fs::create_directories(folder / "x");
    std::ofstream(folder / "x/a.png") << "x";
    QCOMPARE(image_path(folder, (folder / "x/a.png").string()), folder / "x/a.png");
    fs::create_directory_symlink(folder, folder.parent_path() / "link");
    QCOMPARE(image_path(folder.parent_path() / "link", (folder / "x/a.png").string()),
             folder.parent_path() / "link/x/a.png");
    for (const std::string& outside :
         {std::string("/x.png"), (folder.parent_path() / "b.png").string(), (folder.string() + "2/a.png")})
      QVERIFY_EXCEPTION_THROWN(image_path(folder, outside), UserError);
  }

  void namesThatLeadOutAreRefused() {
    for (const char* name :
         {"../y.png", "x/../../y.png", "x\\..\\..\\y.png", "", "http://a/b.png", "data:image/png;base64,iVBO"})
      QVERIFY2(image_name_fault(name), name);
    QVERIFY(image_name_fault(std::string("a\0b", 3)));
    QVERIFY(!image_name_fault("a..b/c.png"));
    QVERIFY_EXCEPTION_THROWN(image_path("/tmp", "x/../../y.png"), UserError);
  }

  void onlyFilesAreLookedForInTheFolder() {
    QCOMPARE(find_image("/nowhere", "a.png").file, std::string("/nowhere/a.png"));
    const ImageRef part("shard.bin", 4, 10);
    QVERIFY(find_image("/nowhere", part) == part);
    QVERIFY_EXCEPTION_THROWN(find_image("/nowhere", "../a.png"), UserError);
  }
};

QTEST_GUILESS_MAIN(TstImageFile)
#include "tst_image_file.moc"
