// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "core/io/atomic_file.h"
#include "core/run/run_verification.h"

using namespace llavakd;
namespace fs = std::filesystem;

/// What is kept of a run's verification.
class TestRunVerification : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  RunFolder run() const { return {fs::path(dir_.path().toStdString()) / "one"}; }

  void make_checkpoint(const std::string& name) const {
    const fs::path folder = run().checkpoints() / name;
    fs::create_directories(folder / "model");
    for (const char* file : {"state.json", "optimizer.safetensors"}) write_file_atomically(folder / file, "{}");
  }

 private Q_SLOTS:
  void init() {
    fs::remove_all(run().path);
    make_checkpoint("DPT-4");
  }

  void onlyWhatWasLookedAtHolds() {
    RunVerification found;
    QVERIFY(!found.holds());
    found.parts.push_back({.what = "checkpoint", .found = "the run has none", .skipped = true});
    QVERIFY(!found.holds());
    found.parts.push_back({.what = "checkpoint", .name = "DPT-4"});
    QVERIFY(found.holds());
    found.parts.push_back({.what = "inputs", .faults = {"data.json is gone."}});
    QVERIFY(!found.holds());
  }

  void comesBackAsItWas() {
    QVERIFY(!read_verification(run()));
    RunVerification found{.time = 1000.5, .version = "1.2", .checkpoint = "DPT-4"};
    found.parts.push_back({.what = "checkpoint", .name = "DPT-4", .found = "3 files"});
    found.parts.push_back({.what = "inputs", .found = "none", .skipped = true});
    write_verification(run(), found);
    const auto read = read_verification(run());
    QVERIFY(read.has_value());
    QCOMPARE(to_json(*read).dump(), to_json(found).dump());
    QVERIFY(!is_outdated(*read, run()));
    make_checkpoint("DPT-8");
    QVERIFY(is_outdated(*read, run()));
  }

  /// A folder of pictures that is gone in each of many parts: the file can be read again, and no part holds for it.
  void manyFaultsAreCutAndCounted() {
    RunVerification found{.checkpoint = "DPT-4"};
    for (int part = 0; part < 300; ++part)
      found.parts.push_back({.what = "checkpoint", .name = "DPT-4", .faults = std::vector(30, std::string(5000, 'x'))});
    write_verification(run(), found);
    const auto read = read_verification(run());
    QVERIFY(read && !read->holds() && read->parts.size() == 300);
    for (const VerifiedPart& part : read->parts) QVERIFY(!part.faults.empty());
    QCOMPARE(read->parts[0].faults.size(), size_t(30));
    QCOMPARE(read->parts[299].faults.back(), std::string("And 29 more."));
    QVERIFY(fs::file_size(run().path / "verified.json") < 1'000'000);
  }

  void aDamagedFileSaysNothing() {
    for (const char* text : {"", "{", "[]", R"({"time": "now"})", R"({"parts": [1]})", R"({"parts": [{"what": "x"}]})",
                             R"({"parts": [{"faults": [1]}]})", R"({"time": 1})"}) {
      write_file_atomically(run().path / "verified.json", text);
      QVERIFY2(!read_verification(run()), text);
    }
  }

  void isASentence() {
    RunVerification found;
    for (const char* name : {"DPT-4", "DPT-8"}) found.parts.push_back({.what = "checkpoint", .name = name});
    found.parts.push_back({.what = "inputs"});
    QCOMPARE(to_text(found), std::string("2 checkpoints, inputs"));
    found.parts.back().faults = {"data.json is gone."};
    QCOMPARE(to_text(found), std::string("2 checkpoints\ninputs: data.json is gone."));
  }
};

QTEST_GUILESS_MAIN(TestRunVerification)
#include "tst_run_verification.moc"
