// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/image/image_ref.h"
#include "core/image/processor.h"
#include "core/io/row_store.h"
#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd {

/// SHA-256 of everything that a model's numbers depend on except its input: weights of the parts, configuration,
/// images' preparation, device, threads and versions. A cache of another identity is another file.
std::string cache_identity(const MultimodalModel& model, const ImageProcessor& processor,
                           const std::vector<std::string>& parts, AspectRatio aspect);

/// Content hashes of images, each read once. May be used by several threads.
class ImageHashes {
 public:
  /// Empty for one that can't be read.
  std::string of(const ImageRef& image);

 private:
  std::mutex mutex_;
  std::unordered_map<ImageRef, std::string> hashes_;
};

/// A frozen tower's features on disk, one entry an image.
class VisionFeatureStore {
 public:
  /// `model` must outlive this; its tower sees what `processor` makes of images.
  VisionFeatureStore(const std::filesystem::path& folder, const MultimodalModel& model, const ImageProcessor& processor,
                     AspectRatio aspect, std::shared_ptr<ImageHashes> hashes);

  /// Whether the image needn't be decoded. Called from worker threads.
  bool holds(const ImageRef& image);
  /// [feature_tokens, vision_width] on the model's device, or nothing.
  std::optional<at::Tensor> read(const ImageRef& image);
  void write(const ImageRef& image, const at::Tensor& features);

  RowStore& rows() { return rows_; }

 private:
  VisionFeatureStore(const std::filesystem::path& folder, const MultimodalModel& model,
                     std::shared_ptr<ImageHashes> hashes, const std::string& identity);

  const MultimodalModel& model_;
  const std::shared_ptr<ImageHashes> hashes_;
  const std::vector<int64_t> shape_;
  RowStore rows_;
};

/// A teacher's final hidden states on disk, one entry a sample: the rows that losses read, exact.
class TeacherStore {
 public:
  /// `teacher` must outlive this.
  TeacherStore(const std::filesystem::path& folder, const MultimodalModel& teacher, const ImageProcessor& processor,
               AspectRatio aspect, std::shared_ptr<ImageHashes> hashes);

  /// Hidden states [tokens, width] of a sample with these images, 0 in the rows that no loss reads; or nothing.
  std::optional<at::Tensor> read(const Sequence& sequence, const std::vector<ImageRef>& images);
  /// `hidden` [tokens, width].
  void write(const Sequence& sequence, const std::vector<ImageRef>& images, const at::Tensor& hidden);

  RowStore& rows() { return rows_; }

 private:
  TeacherStore(const std::filesystem::path& folder, const MultimodalModel& teacher, std::shared_ptr<ImageHashes> hashes,
               const std::string& identity);
  std::string key_of(const Sequence& sequence, const std::vector<ImageRef>& images);

  const MultimodalModel& teacher_;
  const std::shared_ptr<ImageHashes> hashes_;
  RowStore rows_;
};

/// Positions of a sequence that some loss may read, in order: those before a label and the visual ones.
std::vector<int64_t> rows_of_losses(const Sequence& sequence);

}  // namespace llavakd
