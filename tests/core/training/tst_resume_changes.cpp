// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What has changed since a run was at work: its options, its inputs, its record, the machine.
#include <QTest>
#include <algorithm>
#include <filesystem>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/project/visitors.h"
#include "core/run/event_sums.h"
#include "core/run/option_changes.h"
#include "core/run/run_checkpoints.h"
#include "tests/core/training/tiny_runs.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestResumeChanges : public QObject, TinyRuns {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY(begin()); }

  /// A stage whose steps are all done already is finished, and its checkpoint says so.
  void aLoweredNumberOfStepsEndsTheStage() {
    Project project = project_;
    project.schedule = {"DPT"};
    const RunFolder folder = create_run(file_, "lowered");
    run_until(project, folder, 3);
    project.stages[1].max_steps = 2;
    const RunResult result = run(project, folder, {.resume = true});
    QVERIFY(!result.stopped);
    QCOMPARE(result.checkpoint.filename().string(), std::string("DPT-3"));
    QVERIFY(read_json(result.checkpoint / "state.json")["stage_done"].get<bool>());
    QCOMPARE(count_of(folder, "stage_finished"), 1);
    QVERIFY(warns(folder, "stages.DPT.max_steps is 2, was "));
  }

  /// Each stage's options stay in the record as the stage ran with them.
  void whatAStageRanWithIsKept() {
    const RunFolder folder = create_run(file_, "record");
    run_until(project_, folder, 8);
    Project changed = project_;
    std::ranges::find(changed.stages, "SFT", &StageOptions::name)->weight_decay = 0.125;
    QVERIFY(!run(changed, folder, {.resume = true}).stopped);
    const RunInfo info = read_run_info(folder);
    std::vector<std::pair<std::string, int64_t>> entries;
    for (const StageRecord& record : info.stages) entries.emplace_back(record.stage, record.from_step);
    QCOMPARE(entries, (std::vector<std::pair<std::string, int64_t>>{{"DPT", 0}, {"SFT", 6}, {"SFT", 8}, {"DFT", 12}}));
    QVERIFY(info.stages[1].options["weight_decay"] != 0.125);
    QCOMPARE(info.stages[2].options["weight_decay"].get<double>(), 0.125);
    QVERIFY(warns(folder, "stages.SFT.weight_decay is 0.125, was "));
  }

  /// A resume that is refused leaves no trace; what is set back then is no change.
  void aRefusedResumeLeavesTheRecord() {
    const RunFolder folder = create_run(file_, "refused");
    run_until(project_, folder, 5);
    const std::string info = text_of(folder.info()), events = text_of(folder.events());
    Project changed = project_;
    for (StageOptions& stage : changed.stages) stage.train = {"vision_tower"};
    QVERIFY_THROWS_EXCEPTION(UserError, run(changed, folder, {.resume = true}));
    QCOMPARE(text_of(folder.info()), info);
    QCOMPARE(text_of(folder.events()), events);
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
    QVERIFY(!warns(folder, "changed options"));
    QCOMPARE(count_of(folder, "run_resumed"), 1);
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  void changedInputsAreRefused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("same_time");
    for (const char* file : {"data.json", "teacher/model.safetensors", "teacher/tokenizer.json", "teacher/config.json",
                             "teacher/tokenizer_config.json", "images/0.png", "images/1.png", "images/3.png"})
      for (const bool same_time : {false, true})
        QTest::addRow("%s%s", file, same_time ? " with the time it had" : "") << file << same_time;
  }

  /// Another byte in a file of the same size: told by its time at once, else by its hash before anything is saved.
  void changedInputsAreRefused() {
    QFETCH(QString, file);
    QFETCH(bool, same_time);
    const fs::path path = file_.parent_path() / file.toStdString();
    const RunFolder folder = create_run(file_);
    run_until(project_, folder, 8);
    const std::string before = text_of(path);
    const auto time = fs::last_write_time(path);
    std::string text = before;
    if (text.back() == '\n')
      text.back() = ' ';  // JSON that says the same
    else
      text[text.size() - 30] ^= 1;
    write_file_atomically(path, text);
    if (same_time) fs::last_write_time(path, time);
    std::string said;
    try {
      run(project_, folder, {.resume = true});
    } catch (const UserError& error) {
      said = error.what();
    }
    const size_t saved = list_training_checkpoints(folder.checkpoints()).size();
    const bool refused_again = refuses(folder);
    std::string accepted;
    try {
      run(project_, folder, {.resume = true, .accept_changes = true});
      accepted = "accepted";
    } catch (const UserError& error) {
      accepted = error.what();
    }
    write_file_atomically(path, before);
    QVERIFY2(said.find(file.toStdString() + " holds something else") != std::string::npos, said.c_str());
    QCOMPARE(saved, size_t{3});  // DPT-4, DPT-6, SFT-8: nothing came after
    QVERIFY(refused_again);
    QCOMPARE(accepted, "accepted");
    QVERIFY(warns(folder, file.toStdString() + " holds something else"));
    QCOMPARE(read_run_info(folder).accepted_changes.size(), size_t{1});
    fs::remove_all(folder.path);
  }

  /// Of a model's folder each file counts: one that comes or goes decides what is read, too.
  void whatHasComeOrGoneIsRefused() {
    const fs::path teacher = file_.parent_path() / "teacher", config = teacher / "tokenizer_config.json";
    const RunFolder folder = create_run(file_, "come-or-gone");
    run_until(project_, folder, 8);
    const auto refusal = [&]() -> std::string {
      try {
        run(project_, folder, {.resume = true});
      } catch (const UserError& error) {
        return error.what();
      }
      return {};
    };
    write_file_atomically(teacher / "added_tokens.json", "{}");
    const std::string come = refusal();
    fs::remove(teacher / "added_tokens.json");
    fs::rename(config, file_.parent_path() / "aside");
    const std::string gone = refusal();
    fs::rename(file_.parent_path() / "aside", config);
    QVERIFY2(come.find("teacher/added_tokens.json is new") != std::string::npos, come.c_str());
    QVERIFY2(gone.find("teacher/tokenizer_config.json is gone") != std::string::npos, gone.c_str());
    QCOMPARE(refusal(), std::string());
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  /// Neither another time alone, as a copy has it, nor another place is a change.
  void movedInputsAreTheSame() {
    const RunFolder folder = create_run(file_, "moved");
    run_until(project_, folder, 8);
    const fs::path copy = file_.parent_path().string() + "-copy";
    fs::copy(file_.parent_path(), copy, fs::copy_options::recursive);
    const RunFolder copied{copy / "runs" / "moved"};
    RunControl control;
    const RunResult result = train(project_, copy / "tiny.kdproj", copied, {}, control, {.resume = true});
    for (const char* word : {"isn't the same", "changed", "machine"}) QVERIFY2(!warns(copied, word), word);
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    fs::remove_all(copy);
  }

  /// What is not read any more may change: it is said, no more.
  void theStudentsPartsAreReadOnce() {
    const fs::path path = file_.parent_path() / "student" / "config.json";
    QVERIFY(fs::exists(path));
    const RunFolder folder = create_run(file_, "student");
    run_until(project_, folder, 8);
    const std::string before = text_of(path);
    write_file_atomically(path, before + "\n");
    const RunResult result = run(project_, folder, {.resume = true});
    write_file_atomically(path, before);
    QVERIFY(warns(folder, "student/config.json has "));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
  }

  void aLostRecordIsTold_data() {
    QTest::addColumn<QString>("events");
    QTest::newRow("emptied") << "has lost 5 of the 5 steps";
    QTest::newRow("cut") << "has lost 3 of the 5 steps";
  }

  /// The curves' beginning can't be had back; the result is the same.
  void aLostRecordIsTold() {
    QFETCH(QString, events);
    const RunFolder folder = create_run(file_);
    run_until(project_, folder, 5);
    const std::string whole = text_of(folder.events());
    const bool cut = QTest::currentDataTag() == std::string("cut");
    write_file_atomically(folder.events(), cut ? whole.substr(0, whole.find("\"step\":3,")) : "");
    QVERIFY(!refuses(folder));
    QVERIFY(warns(folder, events.toStdString()));
    QVERIFY(warns(folder, "The run's record isn't what was written: events.jsonl "));
    fs::remove_all(folder.path);
  }

  /// A line that somebody has put there is taken out; one that was changed is lost. The result is the same.
  void aChangedRecordIsTold() {
    const RunFolder folder = create_run(file_, "edited");
    run_until(project_, folder, 5);
    std::string text = text_of(folder.events());
    const size_t step = text.find("\"step\":2,");
    QVERIFY(step != text.npos);
    text[step + 7] = '3';
    text.insert(text.find('\n') + 1, "{\"type\":\"step\",\"step\":1,\"total\":0}\n");
    write_file_atomically(folder.events(), text);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "isn't the run's: another program or an earlier version wrote it."));
    QVERIFY(warns(folder, "isn't what was written."));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    const std::vector<std::string> whole = steps_of(whole_);
    const std::vector<std::string> left = steps_of(folder);
    QCOMPARE(left.size(), whole.size() - 1);
    QCOMPARE(left[0], whole[0]);
    QCOMPARE(left[1], whole[2]);
  }

  /// A kill between a checkpoint and its event.
  void aLostCheckpointEventIsWrittenAgain() {
    const RunFolder folder = create_run(file_, "unsaid");
    run_until(project_, folder, 5);
    const std::string text = text_of(folder.events());
    const size_t event = text.rfind("{\"type\":\"checkpoint\"");
    QVERIFY(event != text.npos);
    write_file_atomically(folder.events(), text.substr(0, event));
    const std::vector<LineSum> sums = read_line_sums(folder.events()).sums;
    write_line_sums(folder.events(), sums, static_cast<size_t>(std::ranges::count(text.substr(0, event), '\n')));
    const int whole_count = count_of(whole_, "checkpoint");
    QVERIFY(!refuses(folder));
    QCOMPARE(count_of(folder, "checkpoint"), whole_count + 1);
    QVERIFY(!warns(folder, "record isn't"));
  }

  void whatBeginsAnewSaysSo() {
    const RunFolder folder = create_run(file_, "again");
    const auto fault = [](const Event& event) {
      if (event.is<StepEvent>() && event.step == 2) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project_, folder, {}, fault));
    QVERIFY(!refuses(folder));
    QVERIFY(warns(folder, "its 2 steps are done again"));
    fs::remove_all(folder.checkpoints());
    write_file_atomically(folder.events(), "");
    QVERIFY(!refuses(folder));
    QVERIFY(warns(folder, "neither a checkpoint nor a record"));
    QCOMPARE(steps_of(folder), steps_of(whole_));
  }

  /// A run.json without what it should say is no reason to compare nothing in silence.
  void anEmptyRunJsonIsTold() {
    const RunFolder folder = create_run(file_, "hollow");
    run_until(project_, folder, 5);
    RunInfo info = read_run_info(folder);
    info.project = nullptr;
    info.inputs = nlohmann::ordered_json::object();
    write_run_info(folder, info);
    QVERIFY(!refuses(folder));
    QVERIFY(warns(folder, "options that the run was at work with can't be read"));
    QVERIFY(warns(folder, "notes nothing of its data and models"));
  }

  void lostProbesAreTold() {
    Project project = project_;
    project.probes = {{.image = "images/0.png", .question = "What?"}};
    project.probe_every = 2;
    const RunFolder folder = create_run(file_, "probes");
    run_until(project, folder, 5);
    fs::remove_all(folder.probes() / "DPT-2");
    QVERIFY(!run(project, folder, {.resume = true}).stopped);
    QVERIFY(warns(folder, "probes one is gone, the first is probes/DPT-2"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  void aLogThatCantBeWrittenLeavesTheRecord() {
    const RunFolder folder = create_run(file_, "no-log");
    run_until(project_, folder, 5);
    const std::string info = text_of(folder.info());
    const fs::path aside = folder.path / "aside";
    fs::rename(folder.events(), aside);
    fs::create_directory(folder.events());
    QVERIFY_THROWS_EXCEPTION(std::exception, run(project_, folder, {.resume = true}));
    QCOMPARE(text_of(folder.info()), info);
    fs::remove(folder.events());
    fs::rename(aside, folder.events());
    QVERIFY(!refuses(folder));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  void aChangedListIsToldAsOne() {
    Project changed = project_;
    changed.stages[1].train = {"connector", "language_model", "vision_tower"};
    const auto changes = changed_options(to_json(project_), changed);
    QVERIFY(changes && changes->size() == 1);
    QCOMPARE(to_text(changes->front()), fmt::format("stages.{}.train is {}, was {}", changed.stages[1].name,
                                                    nlohmann::ordered_json(changed.stages[1].train).dump(),
                                                    nlohmann::ordered_json(project_.stages[1].train).dump()));
  }

  /// They decide the run's probes and scores.
  void changedProbesAndEvaluationsAreTold() {
    Project was = project_;
    was.probes = {{.image = "images/0.png", .question = "What?"}};
    was.evaluations = {{.file = "questions.json", .images = "images"}};
    Project is = was;
    is.probes[0].question = "Which?";
    is.evaluations.clear();
    const auto changes = changed_options(to_json(was), is);
    QVERIFY(changes && changes->size() == 2);
    QCOMPARE(to_text((*changes)[0]), std::string("probes.1.question is \"Which?\", was \"What?\""));
    QCOMPARE(to_text((*changes)[1]), std::string("evaluations.1 is absent, was there"));
  }

  void anotherMachineIsTold() {
    const RunFolder folder = create_run(file_, "machine");
    run_until(project_, folder, 5);
    RunInfo info = read_run_info(folder);
    info.versions["instruction_set"] = "ABACUS";
    write_run_info(folder, info);
    QVERIFY(!refuses(folder));
    QVERIFY(warns(folder, "was \"ABACUS\""));
  }

  void thePlanAndTheTimeAtWorkAreNoted() {
    const RunFolder folder = create_run(file_, "times");
    run_until(project_, folder, 5);
    const RunInfo before = read_run_info(folder);
    QCOMPARE(before.plan.size(), size_t{3});
    QCOMPARE(before.plan[0].name, std::string("DPT"));
    QCOMPARE(before.plan[0].steps, int64_t{6});
    QVERIFY(before.session > 0 && before.worked == 0);
    QVERIFY(!refuses(folder));
    const RunInfo after = read_run_info(folder);
    QVERIFY(after.session > before.session && after.worked > 0);
    QVERIFY(after.worked <= after.session - before.session);
  }
};

QTEST_GUILESS_MAIN(TestResumeChanges)
#include "tst_resume_changes.moc"
