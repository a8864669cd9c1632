// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/base/errors.h"

namespace llavakd {

namespace {

/// Closes the descriptor whatever happens; the mapping doesn't need it.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) close(value);
  }
};

/// Addresses of memory.
struct AddressRange {
  std::uintptr_t begin = 0, end = 0;
  bool contains(std::uintptr_t address) const { return begin <= address && address < end; }
};

size_t page_size() {
  static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

/// A mapping as the signal's handler may see it at any moment: objects are used again, but never freed.
struct MappedFile::Mapping {
  std::atomic<std::uintptr_t> begin{0}, end{0};  ///< Both 0: of no file now.
  std::atomic<bool> lost{false};                 ///< Its pages are zeros by now.
  Mapping* next = nullptr;                       ///< Never changes once the object is in the list.
  const MappedFile* file = nullptr;              ///< For those who hold the mutex.

  AddressRange range() const { return {begin, end}; }

  static std::mutex mutex;  ///< Of all changes to the list.
  /// Odd while a mapping is being changed, so that the handler, which may not lock, never takes half of it.
  static std::atomic<unsigned> version;
  static std::atomic<Mapping*> first;

  static Mapping* add(const MappedFile* file);
  void remove();
  void set(AddressRange to, const MappedFile* of);
  /// Makes zeros of the mapping at the address; false where there is none.
  static bool replace(std::uintptr_t address);
  static void handle(int number, siginfo_t* info, void* context);
  static void watch();
  /// The file that is mapped at an address, or none; for those who hold the mutex.
  static const MappedFile* at(const void* address);
};

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free);

std::mutex MappedFile::Mapping::mutex;
std::atomic<unsigned> MappedFile::Mapping::version{0};
std::atomic<MappedFile::Mapping*> MappedFile::Mapping::first{nullptr};

namespace {

struct sigaction usual_action {};  // Of SIGBUS, before ours.

}  // namespace

void MappedFile::Mapping::set(AddressRange to, const MappedFile* of) {
  ++version;
  begin = to.begin;
  end = to.end;
  lost = false;
  file = of;
  ++version;
}

MappedFile::Mapping* MappedFile::Mapping::add(const MappedFile* file) {
  watch();
  const auto begin = reinterpret_cast<std::uintptr_t>(file->data_);
  const std::uintptr_t pages = (file->size_ + page_size() - 1) / page_size();
  const std::scoped_lock lock(mutex);
  Mapping* unused = first;
  while (unused && unused->file) unused = unused->next;
  if (!unused) {
    unused = new Mapping;
    unused->next = first;
    first = unused;
  }
  unused->set({begin, begin + pages * page_size()}, file);
  return unused;
}

void MappedFile::Mapping::remove() {
  const std::scoped_lock lock(mutex);
  set({}, nullptr);
}

bool MappedFile::Mapping::replace(std::uintptr_t address) {
  for (;;) {
    const unsigned before = version;
    Mapping* found = nullptr;
    AddressRange range;
    for (Mapping* each = first; each && !found; each = each->next) {
      range = each->range();
      if (range.contains(address)) found = each;
    }
    // Whoever is changing the list touches no mapped memory meanwhile, so it isn't this thread.
    if (before % 2 == 1 || version != before) continue;
    if (!found) return false;
    found->lost = true;
    return mmap(reinterpret_cast<void*>(range.begin), range.end - range.begin, PROT_READ,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
  }
}

// What it calls may be called in a handler: atomics without locks and system calls.
void MappedFile::Mapping::handle(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const bool replaced = info->si_code > 0 && replace(reinterpret_cast<std::uintptr_t>(info->si_addr));
  errno = error;
  if (replaced) return;
  if ((usual_action.sa_flags & SA_SIGINFO) != 0) return usual_action.sa_sigaction(number, info, context);
  if (usual_action.sa_handler != SIG_DFL && usual_action.sa_handler != SIG_IGN) return usual_action.sa_handler(number);
  // As without us: the access is repeated, and ends the process.
  sigaction(number, &usual_action, nullptr);
  if (info->si_code <= 0) raise(number);
}

void MappedFile::Mapping::watch() {
  static const bool watching = [] {
    struct sigaction action {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, nullptr, &usual_action) == 0 && sigaction(SIGBUS, &action, nullptr) == 0;
  }();
  static_cast<void>(watching);
}

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, const struct stat& status)
    : path_(std::move(path)), data_(data), size_(static_cast<size_t>(status.st_size)), opened_(status) {
  if (size_ > 0) mapping_ = Mapping::add(this);
}

