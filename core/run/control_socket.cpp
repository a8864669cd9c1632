// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/control_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/run/event_fields.h"

namespace llavakd {
namespace {

constexpr size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr size_t longest_command = 4096;
constexpr size_t most_clients = 32;
constexpr int rest_milliseconds = 100;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

/// Nothing where that can't be told.
std::optional<bool> someone_listens(const std::filesystem::path& path) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return std::nullopt;
  const sockaddr_un address = address_of(path);
  const bool connected = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return connected;
}

/// Whether nobody but the owner may connect. File systems without permissions give all files the same.
bool is_private(const std::filesystem::path& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

// A background job that reads from its terminal would be stopped by the kernel.
bool may_read(int descriptor) {
  return !isatty(descriptor) || tcgetpgrp(descriptor) == getpgrp();
}

/// What a command says at a gate, or nothing where it is another one.
std::optional<GateAnswer> gate_answer(std::string_view command) {
  using enum GateAnswer::What;
  static constexpr std::pair<std::string_view, GateAnswer::What> words[] = {
      {"go on", go_on}, {"roll back", roll_back}, {"stop", stop}};
  for (const auto& [word, what] : words) {
    if (!command.starts_with(word)) continue;
    std::string_view reason = command.substr(word.size());
    if (reason.empty() ? what == stop : reason[0] != ' ') continue;  // "stop" alone ends any run
    reason.remove_prefix(std::min(reason.find_first_not_of(' '), reason.size()));
    return GateAnswer{what, printable(reason, longest_command)};
  }
  return std::nullopt;
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

std::vector<std::filesystem::path> runtime_folders() {
  std::vector<std::filesystem::path> folders;
  for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
    if (const char* folder = std::getenv(name); folder && folder[0] == '/') folders.emplace_back(folder);
  folders.emplace_back("/tmp");
  return folders;
}

ControlSocket::ControlSocket(const RunFolder& run, RunControl& control, int input,
                             const std::vector<std::filesystem::path>& other_places)
    : control_(control) {
  open(std::filesystem::absolute(run.socket()), other_places);
  start(input);
}

void ControlSocket::open(const std::filesystem::path& usual, const std::vector<std::filesystem::path>& other_places) {
  std::string reasons = listen_at(usual);
  for (auto place = other_places.begin(); listener_ < 0 && place != other_places.end(); ++place)
    reasons += "; " + listen_in(*place);
  if (listener_ < 0) give_up(reasons);
}

std::string ControlSocket::listen_in(const std::filesystem::path& folder) {
  std::string own = (folder / "llavakd-XXXXXX").string();
  if (mkdtemp(own.data()) == nullptr) return fmt::format("{}: {}", folder.string(), std::strerror(errno));
  std::string reason = listen_at(std::filesystem::path(own) / "control.sock");
  if (listener_ >= 0)
    own_folder_ = own;
  else
    rmdir(own.c_str());
  return reason;
}

std::string ControlSocket::listen_at(const std::filesystem::path& path) {
  const auto refused = [&](const std::string& reason) {
    return fmt::format("{}: {}", path.parent_path().string(), reason);
  };
  if (path.native().size() > longest_socket_path) return refused("the path is too long for a socket");
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    const auto in_use = someone_listens(path);
    if (!in_use) return refused(std::strerror(errno));
    if (*in_use)
      throw UserError(fmt::format("{} is in use: this run is being worked on by another process.", path.string()));
    std::filesystem::remove(path, error);
  }
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return refused(std::strerror(errno));
  const sockaddr_un address = address_of(path);
  // The permissions hold from the start: nobody else may connect between bind and a later change.
  fchmod(listener, S_IRUSR | S_IWUSR);
  std::string reason;
  const bool bound = bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!bound || listen(listener, 8) != 0)
    reason = std::strerror(errno);
  else if (!is_private(path) && !is_private(path.parent_path()))
    reason = "the file system keeps nobody out";
  else {
    listener_ = listener;
    path_ = path;
    return {};
  }
  close(listener);
  if (bound) std::filesystem::remove(path, error);
  return refused(reason);
}

void ControlSocket::start(int input) {
  clients_.reserve(most_clients + 1);  // so that the thread needs no memory of its own
  wake_ = eventfd(0, EFD_CLOEXEC);
  if (wake_ < 0) return give_up(std::strerror(errno));
  if (input >= 0) clients_.push_back({.descriptor = input, .answers = false});
  try {
    thread_ = std::jthread([this] { serve(); });
  } catch (const std::system_error& error) {
    give_up(error.code().message());
  }
}

void ControlSocket::give_up(const std::string& reason) {
  close_listener();
  warning_ = fmt::format(
      "The run goes on without a control socket, so that the studio can't pause, save or stop it; signals "
      "still stop it ({}).",
      reason);
}

void ControlSocket::close_listener() {
  if (listener_ < 0) return;
  close(listener_);
  listener_ = -1;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  if (!own_folder_.empty()) std::filesystem::remove(own_folder_, ignored);
  path_.clear();
}

ControlSocket::~ControlSocket() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
    thread_.join();
  }
  for (const Client& client : clients_)
    if (client.answers) close(client.descriptor);
  close_listener();
  if (wake_ >= 0) close(wake_);
}

