// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/bundle_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <set>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/interruption.h"
#include "core/project/option_traits.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

/// A content that is looked for.
struct Wanted {
  std::string hash;
  bool is_image = false;
  auto operator<=>(const Wanted&) const = default;
};

/// By size: of pictures and of other files the hash is another one.
using WantedBySize = std::map<int64_t, std::set<Wanted>>;

class InputSearch {
 public:
  InputSearch(const WantedBySize& wanted, const std::function<void(const fs::path&)>& progress)
      : wanted_(wanted), progress_(progress) {}

  void look_at(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return;
    const auto of_size = wanted_.find(static_cast<int64_t>(fs::file_size(file, error)));
    if (error || of_size == wanted_.end()) return;
    throw_if_interrupted();
    if (progress_) progress_(file);
    for (const bool is_image : {false, true}) {
      const auto of_kind = [&](const Wanted& each) {
        return each.is_image == is_image;
      };
      if (std::ranges::none_of(of_size->second, of_kind)) continue;
      const Wanted content{.hash = hash_of_input({.path = file, .is_image = is_image}), .is_image = is_image};
      if (of_size->second.contains(content)) found_.emplace(content, file);
    }
  }

  void look_below(const fs::path& place) {
    std::error_code error;
    if (!fs::is_directory(place, error)) return look_at(place);
    using Iterator = fs::recursive_directory_iterator;
    Iterator entry(place, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != Iterator(); entry.increment(error)) look_at(entry->path());
  }

  const fs::path* found(const Wanted& content) const {
    const auto file = found_.find(content);
    return file == found_.end() ? nullptr : &file->second;
  }

 private:
  const WantedBySize& wanted_;
  const std::function<void(const fs::path&)>& progress_;
  std::map<Wanted, fs::path> found_;
};

Wanted content_of(const NeededFile& file) {
  return {.hash = file.state.hash, .is_image = file.is_image};
}

/// Whether the run had taken the hash by its end.
bool has_content(const NeededFile& file) {
  return !file.state.hash.empty() && file.state.bytes >= 0;
}

std::string key_below(const BundleNeed& need, const std::string& name) {
  return name.empty() ? need.key : need.key.empty() ? name : need.key + "/" + name;
}

/// What somebody else's record calls a file must stay in the folder that it is put into.
void refuse_leading_out(const std::string& name) {
  const fs::path path(name);
  const bool leads_out = path.empty() || path.is_absolute() ||
                         std::ranges::any_of(path, [](const fs::path& part) { return part == ".." || part == "."; });
  if (leads_out || name.find('\0') != std::string::npos || name.ends_with('/'))
    throw UserError(fmt::format("The bundle names an input \"{}\", which leads out of its folder. Nothing is trained.",
                                printable(name, 200)));
}

void place_link(const fs::path& file, const fs::path& link) {
  fs::create_directories(link.parent_path());
  fs::create_symlink(fs::absolute(file), link);
}

/// Empties all options that name a file or a folder but these, also such as nobody has thought of here.
struct OtherPaths {
  const std::set<std::string>& kept;

  template <class T>
  void operator()(T& value, const Field& field) {
    if constexpr (std::is_same_v<T, std::string>) {
      const bool is_path = field.kind == FieldKind::file || field.kind == FieldKind::folder;
      if (is_path && !kept.contains(value)) value.clear();
    } else if constexpr (is_list<T>) {
      if constexpr (is_options<typename T::value_type>)
        for (auto& each : value) describe(each, *this);
    } else if constexpr (is_options<T>) {
      describe(value, *this);
    }
  }
};

}  // namespace

FoundInputs find_inputs(const std::vector<BundleNeed>& needs, const KnownInputs& known,
                        const std::vector<fs::path>& folders, const std::function<void(const fs::path&)>& progress) {
  WantedBySize wanted;
  FoundInputs found;
  for (const BundleNeed& need : needs)
    for (const NeededFile& file : files_of_need(need, known)) {
      if (has_content(file))
        wanted[file.state.bytes].insert(content_of(file));
      else
        found.unknown.push_back(key_below(need, file.name));
    }
  InputSearch search(wanted, progress);
  for (const fs::path& folder : folders) search.look_below(folder);
  for (const BundleNeed& need : needs)
    for (const NeededFile& file : files_of_need(need, known)) {
      if (!has_content(file)) continue;
      const std::string key = key_below(need, file.name);
      if (const fs::path* place = search.found(content_of(file)))
        found.files[{need.kind, key}] = *place;
      else
        found.missing.push_back(key);
    }
  return found;
}

std::map<std::pair<std::string, std::string>, std::string> place_inputs(const std::vector<BundleNeed>& needs,
                                                                        const KnownInputs& known,
                                                                        const FoundInputs& found,
                                                                        const fs::path& project_folder) {
  std::map<std::pair<std::string, std::string>, std::string> placed;
  for (size_t i = 0; i < needs.size(); ++i) {
    const BundleNeed& need = needs[i];
    const auto files = files_of_need(need, known);
    // Kinds of files and models are told by their names, too.
    const std::string own_name = fs::path(need.key).filename().string();
    if (!need.key.empty()) refuse_leading_out(own_name);
    const std::string option = fmt::format("inputs/{}{}{}", i + 1, own_name.empty() ? "" : "/", own_name);
    const bool is_file = files.size() == 1 && files.front().name.empty();
    for (const NeededFile& file : files) {
      if (!is_file) refuse_leading_out(file.name);
      if (const auto place = found.files.find({need.kind, key_below(need, file.name)}); place != found.files.end())
        place_link(place->second, is_file ? project_folder / option : project_folder / option / file.name);
    }
    placed[{need.kind, need.path}] = option;
  }
  return placed;
}

void redirect_inputs(Project& project, const std::map<std::pair<std::string, std::string>, std::string>& placed) {
  const auto redirected = [&](const char* kind, const std::string& path) {
    const auto place = placed.find({kind, path});
    return place == placed.end() ? std::string() : place->second;
  };
  for (std::string* model : {&project.teacher.checkpoint, &project.student.checkpoint, &project.student.language_model,
                             &project.student.vision_tower})
    *model = redirected("model", *model);
  for (StageOptions& stage : project.stages) {
    stage.images = redirected("pictures", stage.images.empty() ? stage.data : stage.images);
    stage.data = redirected("data", stage.data);
  }
  std::set<std::string> kept;
  for (const auto& [need, place] : placed) kept.insert(place);
  OtherPaths others{kept};
  describe(project, others);
}

}  // namespace llavakd
