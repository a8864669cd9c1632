// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <utility>

#include "core/base/errors.h"

namespace llavakd {

/// A run cannot go on because of one sample, whose id this has.
class SampleError : public RunError {
 public:
  SampleError(std::string message, std::string sample) : RunError(std::move(message)), sample_(std::move(sample)) {}
  const std::string& sample() const { return sample_; }

 private:
  std::string sample_;
};

}  // namespace llavakd
