// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/control_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/io/printable.h"
#include "core/project/errors.h"

namespace llavakd {
namespace {

constexpr size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr size_t longest_command = 4096;
constexpr size_t most_clients = 32;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

bool someone_listens(const std::filesystem::path& path) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(path);
  const bool connected = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return connected;
}

// A background job that reads from its terminal would be stopped by the kernel.
bool may_read(int descriptor) {
  return !isatty(descriptor) || tcgetpgrp(descriptor) == getpgrp();
}

std::string_view state_name(RunControl::State state) {
  switch (state) {
    case RunControl::State::running:
      return "running";
    case RunControl::State::paused:
      return "paused";
    case RunControl::State::stopping:
      return "stopping";
  }
  return "running";
}

}  // namespace

ControlSocket::ControlSocket(const RunFolder& run, RunControl& control, int input)
    : control_(control), path_(std::filesystem::absolute(run.socket())) {
  if (path_.native().size() > longest_socket_path) {
    std::string folder = (std::filesystem::temp_directory_path() / "llavakd-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr)
      throw RunError(fmt::format("Could not make a folder for the control socket in {}: {}.",
                                 std::filesystem::temp_directory_path().string(), std::strerror(errno)));
    own_folder_ = folder;
    path_ = own_folder_ / "control.sock";
  }
  open();
  wake_ = eventfd(0, EFD_CLOEXEC);
  if (input >= 0) clients_.push_back({.descriptor = input, .answers = false});
  thread_ = std::jthread([this] { serve(); });
}

void ControlSocket::open() {
  if (std::filesystem::exists(std::filesystem::symlink_status(path_))) {
    if (someone_listens(path_))
      throw UserError(fmt::format("{} is in use: this run is being worked on by another process.", path_.string()));
    std::filesystem::remove(path_);
  }
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_un address = address_of(path_);
  // The permissions hold from the start: nobody else may connect between bind and chmod.
  fchmod(listener_, S_IRUSR | S_IWUSR);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 8) != 0) {
    const std::string reason = std::strerror(errno);
    close(listener_);
    throw RunError(fmt::format("Could not open the control socket {}: {}.", path_.string(), reason));
  }
}

ControlSocket::~ControlSocket() {
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  thread_.join();
  for (const Client& client : clients_)
    if (client.answers) close(client.descriptor);
  close(listener_);
  close(wake_);
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  if (!own_folder_.empty()) std::filesystem::remove(own_folder_, ignored);
}

void ControlSocket::observe(const Event& event) {
  const std::scoped_lock lock(mutex_);
  if (!event.stage.empty()) status_["stage"] = event.stage;
  status_["stage_step"] = event.stage_step;
  status_["step"] = event.step;
  if (event.type == "stage_started" || event.type == "step")
    for (const auto& [key, value] : event.fields.items()) status_[key] = value;
}

nlohmann::ordered_json ControlSocket::obey(std::string_view command) {
  if (command == "pause")
    control_.pause();
  else if (command == "resume")
    control_.resume();
  else if (command == "stop")
    control_.stop();
  else if (command == "save")
    control_.save();
  else if (command != "status")
    return {
        {"ok", false},
        {"error", fmt::format("unknown command “{}”: pause, resume, stop, save or status", printable(command, 40))}};
  nlohmann::ordered_json answer = {{"ok", true}, {"state", state_name(control_.state())}};
  const std::scoped_lock lock(mutex_);
  answer.update(status_);
  return answer;
}

void ControlSocket::serve() {
  while (true) {
    std::vector<pollfd> waiting = {{wake_, POLLIN, 0}, {clients_.size() < most_clients ? listener_ : -1, POLLIN, 0}};
    for (const Client& client : clients_) waiting.push_back({client.descriptor, POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (waiting[0].revents != 0) return;
    for (size_t i = clients_.size(); i-- > 0;) {
      if (waiting[i + 2].revents == 0 || read_from(clients_[i])) continue;
      if (clients_[i].answers) close(clients_[i].descriptor);
      clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (waiting[1].revents != 0) accept_client();
  }
}

void ControlSocket::accept_client() {
  const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor >= 0) clients_.push_back({.descriptor = descriptor});
}

bool ControlSocket::read_from(Client& client) {
  if (!client.answers && !may_read(client.descriptor)) return false;
  std::array<char, 1024> buffer{};
  const ssize_t count = read(client.descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  client.pending.append(buffer.data(), static_cast<size_t>(count));
  for (size_t end = client.pending.find('\n'); end != std::string::npos; end = client.pending.find('\n')) {
    std::string line = client.pending.substr(0, end);
    client.pending.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    using Json = nlohmann::ordered_json;
    const std::string answer = obey(line).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    // A reader that doesn't read is dropped: its buffer is full, and waiting would block the others.
    if (client.answers &&
        send(client.descriptor, answer.data(), answer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer.size()))
      return false;
  }
  return client.pending.size() <= longest_command;
}

}  // namespace llavakd
