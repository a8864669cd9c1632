// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// For LD_PRELOAD: the n-th call that changes something below a folder fails, or the process is killed before it.
//
//   LLAVAKD_FAULT_FOLDER  the folder; without it nothing is changed
//   LLAVAKD_FAULT         kill, ENOSPC, EIO, EACCES, or short: a write() of half the bytes
//   LLAVAKD_FAULT_AT      which call, from 1; "17+" is the 17th and all after it
//   LLAVAKD_FAULT_CALLS   which kinds count, as in "rename,write"; empty: all
//   LLAVAKD_FAULT_LOG     a file outside the folder that gets a line for each call that counts
//   LLAVAKD_FAULT_CLOCK   "SECONDS@N": what the time of day is put forward by, from the N-th question for it on
//
// Kinds: open (for writing), write, sync, rename, remove, mkdir, truncate, link (hard ones). What libc calls within
// itself, as fclose() does write(), isn't seen; fopen() is.
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Plan {
  std::string folder, calls;
  int error = 0;  // 0: none of them
  bool kills = false, cuts = false, goes_on = false;
  long at = 0;
  int log = -1;
};

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Plan read_plan() {
  Plan plan{.folder = setting("LLAVAKD_FAULT_FOLDER"), .calls = setting("LLAVAKD_FAULT_CALLS")};
  const std::string fault = setting("LLAVAKD_FAULT"), at = setting("LLAVAKD_FAULT_AT");
  plan.kills = fault == "kill";
  plan.cuts = fault == "short";
  if (fault == "ENOSPC") plan.error = ENOSPC;
  if (fault == "EIO") plan.error = EIO;
  if (fault == "EACCES") plan.error = EACCES;
  plan.at = std::strtol(at.c_str(), nullptr, 10);
  plan.goes_on = at.size() > 1 && at.back() == '+';
  if (const char* log = setting("LLAVAKD_FAULT_LOG"); *log != 0)
    plan.log = static_cast<int>(syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  return plan;
}

const Plan& plan() {
  static const Plan read = read_plan();
  return read;
}

std::atomic<long> calls{0};

bool is_below(const std::string& path) {
  const std::string& folder = plan().folder;
  return !folder.empty() && path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string link_text(const std::string& link) {
  char text[PATH_MAX];
  const ssize_t size = readlink(link.c_str(), text, sizeof text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

std::string path_of(int descriptor) {
  return link_text("/proc/self/fd/" + std::to_string(descriptor));
}

std::string path_at(int folder, const char* name) {
  if (name[0] == '/') return name;
  const std::string start = folder == AT_FDCWD ? link_text("/proc/self/cwd") : path_of(folder);
  return start + "/" + name;
}

bool counts(const char* kind) {
  const std::string list = "," + plan().calls + ",";
  return plan().calls.empty() || list.find(std::string(",") + kind + ",") != std::string::npos;
}

/// Whether this call is to fail; then errno says how. Kills the process where that is planned.
bool fails(const char* kind, const std::string& path) {
  if (!is_below(path) || !counts(kind)) return false;
  const long number = ++calls;
  if (plan().log >= 0) {
    const std::string line = std::string(kind) + " " + path.substr(plan().folder.size()) + "\n";
    static_cast<void>(syscall(SYS_write, plan().log, line.c_str(), line.size()));
  }
  if (plan().at == 0 || number < plan().at || (number > plan().at && !plan().goes_on)) return false;
  if (plan().kills) {
    static_cast<void>(syscall(SYS_kill, getpid(), SIGKILL));
    for (;;) pause();
  }
  if (plan().error == 0 && !plan().cuts) return false;
  errno = plan().error;
  return true;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool writes(int flags) {
  return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

/// What the clock is put forward by, if it is by now.
time_t seconds_put_forward() {
  static const std::string setting_text = setting("LLAVAKD_FAULT_CLOCK");
  static const long seconds = std::strtol(setting_text.c_str(), nullptr, 10);
  static const size_t at = setting_text.find('@');
  static const long after = at == std::string::npos ? 0 : std::strtol(setting_text.c_str() + at + 1, nullptr, 10);
  static std::atomic<long> questions{0};
  return seconds != 0 && ++questions > after ? static_cast<time_t>(seconds) : 0;
}

mode_t mode_in(int flags, va_list& rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_in(flags, rest);
  va_end(rest);
  if (writes(flags) && fails("open", path_at(AT_FDCWD, path))) return -1;
  static const auto call = next<int (*)(const char*, int, ...)>("open");
  return call(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_in(flags, rest);
  va_end(rest);
  if (writes(flags) && fails("open", path_at(AT_FDCWD, path))) return -1;
  static const auto call = next<int (*)(const char*, int, ...)>("open64");
  return call(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_in(flags, rest);
  va_end(rest);
  if (writes(flags) && fails("open", path_at(folder, path))) return -1;
  static const auto call = next<int (*)(int, const char*, int, ...)>("openat");
  return call(folder, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  if (strpbrk(mode, "wa+") && fails("open", path_at(AT_FDCWD, path))) return nullptr;
  static const auto call = next<FILE* (*)(const char*, const char*)>("fopen");
  return call(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  if (strpbrk(mode, "wa+") && fails("open", path_at(AT_FDCWD, path))) return nullptr;
  static const auto call = next<FILE* (*)(const char*, const char*)>("fopen64");
  return call(path, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto call = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (!plan().folder.empty() && fails("write", path_of(descriptor))) {
    if (!plan().cuts) return -1;
    return call(descriptor, bytes, size > 1 ? size / 2 : size);
  }
  return call(descriptor, bytes, size);
}

ssize_t writev(int descriptor, const struct iovec* vectors, int count) {
  static const auto call = next<ssize_t (*)(int, const struct iovec*, int)>("writev");
  if (!plan().folder.empty() && fails("write", path_of(descriptor))) {
    if (!plan().cuts) return -1;
    return call(descriptor, vectors, 1);
  }
  return call(descriptor, vectors, count);
}

int fsync(int descriptor) {
  static const auto call = next<int (*)(int)>("fsync");
  return !plan().folder.empty() && fails("sync", path_of(descriptor)) ? -1 : call(descriptor);
}

int fdatasync(int descriptor) {
  static const auto call = next<int (*)(int)>("fdatasync");
  return !plan().folder.empty() && fails("sync", path_of(descriptor)) ? -1 : call(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  static const auto call = next<int (*)(const char*, const char*)>("rename");
  return fails("rename", path_at(AT_FDCWD, to)) ? -1 : call(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static const auto call = next<int (*)(int, const char*, int, const char*)>("renameat");
  return fails("rename", path_at(to_folder, to)) ? -1 : call(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  static const auto call = next<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  return fails("rename", path_at(to_folder, to)) ? -1 : call(from_folder, from, to_folder, to, flags);
}

int unlink(const char* path) noexcept {
  static const auto call = next<int (*)(const char*)>("unlink");
  return fails("remove", path_at(AT_FDCWD, path)) ? -1 : call(path);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto call = next<int (*)(int, const char*, int)>("unlinkat");
  return fails("remove", path_at(folder, path)) ? -1 : call(folder, path, flags);
}

int rmdir(const char* path) noexcept {
  static const auto call = next<int (*)(const char*)>("rmdir");
  return fails("remove", path_at(AT_FDCWD, path)) ? -1 : call(path);
}

int remove(const char* path) noexcept {
  static const auto call = next<int (*)(const char*)>("remove");
  return fails("remove", path_at(AT_FDCWD, path)) ? -1 : call(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto call = next<int (*)(const char*, mode_t)>("mkdir");
  return fails("mkdir", path_at(AT_FDCWD, path)) ? -1 : call(path, mode);
}

int link(const char* from, const char* to) noexcept {
  static const auto call = next<int (*)(const char*, const char*)>("link");
  return fails("link", path_at(AT_FDCWD, to)) ? -1 : call(from, to);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  static const auto call = next<int (*)(int, const char*, int, const char*, int)>("linkat");
  return fails("link", path_at(to_folder, to)) ? -1 : call(from_folder, from, to_folder, to, flags);
}

int ftruncate(int descriptor, off_t size) noexcept {
  static const auto call = next<int (*)(int, off_t)>("ftruncate");
  return !plan().folder.empty() && fails("truncate", path_of(descriptor)) ? -1 : call(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) noexcept {
  static const auto call = next<int (*)(int, off64_t)>("ftruncate64");
  return !plan().folder.empty() && fails("truncate", path_of(descriptor)) ? -1 : call(descriptor, size);
}

int clock_gettime(clockid_t clock, struct timespec* now) noexcept {
  static const auto call = next<int (*)(clockid_t, struct timespec*)>("clock_gettime");
  const int result = call(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += seconds_put_forward();
  return result;
}

int gettimeofday(struct timeval* now, void* zone) noexcept {
  static const auto call = next<int (*)(struct timeval*, void*)>("gettimeofday");
  const int result = call(now, zone);
  if (result == 0) now->tv_sec += seconds_put_forward();
  return result;
}

time_t time(time_t* result) noexcept {
  struct timespec now {};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}
}
