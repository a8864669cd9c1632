// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/project/events.h"
#include "core/project/run_control.h"
#include "core/project/run_folder.h"

namespace llavakd {

/// Lets other processes steer a run: a Unix socket in its folder, and optionally an input descriptor (stdin). Each line
/// is one command (pause, resume, stop, save, status) and is answered on the socket by one JSON line:
/// {"ok", "state", "stage", "stage_step", "step", …the latest step's fields} or {"ok": false, "error"}.
class ControlSocket {
 public:
  /// Opens the socket, readable by its owner alone, and starts listening. Where the run folder's path is too long for a
  /// socket, it is made in the temporary folder: path() goes into run.json. `input` is read without answers; its end
  /// changes nothing. Throws UserError when a living process already listens there.
  ControlSocket(const RunFolder& run, RunControl& control, int input = -1);
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  /// Ends the thread and removes the socket.
  ~ControlSocket();

  const std::filesystem::path& path() const { return path_; }

  /// Remembers where the run is, for `status`. Any thread.
  void observe(const Event& event);

  /// Carries out one command and gives the answer.
  nlohmann::ordered_json obey(std::string_view command);

 private:
  struct Client {
    int descriptor = -1;
    bool answers = true;
    std::string pending;  ///< What came after the last newline.
  };
  void open();
  void serve();
  void accept_client();
  bool read_from(Client& client);

  RunControl& control_;
  std::filesystem::path path_;
  std::filesystem::path own_folder_;  ///< Made in the temporary folder, or empty.
  int listener_ = -1;
  int wake_ = -1;
  std::vector<Client> clients_;
  std::mutex mutex_;
  nlohmann::ordered_json status_ = nlohmann::ordered_json::object();
  std::jthread thread_;
};

}  // namespace llavakd
