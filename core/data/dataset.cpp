// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/errors.h"
#include "core/data/sources/data_source.h"

namespace llavakd {

SampleList::SampleList(std::vector<Sample> samples, std::vector<DataFault> faults, std::vector<std::string> notes)
    : samples_(std::make_shared<const std::vector<Sample>>(std::move(samples))),
      faults_(std::move(faults)),
      notes_(std::move(notes)) {}

std::shared_ptr<const Sample> SampleList::sample(int64_t index) const {
  return {samples_, &samples_->at(static_cast<size_t>(index))};
}

SampleLength SampleList::length(int64_t index) const {
  return sample_length(samples_->at(static_cast<size_t>(index)));
}

std::shared_ptr<const Dataset> open_dataset_to_check(const std::filesystem::path& path) {
  std::vector<Sample> samples;
  std::vector<DataFault> faults;
  std::vector<std::string> notes =
      read_entries(path, {.sample = [&](Sample sample) { samples.push_back(std::move(sample)); },
                          .fault =
                              [&](DataFault fault) {
                                faults.push_back(std::move(fault));
                              }});
  return std::make_shared<const SampleList>(std::move(samples), std::move(faults), std::move(notes));
}

std::shared_ptr<const Dataset> open_dataset(const std::filesystem::path& path) {
  auto dataset = open_dataset_to_check(path);
  if (dataset->size() == 0)
    throw UserError(fmt::format("{}: none of the {} samples can be used; {}", path.string(), dataset->entries(),
                                dataset->faults().front().message()));
  return dataset;
}

}  // namespace llavakd
