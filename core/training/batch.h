// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/data/loader.h"
#include "core/text/segments.h"

namespace llavakd {

/// Samples that go through the models together.
struct MicroBatch {
  std::vector<Sequence> sequences;
  std::vector<ImageRef> images;    ///< Each image of the sequences, in order.
  std::vector<at::Tensor> pixels;  ///< float32 [3, H, W] of each; undefined where the features are kept already.

  int64_t tokens() const;  ///< Visual ones included.
};

/// The samples of one optimizer step. Those without labels are left out: they would add nothing but 0/0.
struct StepBatch {
  std::vector<MicroBatch> micro_batches;
  int64_t samples = 0;                 ///< That are learnt from: what the step's gradient is divided by.
  std::vector<std::string> skipped;    ///< "id: reason" of the others.
  size_t told = 0;                     ///< Of `skipped`, at its end: a warning has named them already.
  std::vector<std::string> truncated;  ///< Keys of images that are cut short and used as far as they go.
};

/// Leaves out the samples that can't be learnt from and cuts the others into micro-batches: in their order where each
/// is alone, else by falling length, so that little is padded. `side` is the pictures' height and width.
StepBatch make_step_batch(std::vector<PreparedSample> samples, int64_t micro_batch_size, int64_t side);

/// Samples `first` to `first + count - 1` of a micro-batch.
MicroBatch part(const MicroBatch& batch, size_t first, size_t count);

/// The batch without the samples of that id, which join the skipped ones for the reason, as told.
StepBatch without_sample(const StepBatch& batch, const std::string& id, const std::string& reason);

/// The same samples in the same order with at most `size` of them together.
StepBatch split_micro_batches(const StepBatch& batch, int64_t size);

}  // namespace llavakd
