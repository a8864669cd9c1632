// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/errors.h"

namespace llavakd {

RunLock::RunLock(const RunFolder& run, std::string_view remedy)
    : descriptor_(open((run.path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  if (descriptor_ < 0 && (errno == EISDIR || errno == ELOOP))
    throw UserError(fmt::format("{} is not an ordinary file; move it away.", (run.path / "lock").string()));
  // Where the file system knows no locks, or the run may only be read, the run does without.
  if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(descriptor_);
  throw UserError(fmt::format("{}: another engine is at work on this run. {}", run.path.string(), remedy));
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace llavakd
