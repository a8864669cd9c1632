// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/project_inputs.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/errors.h"
#include "core/data/image_file.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// Whether a file in the folder of a model or of data is no part of it: hidden, or a description for people.
bool is_no_input(const fs::path& file) {
  return file.filename().string().starts_with('.') || file.extension() == ".md";
}

class Collector {
 public:
  explicit Collector(const fs::path& project_file) : project_file_(project_file) {
    inputs_.project_folder = fs::absolute(project_file).parent_path();
  }

  /// A file or a folder that an option names.
  void add(const std::string& option, bool needed) {
    if (option.empty()) return;
    const fs::path whole = resolve(project_file_, option);
    inputs_.named.push_back({.path = whole, .needed = needed});
    std::error_code error;
    if (fs::is_regular_file(whole, error)) inputs_.files.push_back({.path = whole, .needed = needed});
    if (!fs::is_directory(whole, error)) return;
    // A folder that can't be read hides its own files only.
    using Iterator = fs::recursive_directory_iterator;
    Iterator entry(whole, fs::directory_options::skip_permission_denied, error);
    for (; entry != Iterator(); entry.increment(error)) {
      if (is_no_input(entry->path())) {
        if (entry->is_directory(error)) entry.disable_recursion_pending();
      } else if (entry->is_regular_file(error)) {
        inputs_.files.push_back({.path = entry->path(), .needed = needed});
      }
    }
  }

  void add_images(const Dataset& dataset, const fs::path& folder, bool needed) {
    for (int64_t i = 0; i < dataset.size(); ++i)
      for (const auto sample = dataset.sample(i); const ImageRef& named : sample->images) try {
          const ImageRef image = find_image(folder, named);
          // A file that holds many is compared once, as a whole.
          if (image.is_file() || containers_.emplace(image.file, needed).second)
            inputs_.files.push_back({.path = image.file, .is_image = image.is_file(), .needed = needed});
        } catch (const UserError&) {
          continue;  // the run leaves the sample out and warns of it
        }
  }

  void add_images_of(const EvaluationOptions& evaluation) try {
    add_images(*open_dataset(resolve(project_file_, evaluation.file)),
               images_folder(project_file_, evaluation.file, evaluation.images), true);
  } catch (const UserError&) {
    return;  // the evaluation reports it
  }

  InputFiles take() {
    auto& files = inputs_.files;
    // A file that several things read is needed if one of them reads it again.
    std::ranges::sort(files, [](const InputFile& a, const InputFile& b) {
      if (a.path.native() != b.path.native()) return a.path.native() < b.path.native();
      return a.needed != b.needed ? a.needed : a.is_image < b.is_image;
    });
    const auto same = [](const InputFile& a, const InputFile& b) {
      return a.path.native() == b.path.native();
    };
    files.erase(std::unique(files.begin(), files.end(), same), files.end());
    return std::move(inputs_);
  }

 private:
  const fs::path& project_file_;
  InputFiles inputs_;
  std::set<std::pair<std::string, bool>> containers_;  ///< With whether they are needed.
};

}  // namespace

InputFiles input_files(const Project& project, const fs::path& project_file, const DatasetOfStage& dataset_of,
                       const InputsFrom& from) {
  Collector collector(project_file);
  collector.add(project.teacher.checkpoint, true);
  for (const std::string& path :
       {project.student.checkpoint, project.student.language_model, project.student.vision_tower})
    collector.add(path, from.untrained_student);
  const std::vector<StageOptions> stages = scheduled_stages(project);
  for (size_t i = 0; i < stages.size(); ++i) {
    collector.add(stages[i].data, i >= from.stage_index);
    collector.add_images(dataset_of(stages[i]), images_folder(project_file, stages[i].data, stages[i].images),
                         i >= from.stage_index);
  }
  for (const EvaluationOptions& evaluation : project.evaluations) {
    collector.add(evaluation.file, true);
    collector.add_images_of(evaluation);
  }
  for (const ProbeOptions& probe : project.probes) collector.add(probe.image, true);
  return collector.take();
}

}  // namespace llavakd
