// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <functional>

#include "tests/app/engine.h"

using namespace llavakd;

namespace {

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Sends lines to a Unix socket and returns the answer to each.
std::vector<Json> ask(const std::string& path, const std::vector<std::string>& lines) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  std::vector<Json> answers;
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (const std::string& line : lines) {
      if (send(descriptor, line.data(), line.size(), MSG_NOSIGNAL) < 0) break;
      std::string answer;
      for (char c = 0; c != '\n' && recv(descriptor, &c, 1, 0) == 1;) answer += c;
      answers.push_back(Json::parse(answer, nullptr, false));
    }
  }
  close(descriptor);
  return answers;
}

}  // namespace

/// The project that a new user starts with, shortened: from `llavakd new` to trained weights, and everything that may
/// come between.
class TestTrainCommand : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path folder_, project_;

  static constexpr int total_steps = 22;

  QStringList arguments(const char* run) const {
    return {"train",
            text(project_),
            "--run",
            run,
            "--json",
            "--set",
            "stages.DPT.max_steps=12",
            "--set",
            "stages.SFT.max_steps=4",
            "--set",
            "stages.DFT.max_steps=6",
            "--set",
            "stages.DPT.batch_size=16",
            "--set",
            "stages.SFT.batch_size=16",
            "--set",
            "stages.DFT.batch_size=16",
            "--set",
            "probe_every=12",
            "--set",
            "run.checkpoint_every=5",
            "--set",
            "evaluations=[]"};
  }

  QStringList resuming(const char* run) const {
    QStringList list = arguments(run);
    list[2] = "--resume";
    return list;
  }

  fs::path run_folder(const char* run) const { return folder_ / "runs" / run; }
  std::vector<Event> events(const char* run) const { return events_of(run_folder(run) / "events.jsonl"); }

  /// Steps of the run as far as they were kept, each once.
  std::vector<std::string> steps(const char* run) const { return comparable_steps(events(run)); }

  void same_weights(const char* a, const char* b) const {
    const std::string last = "checkpoints/DFT-" + std::to_string(total_steps);
    for (const char* file : {"model/model.safetensors", "model/config.json", "optimizer.safetensors"}) {
      const std::string one = bytes_of(run_folder(a) / last / file), other = bytes_of(run_folder(b) / last / file);
      QVERIFY2(!one.empty() && one == other, file);
    }
  }

  /// Starts a run and calls `at_step` once, when the run has reported its `step`-th step.
  Outcome run_until(const QStringList& list, int step, const std::function<void(QProcess&)>& at_step) const {
    QProcess process;
    process.start(engine_path(), list);
    QByteArray out;
    bool done = false;
    QElapsedTimer timer;
    timer.start();
    while (process.state() != QProcess::NotRunning && timer.elapsed() < 90'000) {
      process.waitForReadyRead(200);
      out += process.readAllStandardOutput();
      if (!done && out.contains(",\"step\":" + QByteArray::number(step) + ",")) {
        done = true;
        at_step(process);
      }
    }
    process.waitForFinished(5000);
    out += process.readAllStandardOutput();
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2, out,
            process.readAllStandardError()};
  }

 private Q_SLOTS:
  void initTestCase() {
    folder_ = fs::path(dir_.path().toStdString()) / "quick";
    const Outcome made = run_engine({"new", "emoji-quick", text(folder_), "--json"});
    QVERIFY2(made.code == 0, made.err);
    project_ = made.json()["project"].get<std::string>();
    QCOMPARE(project_, folder_ / "emoji-quick.kdproj");
    const Outcome whole = run_engine(arguments("whole"));
    QVERIFY2(whole.code == 0, whole.err);
    // What stdout says is what the run's file says.
    const auto printed = whole.lines();
    const auto kept = events("whole");
    QCOMPARE(printed.size(), kept.size());
    for (size_t i = 0; i < printed.size(); ++i) QCOMPARE(printed[i].toStdString(), to_line(kept[i]));
  }

  void aProjectIsNotMadeTwice() {
    const Outcome again = run_engine({"new", "emoji-quick", text(folder_), "--json"});
    QCOMPARE(again.code, 2);
    QVERIFY(again.err.contains("exists already"));
  }

  void eventsTellTheRun() {
    const auto all = events("whole");
    QVERIFY(all.front().is<RunStartedEvent>());
    QVERIFY(all.back().is<RunFinishedEvent>());
    QCOMPARE(count_of(all, "step"), total_steps);
    QCOMPARE(count_of(all, "stage_started"), 3);
    QCOMPARE(count_of(all, "stage_finished"), 3);
    QCOMPARE(count_of(all, "failed") + count_of(all, "warning"), 0);
    for (const Event& event : all) {
      const auto* step = event.as<StepEvent>();
      if (!step) continue;
      QVERIFY(!step->terms.empty() && !step->weighted.empty() && !step->phases.empty() && step->memory_bytes > 0);
      QVERIFY(step->tokens > 0 && step->samples > 0);
      for (const double number :
           {step->total, step->grad_norm, step->learning_rate, step->seconds, step->waiting_seconds})
        QVERIFY(std::isfinite(number));
    }
  }

  void allTermsFall() {
    std::vector<NamedNumbers> dpt;
    std::vector<double> sft, dft;
    for (const Event& event : events("whole")) {
      const auto* step = event.as<StepEvent>();
      if (!step) continue;
      if (event.stage == "DPT") dpt.push_back(step->terms);
      if (event.stage == "SFT") sft.push_back(step->total);
      if (event.stage == "DFT") dft.push_back(step->total);
    }
    for (const char* term : {"ce", "mdist_response", "mdist_visual", "rdist"}) {
      double first = 0, last = 0;
      for (size_t i = 0; i < 2; ++i) first += number_of(dpt[i], term), last += number_of(dpt[dpt.size() - 1 - i], term);
      QVERIFY2(last < first, term);
    }
    QVERIFY(sft.back() < sft.front());
    QVERIFY(dft.back() < dft.front());
  }

  /// What the method is for: after DPT the student sees the probes more as the teacher does.
  void probesComeNearerToTheTeacher() {
    std::vector<Event> probes;
    for (Event& event : events("whole"))
      if (event.is<ProbeEvent>() && event.stage == "DPT") probes.push_back(std::move(event));
    QVERIFY(probes.size() >= 2);
    QCOMPARE(probes.front().step, 0);
    const NamedNumbers &first = probes.front().as<ProbeEvent>()->means, &last = probes.back().as<ProbeEvent>()->means;
    for (const char* term : {"rdist", "mdist_visual"}) QVERIFY2(number_of(last, term) < number_of(first, term), term);
    for (const char* at : {"DPT-0", "DPT-12"})
      for (int i = 0; i < 6; ++i)
        QVERIFY(fs::exists(run_folder("whole") / "probes" / at / (std::to_string(i) + ".safetensors")));
  }

  void theSameSeedGivesTheSameEvents() {
    QCOMPARE(run_engine(arguments("twin")).code, 0);
    QCOMPARE(comparable(events("twin")), comparable(events("whole")));
    same_weights("twin", "whole");
  }

  /// Nothing of it is done, scored or written again.
  void aFinishedRunIsLeftAlone() {
    const auto files = [&] {
      std::string all = bytes_of(run_folder("whole") / "run.json") + bytes_of(run_folder("whole") / "events.jsonl");
      return all + bytes_of(run_folder("whole") / "engine.log");
    };
    const std::string before = files();
    const Outcome again = run_engine(resuming("whole"));
    QVERIFY2(again.code == 0 && again.out.isEmpty(), again.err);
    QVERIFY2(again.err.contains("The run whole is finished") && again.err.contains("eval"), again.err);
    QVERIFY(files() == before);
    const Outcome other = run_engine(resuming("whole") + QStringList{"--set", "run.seed=5"});
    QVERIFY2(other.code == 2 && other.err.contains("seed"), other.err);
  }

  void anUnknownStageIsThatOfTheOption() {
    const Outcome outcome = run_engine({"train", text(project_), "--stage", "XX"});
    QVERIFY2(outcome.code == 2 && outcome.err.contains("--stage XX") && outcome.err.contains("DPT"), outcome.err);
    QVERIFY2(!outcome.err.contains("schedule"), outcome.err);
  }

  void stoppedBySignalItGoesOnExactly() {
    const Outcome stopped = run_until(arguments("stopped"), 7, [](QProcess& process) { process.terminate(); });
    QVERIFY2(stopped.code == 3, stopped.err);
    QVERIFY(count_of(events("stopped"), "step") < total_steps);
    const Json info = read_json(run_folder("stopped") / "run.json");
    QCOMPARE(info["status"].get<std::string>(), std::string("stopped"));
    const Outcome resumed = run_engine(resuming("stopped"));
    QVERIFY2(resumed.code == 0, resumed.err);
    same_weights("stopped", "whole");
    QCOMPARE(steps("stopped"), steps("whole"));
  }

  void killedItGoesOnFromItsLastCheckpoint() {
    const Outcome killed = run_until(
        arguments("killed"), 14, [](QProcess& process) { ::kill(static_cast<pid_t>(process.processId()), SIGKILL); });
    QCOMPARE(killed.code, -2);
    const Outcome resumed = run_engine(resuming("killed"));
    QVERIFY2(resumed.code == 0, resumed.err);
    same_weights("killed", "whole");
    QCOMPARE(steps("killed"), steps("whole"));
  }

  void standardInputSteers() {
    bool stood_still = false;
    const auto wait_for = [&](const char* type) {
      for (int i = 0; i < 200 && count_of(events("steered"), type) == 0; ++i) QTest::qWait(50);
    };
    const auto say = [](QProcess& process, const char* command) {
      process.write(command);
      process.waitForBytesWritten(1000);
    };
    const Outcome outcome = run_until(arguments("steered"), 3, [&](QProcess& process) {
      say(process, "pause\n");
      wait_for("paused");
      const size_t before = events("steered").size();
      QTest::qWait(700);
      stood_still = events("steered").size() == before && count_of(events("steered"), "paused") == 1;
      say(process, "resume\n");
      wait_for("unpaused");
      say(process, "stop\n");
    });
    QVERIFY(stood_still);
    QVERIFY2(outcome.code == 3, outcome.err);
    QCOMPARE(count_of(events("steered"), "unpaused"), 1);
  }

  /// The window gives the project as it is there, edits that aren't saved included.
  void theProjectMayComeFromStandardInput() {
    Json project = read_json(project_);
    project["notes"] = "not in the file";
    project["stages"][0]["max_steps"] = 2;
    const QStringList list{"train",   text(project_), "--run", "typed",         "--stdin",
                           "--stage", "DPT",          "--set", "evaluations=[]"};
    const Outcome outcome = run_engine(list, QByteArray::fromStdString(project.dump()));
    QVERIFY2(outcome.code == 0, outcome.err);
    QCOMPARE(count_of(events("typed"), "step"), 2);
    const Json info = read_json(run_folder("typed") / "run.json");
    QCOMPARE(info["project"]["notes"].get<std::string>(), std::string("not in the file"));
    QVERIFY(info["project_id"] == read_json(project_)["id"]);
    const Outcome wrong = run_engine({"train", text(project_), "--stdin"}, "[]");
    QCOMPARE(wrong.code, 2);
    QVERIFY2(wrong.err.contains("is not a LLaVA-KD project"), wrong.err);
  }

  void theSocketSteersAndAnswers() {
    std::vector<Json> answers;
    const Outcome outcome = run_until(arguments("socket"), 2, [&](QProcess&) {
      answers = ask(read_json(run_folder("socket") / "run.json")["control_socket"], {"dance\n", "status\n", "stop\n"});
    });
    QVERIFY2(outcome.code == 3, outcome.err);
    QCOMPARE(answers.size(), size_t{3});
    QVERIFY(answers[0]["ok"] == false && answers[0]["error"].get<std::string>().find("dance") != std::string::npos);
    const Json& status = answers[1];
    QVERIFY(status["ok"] == true && status["state"] == "running" && status["stage"] == "DPT");
    QVERIFY(status["step"].get<int>() >= 2 && status.contains("terms"));
    QVERIFY(answers[2]["ok"] == true && answers[2]["state"] == "stopping");
  }

  void aGateStopsTheRun() {
    const QStringList gate{"--set",
                           R"(stages.SFT.gate=[{"measure":"loss","against":"number","limit":-1,"unmet":"stop"}])"};
    const Outcome stopped = run_engine(arguments("gated") + gate);
    QVERIFY2(stopped.code == 4, stopped.err);
    QVERIFY2(stopped.err.contains("The gate of SFT isn't met: loss is "), stopped.err);
    QVERIFY2(stopped.err.contains("--resume gated --from DPT-12 --reason REASON"), stopped.err);
    const Outcome passed = run_engine(resuming("gated") + gate + QStringList{"--pass-gate", "known noise"});
    QVERIFY2(passed.code == 0, passed.err);
    same_weights("gated", "whole");
    const Json gates = read_json(run_folder("gated") / "run.json")["gates"];
    QCOMPARE(gates.back()["reason"].get<std::string>(), std::string("known noise"));
    const Outcome shown = run_engine({"runs", "show", text(project_), "gated"});
    QVERIFY2(shown.out.contains("Gate of SFT: passed, known noise. The gate of SFT isn't met"), shown.out);
    const Outcome back = run_engine(resuming("gated") + QStringList{"--from", "DPT", "--reason", "once more"});
    QVERIFY2(back.code == 0, back.err);
    same_weights("gated", "whole");
    same_weights("gated-DFT-22", "whole");
    QCOMPARE(count_of(events("gated"), "rolled_back"), 1);
    for (const QStringList& wrong : {QStringList{"--pass-gate", "why"}, QStringList{"--from", "DPT"}})
      QCOMPARE(run_engine(arguments("wrong") + wrong).code, 2);
    QCOMPARE(run_engine(resuming("gated") + QStringList{"--from", "DPT"}).code, 2);
    QCOMPARE(run_engine(resuming("gated") + QStringList{"--from", "PT", "--reason", "why"}).code, 2);
    const Outcome wordless = run_engine(resuming("gated") + QStringList{"--from", "DPT", "--reason", "  "});
    QVERIFY2(wordless.code == 2 && wordless.err.contains("no words"), wordless.err);
  }

  void aGateIsAnsweredOnTheSocket() {
    const QStringList gate{"--wait-at-gates", "--set",
                           R"(stages.SFT.gate=[{"measure":"loss","against":"number","limit":-1}])"};
    std::vector<Json> answers;
    const Outcome outcome = run_until(arguments("asked") + gate, 16, [&](QProcess&) {
      for (int i = 0; i < 200 && count_of(events("asked"), "paused") == 0; ++i) QTest::qWait(50);
      answers = ask(read_json(run_folder("asked") / "run.json")["control_socket"],
                    {"resume\n", "go on\n", "go on it is a test\n"});
    });
    QVERIFY2(outcome.code == 0, outcome.err);
    QCOMPARE(answers.size(), size_t{3});
    QVERIFY(answers[0]["ok"] == false && answers[1]["ok"] == false && answers[2]["ok"] == true);
    same_weights("asked", "whole");
  }

  void theNewestRunIsScored() {
    const Outcome scored = run_engine({"eval", text(project_), "--file", text(folder_ / "data/quick/test.json"),
                                       "--images", text(folder_ / "data/images"), "--json"});
    QVERIFY2(scored.code == 0, scored.err);
    QCOMPARE(scored.json()["questions"].get<int>(), 300);
    QVERIFY(scored.json()["template"] == "no_system" && scored.json()["template_known_by"] == "config.json");
    // A checkpoint of the run is named as `runs` and `pin` name it, without the folder that is inside.
    const fs::path model = scored.json()["checkpoint"].get<std::string>();
    const Outcome shown = run_engine({"show", text(model.parent_path()), "--json"});
    QVERIFY2(shown.code == 0 && shown.json()["template"] == "no_system", shown.err);
  }

  /// On the questions that its project names, which run.json has a copy of.
  void aRunsCheckpointIsScoredAsItsProjectSays() {
    const fs::path run = run_folder("scored");
    fs::copy(run_folder("whole"), run, fs::copy_options::recursive);
    Json info = read_json(run / "run.json");
    info["project"]["evaluations"] = read_json(project_)["evaluations"];  // these tests train without
    QVERIFY(!info["project"]["evaluations"].empty());
    write_json(run / "run.json", info);
    const Outcome of_run = run_engine({"eval", text(run) + QStringLiteral("/"), "--json"});
    QVERIFY2(of_run.code == 0 && of_run.err.contains("its newest checkpoint was scored, "), of_run.err);
    QVERIFY(of_run.err.contains("it also has "));
    const fs::path newest = run / "checkpoints" / ("DFT-" + std::to_string(total_steps));
    QCOMPARE(fs::path(of_run.json()["checkpoint"].get<std::string>()), newest / "model");
    const Outcome of_checkpoint = run_engine({"eval", text(newest), "--json"});
    QVERIFY2(of_checkpoint.code == 0 && of_checkpoint.err.isEmpty(), of_checkpoint.err);
    QVERIFY(of_checkpoint.json() == of_run.json());
    QVERIFY(of_run.json()["questions"].get<int>() > 0);
    fs::remove_all(run);
    const Outcome bare = run_engine({"eval", text(folder_ / "models/teacher")});
    QVERIFY2(bare.code == 2 && bare.err.contains("Nothing to evaluate") && bare.err.contains("Give --file"), bare.err);
  }

  /// A run's project without evaluations, a run without a checkpoint, and a run.json that is damaged.
  void whatNamesNoQuestionsIsNotScored() {
    const fs::path run = run_folder("unscored"), checkpoint = run / "checkpoints" / "X-1";
    fs::create_directories(checkpoint.parent_path());
    const auto said = [&](const fs::path& subject) {
      const Outcome outcome = run_engine({"eval", text(subject)});
      return outcome.code == 2 ? outcome.err : QByteArray("code ") + QByteArray::number(outcome.code);
    };
    Json info = read_json(run_folder("whole") / "run.json");
    info["project"]["evaluations"] = Json::array();
    write_json(run / "run.json", info);
    QVERIFY2(said(run).contains("has no checkpoint"), said(run));
    fs::copy(run_folder("whole") / "checkpoints" / ("DFT-" + std::to_string(total_steps)), checkpoint,
             fs::copy_options::recursive);
    for (const fs::path& subject : {run, checkpoint})
      QVERIFY2(said(subject).contains("the project of the run unscored has no evaluations"), said(subject));
    info["project"] = {{"evaluations", 7}};
    write_json(run / "run.json", info);
    QVERIFY2(said(run).contains("evaluations"), said(run));
    fs::remove_all(run);
  }

  void oneStageAloneRuns() {
    const Outcome outcome = run_engine(arguments("alone") + QStringList{"--stage", "DPT"});
    QVERIFY2(outcome.code == 0, outcome.err);
    QCOMPARE(count_of(events("alone"), "step"), 12);
    QCOMPARE(count_of(events("alone"), "stage_finished"), 1);
  }
};

QTEST_GUILESS_MAIN(TestTrainCommand)
#include "tst_train_command.moc"
