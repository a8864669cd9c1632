// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

#include "core/models/multimodal_model.h"
#include "core/training/batch.h"
#include "core/training/feature_cache.h"
#include "core/training/gradient_buffer.h"

namespace llavakd {

/// Where a sample that goes through the models alone first gives something that is not a number: "the student's layer 3
/// of the language model is the first whose values aren't". Computes it again, part by part, and halves the decoder's
/// layers. Empty where everything up to the loss is finite. `load_pixels`: of images without pixels.
std::string broken_layer(const MultimodalModel* teacher, const MultimodalModel& student, const MicroBatch& sample,
                         const FeatureCache::LoadPixels& load_pixels);

/// Where a gradient that isn't finite begins: at the parameter that is nearest to the loss; with how many there are.
/// `parameters` are those that the buffer was made of. Empty where all are finite.
std::string broken_gradient(const TensorMap& parameters, GradientBuffer& gradients);

}  // namespace llavakd
