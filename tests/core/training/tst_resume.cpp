// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that are stopped, killed or paused, and go on.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>

#include "core/base/errors.h"
#include "core/checkpoint/training_state.h"
#include "core/distributed/single_process.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/io/mapped_file.h"
#include "core/kernels/kernel_backends.h"
#include "core/project/visitors.h"
#include "core/run/run_record.h"
#include "core/training/autotune_kernels.h"
#include "core/training/train.h"
#include "tests/core/training/run_results.h"
#include "tests/core/training/tiny_project.h"

using namespace llavakd;
namespace fs = std::filesystem;

class TestResume : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path file_;
  Project project_;
  RunFolder whole_;

  RunResult run(const Project& project, const RunFolder& folder, const TrainOptions& options = {},
                const EventSink& sink = {}) {
    RunControl control;
    return train(project, file_, folder, sink, control, options);
  }

  /// Trains until `step`, where the run is stopped by request, then goes on.
  RunResult run_in_two_parts(const Project& project, const RunFolder& folder, int64_t step) {
    run_until(project, folder, step);
    return run(project, folder, {.resume = true});
  }

  static std::string text_of(const fs::path& file) { return std::string(MappedFile::open(file)->text()); }

  bool refuses(const RunFolder& folder) {
    try {
      run(project_, folder, {.resume = true});
      return false;
    } catch (const UserError&) {
      return true;
    }
  }

  void run_until(const Project& project, const RunFolder& folder, int64_t step) {
    RunControl control;
    const auto stop = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == step) control.stop();
    };
    const RunResult first = train(project, file_, folder, stop, control);
    if (!first.stopped || first.steps != step) throw std::runtime_error("was not stopped");
  }

 private Q_SLOTS:
  void initTestCase() {
    file_ = fs::path(dir_.path().toStdString()) / "tiny.kdproj";
    project_ = write_tiny_project(file_.parent_path());
    whole_ = create_run(file_, "whole");
    QCOMPARE(run(project_, whole_).steps, 18);
  }

  void resumingIsExact_data() {
    QTest::addColumn<int>("step");
    QTest::addColumn<QString>("precision");
    QTest::newRow("within the first stage") << 3 << "fp32";
    QTest::newRow("at a checkpoint") << 4 << "fp32";
    QTest::newRow("at a stage's end") << 6 << "fp32";
    QTest::newRow("within a later stage") << 15 << "fp32";
    QTest::newRow("with master weights") << 9 << "bf16";
  }

  void resumingIsExact() {
    QFETCH(int, step);
    QFETCH(QString, precision);
    Project project = project_;
    project.run.precision = precision.toStdString();
    RunFolder straight = whole_;
    if (precision != "fp32") run(project, straight = create_run(file_, "straight-" + precision.toStdString()));
    const RunFolder parts = create_run(file_, fmt::format("parts-{}-{}", precision.toStdString(), step));
    const RunResult result = run_in_two_parts(project, parts, step);
    QVERIFY(!result.stopped);
    QVERIFY(same_models(straight.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(parts), steps_of(straight));
    QCOMPARE(count_of(parts, "stage_started"), 3);
  }

  void aKilledRunGoesOnFromItsLastCheckpoint() {
    const RunFolder killed = create_run(file_, "killed");
    const auto fault = [](const Event& event) {
      if (event.is<StepEvent>() && event.step == 11) throw std::runtime_error("power cut");
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run(project_, killed, {}, fault));
    QCOMPARE(read_run_info(killed).status, std::string("failed"));
    const RunResult result = run(project_, killed, {.resume = true});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(killed), steps_of(whole_));
    QCOMPARE(read_run_info(killed).status, std::string("finished"));
  }

  void aDamagedCheckpointIsLeftOut_data() {
    QTest::addColumn<QString>("damaged");
    for (const char* file : {"state.json", "optimizer.safetensors", "model/model.safetensors"})
      QTest::newRow(file) << file;
  }

  void aDamagedCheckpointIsLeftOut() {
    QFETCH(QString, damaged);
    const std::string file = damaged.toStdString();
    const RunFolder folder = create_run(file_, fmt::format("damaged-{}", fs::path(file).filename().string()));
    run_until(project_, folder, 5);
    fs::resize_file(folder.checkpoints() / "DPT-5" / file, 20);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(folder), steps_of(whole_));
    for (const auto& entry : fs::directory_iterator(folder.checkpoints()))
      if (entry.is_directory()) fs::resize_file(entry.path() / file, 20);
    QVERIFY_THROWS_EXCEPTION(UserError, run(project_, folder, {.resume = true}));
  }

  void aFlippedBitIsNoticed_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"optimizer.safetensors", "model/model.safetensors", "model/config.json"})
      QTest::newRow(file) << file;
  }

  /// Values that are others, but as good as any: only the checksums tell.
  void aFlippedBitIsNoticed() {
    QFETCH(QString, file);
    const std::string name = file.toStdString();
    const RunFolder folder = create_run(file_, fmt::format("flipped-{}", fs::path(name).filename().string()));
    run_until(project_, folder, 5);
    const fs::path damaged = folder.checkpoints() / "DPT-5" / name;
    std::string text = text_of(damaged);
    text[text.size() * 9 / 10 / 4 * 4 + 2] ^= 1;
    write_file_atomically(damaged, text);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QCOMPARE(steps_of(folder), steps_of(whole_));
  }

  void checkpointsOfEarlierVersionsAreTakenWithAWord() {
    const RunFolder folder = create_run(file_, "unsummed");
    run_until(project_, folder, 5);
    fs::remove(folder.checkpoints() / "DPT-5" / "SHA256SUMS");
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 holds no checksums"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
  }

  void whatIsNoStateIsNotTakenForOne_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    for (const char* value : {"-1", "1.5"})
      for (const char* key : {"stage_index", "stage_step", "step", "samples", "stage", "stage_done", "schedule"})
        QTest::addRow("%s %s", key, value) << key << value;
    QTest::newRow("no step") << "stage_step"
                             << "null";
    QTest::newRow("too many steps") << "stage_step"
                                    << "1000000000000000000";
    QTest::newRow("done") << "stage_done"
                          << "true";
    QTest::newRow("another stage") << "stage"
                                   << "\"XYZ\"";
    QTest::newRow("a later stage") << "stage_index"
                                   << "1";
    QTest::newRow("one step less") << "stage_step"
                                   << "4";
  }

  /// Without checksums, as earlier versions wrote checkpoints: the state's own values must not contradict each other.
  void whatIsNoStateIsNotTakenForOne() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    const RunFolder folder = create_run(file_);
    run_until(project_, folder, 5);
    const fs::path checkpoint = folder.checkpoints() / "DPT-5";
    fs::remove(checkpoint / "SHA256SUMS");
    auto state = read_json(checkpoint / "state.json");
    state[key.toStdString()] = nlohmann::ordered_json::parse(value.toStdString());
    write_json(checkpoint / "state.json", state);
    const RunResult result = run(project_, folder, {.resume = true});
    QVERIFY(warns(folder, "DPT-5 is left out"));
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    fs::remove_all(folder.path);
  }

  /// What the run went on from is removed in time; the tokenizer comes from what is there.
  void checkpointsAfterAResumeAreWhole() {
    Project project = project_;
    project.schedule = {"DPT"};
    project.run.checkpoint_every = project.run.keep_checkpoints = 1;
    const RunFolder folder = create_run(file_, "tokenizer");
    run_until(project, folder, 2);
    const RunResult result = run(project, folder, {.resume = true});
    QVERIFY(!fs::exists(folder.checkpoints() / "DPT-2"));
    QVERIFY(fs::exists(result.checkpoint / "model" / "tokenizer.json"));
  }

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
    for (const char* file : {"data.json", "teacher/model.safetensors", "teacher/tokenizer.json", "images/0.png"})
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

  void lostCheckpointsDontStartTheRunOver() {
    const RunFolder folder = create_run(file_, "lost");
    run_until(project_, folder, 5);
    const std::string events = text_of(folder.events());
    fs::rename(folder.checkpoints(), folder.path / "elsewhere");
    QVERIFY(refuses(folder));
    QCOMPARE(text_of(folder.events()), events);
    fs::remove_all(folder.checkpoints());
    fs::rename(folder.path / "elsewhere", folder.checkpoints());
    QVERIFY(!refuses(folder));
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
    fs::remove_all(folder.path);
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

  void aChangedListIsToldAsOne() {
    Project changed = project_;
    changed.stages[1].train = {"connector", "language_model", "vision_tower"};
    const auto changes = changed_options(to_json(project_), changed);
    QVERIFY(changes && changes->size() == 1);
    QCOMPARE(to_text(changes->front()), fmt::format("stages.{}.train is {}, was {}", changed.stages[1].name,
                                                    nlohmann::ordered_json(changed.stages[1].train).dump(),
                                                    nlohmann::ordered_json(project_.stages[1].train).dump()));
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

  void oneEngineAtATime() {
    const RunFolder folder = create_run(file_, "locked");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (!event.is<StepEvent>() || event.step != 1) return;
      QVERIFY_THROWS_EXCEPTION(UserError, run(project_, folder, {.resume = true}));
      control.stop();
    };
    train(project_, file_, folder, sink, control);
    QCOMPARE(count_of(folder, "failed"), 0);
    QVERIFY(!run(project_, folder, {.resume = true}).stopped);
  }

  void pausesAndGoesOn() {
    const RunFolder folder = create_run(file_, "paused");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 2) control.pause();
      if (event.is<PausedEvent>()) {
        QCOMPARE(read_run_info(folder).status, std::string("paused"));
        control.resume();
      }
    };
    train(project_, file_, folder, sink, control);
    QCOMPARE(count_of(folder, "paused"), 1);
    QCOMPARE(count_of(folder, "unpaused"), 1);
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", folder.checkpoints() / "DFT-18"));
  }

  void savesWhilePaused() {
    const RunFolder folder = create_run(file_, "saved-in-pause");
    RunControl control;
    const auto sink = [&](const Event& event) {
      if (event.is<StepEvent>() && event.step == 2) control.pause();
      if (event.is<PausedEvent>()) control.save();
      if (event.is<CheckpointEvent>()) control.resume();
    };
    train(project_, file_, folder, sink, control);
    QVERIFY(fs::exists(folder.checkpoints() / "DPT-2" / "state.json"));
  }

  void aStageStartsFromAnotherRunsStage() {
    Project project = project_;
    project.schedule = {"DPT"};
    const RunFolder first = create_run(file_, "first");
    const RunResult dpt = run(project, first);
    const RunFolder second = create_run(file_, "second");
    const RunResult result = run(project_, second, {.start_from = dpt.checkpoint});
    QVERIFY(same_models(whole_.checkpoints() / "DFT-18", result.checkpoint));
    QVERIFY(!fs::exists(second.checkpoints() / "DPT-6"));
  }

  void limitsOfMemoryAreRemembered() {
    TrainProgress progress{.stage = "DPT", .limits = {.micro_batch_size = 2, .recompute = true}};
    const TrainProgress read = read_train_progress(to_json(progress, project_), "state.json");
    QVERIFY(read.limits == progress.limits);
  }

  /// A run goes on by the ways that it began with, whatever the process would choose.
  void waysOfComputingAreKept() {
    const RunFolder folder = create_run(file_, "ways");
    run_in_two_parts(project_, folder, 2);
    QCOMPARE(read_run_info(folder).versions["kernels"].get<std::string>(), to_string(KernelBackends{}));
    const MultimodalModel model = MultimodalModel(config_of_width(8), small_parameters(config_of_width(8), 1));
    SingleProcess alone;
    const KernelBackends other{.float32_matmul = MatmulBackend::onednn};
    QCOMPARE(autotune_kernels(to_string(other), model, 80, alone), to_string(other));
    QVERIFY(current_backends() == other);
    QCOMPARE(autotune_kernels("by hand", model, 80, alone), to_string(KernelBackends{}));
    QVERIFY(current_backends() == KernelBackends{});
  }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
