// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel_for.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/base/machine.h"

namespace llavakd {

void parallel_for(int64_t count, int threads, const std::function<bool(int64_t index)>& work) {
  std::atomic<int64_t> next = 0;
  std::mutex mutex;
  int64_t failed = count;
  std::exception_ptr error;
  const auto take_indices = [&] {
    for (int64_t i = next++; i < count; i = next++) {
      try {
        if (!work(i)) next = count;
      } catch (...) {
        next = count;
        const std::scoped_lock lock(mutex);
        if (i < failed) failed = i, error = std::current_exception();
      }
    }
  };
  {
    const int64_t wanted = std::min<int64_t>(threads > 0 ? threads : usable_cores(), count);
    std::vector<std::jthread> workers;
    while (wanted > 1 && std::ssize(workers) < wanted) try {
        workers.emplace_back([&] {
          // A thread's own priority on Linux, by its id: a run or a window that works meanwhile goes before.
          setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
          take_indices();
        });
      } catch (const std::system_error&) {
        break;  // no more threads may be had: fewer do it, too
      }
    if (workers.empty()) take_indices();
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace llavakd
