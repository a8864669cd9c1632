// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// For LD_PRELOAD: the n-th request for memory fails.
//
//   LLAVAKD_MEMORY_AT     which one, from 1; "17+" is the 17th and all after it; without it none fails
//   LLAVAKD_MEMORY_LEAST  requests for fewer bytes aren't counted
//   LLAVAKD_MEMORY_COUNT  a file that gets the number of those that were counted, as the process ends
//
// Requests are calls of malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign, by which C++'s new gets
// its memory, too. What is granted comes from glibc, so that free() need not be replaced.
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

// No constructors: the first requests come before any would run.
bool is_read = false, goes_on = false;
long failing = 0;
size_t least = 0;
const char* count_file = nullptr;
std::atomic<long> requests;

void read_plan() {
  if (environ == nullptr) return;  // the loader's own requests, before libc has begun
  is_read = true;
  if (const char* text = getenv("LLAVAKD_MEMORY_LEAST")) least = strtoul(text, nullptr, 10);
  if (const char* text = getenv("LLAVAKD_MEMORY_AT")) {
    char* end = nullptr;
    failing = strtol(text, &end, 10);
    goes_on = *end == '+';
  }
  count_file = getenv("LLAVAKD_MEMORY_COUNT");
}

bool fails(size_t size) {
  if (!is_read) read_plan();
  if (!is_read || size < least) return false;
  const long number = ++requests;
  if (failing == 0 || number < failing || (number > failing && !goes_on)) return false;
  errno = ENOMEM;
  return true;
}

[[gnu::destructor]] void tell_count() {
  if (!count_file) return;
  const int file = open(count_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return;
  char text[32];
  const int size = snprintf(text, sizeof text, "%ld\n", requests.load());
  [[maybe_unused]] const ssize_t written = write(file, text, static_cast<size_t>(size));
  close(file);
}

}  // namespace

extern "C" {

void* malloc(size_t size) noexcept {
  return fails(size) ? nullptr : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) noexcept {
  return fails(count * size) ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) noexcept {
  return size > 0 && fails(size) ? nullptr : __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size) noexcept {
  return fails(size) ? nullptr : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
  return fails(size) ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) noexcept {
  if (fails(size)) return ENOMEM;
  void* found = __libc_memalign(alignment, size);
  if (!found) return ENOMEM;
  *block = found;
  return 0;
}
}
