// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <filesystem>
#include <vector>

#include "core/run/events.h"

namespace llavakd {

/// A project with a run that nobody trained: files of the formats that the engine writes, with made-up numbers that
/// fall as real ones do. Lets the pages be driven and looked at without an engine.
struct MadeRun {
  std::filesystem::path project_file;
  std::filesystem::path run_folder;
};

/// Steps of each of the stages DPT, SFT and DFT of a made run, and how far it got.
struct MadeRunPlan {
  int steps_a_stage = 80;
  int steps_done = 200;
  int probe_every = 20;
  int grid = 6;              ///< Patches a side; the first patch has no visual token, as with SigLIP.
  bool with_teacher = true;  ///< Without: probe files hold the student's relations alone.
  QString status = QStringLiteral("stopped");
};

/// Writes project, two pictures and the run below `folder`.
MadeRun make_run(const std::filesystem::path& folder, const MadeRunPlan& plan = {});

/// The events of that run.
std::vector<Event> made_events(const MadeRunPlan& plan);

/// Writes one probe file. `closeness` 0 … 1 says how near the student is to the teacher.
void write_made_probe(const std::filesystem::path& file, int grid, int probe, double closeness, bool with_teacher);

/// Writes a program `llavakd` that answers like `llavakd serve`, by the words of the question: "refuse" gives an error,
/// "odd" a reply without a text, "wait" none for a long time, "slow" one after a moment, "long" one that is cut at 128
/// tokens, "before" the name of the student's checkpoint, "drip" two pieces and the rest when it is cancelled, "hang"
/// one piece and then nothing. It says so where it gets several pictures, settings of drawing, or an answer of its own.
/// `relations` copies the look that the run made at the checkpoint, adds the source to the file `looked`, and refuses
/// the tower. `check` finds a project of the name "full disk" red, and one whose second evaluation is of the file
/// gone.json; `train` adds a line to the file `started`, writes the project that it got into `started-with`, and
/// refuses one of the name "nothing learns"; `export` refuses a folder whose name has "refused" in it.
void write_made_engine(const std::filesystem::path& folder);

}  // namespace llavakd