MappedFile::~MappedFile() {
  if (!mapping_) return;
  mapping_->remove();
  munmap(const_cast<std::byte*>(data_), size_);
}

std::optional<std::string> MappedFile::change() const {
  constexpr const char* way_on =
      "Put it back as it was and start again; a run goes on from its last checkpoint with --resume.";
  if (mapping_->lost)
    return fmt::format("{} can't be read any more: it was cut short, or its disk is gone. {}", path_.string(), way_on);
  struct stat now {};
  // Another file of this name, or none: what is mapped is still the old one.
  if (stat(path_.c_str(), &now) != 0 || now.st_dev != opened_.st_dev || now.st_ino != opened_.st_ino)
    return std::nullopt;
  const bool same = now.st_size == opened_.st_size && now.st_mtim.tv_sec == opened_.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == opened_.st_mtim.tv_nsec;
  if (same) return std::nullopt;
  return fmt::format("{} was written to while it was in use, so it may hold something else than at the start. {}",
                     path_.string(), way_on);
}

void refuse_changed_mappings() {
  using Mapping = MappedFile::Mapping;
  const std::scoped_lock lock(Mapping::mutex);
  for (const Mapping* each = Mapping::first; each; each = each->next) {
    if (!each->file) continue;
    if (const auto change = each->file->change()) throw RunError(*change);
  }
}

const MappedFile* MappedFile::Mapping::at(const void* address) {
  for (const Mapping* each = first; each; each = each->next)
    if (each->range().contains(reinterpret_cast<std::uintptr_t>(address))) return each->file;
  return nullptr;
}

void refuse_unreadable(const void* begin, size_t size) {
  {
    const std::scoped_lock lock(MappedFile::Mapping::mutex);
    const MappedFile* file = MappedFile::Mapping::at(begin);
    if (!file) return;
    const auto* first = static_cast<const std::byte*>(begin);
    const std::byte* end = std::min(first + size, file->data_ + file->size_);
    // What the system says by an error, a touch says by the signal.
    for (const std::byte* each = first; each < end; each += page_size())
      static_cast<void>(*static_cast<const volatile std::byte*>(each));
  }
  refuse_changed_mappings();
}

void release_pages(const void* begin, size_t size) {
  const auto* first = static_cast<const std::byte*>(begin);
  const std::scoped_lock lock(MappedFile::Mapping::mutex);
  const MappedFile* file = MappedFile::Mapping::at(begin);
  if (!file) return;
  const auto offset = static_cast<size_t>(first - file->data_);
  // Whole pages only; a mapping begins at one.
  const size_t from = (offset + page_size() - 1) / page_size() * page_size();
  const size_t to = std::min(offset + size, file->size_) / page_size() * page_size();
  if (from < to) madvise(const_cast<std::byte*>(file->data_) + from, to - from, MADV_DONTNEED);
}

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // O_NONBLOCK: a named pipe in the place of a file must not make us wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.value < 0) {
    throw UserError(fmt::format("{} can't be opened: {}.", path.string(), std::strerror(errno)));
  }
  struct stat status {};
  if (fstat(file.value, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw UserError(fmt::format("{} is not a file.", path.string()));
  }
  const auto size = static_cast<size_t>(status.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(path, nullptr, status));
  void* data = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.value, 0);
  if (data == MAP_FAILED) {
    throw UserError(fmt::format("{} can't be mapped into memory: {}.", path.string(), std::strerror(errno)));
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, static_cast<const std::byte*>(data), status));
}

}  // namespace llavakd
