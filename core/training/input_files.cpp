// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/input_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/base/sha256.h"
#include "core/data/image_file.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// No part of a model or of data, whatever lies beside: a version control's files, a description for people.
bool is_aside(const fs::path& file) {
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
      if (is_aside(entry->path())) {
        if (entry->is_directory(error)) entry.disable_recursion_pending();
      } else if (entry->is_regular_file(error)) {
        inputs_.files.push_back({.path = entry->path(), .needed = needed});
      }
    }
  }

  void add_pictures(const Dataset& dataset, const fs::path& folder, bool needed) {
    for (int64_t i = 0; i < dataset.size(); ++i)
      for (const auto sample = dataset.sample(i); const ImageRef& named : sample->images) try {
          const ImageRef image = find_image(folder, named);
          // A file that holds many is compared once, as a whole.
          if (image.is_file() || containers_.emplace(image.file, needed).second)
            inputs_.files.push_back({.path = image.file, .picture = image.is_file(), .needed = needed});
        } catch (const UserError&) {
          continue;  // the sample is left out for it, and said
        }
  }

  void add_pictures_of(const EvaluationOptions& evaluation) try {
    add_pictures(*open_dataset(resolve(project_file_, evaluation.file)),
                 images_folder(project_file_, evaluation.file, evaluation.images), true);
  } catch (const UserError&) {
    return;  // the evaluation itself says so
  }

  InputFiles take() {
    auto& files = inputs_.files;
    // A file that several things read is needed if one of them reads it again.
    std::ranges::sort(files, [](const InputFile& a, const InputFile& b) {
      if (a.path.native() != b.path.native()) return a.path.native() < b.path.native();
      return a.needed != b.needed ? a.needed : a.picture < b.picture;
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

/// A file that is open for reading, or isn't.
class OpenFile {
 public:
  explicit OpenFile(const fs::path& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  int64_t size() const {
    struct stat status {};
    return descriptor_ >= 0 && fstat(descriptor_, &status) == 0 ? status.st_size : -1;
  }
  /// Adds `bytes` from `offset` on; false where the file ends before or can't be read.
  bool add_to(Sha256& hash, int64_t offset, int64_t bytes, const std::function<bool()>& stop) const {
    std::vector<char> buffer(static_cast<size_t>(std::min(bytes, int64_t{1} << 20)));
    while (bytes > 0) {
      if (stop && stop()) return false;
      const size_t most = std::min(buffer.size(), static_cast<size_t>(bytes));
      const ssize_t got = pread(descriptor_, buffer.data(), most, offset);
      if (got <= 0) return false;
      hash.add({buffer.data(), static_cast<size_t>(got)});
      offset += got;
      bytes -= got;
    }
    return true;
  }

 private:
  int descriptor_;
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
    collector.add_pictures(dataset_of(stages[i]), images_folder(project_file, stages[i].data, stages[i].images),
                           i >= from.stage_index);
  }
  for (const EvaluationOptions& evaluation : project.evaluations) {
    collector.add(evaluation.file, true);
    collector.add_pictures_of(evaluation);
  }
  for (const ProbeOptions& probe : project.probes) collector.add(probe.image, true);
  return collector.take();
}

std::string input_key(const InputFiles& inputs, const fs::path& path) {
  const std::string &whole = path.native(), &folder = inputs.project_folder.native();
  const bool inside = whole.size() > folder.size() && whole.starts_with(folder) && whole[folder.size()] == '/';
  return printable(inside ? std::string_view(whole).substr(folder.size() + 1) : whole, whole.size() * 4);
}

InputState look_at_input(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {.bytes = InputState::absent, .modified = InputState::absent};
  constexpr int64_t second = 1'000'000'000;
  return {.bytes = status.st_size, .modified = status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec};
}

std::string hash_of_input(const InputFile& file, const std::function<bool()>& stop) {
  constexpr int64_t end = 16 << 10;
  const OpenFile open(file.path);
  const int64_t bytes = open.size();
  if (bytes < 0) return {};
  Sha256 hash;
  if (!file.picture || bytes <= 2 * end) return open.add_to(hash, 0, bytes, stop) ? hash.finish() : std::string();
  hash.add(std::to_string(bytes));
  if (!open.add_to(hash, 0, end, stop) || !open.add_to(hash, bytes - end, end, stop)) return {};
  return hash.finish();
}

}  // namespace llavakd
