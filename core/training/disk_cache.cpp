// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/disk_cache.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <set>

#include "core/base/errors.h"
#include "core/base/sha256.h"
#include "core/image/processor_text.h"
#include "core/kernels/kernel_backends.h"
#include "core/losses/rows.h"
#include "core/model_spec/model_config.h"

namespace llavakd {
namespace {

std::string_view bytes_of(const at::Tensor& contiguous) {
  return {static_cast<const char*>(contiguous.const_data_ptr()), contiguous.nbytes()};
}

std::span<const std::byte> span_of(const at::Tensor& contiguous) {
  return {static_cast<const std::byte*>(contiguous.const_data_ptr()), contiguous.nbytes()};
}

std::string_view bytes_of(const std::vector<int64_t>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(int64_t)};
}

std::filesystem::path file_in(const std::filesystem::path& folder, std::string_view kind, const std::string& identity) {
  return folder / fmt::format("{}-{}.rows", kind, identity.substr(0, 16));
}

at::Tensor row_index(const Sequence& sequence) {
  return at::tensor(rows_of_losses(sequence), at::kLong);
}

}  // namespace

std::string cache_identity(const MultimodalModel& model, const ImageProcessor& processor,
                           const std::vector<std::string>& parts, AspectRatio aspect) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, tensor] : model.parameters())
    if (std::ranges::count(parts, part_of(name)) > 0) tensors.emplace_back(name, tensor);
  std::vector<std::string> hashes(tensors.size());
  at::parallel_for(0, static_cast<int64_t>(tensors.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      hashes[i] = sha256(bytes_of(tensors[i].second.detach().to(at::kCPU).contiguous()));
  });
  const at::Tensor& head = model.head_weight();
  const ModelConfig& config = model.config();
  std::string text =
      fmt::format("{} {} {} {} {} {} {} {} {} {} {}\n", LLAVAKD_VERSION, TORCH_VERSION, at::get_cpu_capability(),
                  at::get_num_threads(), to_string(current_backends()), head.device().str(),
                  at::toString(head.scalar_type()), config.vision_feature_layer, config.vision_feature_select_strategy,
                  static_cast<int>(aspect), processor_text(processor));
  text += write_model_config(config, "").dump();
  for (size_t i = 0; i < tensors.size(); ++i) text += fmt::format("\n{} {}", tensors[i].first, hashes[i]);
  return sha256(text);
}

std::string ImageHashes::of(const ImageRef& image) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = hashes_.find(image);
    if (found != hashes_.end()) return found->second;
  }
  std::string hash;
  try {
    hash = content_hash(image);
  } catch (const UserError&) {
    return "";
  }
  const std::scoped_lock lock(mutex_);
  return hashes_.emplace(image, std::move(hash)).first->second;
}

VisionFeatureStore::VisionFeatureStore(const std::filesystem::path& folder, const MultimodalModel& model,
                                       const ImageProcessor& processor, AspectRatio aspect,
                                       std::shared_ptr<ImageHashes> hashes)
    : VisionFeatureStore(folder, model, std::move(hashes), cache_identity(model, processor, {"vision_tower"}, aspect)) {
}

VisionFeatureStore::VisionFeatureStore(const std::filesystem::path& folder, const MultimodalModel& model,
                                       std::shared_ptr<ImageHashes> hashes, const std::string& identity)
    : model_(model),
      hashes_(std::move(hashes)),
      shape_({model.config().feature_tokens(), model.config().vision.hidden_size}),
      rows_(file_in(folder, "vision", identity), identity) {}

bool VisionFeatureStore::holds(const ImageRef& image) {
  const std::string key = hashes_->of(image);
  const auto size = static_cast<size_t>(shape_[0] * shape_[1]) * model_.head_weight().element_size();
  return !key.empty() && rows_.holds(key, size);
}

std::optional<at::Tensor> VisionFeatureStore::read(const ImageRef& image) {
  const std::string key = hashes_->of(image);
  if (key.empty()) return std::nullopt;
  const at::Tensor& head = model_.head_weight();
  at::Tensor features = at::empty(shape_, head.options().device(at::kCPU).requires_grad(false));
  if (!rows_.read(key, {static_cast<std::byte*>(features.mutable_data_ptr()), features.nbytes()})) return std::nullopt;
  return features.to(head.device());
}

void VisionFeatureStore::write(const ImageRef& image, const at::Tensor& features) {
  const std::string key = hashes_->of(image);
  TORCH_CHECK(features.sizes() == at::IntArrayRef(shape_), "features of shape ", features.sizes());
  if (!key.empty()) rows_.append(key, span_of(features.detach().to(at::kCPU).contiguous()));
}

TeacherStore::TeacherStore(const std::filesystem::path& folder, const MultimodalModel& teacher,
                           const ImageProcessor& processor, AspectRatio aspect, std::shared_ptr<ImageHashes> hashes)
    : TeacherStore(folder, teacher, std::move(hashes),
                   cache_identity(teacher, processor, {"vision_tower", "connector", "language_model"}, aspect)) {}

TeacherStore::TeacherStore(const std::filesystem::path& folder, const MultimodalModel& teacher,
                           std::shared_ptr<ImageHashes> hashes, const std::string& identity)
    : teacher_(teacher), hashes_(std::move(hashes)), rows_(file_in(folder, "teacher", identity), identity) {}

std::string TeacherStore::key_of(const Sequence& sequence, const std::vector<ImageRef>& images) {
  Sha256 hash;
  hash.add(bytes_of({static_cast<int64_t>(sequence.input_ids.size())}));
  hash.add(bytes_of(sequence.input_ids));
  hash.add(bytes_of(sequence.labels));
  for (const ImageRef& image : images) {
    const std::string key = hashes_->of(image);
    if (key.empty()) return "";
    hash.add(key);
  }
  return hash.finish();
}

std::optional<at::Tensor> TeacherStore::read(const Sequence& sequence, const std::vector<ImageRef>& images) {
  const std::string key = key_of(sequence, images);
  if (key.empty()) return std::nullopt;
  const at::Tensor& head = teacher_.head_weight();
  const at::TensorOptions options = head.options().requires_grad(false);
  const at::Tensor index = row_index(sequence);
  at::Tensor rows = at::empty({index.size(0), head.size(1)}, options.device(at::kCPU));
  if (!rows_.read(key, {static_cast<std::byte*>(rows.mutable_data_ptr()), rows.nbytes()})) return std::nullopt;
  const auto tokens = static_cast<int64_t>(sequence.input_ids.size());
  return at::zeros({tokens, head.size(1)}, options).index_copy_(0, index.to(head.device()), rows.to(head.device()));
}

void TeacherStore::write(const Sequence& sequence, const std::vector<ImageRef>& images, const at::Tensor& hidden) {
  const std::string key = key_of(sequence, images);
  if (key.empty()) return;
  const at::Tensor rows = hidden.detach().index_select(0, row_index(sequence).to(hidden.device()));
  rows_.append(key, span_of(rows.to(at::kCPU).contiguous()));
}

std::vector<int64_t> rows_of_losses(const Sequence& sequence) {
  const auto tokens = static_cast<int64_t>(sequence.input_ids.size());
  std::set<int64_t> rows;
  for (const Rows& some : {response_rows({sequence}, tokens), visual_rows({sequence}, tokens)})
    rows.insert(some.index.begin(), some.index.end());
  return {rows.begin(), rows.end()};
}

}  // namespace llavakd
