// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A run is compared with what it wrote and read: each kind of damage is named.
#include <sys/stat.h>

#include <QTest>
#include <algorithm>
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/event_sums.h"
#include "core/run/run_lock.h"
#include "core/training/verify_run.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestVerifyRun : public QObject, TinyRuns {
  Q_OBJECT

  /// The file of the run, or of the project where the run has none of that name.
  fs::path file_of(const std::string& name) const {
    const fs::path of_run = whole_.path / name;
    return fs::exists(of_run) ? of_run : file_.parent_path() / name;
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(begin()); }

  void aWholeRunIsVerified() {
    std::vector<std::string> told;
    const RunVerification found = verify_run(whole_, {.done = [&](const VerifiedPart& part) {
                                               told.push_back(part.what);
                                             }});
    QVERIFY2(found.holds(), to_text(found).c_str());
    QCOMPARE(found.checkpoint, std::string("DFT-18"));
    QCOMPARE(told.size(), found.parts.size());
    const auto kept = read_verification(whole_);
    QVERIFY(kept && kept->holds() && !is_outdated(*kept, whole_));
    QCOMPARE(to_json(*kept).dump(), to_json(found).dump());
  }

  void damageIsNamed_data() {
    QTest::addColumn<QString>("file");
    for (const char* file :
         {"checkpoints/DFT-18/model/model.safetensors", "checkpoints/DFT-18/model/config.json",
          "checkpoints/DFT-18/model/tokenizer.json", "checkpoints/DFT-16/optimizer.safetensors",
          "checkpoints/DFT-16/state.json", "checkpoints/DFT-16/SHA256SUMS", "events.jsonl", "events.sums", "data.json",
          "teacher/model.safetensors", "teacher/tokenizer.json", "student/config.json", "images/0.png"})
      QTest::newRow(file) << file;
  }

  /// A bit that flips leaves the file its size, and here its time, too.
  void damageIsNamed() {
    QFETCH(QString, file);
    const fs::path path = file_of(file.toStdString());
    const std::string before = text_of(path);
    const auto time = fs::last_write_time(path);
    flip_bit(path);
    fs::last_write_time(path, time);
    const RunVerification found = verify_run(whole_);
    write_file_atomically(path, before);
    fs::last_write_time(path, time);
    QVERIFY(!found.holds());
    const std::string text = to_text(found), name = path.filename().string();
    QVERIFY2(text.find(name) != std::string::npos, text.c_str());
    QVERIFY(!read_verification(whole_)->holds());
    const RunVerification again = verify_run(whole_);
    QVERIFY2(again.holds(), to_text(again).c_str());
  }

  /// After the end of a run nothing is written: not even one line, as a killed run may have without its checksum.
  void aLineAfterTheEndIsNamed() {
    const fs::path log = whole_.events();
    const std::string before = text_of(log);
    std::string line = before.substr(before.rfind('\n', before.size() - 2) + 1);
    write_file_atomically(log, before + line);
    std::string more = to_text(verify_run(whole_));
    line.insert(line.size() - 2, " ");
    write_file_atomically(log, before + line);
    more += to_text(verify_run(whole_));
    write_file_atomically(log, before);
    QVERIFY2(more.find("more than the run wrote") != std::string::npos, more.c_str());
    QVERIFY(verify_run(whole_).holds());
  }

  /// Six bits of each file, from its beginning to its end: its name is in what is said.
  void everyBitOfACheckpointCounts() {
    const fs::path checkpoint = whole_.checkpoints() / "DFT-16";
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(checkpoint))
      if (entry.is_regular_file()) files.push_back(entry.path());
    int flipped = 0;
    for (const fs::path& file : files) {
      const std::string before = text_of(file), name = file.filename().string();
      for (size_t part = 0; part < 6; ++part, ++flipped) {
        std::string text = before;
        text[(text.size() - 1) * part / 5] ^= static_cast<char>(1 << part);
        write_file_atomically(file, text);
        const VerifiedPart found = verify_lone_checkpoint(checkpoint);
        QVERIFY2(!found.faults.empty(), name.c_str());
        const bool named = std::ranges::any_of(
            found.faults, [&](const std::string& fault) { return fault.find(name) != std::string::npos; });
        QVERIFY2(named, found.faults.front().c_str());
      }
      write_file_atomically(file, before);
    }
    QVERIFY(flipped >= 36);
    QVERIFY(verify_lone_checkpoint(checkpoint).faults.empty());
  }

  void whatIsGoneIsNamed_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"checkpoints/DFT-18/model/tokenizer.json", "checkpoints/DFT-16/state.json",
                             "checkpoints/DFT-16/SHA256SUMS", "teacher/config.json", "images/1.png"})
      QTest::newRow(file) << file;
  }

  void whatIsGoneIsNamed() {
    QFETCH(QString, file);
    const fs::path path = file_of(file.toStdString()), aside = file_.parent_path() / "aside";
    fs::rename(path, aside);
    const RunVerification found = verify_run(whole_);
    fs::rename(aside, path);
    QVERIFY(!found.holds());
    const std::string text = to_text(found), name = path.filename().string();
    QVERIFY2(text.find(name) != std::string::npos, text.c_str());
  }

  void whatIsNoFileIsNamed_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("instead");
    for (const char* file : {"model/tokenizer.json", "optimizer.safetensors", "state.json", "SHA256SUMS"})
      for (const char* instead : {"pipe", "/dev/zero", "loop"})
        QTest::addRow("%s %s", file, instead) << file << instead;
    QTest::newRow("besides") << "loop"
                             << "loop";
  }

  /// A pipe would be waited for, a device read without end, a link followed to itself.
  void whatIsNoFileIsNamed() {
    QFETCH(QString, file);
    QFETCH(QString, instead);
    const fs::path path = whole_.checkpoints() / "DFT-16" / file.toStdString(), aside = file_.parent_path() / "aside";
    const bool was_there = fs::exists(path);
    if (was_there) fs::rename(path, aside);
    if (instead == "pipe")
      QCOMPARE(mkfifo(path.c_str(), 0600), 0);
    else
      fs::create_symlink(instead == "loop" ? path.filename().string() : instead.toStdString(), path);
    const RunVerification found = verify_run(whole_);
    bool refused = false;
    try {
      verify_checkpoint(path.parent_path().filename() == "model" ? path.parent_path().parent_path()
                                                                 : path.parent_path());
    } catch (const UserError&) {
      refused = true;
    }
    fs::remove(path);
    if (was_there) fs::rename(aside, path);
    QVERIFY(!found.holds() && refused);
    const std::string text = to_text(found), name = path.filename().string();
    QVERIFY2(text.find(name) != std::string::npos, text.c_str());
  }

  /// Nothing is known of it, and nothing is wrong with it.
  void aCheckpointOfAnEarlierVersionIsNotLookedAt() {
    const fs::path copy = file_.parent_path() / "DFT-16";
    fs::copy(whole_.checkpoints() / "DFT-16", copy, fs::copy_options::recursive);
    fs::remove(copy / "SHA256SUMS");
    QVERIFY(!verify_lone_checkpoint(copy).faults.empty());
    auto state = read_json(copy / "state.json");
    state.erase("log");
    write_json(copy / "state.json", state);
    const VerifiedPart found = verify_lone_checkpoint(copy);
    QVERIFY(found.skipped && found.faults.empty());
    write_file_atomically(copy / "state.json", "{}");
    QVERIFY(!verify_lone_checkpoint(copy).faults.empty());
  }

  void aSingleCheckpointIsLookedAt() {
    const RunVerification before = *read_verification(whole_);
    const RunVerification found = verify_run(whole_, {.checkpoint = "DPT-6"});
    QVERIFY2(found.holds(), to_text(found).c_str());
    QCOMPARE(found.parts.front().name, std::string("DPT-6"));
    QCOMPARE(read_verification(whole_)->time, before.time);  // of the run nothing new is known
    QVERIFY_THROWS_EXCEPTION(UserError, verify_run(whole_, {.checkpoint = "DPT-7"}));
    QVERIFY(verify_lone_checkpoint(whole_.checkpoints() / "DPT-6").faults.empty());
  }

  static const VerifiedPart& replay_of(const RunVerification& found) { return found.parts.back(); }

  void aReplayIsBitEqual_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<int>("steps");
    QTest::addColumn<QString>("found");
    QTest::newRow("the newest pair of checkpoints") << "" << 4 << "2 steps from DFT-16 to DFT-18";
    QTest::newRow("into the next stage") << "DPT-6" << 4 << "4 steps from DPT-6 to SFT-10";
    QTest::newRow("steps alone") << "DPT-6" << 3 << "3 steps from DPT-6";
    QTest::newRow("one step") << "" << 1 << "1 step from DFT-16";
  }

  void aReplayIsBitEqual() {
    QFETCH(QString, from);
    QFETCH(int, steps);
    QFETCH(QString, found);
    std::vector<int64_t> told;
    const RunVerification all = verify_run(
        whole_, {.checkpoint = from.toStdString(), .replay_steps = steps, .progress = [&](int64_t done, int64_t) {
                   told.push_back(done);
                 }});
    QVERIFY2(all.holds(), to_text(all).c_str());
    QCOMPARE(QString::fromStdString(replay_of(all).what), QStringLiteral("replay"));
    QCOMPARE(QString::fromStdString(replay_of(all).found), found);
    QVERIFY(!replay_of(all).skipped);
    QCOMPARE(static_cast<int>(told.size()), found.left(1).toInt());
    QVERIFY(!fs::exists(whole_.path / "replay.partial"));
  }

  /// Whoever changes weights and their checksums alike is found by what the steps give.
  void aReplayFindsOtherWeights() {
    const fs::path folder = whole_.checkpoints() / "DFT-18", weights = folder / "model" / "model.safetensors";
    const std::string before = text_of(weights);
    std::string other = before;
    other[other.size() - 3] ^= 1;
    write_file_atomically(weights, other);
    write_checkpoint_sums(folder);
    const RunVerification found = verify_run(whole_, {.replay_steps = 2});
    write_file_atomically(weights, before);
    write_checkpoint_sums(folder);
    QVERIFY(found.parts.front().faults.empty());
    QCOMPARE(replay_of(found).faults, std::vector<std::string>{"DFT-18: model/model.safetensors isn't what the steps "
                                                               "give."});
  }

  /// Another machine is a reason, and is named as one.
  void aReplayNamesOtherNumbersAndWhy() {
    const std::string events = text_of(whole_.events()), sums = text_of(sums_file(whole_.events()));
    std::string other = events;
    const size_t step = other.find("\"step\":17,"), total = other.find("\"total\":", step) + 8;
    other.replace(total, other.find(',', total) - total, "0.125");
    write_file_atomically(whole_.events(), other);
    RunInfo info = read_run_info(whole_);
    const RunInfo info_before = info;
    info.versions["threads"] = 4096;
    write_run_info(whole_, info);
    const RunVerification found = verify_run(whole_, {.replay_steps = 2});
    write_file_atomically(whole_.events(), events);
    write_run_info(whole_, info_before);
    const auto& faults = replay_of(found).faults;
    QCOMPARE(faults.size(), size_t{2});
    QVERIFY2(faults[0].starts_with("Step 17 of DFT: total is ") && faults[0].ends_with("was 0.125."),
             faults[0].c_str());
    QVERIFY2(faults[1].find("because threads is 1, was 4096") != std::string::npos, faults[1].c_str());
    QCOMPARE(text_of(sums_file(whole_.events())), sums);
  }

  void whatCantBeReplayedIsSaid() {
    const RunVerification last = verify_run(whole_, {.checkpoint = "DFT-18", .replay_steps = 4});
    QVERIFY(last.holds() && replay_of(last).skipped);
    QCOMPARE(replay_of(last).found, std::string("the run has done no step after DFT-18"));
  }

  /// A stage that went on with other options is done again with those that it had.
  void aReplayUsesTheOptionsOfThatTime() {
    const RunFolder folder = create_run(file_, "changed");
    run_until(project_, folder, 8);
    Project changed = project_;
    std::ranges::find(changed.stages, "SFT", &StageOptions::name)->learning_rate = 0.5;
    run(changed, folder, {.resume = true});
    for (const auto& [from, what] :
         {std::pair("DPT-6", "2 steps from DPT-6 to SFT-8"), std::pair("SFT-8", "2 steps from SFT-8 to SFT-10")}) {
      const RunVerification found = verify_run(folder, {.checkpoint = from, .replay_steps = 4});
      QVERIFY2(found.holds(), to_text(found).c_str());
      QCOMPARE(replay_of(found).found, std::string(what));
    }
  }

  /// A thousand pictures that are gone are named by the first of them, and what was found can be read again.
  void manyFaultsAreCapped() {
    const std::string before = text_of(whole_.image_hashes());
    std::string more = before;
    for (int i = 0; i < 20'000; ++i) more += fmt::format("{} 7 7 images/of-a-long-name-that-is-gone-{}.png\n", "-", i);
    write_file_atomically(whole_.image_hashes(), more);
    const RunVerification found = verify_run(whole_);
    write_file_atomically(whole_.image_hashes(), before);
    QCOMPARE(found.parts.back().faults.size(), size_t{21});
    QCOMPARE(found.parts.back().faults.back(), std::string("And 19980 more."));
    QVERIFY(read_verification(whole_).has_value() && !read_verification(whole_)->holds());
  }

  /// As on a disk that is read-only.
  void aResultThatCantBeKeptIsGiven() {
    const fs::path kept = whole_.path / "verified.json";
    fs::remove(kept);
    fs::create_directories(kept / "in the way");
    const RunVerification found = verify_run(whole_);
    fs::remove_all(kept);
    QVERIFY2(found.holds(), to_text(found).c_str());
  }

  void aRunAtWorkIsNotLookedAt() {
    const RunLock lock(whole_);
    QVERIFY_THROWS_EXCEPTION(UserError, verify_run(whole_));
  }
};

QTEST_GUILESS_MAIN(TestVerifyRun)
#include "tst_verify_run.moc"
