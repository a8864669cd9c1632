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

#include "core/run/events.h"
#include "core/run/run_control.h"
#include "core/run/run_folder.h"

namespace llavakd {

/// Folders for sockets of running programs: $XDG_RUNTIME_DIR, $TMPDIR and /tmp, as far as they are named.
std::vector<std::filesystem::path> runtime_folders();

/// Lets other processes steer a run: a Unix socket in its folder, and optionally an input descriptor (stdin). Each line
/// is one command (pause, resume, stop, save, status; at a gate also "go on REASON", "roll back [REASON]" and
/// "stop REASON") and is answered on the socket by one JSON line: {"ok", "state", "stage", "stage_step", "step", …the
/// latest step's fields, at a gate "asks": true} or {"ok": false, "error"}.
class ControlSocket {
 public:
  /// Opens the socket, readable by its owner alone, and starts listening. Where the run's folder can't hold one (its
  /// path is too long, its file system knows no sockets or permissions), it is made in the first of the `other_places`
  /// that can: path() goes into run.json. Where none can, or the system has no descriptor or thread left, the run goes
  /// on without: warning() says so. `input` is read without answers; its end changes nothing. Throws UserError when a
  /// living process already listens there.
  ControlSocket(const RunFolder& run, RunControl& control, int input = -1,
                const std::vector<std::filesystem::path>& other_places = runtime_folders());
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  /// Ends the thread and removes the socket.
  ~ControlSocket();

  /// Empty where the run can't be steered by a socket.
  const std::filesystem::path& path() const { return path_; }
  /// Why path() is empty, as a sentence; otherwise empty.
  const std::string& warning() const { return warning_; }

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
  /// Listens at this path; otherwise the reason.
  std::string listen_at(const std::filesystem::path& path);
  std::string listen_in(const std::filesystem::path& folder);
  std::string answer_gate(const GateAnswer& answer);
  void open(const std::filesystem::path& usual, const std::vector<std::filesystem::path>& other_places);
  void start(int input);
  void give_up(const std::string& reason);
  void close_listener();
  void serve();
  bool accept_client();
  bool read_from(Client& client);

  RunControl& control_;
  std::filesystem::path path_;
  std::filesystem::path own_folder_;  ///< Made in one of the other places, or empty.
  std::string warning_;
  int listener_ = -1;
  int wake_ = -1;
  std::vector<Client> clients_;  ///< Whom nothing came from for the longest time first.
  std::mutex mutex_;
  nlohmann::ordered_json status_ = nlohmann::ordered_json::object();
  std::jthread thread_;
};

}  // namespace llavakd
