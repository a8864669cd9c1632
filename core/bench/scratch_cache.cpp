// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bench/scratch_cache.h"

#include <stdlib.h>

#include <fstream>

#include "core/base/errors.h"
#include "core/training/disk_cache.h"

namespace llavakd {
namespace {

/// The caches take models with their tokenizer, which given ids have no need of: one of a single word will do.
LoadedModel with_tokenizer(const MultimodalModel& model) {
  return {model,
          Tokenizer::from_parts({.where = "bench", .model = "gpt2", .pre_tokenizer = "gpt-2", .tokens = {"a"}}),
          {},
          {}};
}

}  // namespace

ScratchCache::ScratchCache(std::vector<PreparedSample>& samples) {
  std::string name = (std::filesystem::temp_directory_path() / "llavakd-bench-XXXXXX").string();
  if (!mkdtemp(name.data())) throw RunError(name + " can't be made: the folder for temporary files is closed or full.");
  folder_ = name;
  for (PreparedSample& sample : samples)
    for (size_t i = 0; i < sample.image_files.size(); ++i) {
      const auto file = folder_ / sample.image_files[i];
      const std::vector<float>& pixels = sample.pixel_values[i];
      std::ofstream stream(file, std::ios::binary);
      stream.write(reinterpret_cast<const char*>(pixels.data()),
                   static_cast<std::streamsize>(pixels.size() * sizeof(float)));
      sample.image_files[i] = file.string();
    }
}

ScratchCache::~ScratchCache() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ScratchCache::open(Forward::Plan& plan, const MultimodalModel* teacher, const MultimodalModel& student) {
  const auto hashes = std::make_shared<PictureHashes>();
  student_.emplace(with_tokenizer(student));
  plan.student_pictures = std::make_shared<PictureStore>(folder_, *student_, AspectRatio::square, hashes);
  if (!teacher) return;
  teacher_.emplace(with_tokenizer(*teacher));
  plan.teacher_pictures = plan.same_tower
                              ? plan.student_pictures
                              : std::make_shared<PictureStore>(folder_, *teacher_, AspectRatio::square, hashes);
  plan.teacher_hidden = std::make_shared<TeacherStore>(folder_, *teacher_, AspectRatio::square, hashes);
}

}  // namespace llavakd