void ControlSocket::observe(const Event& event) {
  const std::scoped_lock lock(mutex_);
  if (!event.stage.empty()) status_["stage"] = event.stage;
  status_["stage_step"] = event.stage_step;
  status_["step"] = event.step;
  if (event.is<StageStartedEvent>() || event.is<StepEvent>()) write_fields(event.body, status_);
}

/// Why the answer isn't taken; empty where it is.
std::string ControlSocket::answer_gate(const GateAnswer& answer) {
  if (!control_.asks()) return "the run doesn't wait at a gate";
  if (answer.what == GateAnswer::What::go_on && answer.reason.empty())
    return "say why, for the run's record: go on REASON";
  if (answer.what == GateAnswer::What::roll_back && !control_.may_roll_back())
    return "there is no stage before this one to roll back to";
  return control_.answer(answer) ? "" : "the run doesn't wait at a gate";
}

nlohmann::ordered_json ControlSocket::obey(std::string_view command) {
  if (const auto answer = gate_answer(command)) {
    if (const std::string fault = answer_gate(*answer); !fault.empty()) return {{"ok", false}, {"error", fault}};
  } else if (command == "resume" && control_.asks()) {
    return {{"ok", false}, {"error", "the run waits at a gate: go on REASON, roll back REASON or stop"}};
  } else if (command == "pause") {
    control_.pause();
  } else if (command == "resume") {
    control_.resume();
  } else if (command == "stop") {
    control_.stop();
  } else if (command == "save") {
    control_.save();
  } else if (command != "status") {
    return {
        {"ok", false},
        {"error", fmt::format("unknown command “{}”: pause, resume, stop, save or status", printable(command, 40))}};
  }
  nlohmann::ordered_json answer = {{"ok", true}, {"state", state_name(control_.state())}};
  if (control_.asks()) answer["asks"] = true;
  const std::scoped_lock lock(mutex_);
  answer.update(status_);
  return answer;
}

void ControlSocket::serve() {
  bool rests = false;  // for want of memory or descriptors, which others may give back
  while (true) {
    std::array<pollfd, most_clients + 3> waiting{{{wake_, POLLIN, 0}, {rests ? -1 : listener_, POLLIN, 0}}};
    for (size_t i = 0; i < clients_.size(); ++i) waiting[i + 2] = {clients_[i].descriptor, POLLIN, 0};
    const int count = poll(waiting.data(), clients_.size() + 2, rests ? rest_milliseconds : -1);
    rests = false;
    if (count < 0) {
      if (errno != EINTR) std::this_thread::sleep_for(std::chrono::milliseconds(rest_milliseconds));
      continue;
    }
    if (waiting[0].revents != 0) return;
    for (size_t i = clients_.size(); i-- > 0;) {
      if (waiting[i + 2].revents == 0) continue;
      const auto client = clients_.begin() + static_cast<std::ptrdiff_t>(i);
      if (read_from(*client)) {
        std::rotate(client, client + 1, clients_.end());
        continue;
      }
      if (client->answers) close(client->descriptor);
      clients_.erase(client);
    }
    if (waiting[1].revents != 0) rests = !accept_client();
  }
}

bool ControlSocket::accept_client() {
  const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  clients_.push_back({.descriptor = descriptor});
  if (clients_.size() <= most_clients) return true;
  // Connections that say nothing must not shut out those that do.
  const auto idle = std::ranges::find(clients_, true, &Client::answers);
  close(idle->descriptor);
  clients_.erase(idle);
  return true;
}

bool ControlSocket::read_from(Client& client) try {
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
} catch (const std::bad_alloc&) {  // it may say it again
  client.pending.clear();
  return !client.answers;
}

}  // namespace llavakd
