// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <atomic>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "core/run/input_files.h"
#include "core/run/run_folder.h"

namespace llavakd {

/// What a run noted of its inputs: the files in run.json, the images, of which there may be 665k, in pictures.txt.
struct KnownInputs {
  InputStates files, images;
  bool has_images = false;  ///< Whether there was a pictures.txt.
};

KnownInputs read_known_inputs(const RunFolder& run);

/// For run.json: {path: {"sha256", "bytes", "modified"}}.
nlohmann::ordered_json to_json(const InputStates& states);

/// An input that isn't what the run noted.
struct InputChange {
  std::string file;  ///< input_key().
  std::string what;  ///< "is gone", "has 5 bytes, had 4", …
  bool needed = true;
};

/// Compares sizes and times of change, and where a time alone has changed the content. That what has neither changed
/// is the same is left to InputHashes.
std::vector<InputChange> changed_inputs(const InputFiles& inputs, const KnownInputs& known);

/// The same by the content of every file whose hash is known, however long that takes; pictures that are gone too.
std::vector<InputChange> compare_inputs(const InputFiles& inputs, const KnownInputs& known);

/// "a.json has 5 bytes, had 4; …": five of them, then how many more.
std::string to_text(const std::vector<InputChange>& changes);

/// Why a run with these changes isn't resumed, and what to do.
std::string refusal_text(const std::vector<InputChange>& changes, RunKind kind);

/// Hashes of a run's inputs, computed on a thread of its own during the training: a teacher of some gigabytes takes its
/// time. Writes pictures.txt: sizes and times at once, hashes at the end.
class InputHashes {
 public:
  /// Inputs that aren't needed any more keep what is known of them.
  InputHashes(InputFiles inputs, KnownInputs known, std::filesystem::path images_file);
  InputHashes(const InputHashes&) = delete;
  InputHashes& operator=(const InputHashes&) = delete;
  ~InputHashes() = default;  ///< Gives up what isn't done.

  bool ready() const { return ready_; }
  void wait() const { ready_.wait(false); }
  /// The files without the images, once ready().
  const InputStates& files() const { return files_; }
  /// Those whose content isn't what is known, once ready(). Their states are the known ones, with an unknown time.
  /// Throws the error that ended the thread.
  const std::vector<InputChange>& changes() const;

 private:
  void compute(const std::stop_token& stop);
  InputStates initial_states(bool of_images) const;
  void compare(const InputFile& file, InputState& state, const std::stop_token& stop);
  void write_image_states(const InputStates& images) const;

  const InputFiles inputs_;
  const KnownInputs known_;
  const std::filesystem::path images_file_;
  InputStates files_;
  std::vector<InputChange> changes_;
  std::exception_ptr failure_;
  std::atomic<bool> ready_{false};
  std::jthread thread_;  ///< Last: it ends before what it writes to does.
};

}  // namespace llavakd
