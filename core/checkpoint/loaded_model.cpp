// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/loaded_model.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/checkpoint/training_state.h"
#include "core/image/decode.h"
#include "core/image/processor_text.h"
#include "core/io/config_json.h"
#include "core/io/mapped_file.h"
#include "core/model_spec/foreign_config.h"
#include "core/model_spec/load_tokenizer.h"
#include "core/model_spec/model_tensors.h"
#include "core/project/project_file.h"
#include "core/run/run_list.h"

namespace llavakd {
namespace {

LoadedModel complete(Checkpoint checkpoint, const std::filesystem::path& processor_folder) {
  const VisionConfig& vision = checkpoint.config.vision;
  Tokenizer tokenizer = load_tokenizer(checkpoint.folder);
  const ImageProcessor processor =
      processor_of_folder(image_processor_folder(processor_folder), vision.model_type, vision.image_size);
  std::vector<int64_t> ends = end_tokens_of(checkpoint.folder, checkpoint.config.language.eos_token_ids);
  refuse_changed_mappings();  // what was converted or copied of them
  return {MultimodalModel(std::move(checkpoint.config), std::move(checkpoint.parameters)),
          std::move(tokenizer),
          processor,
          checkpoint.folder,
          std::move(ends),
          true};
}

bool has_accelerator() {
  return at::accelerator::getAccelerator() && at::accelerator::deviceCount() > 0;
}

}  // namespace

LoadedModel load_model(const std::filesystem::path& checkpoint, const OpenOptions& options) {
  return complete(open_checkpoint(checkpoint, options), checkpoint);
}

LoadedModel load_for_text(const std::filesystem::path& path, const OpenOptions& options) {
  if (detect_layout(path) != "language_model") return load_model(path, options);
  LoadedModel model = complete(open_language_model(path, options), path);
  model.accepts_images = false;
  return model;
}

LoadedModel load_student(const Project& project, const std::filesystem::path& project_file,
                         const OpenOptions& options) {
  const StudentOptions& student = project.student;
  if (!student.checkpoint.empty()) return load_model(resolve(project_file, student.checkpoint), options);
  if (student.language_model.empty() || student.vision_tower.empty())
    throw UserError(fmt::format("{}: the student needs a checkpoint, or a language_model and a vision_tower.",
                                project_file.string()));
  const auto tower = resolve(project_file, student.vision_tower);
  const std::string connector = student.connector.empty() ? "mlp2x_gelu" : student.connector;
  return complete(open_parts(resolve(project_file, student.language_model), tower, connector,
                             static_cast<uint64_t>(project.run.seed), options, student.num_queries),
                  tower);
}

LoadedModel load_teacher(const Project& project, const std::filesystem::path& project_file,
                         const OpenOptions& options) {
  if (project.teacher.checkpoint.empty())
    throw UserError(
        fmt::format("{}: a stage distils, but teacher.checkpoint is empty. Choose a teacher.", project_file.string()));
  return load_model(resolve(project_file, project.teacher.checkpoint), options);
}

std::optional<std::filesystem::path> newest_model(const std::filesystem::path& project_file) {
  for (const auto& run : list_runs(project_file))
    if (const auto checkpoint = latest_training_checkpoint(run.checkpoints())) return *checkpoint / "model";
  return std::nullopt;
}

at::Tensor load_pixels(const LoadedModel& model, const std::vector<ImageRef>& images, AspectRatio aspect) {
  if (images.empty()) return {};
  if (!model.accepts_images)
    throw UserError(
        fmt::format("{} is a language model alone; it can't look at {}.", model.folder.string(), images.front().key()));
  std::vector<at::Tensor> pixels;
  for (const ImageRef& image : images) {
    const auto values = pixel_values(read_image(image), model.processor, aspect);
    pixels.push_back(at::tensor(values, at::kFloat).view({3, model.processor.height, model.processor.width}));
  }
  return at::stack(pixels);
}

AspectRatio aspect_of(const LoadedModel& model, const std::string& asked) {
  return aspect_ratio_from_name(asked.empty() ? model.model.config().image_aspect_ratio : asked);
}

void refuse_mismatch(const LoadedModel& teacher, const LoadedModel& student) {
  const int64_t teacher_tokens = teacher.model.config().visual_tokens();
  const int64_t student_tokens = student.model.config().visual_tokens();
  if (teacher_tokens != student_tokens)
    throw UserError(
        fmt::format("The teacher ({}) makes {} visual tokens of a picture, the student ({}) {}; distillation "
                    "compares them one by one. Use towers with equally many.",
                    teacher.folder.string(), teacher_tokens, student.folder.string(), student_tokens));
  refuse_other_ids(teacher, student);
}

void refuse_other_ids(const LoadedModel& teacher, const LoadedModel& student) {
  if (const auto token = first_difference(teacher.tokenizer, student.tokenizer))
    throw UserError(
        fmt::format("The vocabularies don't fit: teacher ({}) and student ({}) give different ids to {}. "
                    "Distillation on logits needs the same tokenizer.",
                    teacher.folder.string(), student.folder.string(), *token));
}

std::optional<std::string> device_fault(const std::string& name) {
  if (name == "cpu" || name == "auto" || has_accelerator()) return std::nullopt;
  return fmt::format("run.device is \"{}\", but no accelerator was found", name);
}

at::Device device_of(const std::string& name) {
  if (name == "cpu" || (name == "auto" && !has_accelerator())) return at::kCPU;
  if (const auto fault = device_fault(name))
    throw UserError(*fault + ". Use \"cpu\" or \"auto\", or a CUDA build of LibTorch (LLAVAKD_TORCH).");
  // The relations' 1 - cos lives in digits that TF32 drops, whatever the environment asks for.
  at::globalContext().setFloat32MatmulPrecision("highest");
  return at::Device(*at::accelerator::getAccelerator(), 0);
}

at::ScalarType precision_of(const std::string& name) {
  if (name == "bf16") return at::kBFloat16;
  if (name == "fp32") return at::kFloat;
  throw UserError(fmt::format("The precision \"{}\" can't be computed in; known: fp32, bf16.", name));
}

}  // namespace llavakd
