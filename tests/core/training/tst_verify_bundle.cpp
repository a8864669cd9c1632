// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A run goes to somebody else, who has the same models and data somewhere, and repeats some of its steps.
#include <sys/resource.h>
#include <unistd.h>

#include <QTest>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/errors.h"
#include "core/io/json_file.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/event_sums.h"
#include "core/run/run_lock.h"
#include "core/run/write_bundle.h"
#include "core/training/verify_bundle.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

class TestVerifyBundle : public QObject, TinyRuns {
  Q_OBJECT

  QTemporaryDir elsewhere_;

  fs::path out(const char* name) const { return fs::path(elsewhere_.path().toStdString()) / name; }
  /// The models and data where nobody's options name them.
  fs::path inputs() const { return out("brought"); }

  RunVerification verify(const fs::path& bundle, int64_t steps = 4) const {
    return verify_bundle(bundle, {.inputs = {inputs()}, .replay_steps = steps});
  }
  static const VerifiedPart& part(const RunVerification& found, const char* what) {
    return *std::ranges::find(found.parts, std::string(what), &VerifiedPart::what);
  }
  static void change_json(const fs::path& file, const std::function<void(Json&)>& change) {
    Json json = read_json(file);
    change(json);
    write_json(file, json);
  }
  /// Where the folder holds these bytes, names of files too.
  static std::string place_of(const fs::path& folder, const std::string& bytes) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string name = entry.path().lexically_relative(folder).string();
      if (name.find(bytes) != std::string::npos) return name;
      if (entry.is_regular_file() && text_of(entry.path()).find(bytes) != std::string::npos) return name;
    }
    return {};
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(begin());
    for (const char* each : {"teacher", "student", "images", "data.json"}) {
      fs::create_directories(inputs() / "some" / each);
      fs::copy(file_.parent_path() / each, inputs() / "some" / each / "where", fs::copy_options::recursive);
    }
  }

  void aBundleIsRepeatedElsewhere_data() {
    QTest::addColumn<QString>("weights");
    QTest::addColumn<QString>("found");
    QTest::newRow("none") << "none"
                          << "4 steps from the beginning";
    QTest::newRow("student") << "student"
                             << "4 steps from the beginning";
    QTest::newRow("all") << "all"
                         << "2 steps from DFT-16 to DFT-18";
  }

  void aBundleIsRepeatedElsewhere() {
    QFETCH(const QString, weights);
    QFETCH(const QString, found);
    const fs::path bundle = out(QTest::currentDataTag());
    const WrittenBundle written =
        write_bundle(whole_, bundle, {.weights = bundle_weights_named(weights.toStdString())});
    QCOMPARE(written.info.needs.size(), size_t{4});
    for (const char* file : {"README.md", "bundle.json", "environment.json", "curves.csv", "tiny.kdproj", "SHA256SUMS",
                             "runs/whole/run.json", "runs/whole/events.jsonl", "runs/whole/pictures.txt"})
      QVERIFY2(fs::exists(bundle / file), file);
    QCOMPARE(fs::exists(bundle / "student" / "config.json"), weights == "student");
    QCOMPARE(fs::exists(bundle / "runs/whole/checkpoints/DFT-18"), weights == "all");
    const std::string sums = text_of(bundle / "SHA256SUMS");
    const RunVerification verified = verify(bundle);
    QVERIFY2(verified.holds(), to_text(verified).c_str());
    QVERIFY2(!part(verified, "inputs").skipped, to_text(verified).c_str());
    QCOMPARE(QString::fromStdString(part(verified, "replay").found), found);
    QVERIFY(!part(verified, "replay").skipped && !part(verified, "replay").is_near);
    QCOMPARE(text_of(bundle / "SHA256SUMS"), sums);  // nothing is written into it
    QVERIFY(compare_with_sums(bundle).faults.empty());
  }

  void theSameRunGivesTheSameBytes() {
    write_bundle(whole_, out("first"), {.weights = BundleWeights::student});
    write_bundle(whole_, out("second"), {.weights = BundleWeights::student});
    QCOMPARE(text_of(out("first") / "SHA256SUMS"), text_of(out("second") / "SHA256SUMS"));
  }

  /// A run's folder from others may link to what is the user's alone.
  void nothingBehindALinkIsBundled() {
    const RunFolder run{runs_folder(file_) / "linked"};
    fs::copy(whole_.path, run.path, fs::copy_options::recursive);
    fs::create_directories(out("private"));
    write_file_atomically(out("private") / "key.json", "{}");
    const auto refused = [&](const fs::path& link, const fs::path& target) {
      fs::create_symlink(target, link);
      std::string said;
      try {
        write_bundle(run, out("leak"), {.weights = BundleWeights::all});
      } catch (const UserError& error) {
        said = error.what();
      }
      fs::remove(link);
      return said.find("behind a link") != std::string::npos && !fs::exists(out("leak")) &&
             !fs::exists(out("leak.partial"));
    };
    QVERIFY(refused(run.evaluations() / "key.json", out("private") / "key.json"));
    QVERIFY(refused(run.path / "notes.json", out("private") / "key.json"));
    QVERIFY(refused(run.checkpoints() / "DFT-18" / "key.json", out("private") / "key.json"));
    fs::remove_all(run.probes());
    QVERIFY(refused(run.probes(), out("private")));
    // A checkpoint may lie on another disk.
    fs::rename(run.checkpoints() / "DFT-18", out("private") / "DFT-18");
    fs::create_symlink(out("private") / "DFT-18", run.checkpoints() / "DFT-18");
    write_bundle(run, out("leak"), {.weights = BundleWeights::all});
    QVERIFY(fs::is_regular_file(out("leak") / "runs/linked/checkpoints/DFT-18/state.json"));
    fs::remove_all(run.path);
  }

  void whatIsMissingIsNamed() {
    const fs::path bundle = out("none");
    const RunVerification nothing = verify_bundle(bundle, {.replay_steps = 4});
    QVERIFY(nothing.holds() && part(nothing, "inputs").skipped && part(nothing, "replay").skipped);
    const fs::path weights = inputs() / "some/teacher/where/model.safetensors";
    const std::string before = text_of(weights);
    flip_bit(weights);
    const RunVerification other = verify(bundle);
    write_file_atomically(weights, before);
    QVERIFY2(part(other, "inputs").found.find("teacher/model.safetensors") != std::string::npos,
             part(other, "inputs").found.c_str());
    QVERIFY(part(other, "replay").skipped);
  }

  void aChangedFileIsNamedAndNothingIsTrained() {
    const fs::path bundle = out("all");
    for (const char* name : {"curves.csv", "runs/whole/events.jsonl", "runs/whole/checkpoints/DFT-16/state.json"}) {
      const std::string before = text_of(bundle / name);
      flip_bit(bundle / name);
      const RunVerification found = verify(bundle);
      write_file_atomically(bundle / name, before);
      QVERIFY(!found.holds());
      QVERIFY2(to_text(found).find(fs::path(name).filename().string()) != std::string::npos, to_text(found).c_str());
      QVERIFY(part(found, "replay").skipped);
    }
    QVERIFY(verify(bundle, 0).holds());
    for (const char* extra : {"EXTRA.md", ".hidden"}) {
      write_file_atomically(bundle / extra, "text");
      QVERIFY(!verify(bundle, 0).holds());
      fs::remove(bundle / extra);
    }
  }

  /// A stranger may make the hashes fit whatever was changed.
  void aHostileRecordLeadsNowhere_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"stage", "name", "project", "stages", "shared caches", "shared stages", "shared teacher"})
      QTest::newRow(what) << what;
  }

  void aHostileRecordLeadsNowhere() {
    QFETCH(const QString, what);
    const fs::path bundle = out("hostile");
    fs::remove_all(bundle);
    write_bundle(whole_, bundle);
    change_json(bundle / "runs/whole/run.json", [&](Json& json) {
      const std::string evil = "../../../../evil";
      if (what == "stage") {
        json["project"]["stages"][0]["name"] = json["project"]["schedule"][0] = evil;
        for (Json& stage : json["stages"]) stage["stage"] = stage["options"]["name"] = evil;
      }
      if (what == "name") json["inputs"]["teacher/" + evil] = json["inputs"]["data.json"];
      if (what == "project") json["project"] = 3;
      if (what == "stages") json["project"]["stages"] = Json::array({1, "x"});
      // What was noted with each stage is put over the project.
      for (Json& stage : json["stages"]) {
        const fs::path own = file_.parent_path();
        if (what == "shared caches")
          stage["shared"]["run"].update(
              Json{{"cache_folder", out("evil").string()}, {"vision_cache", "on"}, {"teacher_cache", "on"}});
        if (what == "shared stages") {
          stage["shared"]["stages"] = json["project"]["stages"];
          for (Json& each : stage["shared"]["stages"]) each["data"] = (own / "data.json").string();
        }
        if (what == "shared teacher") stage["shared"]["teacher"]["checkpoint"] = (own / "teacher").string();
      }
    });
    write_checkpoint_sums(bundle);
    const RunVerification found = verify(bundle);
    if (what != "shared caches") QVERIFY2(part(found, "replay").skipped, to_text(found).c_str());
    for (const fs::path& place : {fs::path(elsewhere_.path().toStdString()), file_.parent_path()})
      for (const auto& entry : fs::recursive_directory_iterator(place))
        QVERIFY2(entry.path().filename().string().find("evil") == std::string::npos, entry.path().c_str());
    if (what == "stage") QVERIFY(part(found, "replay").found.find("stage name") != std::string::npos);
    if (what == "name") QVERIFY(part(found, "replay").found.find("leads out") != std::string::npos);
  }

  void anotherMachineMayDifferALittle_data() {
    QTest::addColumn<double>("factor");
    QTest::addColumn<bool>("same_machine");
    QTest::addColumn<bool>("holds");
    QTest::newRow("a little") << 1 + 1e-5 << false << true;
    QTest::newRow("much") << 1.1 << false << false;
    QTest::newRow("a little on this one") << 1 + 1e-5 << true << false;
  }

  void anotherMachineMayDifferALittle() {
    QFETCH(const double, factor);
    QFETCH(const bool, same_machine);
    QFETCH(const bool, holds);
    const fs::path bundle = out("near"), log = bundle / "runs/whole/events.jsonl";
    fs::remove_all(bundle);
    write_bundle(whole_, bundle);
    std::string lines = text_of(log);
    const size_t step = lines.find("\"step\":2,"), total = lines.find("\"total\":", step) + 8;
    const size_t length = lines.find(',', total) - total;
    lines.replace(total, length, Json(std::stod(lines.substr(total, length)) * factor).dump());
    write_file_atomically(log, lines);
    write_line_sums(log, lines);
    change_json(bundle / "runs/whole/run.json", [&](Json& json) {
      json.erase("log_mark");
      if (!same_machine) json["versions"]["processor"] = "another";
    });
    write_checkpoint_sums(bundle);
    const RunVerification found = verify(bundle);
    QCOMPARE(found.holds(), holds);
    const VerifiedPart& replay = part(found, "replay");
    QCOMPARE(replay.is_near, holds);
    const std::string text = to_text(found);
    QVERIFY2(text.find("because processor is") != std::string::npos || same_machine, text.c_str());
    QVERIFY2(text.find("0.001") != std::string::npos || same_machine, text.c_str());
  }

  /// The user's, the machine's and all places' names, wherever they are.
  void aRedactedBundleTellsNobodysName() {
    const QByteArray user = qgetenv("USER"), home = qgetenv("HOME");
    const std::string folder = file_.parent_path().string();
    Project named = project_;
    named.notes = "Asked by somebody, in " + folder + "/data.";
    named.teacher.checkpoint = (file_.parent_path() / "teacher").string();
    named.probes = {
        {.image = (file_.parent_path() / "images" / "0.png").string(), .question = "What does somebody see?"}};
    named.evaluations = {{.task = "exact_match", .file = folder + "/questions.json", .images = folder + "/images"}};
    const RunFolder folder_of_run = create_run(file_, "somebody-1");
    run(named, folder_of_run);
    // As published models have it.
    for (const auto& entry : fs::directory_iterator(folder_of_run.checkpoints())) {
      if (!entry.is_directory()) continue;
      change_json(entry.path() / "model" / "tokenizer_config.json", [&](Json& json) {
        json["name_or_path"] = folder + "/x";
        json["by"] = "somebody";
      });
      write_checkpoint_sums(entry.path());
    }
    qputenv("USER", "somebody");
    qputenv("HOME", QByteArray::fromStdString(file_.parent_path().parent_path().string()));
    write_bundle(folder_of_run, out("plain"));
    write_bundle(folder_of_run, out("redacted"), {.weights = BundleWeights::all, .redact = true});
    qputenv("USER", user);
    qputenv("HOME", home);
    char host[256] = {};
    gethostname(host, sizeof host - 1);
    for (const std::string& secret : {std::string("somebody"), folder, std::string("/tmp/")}) {
      QVERIFY2(!place_of(out("plain"), secret).empty() || secret == "/tmp/", secret.c_str());
      const std::string place = place_of(out("redacted"), secret);
      QVERIFY2(place.empty(), (place + " holds " + secret).c_str());
    }
    QVERIFY(!place_of(out("redacted"), "name_or_path").empty());
    if (std::string(host).size() > 8) QVERIFY2(place_of(out("redacted"), host).empty(), host);
    const Json project = read_json(out("redacted") / "tiny.kdproj");
    QCOMPARE(project["teacher"]["checkpoint"].get<std::string>(), std::string("/redacted/project/teacher"));
    QVERIFY(project["notes"].get<std::string>().starts_with("Asked by USER, in /redacted/project/data"));
    QVERIFY(fs::exists(out("redacted") / "runs/USER-1/run.json"));
    const RunVerification found = verify(out("redacted"));
    QVERIFY2(found.holds(), to_text(found).c_str());
    QVERIFY2(!part(found, "replay").skipped, part(found, "replay").found.c_str());
    fs::remove_all(folder_of_run.path);
  }

  void nothingHalfIsLeft() {
    const fs::path bundle = out("full");
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit little{.rlim_cur = 2000, .rlim_max = before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    std::string said;
    setrlimit(RLIMIT_FSIZE, &little);
    try {
      write_bundle(whole_, bundle, {.weights = BundleWeights::all});
    } catch (const RunError& error) {
      said = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY2(said.find("Free some space") != std::string::npos, said.c_str());
    QVERIFY(!fs::exists(bundle) && !fs::exists(out("full.partial")));
  }

  void aPlaceInUseAndARunAtWorkAreRefused() {
    QVERIFY_EXCEPTION_THROWN(write_bundle(whole_, out("none")), UserError);
    const RunLock lock(whole_);
    QVERIFY_EXCEPTION_THROWN(write_bundle(whole_, out("locked")), UserError);
    QVERIFY(!fs::exists(out("locked")) && !fs::exists(out("locked.partial")));
  }
};

QTEST_GUILESS_MAIN(TestVerifyBundle)
#include "tst_verify_bundle.moc"
