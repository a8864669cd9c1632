// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Gates between stages: what they measure, when a run goes on, asks, stops and goes back.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "core/run/roll_back_run.h"
#include "core/run/run_lock.h"
#include "core/run/run_notes.h"
#include "core/run/run_overview.h"
#include "core/training/verify_run.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// No loss is below 0.
LimitOptions never_met(const char* unmet) {
  return {.measure = "loss", .against = "number", .limit = -1, .unmet = unmet};
}

std::string outcomes(const RunFolder& run) {
  std::string text;
  for (const GateRecord& record : read_run_info(run).gates)
    text += (text.empty() ? "" : " ") + record.stage + ":" + record.gate.outcome;
  return text;
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

class TestGatedRun : public QObject, TinyRuns {
  Q_OBJECT

  /// The tiny project with this limit at SFT's end.
  Project gated(const LimitOptions& limit) const {
    Project project = project_;
    project.probes = {{"images/0.png", "What?"}};
    project.evaluations = {{"exact_match", "questions.json", "images"}};
    for (StageOptions& stage : project.stages)
      if (stage.name == "SFT") stage.gate = {limit};
    return project;
  }

  /// Trains while somebody is there, who does this as the run waits.
  RunResult run_asking(const Project& project, const RunFolder& folder, bool resume,
                       const std::function<void(RunControl&)>& answer) const {
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.is<PausedEvent>()) answer(control);
    };
    return train(project, file_, folder, sink, control, {.resume = resume, .can_ask = true});
  }

  bool is_like_whole(const RunFolder& folder) const {
    return same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18") &&
           steps_of(folder) == steps_of(whole_);
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(begin()); }

  void numbersBeforeAndAfterAreKept() {
    Project project = gated({.measure = "probe", .of = "rdist", .limit = 1e6});
    StageOptions& sft = project.stages[2];
    QCOMPARE(sft.name, std::string("SFT"));
    sft.gate.push_back({.measure = "score", .against = "number", .limit = 0});
    sft.gate.push_back({.measure = "loss", .limit = 1e6});
    project.stages[1].gate = {{.measure = "score", .limit = -100}};  // of the run's first stage
    const RunFolder folder = create_run(file_, "met");
    QVERIFY(!run(project, folder).stopped);
    QVERIFY(is_like_whole(folder));  // looking changes nothing
    QCOMPARE(outcomes(folder), std::string("DPT:met SFT:met"));
    const RunInfo info = read_run_info(folder);
    QCOMPARE(info.gates[1].step, int64_t{12});
    const std::vector<GateNumber>& numbers = info.gates[1].gate.numbers;
    QCOMPARE(numbers.size(), size_t{3});
    for (const GateNumber& number : numbers) QVERIFY(number.met && number.after >= 0);
    QVERIFY(numbers[0].before >= 0 && numbers[2].before >= 0);
    QVERIFY(std::isnan(numbers[1].before));  // compared with a number: nothing was measured for that
    // The probe's numbers are those of its own events.
    for (const Event& event : events_of(folder))
      if (const auto* probe = event.as<ProbeEvent>(); probe && (event.step == 6 || event.step == 12))
        QCOMPARE(number_of(probe->means, "rdist"), event.step == 6 ? numbers[0].before : numbers[0].after);
    QVERIFY(verify_run(folder).holds());
    QCOMPARE(count_of(folder, "gate"), 2);
  }

  void theBeginningIsKnownAfterAResume() {
    const Project project = gated({.measure = "probe", .of = "mdist_visual", .limit = 1e6});
    const RunFolder one = create_run(file_, "known"), two = create_run(file_, "halved");
    run(project, one);
    run_in_two_parts(project, two, 9);
    const GateNumber a = read_run_info(one).gates.at(0).gate.numbers.at(0);
    const GateNumber b = read_run_info(two).gates.at(0).gate.numbers.at(0);
    QCOMPARE(a.before, b.before);
    QCOMPARE(a.after, b.after);
    QVERIFY(is_like_whole(two));
  }

  void anUnmetOneStops() {
    const Project project = gated(never_met("stop"));
    const RunFolder folder = create_run(file_, "stopped");
    const RunResult result = run(project, folder);
    QVERIFY(result.stopped);
    QCOMPARE(result.steps, int64_t{12});
    QVERIFY2(result.unmet_gate.starts_with("The gate of SFT isn't met: loss is "), result.unmet_gate.c_str());
    QCOMPARE(read_run_info(folder).status, std::string("stopped"));
    QVERIFY(unmet_gate(read_run_info(folder)));
    const auto listed = all_runs(file_);
    const auto found =
        std::ranges::find(listed, std::string("stopped"), [](const ListedRun& each) { return each.folder.id(); });
    QCOMPARE(run_overview(*found).message, result.unmet_gate);
    // It stays there.
    QCOMPARE(run(project, folder, {.resume = true}).steps, int64_t{12});
    const RunResult passed = run(project, folder, {.resume = true, .pass_gate = "known noise"});
    QVERIFY(!passed.stopped && passed.unmet_gate.empty());
    QVERIFY(is_like_whole(folder));
    QCOMPARE(outcomes(folder), std::string("SFT:stopped SFT:stopped SFT:passed"));
    QCOMPARE(read_run_info(folder).gates.back().gate.reason, std::string("known noise"));
  }

  void aLimitThatIsLoweredIsMet() {
    const RunFolder folder = create_run(file_, "lowered");
    QVERIFY(run(gated(never_met("stop")), folder).stopped);
    QVERIFY(!run(gated({.measure = "loss", .against = "number", .limit = 1e6}), folder, {.resume = true}).stopped);
    QCOMPARE(outcomes(folder), std::string("SFT:stopped SFT:met"));
    QVERIFY(is_like_whole(folder));
  }

  void whatWasPassedStaysPassed() {
    const Project project = gated(never_met("stop"));
    const RunFolder folder = create_run(file_, "killed");
    run(project, folder);
    const auto fault = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 13) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error,
                             run(project, folder, {.resume = true, .pass_gate = "known noise"}, fault));
    QVERIFY(!run(project, folder, {.resume = true}).stopped);
    QCOMPARE(count_of(folder, "gate"), 1);
    for (const Event& event : events_of(folder))
      if (const auto* gate = event.as<GateEvent>()) QCOMPARE(gate->reason, std::string("known noise"));
    QVERIFY(is_like_whole(folder));
  }

  void noGateNoPass() {
    const RunFolder folder = create_run(file_, "no-gate");
    run_until(project_, folder, 8);
    const auto pass = [&] {
      run(project_, folder, {.resume = true, .pass_gate = "why not"});
    };
    QVERIFY(error_of(pass).find("isn't at a gate") != std::string::npos);
    QVERIFY(!refuses(folder));
  }

  void somebodyAnswers() {
    const RunFolder folder = create_run(file_, "asked");
    int asked = 0;
    const RunResult result = run_asking(gated(never_met("ask")), folder, false, [&](RunControl& control) {
      ++asked;
      control.resume();  // a habit is no answer
      QVERIFY(control.state() == RunControl::State::paused && control.asks() && control.may_roll_back());
      QCOMPARE(read_run_info(folder).status, std::string("paused"));
      control.save();
      QVERIFY(control.answer({GateAnswer::What::go_on, "the data is small"}));
    });
    QCOMPARE(asked, 1);
    QVERIFY(!result.stopped);
    QCOMPARE(outcomes(folder), std::string("SFT:passed"));
    QCOMPARE(read_run_info(folder).gates[0].gate.reason, std::string("the data is small"));
    QCOMPARE(count_of(folder, "gate"), 2);  // waiting, passed
    QCOMPARE(count_of(folder, "unpaused"), 1);
    QVERIFY(is_like_whole(folder));
  }

  void nobodyAnswers() {
    const RunFolder folder = create_run(file_, "alone");
    const RunResult result = run(gated(never_met("ask")), folder);
    QVERIFY(result.stopped && !result.unmet_gate.empty());
    QCOMPARE(outcomes(folder), std::string("SFT:stopped"));
  }

  void killedWhileItWaitsItWaitsAgain() {
    const Project project = gated(never_met("ask"));
    const RunFolder folder = create_run(file_, "waiting");
    const auto kill = [](RunControl&) {
      throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run_asking(project, folder, false, kill));
    int asked = 0;
    const RunResult stopped = run_asking(project, folder, true, [&](RunControl& control) {
      ++asked;
      control.stop();
    });
    QVERIFY(stopped.stopped && stopped.unmet_gate.empty());  // a person did
    const RunResult result = run_asking(project, folder, true, [&](RunControl& control) {
      ++asked;
      control.answer({GateAnswer::What::go_on, "it is fine"});
    });
    QCOMPARE(asked, 2);
    QVERIFY(!result.stopped);
    QVERIFY(is_like_whole(folder));
  }

  void tellingGoesOn() {
    const RunFolder folder = create_run(file_, "told");
    QVERIFY(!run(gated(never_met("tell")), folder).stopped);
    QCOMPARE(outcomes(folder), std::string("SFT:told"));
    QVERIFY(!read_run_info(folder).gates[0].gate.message.empty());
  }

  void theStrictestLimitDecides() {
    Project project = gated(never_met("tell"));
    project.stages[2].gate.push_back(never_met("stop"));
    project.stages[2].gate.push_back(never_met("ask"));
    const RunFolder folder = create_run(file_, "strict");
    const RunResult result = run_asking(project, folder, false, [](RunControl&) { QFAIL("must not ask"); });
    QVERIFY(!result.unmet_gate.empty());
  }

  void whatIsNoNumberIsNotMet() {
    nlohmann::ordered_json questions = read_json(file_.parent_path() / "questions.json");
    for (auto& each : questions) each["image"] = "absent.png";
    write_json(file_.parent_path() / "unseen.json", questions);
    Project project = gated({.measure = "score", .of = "unseen.json", .limit = -100, .unmet = "stop"});
    project.evaluations.push_back({"exact_match", "unseen.json", "images"});
    const RunFolder folder = create_run(file_, "no-number");
    const RunResult result = run(project, folder);
    QVERIFY2(result.unmet_gate.find("score of unseen.json is not known") != std::string::npos,
             result.unmet_gate.c_str());
    const GateNumber number = read_run_info(folder).gates.at(0).gate.numbers.at(0);
    QVERIFY(std::isnan(number.before) && std::isnan(number.after) && !number.met);
  }

  /// Each number is compared with its own beginning, also of two files of one name.
  void filesOfOneNameHaveTheirOwnBeginnings() {
    const fs::path folder = file_.parent_path();
    nlohmann::ordered_json questions = read_json(folder / "questions.json");
    for (auto& each : questions) each["image"] = "absent.png";
    fs::create_directories(folder / "other");
    write_json(folder / "other" / "questions.json", questions);
    Project project = gated({.measure = "score", .of = "other/questions.json", .unmet = "tell"});
    project.stages[2].gate.push_back({.measure = "score", .of = "questions.json", .unmet = "tell"});
    project.evaluations.push_back({"exact_match", "other/questions.json", "images"});
    const RunFolder run_folder = create_run(file_, "one-name");
    run(project, run_folder);
    const std::vector<GateNumber> numbers = read_run_info(run_folder).gates.at(0).gate.numbers;
    QVERIFY(std::isnan(numbers.at(0).before) && std::isnan(numbers.at(0).after));
    QVERIFY(!std::isnan(numbers.at(1).before) && !std::isnan(numbers.at(1).after));
  }

  void theLastStageHasOne() {
    Project project = gated({.measure = "loss", .limit = 1e6});
    project.stages[3].gate = {never_met("stop")};
    const RunFolder folder = create_run(file_, "last");
    const RunResult result = run(project, folder);
    QVERIFY(result.stopped && result.steps == 18);
    QCOMPARE(count_of(folder, "eval"), 0);
    QVERIFY(!run(project, folder, {.resume = true, .pass_gate = "good enough"}).stopped);
    QCOMPARE(count_of(folder, "eval"), 1);
  }

  void aRollBackLosesNothing() {
    const RunFolder folder = create_run(file_, "back");
    const Project project = gated(never_met("ask"));
    const RunResult asked = run_asking(project, folder, false, [](RunControl& control) {
      control.answer({GateAnswer::What::roll_back, "too few samples"});
    });
    QVERIFY(asked.stopped && asked.roll_back.has_value());
    pin_checkpoint(folder, "SFT-10");
    write_file_atomically(folder.path / "verified.json", "{}");
    const std::vector<std::string> before = steps_of(folder);
    const RolledBackEvent what = roll_back_run(folder, {}, *asked.roll_back);
    QCOMPARE(what.from, std::string("SFT-12"));
    QCOMPARE(what.to, std::string("DPT-6"));
    QCOMPARE(what.kept_as, std::string("back-SFT-12"));
    // What was left is a run of its own,
    const RunFolder kept{runs_folder(file_) / what.kept_as};
    QCOMPARE(steps_of(kept), before);
    QCOMPARE(count_of(kept, "gate"), 2);  // waiting, rolled_back: what came after its checkpoint, too
    QVERIFY(!fs::exists(folder.path / "verified.json"));
    QCOMPARE(find_run(file_).id(), std::string("back"));
    QVERIFY(same_models(kept.checkpoints() / "SFT-12", whole_.checkpoints() / "SFT-12"));
    QCOMPARE(read_run_notes(kept).pinned, std::vector<std::string>{"SFT-10"});
    QVERIFY(verify_run(kept).holds());
    QVERIFY(!run(project, kept, {.resume = true, .pass_gate = "try it"}).stopped);
    QVERIFY(is_like_whole(kept));
    // and the run is where it was then.
    QCOMPARE(steps_of(folder).size(), size_t{6});
    QCOMPARE(run_checkpoints(folder).back().name, std::string("DPT-6"));
    QVERIFY(!fs::exists(folder.probes() / "SFT-12"));
    const RunInfo info = read_run_info(folder);
    QCOMPARE(info.status, std::string("stopped"));
    QVERIFY(info.gates.empty());
    QCOMPARE(info.roll_backs.at(0).what.reason, std::string("too few samples"));
    QVERIFY(!run(gated({.measure = "loss", .limit = 1e6}), folder, {.resume = true}).stopped);
    QVERIFY(is_like_whole(folder));
    QCOMPARE(count_of(folder, "rolled_back"), 1);
    QVERIFY(verify_run(folder).holds());
  }

  void aRunGoesBackToWhatIsNamed() {
    const RunFolder folder = create_run(file_, "named");
    run_until(project_, folder, 16);
    QCOMPARE(roll_back_target(folder).name, std::string("SFT-12"));
    QCOMPARE(roll_back_target(folder, "DPT").name, std::string("DPT-6"));
    roll_back_run(folder, "SFT-10", "a step too far");
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
    QVERIFY(is_like_whole(folder));
    roll_back_run(folder, "DPT", "again");
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
    QVERIFY(is_like_whole(folder));
    QCOMPARE(read_run_info(folder).roll_backs.size(), size_t{2});
  }

  /// The run is back as soon as `latest` says so; what a kill leaves is removed by the resume.
  void aKillWhileItGoesBackDoesNoHarm() {
    const RunFolder folder = create_run(file_, "cut");
    run_until(project_, folder, 12);
    const RunFolder kept{runs_folder(file_) / roll_back_run(folder, "DPT", "try again").kept_as};
    link_back(kept, folder);
    QCOMPARE(run_checkpoints(folder).back().name, std::string("SFT-12"));
    run_until_resumed(folder, 8);
    for (const RunCheckpoint& each : run_checkpoints(folder)) QVERIFY2(each.step <= 8, each.name.c_str());
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
    QVERIFY(is_like_whole(folder));
  }

  /// Whatever of a roll back has been written when it is killed, the next one who opens the run finishes it.
  void aRollBackThatWasCutShortIsFinished() {
    const RunFolder folder = create_run(file_, "half"), before{folder.path.parent_path() / "half-before"};
    run_until(project_, folder, 12);
    pin_checkpoint(folder, "SFT-10");
    fs::copy(folder.path, before.path, fs::copy_options::recursive);
    const RolledBackEvent what = roll_back_run(folder, "DPT", "try again");
    const RunFolder kept{runs_folder(file_) / what.kept_as};
    const RollBackRecord record = read_run_info(kept).roll_backs.at(0);
    QVERIFY(!read_run_info(folder).going_back && !read_run_info(kept).going_back);
    for (const int written : {0, 1, 2}) {
      fs::remove_all(folder.path);
      fs::copy(before.path, folder.path, fs::copy_options::recursive);
      intend(folder, record);
      if (written > 0) write_file_atomically(folder.checkpoints() / "latest", "DPT-6\n");
      if (written > 1) fs::remove_all(folder.checkpoints() / "SFT-12");
      const RunResult result = run(project_, folder, {.resume = true});
      QVERIFY(!result.stopped && is_like_whole(folder));
      const RunInfo info = read_run_info(folder);
      QVERIFY(!info.going_back);
      QCOMPARE(info.roll_backs.size(), size_t{1});
      QCOMPARE(info.roll_backs[0].what.reason, std::string("try again"));
      QVERIFY(read_run_notes(folder).pinned.empty());
      QVERIFY(warns(folder, "it is back now"));
      QVERIFY(verify_run(kept).holds());
    }
    // Asked for once more, it is the same one.
    fs::remove_all(folder.path);
    fs::copy(before.path, folder.path, fs::copy_options::recursive);
    intend(folder, record);
    QCOMPARE(roll_back_run(folder, "DPT", "another reason").kept_as, what.kept_as);
    QCOMPARE(read_run_info(folder).roll_backs.at(0).what.reason, std::string("try again"));
  }

  /// Where the run of what is left isn't whole, nothing has been done.
  void aRollBackThatHadKeptNothingIsUndone() {
    const RunFolder folder = create_run(file_, "undone");
    run_until(project_, folder, 12);
    const RollBackRecord record{.time = 5,
                                .what = {.from = "SFT-12", .to = "DPT-6", .kept_as = "undone-SFT-12", .reason = "why"}};
    const fs::path partial = runs_folder(file_) / "undone-SFT-12.partial", other = runs_folder(file_) / "undone-SFT-12";
    fs::create_directories(partial / "checkpoints");
    fs::create_directories(other);
    write_run_info({other}, read_run_info(folder));  // not what was left
    intend(folder, record);
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
    QVERIFY(is_like_whole(folder));
    QVERIFY(warns(folder, "It hasn't gone back"));
    QVERIFY(!fs::exists(partial) && fs::exists(other));
    QVERIFY(read_run_info(folder).roll_backs.empty());
    // What a stranger's run.json names leads nowhere.
    const fs::path outside = file_.parent_path() / "outside";
    fs::create_directories(fs::path(outside).concat(".partial"));
    for (const char* name : {"../outside", "/", "", "..", "undone"}) {
      intend(folder, {.time = 5, .what = {.from = "../x", .to = "../../x", .kept_as = name, .reason = "why"}});
      roll_back_run(folder, "SFT-10", "why");
      QVERIFY(fs::exists(fs::path(outside).concat(".partial")));
      run(project_, folder, {.resume = true});
    }
    QVERIFY(is_like_whole(folder));
  }

  /// A roll back that can't keep what is left leaves all as it was.
  void aRollBackThatFailsIsNone() {
    const RunFolder folder = create_run(file_, "fails");
    run_until(project_, folder, 12);
    fs::create_directories(folder.evaluations());
    fs::create_symlink("/", folder.evaluations() / "disk");  // nobody copies that
    const std::string info = text_of(folder.info());
    QVERIFY(error_of([&] { roll_back_run(folder, "DPT", "why"); }).find("disk") != std::string::npos);
    QCOMPARE(text_of(folder.info()), info);
    for (const char* name : {"fails-SFT-12", "fails-SFT-12.partial"}) QVERIFY(!fs::exists(runs_folder(file_) / name));
  }

  void whatCantGoBackIsLeftAlone() {
    const RunFolder folder = create_run(file_, "first");
    run_until(project_, folder, 5);
    const std::string info = text_of(folder.info());
    const auto back = [&](const char* to) {
      return error_of([&] { roll_back_run(folder, to, "why"); });
    };
    QVERIFY(back("").find("is the first stage") != std::string::npos);
    QVERIFY(back("SFT").find("no checkpoint of SFT") != std::string::npos);
    {
      const RunLock lock(folder);
      QVERIFY(back("DPT-4").find("another engine") != std::string::npos);
    }
    QCOMPARE(text_of(folder.info()), info);
    QVERIFY(!fs::exists(runs_folder(file_) / "first-DPT-5"));
  }

 private:
  /// As if a roll back were at work.
  static void intend(const RunFolder& folder, const RollBackRecord& record) {
    RunInfo info = read_run_info(folder);
    info.going_back = record;
    write_run_info(folder, info);
  }

  /// As if the removal had been cut short.
  static void link_back(const RunFolder& kept, const RunFolder& folder) {
    for (const RunCheckpoint& each : run_checkpoints(kept))
      if (!fs::exists(folder.checkpoints() / each.name))
        fs::copy(each.folder, folder.checkpoints() / each.name,
                 fs::copy_options::recursive | fs::copy_options::create_hard_links);
  }

  void run_until_resumed(const RunFolder& folder, int64_t step) const {
    RunControl control;
    const auto stop = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == step) control.stop();
    };
    train(project_, file_, folder, stop, control, {.resume = true});
  }
};

QTEST_GUILESS_MAIN(TestGatedRun)
#include "tst_gated_run.moc"
