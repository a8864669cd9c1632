// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <new>
#include <unordered_map>

namespace llavakd {

namespace {

constexpr size_t mebibyte = size_t{1} << 20;
constexpr size_t huge_page = 2 * mebibyte;

/// Blocks of a mebibyte or more, in huge pages where the system has them, kept for reuse. What is cached never raises
/// the process's memory above what tensors held at once so far: before a new block would, the oldest cached ones go
/// back. Smaller blocks go LibTorch's way.
class BigBlocks final : public c10::Allocator {
 public:
  explicit BigBlocks(c10::Allocator& small) : small_(small) {}

  c10::DataPtr allocate(size_t bytes) override;
  c10::DeleterFnPtr raw_deleter() const override { return &free_block; }
  void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }

  BlockStatistics statistics();
  void release();

 private:
  struct Cached {
    void* address;
    size_t size;
  };
  using Age = std::list<Cached>;

  static void free_block(void* address);
  static size_t rounded(size_t bytes);
  void* take(size_t size);
  void give(void* address);
  /// The smallest cached block of at least this size that wastes little; null if there is none.
  void* reuse(size_t size);
  /// Gives the oldest cached blocks back until no more than so many bytes are cached.
  void shrink(size_t most);

  c10::Allocator& small_;
  std::mutex mutex_;
  Age cached_;                                    ///< Oldest first.
  std::multimap<size_t, Age::iterator> by_size_;  ///< The same by size.
  std::unordered_map<void*, size_t> live_;        ///< Sizes of the blocks that tensors hold.
  size_t live_bytes_ = 0, cached_bytes_ = 0, peak_ = 0;
  int64_t mapped_ = 0, reused_ = 0;
};

/// Never destroyed: tensors of static storage are freed after everything else.
BigBlocks* blocks = nullptr;

/// Steps of an eighth of the size, so that a block fits tensors of nearly its size, of whole pages.
size_t BigBlocks::rounded(size_t bytes) {
  size_t step = 64 * 1024;
  while (step * 16 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

/// From the system, beginning on a huge page where it can hold one; null without memory.
void* mapped(size_t size) {
  const size_t spare = size >= huge_page ? huge_page : 0;
  void* all = mmap(nullptr, size + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  if (spare == 0) return all;
  char* start = static_cast<char*>(all);
  const size_t before = (huge_page - reinterpret_cast<uintptr_t>(all) % huge_page) % huge_page;
  if (before > 0) munmap(start, before);
  if (spare > before) munmap(start + before + size, spare - before);
  madvise(start + before, size, MADV_HUGEPAGE);
  return start + before;
}

c10::DataPtr BigBlocks::allocate(size_t bytes) {
  if (bytes < mebibyte) return small_.allocate(bytes);
  void* address = take(rounded(bytes));
  return {address, address, &free_block, c10::Device(c10::DeviceType::CPU)};
}

void BigBlocks::free_block(void* address) {
  blocks->give(address);
}

void* BigBlocks::reuse(size_t size) {
  const auto found = by_size_.lower_bound(size);
  if (found == by_size_.end() || found->first > size + size / 4) return nullptr;
  void* address = found->second->address;
  cached_bytes_ -= found->first;
  live_[address] = found->first;
  live_bytes_ += found->first;
  cached_.erase(found->second);
  by_size_.erase(found);
  ++reused_;
  return address;
}

void* BigBlocks::take(size_t size) {
  const std::lock_guard lock(mutex_);
  if (void* address = reuse(size)) {
    peak_ = std::max(peak_, live_bytes_);
    return address;
  }
  const size_t wanted = live_bytes_ + size;
  shrink(peak_ > wanted ? peak_ - wanted : 0);
  void* address = mapped(size);
  if (!address) {
    shrink(0);
    address = mapped(size);
  }
  TORCH_CHECK_WITH(OutOfMemoryError, address, "not enough memory: ", size, " bytes were asked for");
  live_[address] = size;
  live_bytes_ = wanted;
  peak_ = std::max(peak_, live_bytes_);
  ++mapped_;
  return address;
}

void BigBlocks::give(void* address) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(address);
  if (found == live_.end()) return small_.raw_deleter()(address);
  const size_t size = found->second;
  live_.erase(found);
  live_bytes_ -= size;
  cached_bytes_ += size;
  cached_.push_back({address, size});
  by_size_.emplace(size, std::prev(cached_.end()));
}

void BigBlocks::shrink(size_t most) {
  while (cached_bytes_ > most) {
    const Cached oldest = cached_.front();
    const auto [first, last] = by_size_.equal_range(oldest.size);
    by_size_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == cached_.begin(); }));
    cached_.pop_front();
    cached_bytes_ -= oldest.size;
    munmap(oldest.address, oldest.size);
  }
}

BlockStatistics BigBlocks::statistics() {
  const std::lock_guard lock(mutex_);
  return {static_cast<int64_t>(live_bytes_), static_cast<int64_t>(cached_bytes_), static_cast<int64_t>(peak_), mapped_,
          reused_};
}

void BigBlocks::release() {
  const std::lock_guard lock(mutex_);
  shrink(0);
}

bool set_by_user(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

}  // namespace

void prepare_memory() {
  for (const char* name : {"LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"})
    if (set_by_user(name)) return;
  if (blocks) return;
  // The heap keeps what libraries below LibTorch ask for and free at every call.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
  blocks = new BigBlocks(*c10::GetCPUAllocator());
  c10::SetCPUAllocator(blocks, /*priority=*/1);
}

BlockStatistics block_statistics() {
  return blocks ? blocks->statistics() : BlockStatistics();
}

void release_cached_blocks() {
  if (blocks) blocks->release();
}

}  // namespace llavakd
