// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace llavakd {

namespace {

constexpr size_t mebibyte = size_t{1} << 20;
constexpr size_t huge_page = 2 * mebibyte;

/// Address space from the system, and which of its huge pages have been written to.
struct Segment {
  char* begin;
  std::vector<bool> touched;
  char* end() const { return begin + touched.size() * huge_page; }
};

/// Blocks of a mebibyte or more, cut from segments of huge pages and joined again when they are free, so that memory
/// once written to serves tensors of any size. What is cached never raises the process's memory by more than a
/// sixteenth above what tensors held at once so far: before a block would, free pages go back. Smaller blocks go
/// LibTorch's way.
class BigBlocks final : public c10::Allocator {
 public:
  /// `most_bytes`: of all blocks together. Address space is promised beyond it; who writes to that is killed.
  BigBlocks(c10::Allocator& small, size_t most_bytes) : small_(small), most_bytes_(most_bytes) {}

  c10::DataPtr allocate(size_t bytes) override;
  c10::DeleterFnPtr raw_deleter() const override { return &free_block; }
  void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }

  BlockStatistics statistics();
  void release();

 private:
  static void free_block(void* address);
  void* take(size_t size);
  void give(void* address);
  size_t segment_size(size_t least) const;
  bool add_segment(size_t size);
  void add_free(char* address, size_t size);
  void remove_free(char* address, size_t size);
  Segment& segment_of(const char* address);
  /// Counts the pages of a block as written to; true if they all were before.
  bool touch(char* address, size_t size);
  /// Gives free pages back, those of the smallest gaps first, until no more than so many bytes are written to.
  void cool(size_t most);

  c10::Allocator& small_;
  std::mutex mutex_;
  std::vector<Segment> segments_;
  std::map<char*, size_t> free_;                ///< Gaps by address; no two touch.
  std::set<std::pair<size_t, char*>> by_size_;  ///< The same by size.
  std::unordered_map<void*, size_t> live_;      ///< Sizes of the blocks that tensors hold.
  const size_t most_bytes_;
  size_t live_bytes_ = 0, touched_bytes_ = 0, peak_ = 0;
  int64_t mapped_ = 0, reused_ = 0;
};

/// Never destroyed: tensors of static storage are freed after everything else.
BigBlocks* blocks = nullptr;

size_t rounded_up(size_t bytes, size_t step) {
  return (bytes + step - 1) / step * step;
}

/// How much address space to ask for at once: it costs nothing, but where it is rationed.
size_t BigBlocks::segment_size(size_t least) const {
  rlimit limit{};
  const bool rationed = getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
  return rounded_up(std::max(least, rationed ? 64 * mebibyte : most_bytes_), huge_page);
}

