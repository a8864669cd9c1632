// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "core/base/errors.h"
#include "core/base/printable.h"
#include "core/io/config_json.h"
#include "core/io/json_file.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int bundle_version = 1;
constexpr std::array all_weights{BundleWeights::none, BundleWeights::student, BundleWeights::all};

[[noreturn]] void refuse_entry(const fs::path& path, const char* what) {
  throw UserError(fmt::format("{} is {}. A bundle holds files and folders only, so this one isn't opened.",
                              printable(path.string()), what));
}

/// Nothing in it may lead out of it, be waited for or have no end.
void refuse_strange_entries(const fs::path& folder) {
  constexpr int deepest = 16;
  constexpr int64_t most_entries = 2'000'000;
  std::error_code error;
  const uintmax_t capacity = fs::space(folder, error).capacity;
  uintmax_t bytes = 0;
  int64_t entries = 0;
  using Iterator = fs::recursive_directory_iterator;
  for (Iterator entry(folder, error); !error && entry != Iterator(); entry.increment(error)) {
    const fs::file_status status = entry->symlink_status(error);
    if (error) break;
    if (fs::is_symlink(status)) refuse_entry(entry->path(), "a link");
    if (fs::is_directory(status)) {
      if (entry.depth() >= deepest) refuse_entry(entry->path(), "too deep");
    } else if (fs::is_regular_file(status)) {
      std::error_code unknown;
      const uintmax_t size = entry->file_size(unknown);
      bytes += unknown ? 0 : size;
      if (bytes > capacity && capacity > 0)
        refuse_entry(entry->path(), "said to be larger than the disk that it is on");
    } else {
      refuse_entry(entry->path(), "no ordinary file");
    }
    if (++entries > most_entries) refuse_entry(folder, "a folder with millions of files");
  }
  if (error) throw UserError(fmt::format("{} can't be read: {}.", folder.string(), error.message()));
}

BundleNeed need_of_json(const Json& json) {
  constexpr double most = 9e15;
  const ConfigObject read(json, "bundle.json");
  return {.kind = read.text("kind", ""),
          .path = read.text("path", ""),
          .key = read.text("key", ""),
          .files = static_cast<int64_t>(read.number("files", 0, most, 0)),
          .bytes = static_cast<int64_t>(read.number("bytes", 0, most, 0))};
}

BundleInfo read_bundle_info(const fs::path& file) try {
  constexpr JsonLimits limits{.max_bytes = size_t{16} << 20, .max_depth = 8};
  const Json json = read_json(file, limits);
  if (!json.is_object() || json.value("format", Json()) != "llavakd-bundle")
    throw UserError(fmt::format("{} is no bundle's: its \"format\" isn't llavakd-bundle.", file.string()));
  const Json version = json.value("version", Json());
  if (!version.is_number_integer() || version.get<int64_t>() < 1)
    throw UserError(fmt::format("{}: \"version\" must be a whole number from 1.", file.string()));
  if (version.get<int64_t>() > bundle_version)
    throw UserError(fmt::format("{} has version {}, this program reads up to {}. Open it with a newer LLaVA-KD Studio.",
                                file.string(), version.dump(), bundle_version));
  const ConfigObject read(json, file.string());
  BundleInfo info{
      .version = read.text("llavakd", ""), .run = read.text("run", ""), .project = read.text("project", "")};
  if (!is_run_id(info.run))
    throw UserError(fmt::format("{}: \"{}\" can't be a run's name.", file.string(), printable(info.run, 100)));
  if (!info.project.empty() && !is_bundled_project_name(info.project))
    throw UserError(
        fmt::format("{}: \"{}\" can't be a project file's name.", file.string(), printable(info.project, 100)));
  info.weights = bundle_weights_named(read.text("weights", "none"));
  info.redacted = read.boolean("redacted", false);
  for (const Json& need : json.value("inputs", Json::array())) info.needs.push_back(need_of_json(need));
  return info;
} catch (const Json::exception& error) {
  throw UserError(fmt::format("{} is damaged: {}.", file.string(), error.what()));
}

/// Whether a key is that of the folder or below it; of the project's own folder, which has none, all relative ones are.
bool is_at_or_in(const std::string& key, const std::string& folder) {
  if (folder.empty()) return !key.starts_with('/');
  return key.starts_with(folder) && (key.size() == folder.size() || key[folder.size()] == '/');
}

bool is_picture_name(const std::string& name) {
  std::string ending = fs::path(name).extension().string();
  std::ranges::transform(ending, ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  constexpr std::array endings{".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"};
  return std::ranges::find(endings, ending) != endings.end();
}

/// The key that has known files, of where the project is and of where it was as the run read them.
std::string known_key(const BundleNeed& need, const std::vector<fs::path>& project_files, const KnownInputs& known) {
  for (const fs::path& file : project_files) try {
      const fs::path whole = resolve(file, need.path);
      const bool next_to_data = need.kind == "pictures" && fs::path(need.path).has_extension();
      const InputFiles inputs{.project_folder = fs::absolute(file).parent_path(), .files = {}, .named = {}};
      for (const fs::path& place : {whole, next_to_data ? whole.parent_path() : whole}) {
        BundleNeed tried = need;
        // The project's own folder has no key: every input in it begins with a plain name.
        tried.key = place == inputs.project_folder ? std::string() : input_key(inputs, place);
        if (!files_of_need(tried, known).empty()) return tried.key;
      }
    } catch (const UserError&) {
      continue;  // the path can't be one
    }
  return need.path;
}

}  // namespace

