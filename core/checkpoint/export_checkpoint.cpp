// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/export_checkpoint.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>

#include "core/base/errors.h"
#include "core/checkpoint/part_folders.h"
#include "core/checkpoint/save_checkpoint.h"
#include "core/checkpoint/tensor_io.h"
#include "core/io/atomic_file.h"
#include "core/io/dtype.h"
#include "core/models/multimodal_model.h"
#include "core/text/segments.h"

namespace llavakd {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kTextTokens = 24;

void refuse_used_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return;
  if (!fs::is_directory(folder, error)) {
    throw UserError(fmt::format("{} is a file. Name a new folder for the export.", folder.string()));
  }
  if (!fs::is_empty(folder, error) || error) {
    throw UserError(fmt::format("{} is not empty. Name a new folder, or empty this one first.", folder.string()));
  }
}

/// Rounds as the file will: what must come back. Values beyond float16's range would become infinity.
TensorMap round_all(const TensorMap& parameters, at::ScalarType precision, ExportReport& report) {
  TensorMap rounded;
  for (const auto& [name, weight] : parameters) {
    const at::Tensor source = weight.to(at::kCPU, at::kFloat);
    const at::Tensor copy = source.to(precision).to(at::kFloat);
    const double difference = source.numel() ? (copy - source).abs().max().item<double>() : 0.0;
    if (!std::isfinite(difference)) {
      throw UserError(fmt::format("{} has values that {} can't hold. Export with --precision bf16 or fp32.", name,
                                  torch_name_of(dtype_of(precision))));
    }
    report.rounded_tensors += difference > 0;
    report.largest_rounding = std::max(report.largest_rounding, difference);
    report.tensors += 1;
    report.parameters += source.numel();
    rounded.emplace(name, copy);
  }
  return rounded;
}

void prove(const Checkpoint& copy, const Checkpoint& source, const TensorMap& rounded, const std::string& dtype) {
  const auto expected = write_model_config(source.config, dtype);
  if (write_model_config(copy.config, dtype) != expected) {
    throw RunError("The exported config.json doesn't read back as the source's. Nothing was exported.");
  }
  for (const auto& [name, weight] : rounded) {
    const auto found = copy.parameters.find(name);
    if (found == copy.parameters.end() || !at::equal(found->second, weight)) {
      throw RunError(fmt::format("{} doesn't read back as it was written. Nothing was exported.", name));
    }
  }
  if (copy.parameters.size() != rounded.size()) {
    throw RunError("The copy has tensors that the source lacks. Nothing was exported.");
  }
}

at::Tensor logits_of(const Checkpoint& checkpoint, const at::Tensor& pixels, const at::Tensor& ids) {
  const MultimodalModel model(checkpoint.config, checkpoint.parameters);
  const at::Tensor visual = model.connect(model.vision_features(pixels));
  const at::Tensor embeddings = model.embed(ids, visual, {checkpoint.config.visual_tokens()});
  return model.logits(model.hidden_states(embeddings, {}));
}

uint64_t weight_bytes(const fs::path& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension == ".safetensors" || extension == ".bin") bytes += entry.file_size();
  }
  return bytes;
}

}  // namespace

LogitDifference compare_logits(const Checkpoint& first, const Checkpoint& second, uint64_t seed) {
  const at::NoGradGuard no_gradients;
  const VisionConfig& vision = first.config.vision;
  auto generator = at::detail::createCPUGenerator(seed);
  const at::Tensor pixels =
      at::randn({1, vision.num_channels, vision.image_size, vision.image_size}, generator, at::kFloat);
  const at::Tensor text = at::randint(0, first.config.language.vocab_size, {kTextTokens}, generator, at::kLong);
  const at::Tensor image_tokens = at::full({first.config.visual_tokens()}, image_token_index, at::kLong);
  const at::Tensor ids = at::cat({text.slice(0, 0, 4), image_tokens, text.slice(0, 4)}).unsqueeze(0);
  const at::Tensor a = logits_of(first, pixels, ids);
  const at::Tensor b = logits_of(second, pixels, ids);
  return {(a - b).abs().max().item<double>(), a.abs().max().item<double>()};
}

ExportReport export_checkpoint(const Checkpoint& source, const std::string& layout, const fs::path& folder,
                               at::ScalarType precision, uint64_t seed) {
  if (layout != "hf" && layout != "split" && layout != "parts") {
    throw UserError(fmt::format("There is no layout \"{}\" to export to; known: hf, split, parts.", layout));
  }
  refuse_used_folder(folder);
  ExportReport report;
  report.from_layout = source.layout;
  report.precision = torch_name_of(dtype_of(precision));
  const TensorMap rounded = round_all(source.parameters, precision, report);

  AtomicFolder building(folder);
  if (layout == "hf") {
    write_checkpoint(building.partial(), source.config, source.parameters, {precision, source.folder, {}});
  } else {
    (layout == "split" ? write_split : write_parts)(building.partial(), source, precision);
  }
  const Checkpoint copy = open_checkpoint(building.partial());
  prove(copy, source, rounded, report.precision);
  const LogitDifference logits = compare_logits(source, copy, seed);
  report.logit_difference = logits.difference;
  report.largest_logit = logits.largest;
  report.bytes = weight_bytes(building.partial());
  building.commit();
  return report;
}

}  // namespace llavakd
