// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/threads.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace llavakd {

namespace {

/// The cores of the process as it was before any pinning.
cpu_set_t whole_process;

std::vector<int> allowed(const cpu_set_t& set) {
  std::vector<int> cores;
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &set)) cores.push_back(i);
  return cores;
}

/// The processors that share the core of this one, e.g. "0,64" or "2-3"; the text only tells cores apart.
std::string siblings(int processor) {
  std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", processor));
  std::string text;
  std::getline(file, text);
  return text.empty() ? fmt::format("{}", processor) : text;
}

/// One processor for each thread, on different cores if there are as many; empty if there are too few processors.
std::vector<int> places_for(size_t threads, const cpu_set_t& all) {
  const std::vector<int> processors = allowed(all);
  std::vector<int> places, spare;
  std::vector<std::string> seen;
  for (const int processor : processors) {
    const std::string core = siblings(processor);
    const bool fresh = std::find(seen.begin(), seen.end(), core) == seen.end();
    if (fresh) seen.push_back(core);
    (fresh ? places : spare).push_back(processor);
  }
  places.insert(places.end(), spare.begin(), spare.end());
  if (places.size() < threads) return {};
  places.resize(threads);
  return places;
}

bool user_decides() {
  for (const char* name : {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "OMP_NUM_THREADS", "KMP_AFFINITY"})
    if (const char* value = std::getenv(name); value && *value) return true;
  return false;
}

/// A name of the user's that only one process can hold and that goes with it, in the abstract namespace of sockets.
int claim_cores() {
  const int held = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (held < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = fmt::format("llavakd-cores-{}", getuid());
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(held, reinterpret_cast<const sockaddr*>(&address), length) == 0) return held;
  close(held);
  return -1;
}

void move_to(const cpu_set_t& set) {
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

}  // namespace

PinnedThreads::PinnedThreads() {
  const int threads = at::get_num_threads();
  if (threads < 2 || user_decides()) return;
  cpu_set_t all;
  if (pthread_getaffinity_np(pthread_self(), sizeof all, &all) != 0) return;
  const std::vector<int> places = places_for(static_cast<size_t>(threads), all);
  if (places.empty()) return;
  claim_ = claim_cores();
  if (claim_ < 0) return;
  whole_process = all;
  // The pool's threads live as long as their number stays the same.
#pragma omp parallel num_threads(threads)
  {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(places[static_cast<size_t>(omp_get_thread_num())], &own);
    move_to(own);
  }
}

PinnedThreads::~PinnedThreads() {
  if (claim_ < 0) return;
  const int threads = at::get_num_threads();
#pragma omp parallel num_threads(threads)
  move_to(whole_process);
  close(claim_);
}

void unpin_this_thread() {
  if (CPU_COUNT(&whole_process) > 0) move_to(whole_process);
}

}  // namespace llavakd
