// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/project/options.h"
#include "core/run/event_types.h"

namespace llavakd {

/// A run's folder `runs/<id>/` next to the project file (design: run.json, events.jsonl, engine.log, checkpoints/,
/// probes/, eval/).
struct RunFolder {
  std::filesystem::path path;
  /// Also of one that is still being made under an unfinished folder's name.
  std::string id() const { return (path.extension() == ".partial" ? path.stem() : path.filename()).string(); }
  std::filesystem::path events() const { return path / "events.jsonl"; }
  std::filesystem::path log() const { return path / "engine.log"; }
  std::filesystem::path info() const { return path / "run.json"; }
  std::filesystem::path checkpoints() const { return path / "checkpoints"; }
  std::filesystem::path probes() const { return path / "probes"; }
  /// Sizes, times and hashes of the data's images, one a line.
  std::filesystem::path image_hashes() const { return path / "pictures.txt"; }
  std::filesystem::path evaluations() const { return path / "eval"; }
  /// Answers to evaluations' questions, by model (answer_files.h); made when somebody asks for them.
  std::filesystem::path answers() const { return path / "answers"; }
  /// Short name of the control socket: a Unix socket's path may not be longer than 107 bytes.
  std::filesystem::path socket() const { return path / "control.sock"; }
};

/// What a stage was trained with, from a step of the run on until the stage's end or the next of these.
struct StageRecord {
  int64_t stage_index = 0;  ///< In the run's schedule.
  std::string stage;
  nlohmann::ordered_json options;  ///< Of the stage, as StageOptions are written.
  nlohmann::ordered_json shared;   ///< Of the project, what decides a result: teacher, student, template, …
  int64_t from_step = 0;           ///< Of the run: steps that were done before.
  double started = 0;              ///< Seconds since 1970.
};

/// Why a run is there: of itself; as a part of an ablation, which alone goes on with it; or another program's, which
/// nothing goes on with.
enum class RunKind { train, ablate, imported };

/// "train", as run.json has it.
std::string_view name_of(RunKind kind);

/// Where a run has begun as a branch of another.
struct BranchPoint {
  std::string run;         ///< Its id.
  std::string checkpoint;  ///< "DFT-40".
};

/// What became of a stage's gate, and when.
struct GateRecord {
  int64_t stage_index = 0;  ///< In the run's schedule.
  std::string stage;
  int64_t step = 0;  ///< Of the run.
  double time = 0;   ///< Seconds since 1970.
  GateEvent gate;
};

/// That the run went back, and when.
struct RollBackRecord {
  double time = 0;  ///< Seconds since 1970.
  RolledBackEvent what;
};

/// As run.json has them: the event's members with its place and time.
nlohmann::ordered_json to_json(const GateRecord& record);
nlohmann::ordered_json to_json(const RollBackRecord& record);

/// What run.json holds.
struct RunInfo {
  std::string id;
  std::string project_id;  ///< Of the project that it belongs to; empty in runs of earlier versions.
  RunKind kind = RunKind::train;
  std::string status;          ///< running, paused, finished, stopped, failed.
  double started = 0;          ///< Seconds since 1970.
  double worked = 0;           ///< Seconds that earlier processes were at work on it, without pauses.
  double paused = 0;           ///< Seconds that the newest process has been paused, up to its newest pause's end.
  double session = 0;          ///< Seconds since 1970: when the newest process began; 0 in runs of earlier versions.
  std::optional<int64_t> pid;  ///< While alive.
  std::string host;
  std::string control_socket;       ///< While alive.
  nlohmann::ordered_json project;   ///< The resolved configuration, as the run was last started or resumed with.
  std::vector<PlannedStage> plan;   ///< Steps of each scheduled stage; empty in runs of earlier versions.
  std::vector<StageRecord> stages;  ///< What each stage was trained with; only ever added to.
  nlohmann::ordered_json versions;  ///< Program, LibTorch.
  nlohmann::ordered_json inputs;    ///< Path -> sha256, bytes, modified.
  /// Changes of inputs that were accepted at a resume: a list of {"step", "time", "files": [{"file", "what"}]}.
  nlohmann::ordered_json accepted_changes = nlohmann::ordered_json::array();
  std::vector<GateRecord> gates;             ///< Of the stages that it has gone through, oldest first.
  std::vector<RollBackRecord> roll_backs;    ///< Oldest first.
  std::optional<RollBackRecord> going_back;  ///< What is being done (core/run/finish_roll_back), until it is.
  std::optional<BranchPoint> branch_of;
  std::string project_file;
  std::string log_mark;  ///< LogMark of events.jsonl as the run ended or paused; empty where it was killed.
};

/// The newest gate where the run stopped at one that isn't met, else null.
const GateEvent* unmet_gate(const RunInfo& info);

RunInfo read_run_info(const RunFolder& run);
void write_run_info(const RunFolder& run, const RunInfo& info);

/// Whether the run's process still lives on this host (pid exists and is ours), so that a killed run isn't "running".
bool is_alive(const RunInfo& info);

/// `runs/` next to the project file.
std::filesystem::path runs_folder(const std::filesystem::path& project_file);

/// The project file that the run is next to: of the name that it noted, where the run's folder is now.
std::filesystem::path project_file_of(const RunFolder& run, const RunInfo& info);

/// Whether a run may be called so: 1 to 100 letters, digits, '-', '_' and '.', of which the last doesn't begin it;
/// not "x.partial", as folders are called that are being removed.
bool is_run_id(const std::string& id);

/// A run's name from date and time, "2026-11-24-101500", that none in this folder has.
std::string new_run_id(const std::filesystem::path& runs);

/// Where a new run goes, `runs/<id>/`; without an id that of new_run_id(). Makes `runs/` alone. Throws UserError when
/// there is a run of that id, or it isn't an is_run_id().
RunFolder place_of_new_run(const std::filesystem::path& project_file, const std::string& id = {});

/// Makes the folders of a run that aren't there.
void make_run_folders(const RunFolder& run);

/// Makes `runs/<id>/` with its folders: place_of_new_run() and make_run_folders().
RunFolder create_run(const std::filesystem::path& project_file, const std::string& id = {});

}  // namespace llavakd
