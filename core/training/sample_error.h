// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <utility>

#include "core/base/errors.h"

namespace llavakd {

/// A loss or a gradient is not a number; run.not_a_number says what a run does then.
class NotANumberError : public RunError {
 public:
  using RunError::RunError;
};

/// The same because of one sample.
class SampleError : public NotANumberError {
 public:
  /// `finding` is the beginning of a sentence: "ce is not a number for sample “a-1”"; `place` where it begins
  /// (broken_layer()), or empty.
  SampleError(const std::string& finding, std::string sample, const std::string& place = {})
      : NotANumberError(joined(finding, place) +
                        ". Look at that sample, or lower the learning rate; the last checkpoint is still good."),
        finding_(joined(finding, place)),
        sample_(std::move(sample)) {}

  /// With the place, where it is known.
  const std::string& finding() const { return finding_; }
  const std::string& sample() const { return sample_; }

 private:
  static std::string joined(const std::string& finding, const std::string& place) {
    return place.empty() ? finding : finding + ": " + place;
  }

  std::string finding_, sample_;
};

}  // namespace llavakd
