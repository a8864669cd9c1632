// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/checkpoint/open_checkpoint.h"
#include "core/image/image_ref.h"
#include "core/image/processor.h"
#include "core/models/multimodal_model.h"
#include "core/project/options.h"
#include "core/text/tokenizer.h"

namespace llavakd {

/// A model with what turns texts and images into its input.
struct LoadedModel {
  MultimodalModel model;
  Tokenizer tokenizer;
  ImageProcessor processor;
  std::filesystem::path folder;
  std::vector<int64_t> end_ids = {};  ///< Any of them ends an answer: generation_config.json's, else config.json's.
  bool accepts_images = true;         ///< False for a language model alone, which refuses images.
};

/// Opens a checkpoint folder. The processor is that of the folder's files (image_processor_folder), or the tower's
/// usual one where they say nothing. Throws UserError.
LoadedModel load_model(const std::filesystem::path& checkpoint, const OpenOptions& options = {});

/// The same, and also bare language models (folders or GGUF files) to be asked in text alone.
LoadedModel load_for_text(const std::filesystem::path& path, const OpenOptions& options = {});

/// The project's student as training begins: its checkpoint, or its parts with a fresh connector from the run's seed.
LoadedModel load_student(const Project& project, const std::filesystem::path& project_file,
                         const OpenOptions& options = {});

/// The project's teacher. Throws UserError when the project names none.
LoadedModel load_teacher(const Project& project, const std::filesystem::path& project_file,
                         const OpenOptions& options = {});

/// The model folder of the newest checkpoint of the project's newest run that has one.
std::optional<std::filesystem::path> newest_model(const std::filesystem::path& project_file);

/// Images as the tower's input, float32 [images, 3, H, W]; undefined for none. Throws UserError for a broken image.
at::Tensor load_pixels(const LoadedModel& model, const std::vector<ImageRef>& images, AspectRatio aspect);

/// `asked` ("square" or "pad"), or where nothing is asked what the model's config says. Throws UserError for other
/// names.
AspectRatio aspect_of(const LoadedModel& model, const std::string& asked);

/// Refuses a pair whose losses would compare different things: other visual tokens or other meanings of ids.
void refuse_mismatch(const LoadedModel& teacher, const LoadedModel& student);

/// The second half of it: other meanings of ids.
void refuse_other_ids(const LoadedModel& teacher, const LoadedModel& student);

/// Why no model can be opened on the device of that name, without a full stop; or nothing.
std::optional<std::string> device_fault(const std::string& name);

/// The device of `run.device`: an accelerator for "auto" where there is one. Throws UserError for "cuda" without one.
at::Device device_of(const std::string& name);

/// kFloat or kBFloat16. Throws UserError for a name that nothing here computes in.
at::ScalarType precision_of(const std::string& name);

}  // namespace llavakd
