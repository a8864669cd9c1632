// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/data/sample.h"

namespace llavakd {

/// The samples that a run can learn from or ask about, by their place. Any thread may call its functions.
class Dataset {
 public:
  Dataset() = default;
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;
  virtual ~Dataset() = default;

  /// The usable samples: those that the steps are made of.
  virtual int64_t size() const = 0;
  /// Sample 0 to size() - 1, in the file's order. It outlives the dataset where it is held.
  virtual std::shared_ptr<const Sample> sample(int64_t index) const = 0;
  /// Words and kind of that sample.
  virtual SampleLength length(int64_t index) const = 0;
  /// The entries that can't be used, by line.
  virtual const std::vector<DataFault>& faults() const = 0;
  /// What is passed over of the usable ones, as whole sentences.
  virtual const std::vector<std::string>& notes() const = 0;

  int64_t entries() const { return size() + static_cast<int64_t>(faults().size()); }
};

/// Samples in memory.
class SampleList final : public Dataset {
 public:
  explicit SampleList(std::vector<Sample> samples = {}, std::vector<DataFault> faults = {},
                      std::vector<std::string> notes = {});

  int64_t size() const override { return static_cast<int64_t>(samples_->size()); }
  std::shared_ptr<const Sample> sample(int64_t index) const override;
  SampleLength length(int64_t index) const override;
  const std::vector<DataFault>& faults() const override { return faults_; }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  std::shared_ptr<const std::vector<Sample>> samples_;  ///< Shared with what sample() gives.
  std::vector<DataFault> faults_;
  std::vector<std::string> notes_;
};

/// Opens a data file of any kind that sources/ has. An entry that can't be used (sample_fault, values of the wrong
/// type) becomes a fault. Throws UserError naming the file, and the line where there is one, when it can't be read, is
/// of a format that no source reads, or has no usable sample.
std::shared_ptr<const Dataset> open_dataset(const std::filesystem::path& path);

/// The same, but a file in which every entry is faulty is no error: the dataset is empty then.
std::shared_ptr<const Dataset> open_dataset_to_check(const std::filesystem::path& path);

/// Who is told of the entries of a file while it is read, in their order. What it throws ends the reading.
struct EntryObserver {
  std::function<void(const Sample&)> sample;
  std::function<void(const DataFault&)> fault;
};

/// Like open_dataset_to_check for looking around in large files: where entries can be read one by one, only their
/// places are kept, and a sample is read when it is asked for. sample() and length() then throw UserError when the file
/// has changed since.
std::shared_ptr<const Dataset> open_dataset_to_browse(const std::filesystem::path& path,
                                                      const EntryObserver& observer = {});

}  // namespace llavakd
