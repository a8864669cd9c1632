// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The data folder as a whole: needs the two Debian packages, and skips itself without them.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/data/emoji/make_emoji_data.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// Ours by its format, and nonsense otherwise.
constexpr const char* kOddManifest = R"({"format": "llavakd-emoji-data", "version": "x", "files": 3, "made_from": []})";

Json read_json(const fs::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

/// The error's text; empty if there is none.
std::string refusal(const fs::path& folder, const EmojiDataOptions& options = {}) {
  try {
    make_emoji_data(folder, options);
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class TestEmojiData : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir dir_;
  fs::path root_, data_;

 private Q_SLOTS:
  void initTestCase() {
    const EmojiDataOptions options;
    if (!fs::exists(options.font) || !fs::exists(options.emoji_test)) {
      QSKIP("fonts-noto-color-emoji or unicode-data is not installed");
    }
    root_ = dir_.path().toStdString();
    data_ = root_ / "emoji";
    int last = 0;
    make_emoji_data(data_, options, [&](std::string_view, int done, int total) {
      QCOMPARE(total, 3406);
      QCOMPARE(done, ++last);
    });
    QCOMPARE(last, 3406);
  }

  void files_hold_what_they_should() {
    const std::map<std::string, size_t> rows = {{"captions.json", 800},       {"dialogues.json", 800},
                                                {"validation.json", 3000},    {"test.json", 6000},
                                                {"quick/captions.json", 400}, {"quick/dialogues.json", 400},
                                                {"quick/test.json", 300},     {"probes/probes.json", 30}};
    const Json manifest = read_json(data_ / "manifest.json");
    for (const auto& [name, count] : rows) {
      const Json list = read_json(data_ / name);
      QCOMPARE(list.size(), count);
      QCOMPARE(manifest["files"][name]["sha256"].get<std::string>(), sha256_of_file(data_ / name));
      for (const Json& row : list) {
        const fs::path picture = row["image"].get<std::string>();
        QVERIFY(fs::file_size((name.starts_with("probes") ? data_ : data_ / "images") / picture) > 0);
        QVERIFY(row["conversations"][0]["value"].get<std::string>().starts_with("<image>\n"));
      }
    }
    QCOMPARE(manifest["concepts"].size(), size_t{60});
  }

  void same_bytes_on_every_machine() {
    const Json manifest = read_json(data_ / "manifest.json");
    if (manifest["made_from"]["font_sha256"] != "e5899ed38b8ed83e08bd3ac5de09791e9d19d288333a796de1d35ad17396f1ec") {
      QSKIP("the installed font is of another version");
    }
    QCOMPARE(QString::fromStdString(manifest["pixels_sha256"]),
             QStringLiteral("bb5e21468da634a15e3e6892cd0b5acbcb6da4ceeee7e6a0ead0162e17be749a"));
    QCOMPARE(QString::fromStdString(manifest["files"]["test.json"]["sha256"]),
             QStringLiteral("7dbbad7dfb6dcb052743ddb6f13ec84a58dbf5ed25ad35fa0cf658cabb236ee3"));
    QCOMPARE(QString::fromStdString(manifest["files"]["dialogues.json"]["sha256"]),
             QStringLiteral("f3186d4b2e7f9cda90ae8915c6a3b347519d62435494722f34b61fc8d064e981"));
  }

  void second_copy_is_identical_and_another_seed_is_not() {
    make_emoji_data(root_ / "again");
    QCOMPARE(sha256_of_file(root_ / "again/manifest.json"), sha256_of_file(data_ / "manifest.json"));
    QCOMPARE(sha256_of_file(root_ / "again/images/test/17.png"), sha256_of_file(data_ / "images/test/17.png"));
    EmojiDataOptions other;
    other.seed = 2;
    make_emoji_data(root_ / "again", other);  // replaces the first
    QCOMPARE(read_json(root_ / "again/manifest.json")["made_from"]["seed"].get<int>(), 2);
    QVERIFY(sha256_of_file(root_ / "again/test.json") != sha256_of_file(data_ / "test.json"));
  }

  void whole_data_is_left_alone_and_damaged_data_is_made_anew() {
    const auto before = fs::last_write_time(data_ / "manifest.json");
    int calls = 0;
    make_emoji_data(data_, {}, [&](auto, int, int) { ++calls; });
    QCOMPARE(calls, 0);
    QVERIFY(fs::last_write_time(data_ / "manifest.json") == before);
    fs::remove(data_ / "images/dialogues/3.png");
    make_emoji_data(data_);
    QVERIFY(fs::exists(data_ / "images/dialogues/3.png"));
    write(data_ / "captions.json", "[]");
    make_emoji_data(data_);
    QCOMPARE(read_json(data_ / "captions.json").size(), size_t{800});
  }

  void links_are_followed() {
    fs::create_directory_symlink(data_, root_ / "link");
    make_emoji_data(root_ / "link");
    QVERIFY(fs::is_symlink(root_ / "link"));
  }

  void foreign_folders_are_refused_untouched() {
    fs::create_directory(root_ / "mine");
    write(root_ / "mine/thesis.txt", "x");
    QVERIFY(has(refusal(root_ / "mine"), "thesis.txt"));
    QVERIFY(fs::exists(root_ / "mine/thesis.txt"));
    write(root_ / "mine/manifest.json", kOddManifest);
    QVERIFY(has(refusal(root_ / "mine"), "thesis.txt"));
    write(root_ / "file", "x");
    QVERIFY(has(refusal(root_ / "file"), "isn't a folder"));
    QVERIFY(has(refusal(root_ / "file/below"), "file"));
    QVERIFY(has(refusal({}), "none was named"));
  }

  void empty_folder_is_filled() {
    fs::create_directory(root_ / "empty");
    make_emoji_data(root_ / "empty/");
    QVERIFY(fs::exists(root_ / "empty/manifest.json"));
    for (const auto& entry : fs::directory_iterator(root_)) {
      QVERIFY(entry.path().filename().string().find("unfinished") == std::string::npos);
    }
  }

  void missing_or_unfit_inputs_name_the_package() {
    EmojiDataOptions options;
    options.font = root_ / "none.ttf";
    QVERIFY(has(refusal(root_ / "new", options), "apt install fonts-noto-color-emoji"));
    options.font = root_ / "file";
    write(root_ / "file", "not a font");
    QVERIFY(has(refusal(root_ / "new", options), "is not a font"));
    options.font = root_;
    QVERIFY(has(refusal(root_ / "new", options), "there is no file"));
    options = {};
    options.emoji_test = root_ / "none.txt";
    QVERIFY(has(refusal(root_ / "new", options), "apt install unicode-data"));
    options.emoji_test = root_ / "file";
    QVERIFY(has(refusal(root_ / "new", options), "0 usable names"));
    QVERIFY(!fs::exists(root_ / "new"));
  }
};

QTEST_GUILESS_MAIN(TestEmojiData)
#include "tst_emoji_data.moc"
