// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"
#include "core/run/run_list.h"
#include "core/run/run_notes.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestRunNotes : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

  fs::path folder() const { return m_folder.path().toStdString(); }
  fs::path project() const { return folder() / "a.kdproj"; }
  fs::path file() const { return run("one").path / "notes.json"; }
  RunFolder run(const std::string& id) const { return {runs_folder(project()) / id}; }

  void make(const std::string& id, const std::string& project_id) const {
    fs::create_directories(run(id).path);
    RunInfo info;
    info.project_id = project_id;
    info.project_file = project().string();
    write_run_info(run(id), info);
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(folder());
    fs::create_directories(folder());
    write_file_atomically(project(), project_text(Project(), "aaaaaaaaaaaa"));
    make("one", "aaaaaaaaaaaa");
  }

  void notesComeBackAsTheyWere() {
    QVERIFY(read_run_notes(run("one")) == RunNotes{});
    const RunNotes notes{
        .text = "Die Läufe\nvom Montag", .tags = {"α 0.7", "paper"}, .baseline = true, .pinned = {"DPT-4"}};
    write_run_notes(run("one"), notes);
    QVERIFY(read_run_notes(run("one")) == notes);
  }

  void whatNewerVersionsWroteStays() {
    write_file_atomically(file(), R"({"rating": 5, "text": "old"})");
    add_tags(run("one"), {"good"});
    const auto json = read_json(file());
    QCOMPARE(json["rating"].get<int>(), 5);
    QCOMPARE(read_run_notes(run("one")).text, "old");
  }

  void hostileFilesAreRefusedAndLeftAlone_data() {
    QTest::addColumn<QByteArray>("text");
    int number = 0;
    for (const char* text :
         {"", "[]", "{", "{\"text\": 3}", "{\"tags\": \"a\"}", "{\"tags\": [1]}", "{\"tags\": [\"\"]}",
          "{\"tags\": [\"a,b\"]}", "{\"tags\": [\"a\\u0000b\"]}", "{\"baseline\": 1}", "{\"pinned\": {}}",
          "{\"pinned\": [null]}", "{\"text\": \"a\", \"text\": \"b\"}", "{\"x\": [[[[[[[[[[1]]]]]]]]]]}"})
      QTest::addRow("case %d", ++number) << QByteArray(text);
    QTest::newRow("long") << QByteArray("{\"text\": \"") + QByteArray(2'000'000, 'x') + "\"}";
    QByteArray many = "{\"tags\": [\"0\"";
    for (int i = 1; i < 60; ++i) many += ",\"" + QByteArray::number(i) + '"';
    QTest::newRow("many tags") << many + "]}";
  }

  void hostileFilesAreRefusedAndLeftAlone() {
    QFETCH(QByteArray, text);
    write_file_atomically(file(), text.toStdString());
    QVERIFY_EXCEPTION_THROWN(read_run_notes(run("one")), UserError);
    QVERIFY_EXCEPTION_THROWN(add_tags(run("one"), {"new"}), UserError);
    QFile on_disk(QString::fromStdString(file().string()));
    QVERIFY(on_disk.open(QIODevice::ReadOnly));
    QCOMPARE(on_disk.readAll(), text);
  }

  void tagsAreShortLines() {
    for (const char* tag : {"a", "α 0.7", "seed 3/5"}) QVERIFY2(tag_fault(tag).empty(), tag);
    const std::string fifty_umlauts = QString(50, QChar(0xE4)).toStdString();
    QVERIFY(tag_fault(fifty_umlauts).empty());
    for (const std::string& tag : {std::string(), std::string(" a"), std::string("a\n"), std::string("a,b"),
                                   std::string("\xff"), fifty_umlauts + "x", std::string("a\xc2\x85z"),
                                   std::string("a\xe2\x80\xaez"), std::string("a\xe2\x80\xa8z")}) {
      QVERIFY2(!tag_fault(tag).empty(), tag.c_str());
      QVERIFY_EXCEPTION_THROWN(add_tags(run("one"), {tag}), UserError);
    }
    add_tags(run("one"), {"a"});
    add_tags(run("one"), {"a"});
    QCOMPARE(read_run_notes(run("one")).tags, std::vector<std::string>{"a"});
    remove_tags(run("one"), {"a"});
    QVERIFY_EXCEPTION_THROWN(remove_tags(run("one"), {"a"}), UserError);
  }

  void ofSeveralTagsAllOrNone() {
    QVERIFY_EXCEPTION_THROWN(add_tags(run("one"), {"good", "a,b", "fine"}), UserError);
    QVERIFY(read_run_notes(run("one")).tags.empty());
    add_tags(run("one"), {"good", "fine"});
    QVERIFY_EXCEPTION_THROWN(remove_tags(run("one"), {"good", "none"}), UserError);
    QCOMPARE(read_run_notes(run("one")).tags.size(), size_t{2});
    // An earlier version took it; the notes can be read, and it can be taken off.
    write_file_atomically(file(), "{\"tags\": [\"a\xc2\x85z\", \"b\"]}");
    remove_tags(run("one"), {"a\xc2\x85z"});
    QCOMPARE(read_run_notes(run("one")).tags, std::vector<std::string>{"b"});
  }

  void onlyWhatIsThereIsPinned() {
    QVERIFY_EXCEPTION_THROWN(pin_checkpoint(run("one"), "DPT-4"), UserError);
    const fs::path checkpoint = run("one").checkpoints() / "DPT-4";
    fs::create_directories(checkpoint / "model");
    for (const char* name : {"state.json", "optimizer.safetensors"}) write_file_atomically(checkpoint / name, "{}");
    pin_checkpoint(run("one"), "DPT-4");
    pin_checkpoint(run("one"), "DPT-4");
    QCOMPARE(read_run_notes(run("one")).pinned, std::vector<std::string>{"DPT-4"});
    pin_checkpoint(run("one"), "DPT-4", false);
    QVERIFY_EXCEPTION_THROWN(pin_checkpoint(run("one"), "DPT-4", false), UserError);
  }

  void aProjectHasOneBaseline() {
    make("two", "aaaaaaaaaaaa");
    make("theirs", "bbbbbbbbbbbb");
    write_run_notes(run("theirs"), {.baseline = true});
    set_baseline(project(), "one");
    set_baseline(project(), "two");
    QVERIFY(!read_run_notes(run("one")).baseline && read_run_notes(run("two")).baseline);
    QVERIFY_EXCEPTION_THROWN(set_baseline(project(), "three"), UserError);
    QVERIFY_EXCEPTION_THROWN(set_baseline(project(), "theirs"), UserError);
    QVERIFY(read_run_notes(run("two")).baseline);
    set_baseline(project(), "");
    QVERIFY(!read_run_notes(run("two")).baseline);
    QVERIFY(read_run_notes(run("theirs")).baseline);
  }
};

QTEST_APPLESS_MAIN(TestRunNotes)
#include "tst_run_notes.moc"
