// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <QTemporaryDir>
#include <QTest>

#include "core/io/mapped_file.h"
#include "tests/app/engine.h"

using namespace llavakd;

/// Whatever the program writes is as private as the user's umask asks, also what it copies from files that anybody may
/// read and write.
class TestPrivateFiles : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;

  /// The program with this umask and with its files of the user in `home`.
  static Outcome run_masked(const QString& mask, const fs::path& home, const QStringList& arguments) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("HOME", text(home));
    for (const char* name : {"XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"})
      environment.remove(name);
    process.setProcessEnvironment(environment);
    process.start("sh", QStringList{"-c", "umask " + mask + "; exec \"$@\"", "sh", engine_path()} + arguments);
    process.closeWriteChannel();
    if (!process.waitForFinished(120'000)) process.kill();
    process.waitForFinished(5000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2, process.readAllStandardOutput(),
            process.readAllStandardError()};
  }

  /// Folder of models as the repository has them, but readable and writable for all.
  fs::path open_models() const {
    const fs::path folder = fs::path(dir_.path().toStdString()) / "open-models";
    if (fs::exists(folder)) return folder;
    fs::copy(models_folder(), folder, fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) fs::permissions(entry.path(), static_cast<fs::perms>(0666));
    return folder;
  }

  fs::path write_project(const fs::path& folder) const {
    const fs::path project = write_small_project(folder);
    Json json = read_json(project);
    json["teacher"]["checkpoint"] = (open_models() / "teacher").string();
    json["student"]["language_model"] = (open_models() / "language-student").string();
    json["student"]["vision_tower"] = (open_models() / "tower").string();
    write_json(project, json);
    return project;
  }

  static fs::path newest_model(const fs::path& run) {
    std::string name(MappedFile::open(run / "checkpoints" / "latest")->text());
    return run / "checkpoints" / name.substr(0, name.find('\n')) / "model";
  }

 private Q_SLOTS:
  void aReportTellsNobodysName() {
    const fs::path home = fs::path(dir_.path().toStdString()) / "somebodys-home";
    fs::create_directories(home);
    const QByteArray user = qgetenv("USER");
    qputenv("USER", "somebody");
    const Outcome written = run_masked("077", home, {"doctor", "--report", text(home / "report.txt")});
    qputenv("USER", user);
    QVERIFY2(written.code == 0, written.err);
    const std::string report(MappedFile::open(home / "report.txt")->text());
    for (const char* part : {"LibTorch", "instruction set", "What works", "sockets", "llavakd "})
      QVERIFY2(report.find(part) != std::string::npos, part);
    for (const std::string& secret : {std::string("somebody"), home.string(), std::string("/tmp")})
      QVERIFY2(report.find(secret) == std::string::npos, secret.c_str());
    QCOMPARE(static_cast<int>(fs::status(home / "report.txt").permissions()) & 077, 0);
    QCOMPARE(run_masked("077", home, {"doctor", "--report", text(home)}).code, 2);
    QCOMPARE(run_masked("077", home, {"doctor", "--report", "--json"}).code, 2);
  }

  void nothingIsWiderThanAsked_data() {
    QTest::addColumn<QString>("mask");
    QTest::addColumn<int>("forbidden");
    QTest::newRow("077") << "077" << 077;
    QTest::newRow("022") << "022" << 022;
  }

  void nothingIsWiderThanAsked() {
    QFETCH(const QString, mask);
    QFETCH(const int, forbidden);
    const fs::path folder = fs::path(dir_.path().toStdString()) / mask.toStdString(), home = folder / "home";
    fs::create_directories(home);
    const fs::path project = write_project(folder / "project"), run = folder / "project" / "runs" / "one";
    std::set<fs::path> before;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) before.insert(entry.path());

    const auto succeeds = [&](const QStringList& arguments) {
      const Outcome outcome = run_masked(mask, home, arguments);
      if (outcome.code != 0) qWarning("%s: %s", qPrintable(arguments.join(' ')), outcome.err.constData());
      return outcome.code == 0;
    };
    QVERIFY(succeeds({"train", text(project), "--run", "one", "--set", "run.checkpoint_every=1", "--set",
                      "run.vision_cache=on", "--set", "run.teacher_cache=on"}));
    QVERIFY(succeeds({"export", text(newest_model(run)), "--to", "hf", text(folder / "project" / "exported")}));
    if (mask == "077") {
      QVERIFY(succeeds({"train", text(project), "--resume", "one", "--branch", "two"}));
      QVERIFY(succeeds({"runs", "tag", text(project), "one", "kept"}));
      QVERIFY(succeeds({"bundle", text(run), "--out", text(folder / "project" / "bundle"), "--weights", "all"}));
      QVERIFY(succeeds({"runs", "queue", "add", text(project)}));
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (before.contains(entry.path())) continue;
      struct stat facts {};
      QCOMPARE(lstat(entry.path().c_str(), &facts), 0);
      QVERIFY2(S_ISLNK(facts.st_mode) || (facts.st_mode & static_cast<mode_t>(forbidden)) == 0,
               fmt::format("{} has {:o}", entry.path().string(), facts.st_mode & 07777U).c_str());
    }
  }
};

QTEST_GUILESS_MAIN(TestPrivateFiles)
#include "tst_private_files.moc"
