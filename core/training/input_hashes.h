// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

/// The files that a run's result depends on, pictures of the data left out: data and question files, the models' files,
/// probe pictures. Absolute, each once.
std::vector<std::filesystem::path> input_files(const Project& project, const std::filesystem::path& project_file);

/// SHA-256 of files, computed on a thread of its own beside the training: a teacher of some gigabytes takes its time.
class InputHashes {
 public:
  explicit InputHashes(std::vector<std::filesystem::path> files);
  InputHashes(const InputHashes&) = delete;
  InputHashes& operator=(const InputHashes&) = delete;
  ~InputHashes() = default;  ///< Gives up what isn't done.

  bool ready() const { return ready_; }
  /// {path: sha256}; null for a file that can't be read. To be called once ready().
  const nlohmann::ordered_json& result() const { return result_; }

 private:
  nlohmann::ordered_json result_ = nlohmann::ordered_json::object();
  std::atomic<bool> ready_{false};
  std::jthread thread_;  ///< Last: it ends before what it writes to does.
};

}  // namespace llavakd
