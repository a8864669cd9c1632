// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/new_project.h"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <set>
#include <vector>

#include "core/base/errors.h"
#include "core/data/emoji/make_emoji_data.h"
#include "core/io/atomic_file.h"
#include "core/io/interruption.h"
#include "core/project/catalog.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// The folder of ready projects: next to the installed program, or in the source tree that it was built from.
fs::path ready_projects() {
  std::error_code error;
  const fs::path installed =
      fs::read_symlink("/proc/self/exe", error).parent_path() / "../share/llavakd-studio/projects";
  if (fs::is_directory(installed, error)) return installed;
  if (fs::is_directory(LLAVAKD_SOURCE_PROJECTS, error)) return LLAVAKD_SOURCE_PROJECTS;
  throw UserError(fmt::format("The ready projects are missing: neither {} nor {} is there. Install the program again.",
                              installed.lexically_normal().string(), LLAVAKD_SOURCE_PROJECTS));
}

/// Folders `models/<name>` that the project's models point to.
std::set<std::string> needed_models(const Project& project) {
  std::set<std::string> names;
  for (const auto& path : {project.teacher.checkpoint, project.student.checkpoint, project.student.language_model,
                           project.student.vision_tower})
    if (path.starts_with("models/")) names.insert(path.substr(7));
  return names;
}

/// Copies a folder of models so that it appears whole or not at all.
void copy_model(const fs::path& from, const fs::path& to) {
  if (fs::exists(to)) return;
  if (!fs::is_directory(from)) throw UserError(fmt::format("{} is missing. Install the program again.", from.string()));
  AtomicFolder folder(to);
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const fs::path target = folder.partial() / entry.path().lexically_relative(from);
    if (entry.is_directory())
      fs::create_directories(target);
    else
      copy_file_atomically(entry.path(), target);
  }
  folder.commit();
}

/// What a new project has put on the disk; removed again unless the project was finished.
class MadeSoFar {
 public:
  explicit MadeSoFar(const fs::path& folder) {
    for (fs::path path = fs::absolute(folder); !path.empty() && !fs::exists(path, error_); path = path.parent_path())
      folders_.push_back(path);
  }
  MadeSoFar(const MadeSoFar&) = delete;
  MadeSoFar& operator=(const MadeSoFar&) = delete;
  ~MadeSoFar() {
    std::error_code ignored;
    for (const fs::path& path : trees_) fs::remove_all(path, ignored);
    for (const fs::path& path : folders_) fs::remove(path, ignored);  // where somebody else's file came in, it stays
  }

  /// Before a folder of ours is made or completed: what was there already stays.
  void about_to_make(const fs::path& tree) {
    if (!fs::exists(tree, error_)) trees_.push_back(tree);
  }
  void keep() {
    trees_.clear();
    folders_.clear();
  }

 private:
  HalfMade half_made_;
  std::error_code error_;
  std::vector<fs::path> trees_, folders_;
};

}  // namespace

fs::path new_project(const std::string& name, const fs::path& folder,
                     const std::function<void(std::string_view, int, int)>& progress) {
  find(catalog::project_templates(), name, "project template");
  const fs::path file = folder / (name + ".kdproj");
  if (fs::exists(file))
    throw UserError(fmt::format("{} exists already. Open it, or choose another folder.", file.string()));
  const fs::path ready = ready_projects();
  const Project project = load_project(ready / name / "project.kdproj");
  MadeSoFar made(folder);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UserError(fmt::format("{} can't be made: {}.", folder.string(), error.message()));
  if (access(folder.c_str(), W_OK) != 0)
    throw UserError(fmt::format("{} is closed to you. Choose a folder that you may write to.", folder.string()));
  made.about_to_make(folder / "models");
  for (const auto& model : needed_models(project)) {
    made.about_to_make(folder / "models" / model);
    copy_model(ready / "emoji" / "models" / model, folder / "models" / model);
  }
  if (name.starts_with("emoji")) {
    EmojiDataOptions options;
    options.teacher = name == "emoji-teacher";
    made.about_to_make(folder / "data");
    make_emoji_data(folder / "data", options, progress);
  }
  save_project(project, file);
  made.keep();
  return file;
}

}  // namespace llavakd