/// From the system, beginning on a huge page; null without memory.
char* mapped(size_t size) {
  void* all =
      mmap(nullptr, size + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  char* start = static_cast<char*>(all);
  const size_t before = (huge_page - reinterpret_cast<uintptr_t>(all) % huge_page) % huge_page;
  if (before > 0) munmap(start, before);
  // What is left behind it keeps the next segment from being joined to this one.
  madvise(start + before, size, MADV_HUGEPAGE);
  return start + before;
}

c10::DataPtr BigBlocks::allocate(size_t bytes) {
  if (bytes < mebibyte) return small_.allocate(bytes);
  void* address = take(rounded_up(bytes, 64 * 1024));
  return {address, address, &free_block, c10::Device(c10::DeviceType::CPU)};
}

void BigBlocks::free_block(void* address) {
  blocks->give(address);
}

bool BigBlocks::add_segment(size_t least) {
  size_t size = segment_size(least);
  char* begin = mapped(size);
  if (!begin && size > rounded_up(least, huge_page)) begin = mapped(size = rounded_up(least, huge_page));
  if (!begin) return false;
  segments_.push_back({begin, std::vector<bool>(size / huge_page)});
  add_free(begin, size);
  return true;
}

void BigBlocks::add_free(char* address, size_t size) {
  const auto after = free_.lower_bound(address);
  if (after != free_.end() && address + size == after->first) {
    size += after->second;
    remove_free(after->first, after->second);
  }
  const auto next = free_.lower_bound(address);
  if (next != free_.begin()) {
    const auto [before, length] = *std::prev(next);
    if (before + length == address) {
      remove_free(before, length);
      address = before;
      size += length;
    }
  }
  free_.emplace(address, size);
  by_size_.emplace(size, address);
}

void BigBlocks::remove_free(char* address, size_t size) {
  free_.erase(address);
  by_size_.erase({size, address});
}

Segment& BigBlocks::segment_of(const char* address) {
  return *std::find_if(segments_.begin(), segments_.end(),
                       [&](const Segment& s) { return address >= s.begin && address < s.end(); });
}

bool BigBlocks::touch(char* address, size_t size) {
  Segment& segment = segment_of(address);
  const size_t first = static_cast<size_t>(address - segment.begin) / huge_page;
  const size_t last = static_cast<size_t>(address + size - 1 - segment.begin) / huge_page;
  size_t fresh = 0;
  for (size_t page = first; page <= last; ++page) fresh += segment.touched[page] ? 0 : 1;
  const size_t most = std::min(std::max(peak_ + peak_ / 16, live_bytes_), most_bytes_), wanted = fresh * huge_page;
  if (touched_bytes_ + wanted > most) cool(most > wanted ? most - wanted : 0);
  for (size_t page = first; page <= last; ++page) segment.touched[page] = true;
  touched_bytes_ += wanted;
  return fresh == 0;
}

void BigBlocks::cool(size_t most) {
  for (auto gap = by_size_.begin(); gap != by_size_.end() && touched_bytes_ > most; ++gap) {
    const auto [size, address] = *gap;
    Segment& segment = segment_of(address);
    const size_t first = rounded_up(static_cast<size_t>(address - segment.begin), huge_page) / huge_page;
    const size_t end = static_cast<size_t>(address + size - segment.begin) / huge_page;
    for (size_t page = first; page < end && touched_bytes_ > most; ++page) {
      if (!segment.touched[page]) continue;
      madvise(segment.begin + page * huge_page, huge_page, MADV_DONTNEED);
      segment.touched[page] = false;
      touched_bytes_ -= huge_page;
    }
  }
}

void* BigBlocks::take(size_t size) {
  const std::lock_guard lock(mutex_);
  TORCH_CHECK_WITH(OutOfMemoryError, live_bytes_ + size <= most_bytes_, "not enough memory: ", size,
                   " bytes were asked for");
  auto gap = by_size_.lower_bound({size, nullptr});
  if (gap == by_size_.end() && add_segment(size)) gap = by_size_.lower_bound({size, nullptr});
  TORCH_CHECK_WITH(OutOfMemoryError, gap != by_size_.end(), "not enough memory: ", size, " bytes were asked for");
  const auto [room, address] = *gap;
  remove_free(address, room);
  if (room > size) add_free(address + size, room - size);
  live_[address] = size;
  live_bytes_ += size;
  peak_ = std::max(peak_, live_bytes_);
  ++(touch(address, size) ? reused_ : mapped_);
  return address;
}

void BigBlocks::give(void* address) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(address);
  if (found == live_.end()) return small_.raw_deleter()(address);
  const size_t size = found->second;
  live_.erase(found);
  live_bytes_ -= size;
  add_free(static_cast<char*>(address), size);
}

BlockStatistics BigBlocks::statistics() {
  const std::lock_guard lock(mutex_);
  const size_t cached = touched_bytes_ > live_bytes_ ? touched_bytes_ - live_bytes_ : 0;
  return {static_cast<int64_t>(live_bytes_), static_cast<int64_t>(cached), static_cast<int64_t>(peak_), mapped_,
          reused_};
}

void BigBlocks::release() {
  const std::lock_guard lock(mutex_);
  cool(0);
}

int64_t status_bytes(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::strtoll(line.c_str() + key.size(), nullptr, 10) * 1024;
  return 0;
}

bool set_by_user(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

}  // namespace

void prepare_memory(int64_t memory_bytes) {
  for (const char* name : {"LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"})
    if (set_by_user(name)) return;
  if (blocks) return;
  // The heap keeps what libraries below LibTorch ask for and free at every call.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
  const int64_t most = memory_bytes > 0 ? memory_bytes - memory_bytes / 16 : int64_t{1} << 40;
  blocks = new BigBlocks(*c10::GetCPUAllocator(), static_cast<size_t>(most));
  c10::SetCPUAllocator(blocks, /*priority=*/1);
}

BlockStatistics block_statistics() {
  return blocks ? blocks->statistics() : BlockStatistics();
}

int64_t resident_memory_bytes() {
  return status_bytes("VmRSS:");
}

int64_t peak_memory_bytes() {
  return status_bytes("VmHWM:");
}

void release_cached_blocks() {
  if (blocks) blocks->release();
}

}  // namespace llavakd
