// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset that reads its samples from the file when they are asked for. Read rather than mapped: it stays open for
// hours, and a file that someone shortens meanwhile must not end the program.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/base/errors.h"
#include "core/data/dataset.h"
#include "core/data/sources/data_source.h"

namespace llavakd {
namespace {

/// Where an entry is in its file.
struct EntryPlace {
  int64_t offset = 0;
  int64_t bytes = 0;
  int64_t number = 0;  ///< Counted from 1, faulty ones included.
  int64_t line = 0;
};

/// A file as it was when it was opened.
class UnchangedFile {
 public:
  explicit UnchangedFile(std::filesystem::path path)
      : path_(std::move(path)), descriptor_(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (descriptor_ >= 0) fstat(descriptor_, &first_);
  }
  ~UnchangedFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  UnchangedFile(const UnchangedFile&) = delete;
  UnchangedFile& operator=(const UnchangedFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Throws UserError where they can't be read as they were.
  std::string read(const EntryPlace& place) const {
    std::string text(static_cast<size_t>(place.bytes), '\0');
    struct stat now {};
    if (descriptor_ < 0 || fstat(descriptor_, &now) != 0 || now.st_size != first_.st_size ||
        now.st_mtim.tv_sec != first_.st_mtim.tv_sec || now.st_mtim.tv_nsec != first_.st_mtim.tv_nsec)
      refuse();
    for (size_t done = 0; done < text.size();) {
      const ssize_t count =
          pread(descriptor_, text.data() + done, text.size() - done, static_cast<off_t>(place.offset) + ssize_t(done));
      if (count <= 0) refuse();
      done += static_cast<size_t>(count);
    }
    return text;
  }

  [[noreturn]] void refuse() const {
    throw UserError(fmt::format("{} has changed since it was read. Read it again.", path_.string()));
  }

 private:
  std::filesystem::path path_;
  int descriptor_;
  struct stat first_ {};
};

class BrowsedDataset final : public Dataset {
 public:
  explicit BrowsedDataset(const std::filesystem::path& path) : file_(path), source_(source_of(path)) {}

  /// Reads the file once. Samples that can't be read one by one go to `kept`.
  void read(const EntryObserver& observer, std::vector<Sample>& kept) {
    int64_t number = 0;
    const auto on_sample = [&](Sample read) {
      ++number;
      if (observer.sample) observer.sample(read);
      if (source_.read_entry != nullptr && read.bytes > 0)
        places_.push_back({read.offset, read.bytes, number, read.line});
      else
        kept.push_back(std::move(read));
    };
    const auto on_fault = [&](DataFault found) {
      ++number;
      if (observer.fault) observer.fault(found);
      faults_.push_back(std::move(found));
    };
    notes_ = read_entries(file_.path(), {.sample = on_sample, .fault = on_fault});
    places_.shrink_to_fit();
  }

  int64_t size() const override { return static_cast<int64_t>(places_.size()); }
  std::shared_ptr<const Sample> sample(int64_t index) const override {
    const EntryPlace& place = places_.at(static_cast<size_t>(index));
    auto read = source_.read_entry(file_.path(), file_.read(place), place.number);
    if (!read) file_.refuse();
    read->line = place.line;
    read->offset = place.offset;
    read->bytes = place.bytes;
    return std::make_shared<const Sample>(std::move(*read));
  }
  SampleLength length(int64_t index) const override { return sample_length(*sample(index)); }
  const std::vector<DataFault>& faults() const override { return faults_; }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  UnchangedFile file_;
  const DataSource& source_;
  std::vector<EntryPlace> places_;
  std::vector<DataFault> faults_;
  std::vector<std::string> notes_;
};

}  // namespace

std::shared_ptr<const Dataset> open_dataset_to_browse(const std::filesystem::path& path,
                                                      const EntryObserver& observer) {
  auto dataset = std::make_shared<BrowsedDataset>(path);
  std::vector<Sample> kept;
  dataset->read(observer, kept);
  // What can't be read one by one, can't throughout the file.
  if (kept.empty()) return dataset;
  return std::make_shared<const SampleList>(std::move(kept), dataset->faults(), dataset->notes());
}

}  // namespace llavakd
