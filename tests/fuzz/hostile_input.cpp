// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/hostile_input.h"

#include <fmt/format.h>
#include <sanitizer/allocator_interface.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "core/base/errors.h"
#include "core/base/printable.h"

namespace llavakd::fuzz {
namespace {

namespace fs = std::filesystem;

/// What the reader that runs on this thread has allocated. The hooks below run inside malloc: they allocate nothing.
struct Watch {
  bool on = false;
  size_t largest_block = 0;
  size_t largest_total = 0;
  int64_t total = 0;
};
thread_local Watch watch;

void on_malloc(const volatile void*, size_t size) {
  if (!watch.on) return;
  watch.total += static_cast<int64_t>(size);
  if (size <= watch.largest_block && watch.total <= static_cast<int64_t>(watch.largest_total)) return;
  watch.on = false;
  char sentence[160];
  std::snprintf(sentence, sizeof sentence, "a block of %zu bytes (%zu allowed) makes %lld in all (%zu allowed)", size,
                watch.largest_block, static_cast<long long>(watch.total), watch.largest_total);
  finding(sentence);
}

void on_free(const volatile void* block) {
  if (!watch.on || block == nullptr) return;
  watch.total -= static_cast<int64_t>(__sanitizer_get_allocated_size(const_cast<const void*>(block)));
}

struct Scratch {
  fs::path folder = fs::temp_directory_path() / fmt::format("llavakd-fuzz-{}", getpid());
  Scratch() { fs::create_directories(folder); }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

}  // namespace

void finding(std::string_view sentence) {
  constexpr std::string_view before = "\n== FINDING: ";
  [[maybe_unused]] auto written = write(STDERR_FILENO, before.data(), before.size());
  written = write(STDERR_FILENO, sentence.data(), sentence.size());
  written = write(STDERR_FILENO, "\n", 1);
  std::abort();
}

const fs::path& scratch_folder() {
  static const Scratch scratch;
  return scratch.folder;
}

fs::path scratch_file(std::string_view name, Input content) {
  fs::path path = scratch_folder() / name;
  if (path.parent_path() != scratch_folder()) fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text_of(content);
  return path;
}

void scratch_files(std::initializer_list<std::string_view> names, Input input) {
  constexpr std::string_view line = "\n%%%%\n";
  for (const std::string_view name : names) {
    const std::string_view text = text_of(input);
    const size_t end = std::min(text.find(line), text.size());
    if (end > 0)
      scratch_file(name, input.first(end));
    else
      fs::remove(scratch_folder() / name);
    input = input.subspan(std::min(end + line.size(), input.size()));
  }
}

namespace {

int run(Input input) {
  const MemoryBound bound = memory_bound(input);
  watch = {true, bound.block_times * input.size() + bound.plus, bound.total_times * input.size() + bound.plus, 0};
  try {
    read_hostile(input);
  } catch (const UserError& error) {
    watch.on = false;
    if (!is_utf8(error.what())) finding("the message is not UTF-8");
  }
  watch.on = false;
  return 0;
}

}  // namespace
}  // namespace llavakd::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  return __sanitizer_install_malloc_and_free_hooks(llavakd::fuzz::on_malloc, llavakd::fuzz::on_free) > 0 ? 0 : 1;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  llavakd::fuzz::scratch_folder();
  return llavakd::fuzz::run({data, size});
}
