// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <array>
#include <cstring>
#include <memory>

#include "core/run/control_socket.h"
#include "tests/fuzz/hostile_input.h"

namespace llavakd::fuzz {
namespace {

/// One for all inputs, as a run has one.
struct Listening {
  RunControl control;
  ControlSocket socket{RunFolder{scratch_folder()}, control};
};

int connection_to(const std::filesystem::path& path) {
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    finding("the control socket no longer listens");
  return connection;
}

}  // namespace

MemoryBound memory_bound(Input) {
  return {};
}

/// Sends what is there and reads answers until the other side has seen the end.
void read_hostile(Input input) {
  static const auto listening = std::make_unique<Listening>();
  const int connection = connection_to(listening->socket.path());
  [[maybe_unused]] const auto sent = send(connection, input.data(), input.size(), MSG_NOSIGNAL);
  shutdown(connection, SHUT_WR);
  std::array<char, 4096> answers{};
  while (recv(connection, answers.data(), answers.size(), 0) > 0) {
  }
  close(connection);
}

}  // namespace llavakd::fuzz