bool is_bundled_project_name(const std::string& name) {
  return name.ends_with(".kdproj") && name.front() != '.' && name.size() <= 255 &&
         name.find_first_of("/\\") == std::string::npos && name.find('\0') == std::string::npos;
}

std::string_view name_of(BundleWeights weights) {
  return weights == BundleWeights::none ? "none" : weights == BundleWeights::student ? "student" : "all";
}

BundleWeights bundle_weights_named(std::string_view name) {
  const auto found = std::ranges::find(all_weights, name, [](BundleWeights each) { return name_of(each); });
  if (found == all_weights.end())
    throw UserError(fmt::format("Unknown weights \"{}\"; known are none, student and all.", printable(name, 40)));
  return *found;
}

Json to_json(const BundleInfo& info) {
  Json inputs = Json::array();
  for (const BundleNeed& need : info.needs)
    inputs.push_back(Json{
        {"kind", need.kind}, {"path", need.path}, {"key", need.key}, {"files", need.files}, {"bytes", need.bytes}});
  return {{"format", "llavakd-bundle"}, {"version", bundle_version},
          {"llavakd", info.version},    {"run", info.run},
          {"project", info.project},    {"weights", name_of(info.weights)},
          {"redacted", info.redacted},  {"inputs", std::move(inputs)}};
}

bool is_bundle(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / bundle_info_name, error);
}

Bundle open_bundle(const fs::path& folder) {
  if (!is_bundle(folder)) throw UserError(fmt::format("{} holds no {}.", folder.string(), bundle_info_name));
  refuse_strange_entries(folder);
  Bundle bundle{.folder = folder, .info = read_bundle_info(folder / bundle_info_name)};
  std::error_code error;
  if (!fs::is_regular_file(bundle.run().info(), error))
    throw UserError(
        fmt::format("{} lacks the run that it names: there is no {}.", folder.string(), bundle.run().info().string()));
  return bundle;
}

void visit_model_options(Json& project, const InputVisitor& visit) {
  const std::pair<const char*, const char*> places[] = {
      {"teacher", "checkpoint"}, {"student", "checkpoint"}, {"student", "language_model"}, {"student", "vision_tower"}};
  for (const auto& [part, option] : places) {
    const auto found = project.is_object() ? project.find(part) : project.end();
    if (!project.is_object() || found == project.end()) continue;
    if (const std::string path = text_or_empty(*found, option); !path.empty()) visit("model", path, (*found)[option]);
  }
}

void visit_stage_options(Json& stage, const InputVisitor& visit) {
  const std::string data = text_or_empty(stage, "data"), images = text_or_empty(stage, "images");
  if (data.empty()) return;
  visit("data", data, stage["data"]);
  visit("pictures", images.empty() ? data : images, stage["images"]);
}

std::vector<BundleNeed> bundle_needs(const RunFolder& run, const RunInfo& info, const KnownInputs& known) {
  std::vector<BundleNeed> needs;
  std::vector<fs::path> project_files{project_file_of(run, info)};
  if (fs::path(info.project_file).is_absolute()) project_files.emplace_back(info.project_file);
  const InputVisitor add = [&](std::string_view kind, const std::string& path, Json&) {
    BundleNeed need{.kind = std::string(kind), .path = path, .key = {}};
    const auto same = [&](const BundleNeed& each) {
      return each.kind == need.kind && each.path == need.path;
    };
    if (std::ranges::any_of(needs, same)) return;
    need.key = known_key(need, project_files, known);
    for (const NeededFile& file : files_of_need(need, known)) {
      ++need.files;
      need.bytes += std::max<int64_t>(0, file.state.bytes);
    }
    needs.push_back(std::move(need));
  };
  Json project = info.project;
  visit_model_options(project, add);
  if (const auto stages = project.is_object() ? project.find("stages") : project.end();
      project.is_object() && stages != project.end() && stages->is_array())
    for (Json& stage : *stages) visit_stage_options(stage, add);
  for (StageRecord record : info.stages) {
    visit_model_options(record.shared, add);
    visit_stage_options(record.options, add);
  }
  // Stages that the run left out have read nothing.
  std::erase_if(needs, [](const BundleNeed& need) { return need.files == 0; });
  return needs;
}

std::vector<NeededFile> files_of_need(const BundleNeed& need, const KnownInputs& known) {
  std::vector<NeededFile> files;
  const bool pictures = need.kind == "pictures";
  const auto add = [&](const InputStates& states, bool are_images) {
    for (auto state = states.lower_bound(need.key); state != states.end(); ++state) {
      const auto& [key, what] = *state;
      if (!key.starts_with(need.key)) break;
      if (what.bytes == InputState::absent || !is_at_or_in(key, need.key)) continue;
      std::string name = need.key.empty() ? key : key.substr(std::min(key.size(), need.key.size() + 1));
      if (pictures && !are_images && (name.empty() || !is_picture_name(name))) continue;
      files.push_back({.name = std::move(name), .state = what, .is_image = are_images});
    }
  };
  add(known.files, false);
  if (pictures) add(known.images, true);
  return files;
}

}  // namespace llavakd
