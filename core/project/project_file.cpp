// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/project_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "core/base/errors.h"
#include "core/io/atomic_file.h"
#include "core/io/json_file.h"
#include "core/project/visitors.h"

namespace llavakd {
namespace {

using Json = nlohmann::ordered_json;

void refuse_foreign(const Json& json, const std::string& file) {
  if (!json.is_object() || json.value("format", Json()) != "llavakd-project")
    throw UserError(fmt::format("{} is not a LLaVA-KD project: \"format\" must be \"llavakd-project\".", file));
  const auto version = json.find("version");
  if (version == json.end() || !version->is_number_integer() || version->get<int64_t>() < 1)
    throw UserError(fmt::format("{}: \"version\" must be a whole number from 1.", file));
  if (version->get<int64_t>() > project_version)
    throw UserError(fmt::format("{} has version {}, this program reads up to {}. Open it with a newer LLaVA-KD Studio.",
                                file, version->dump(), project_version));
}

/// What bounds of single fields can't say; `file` begins the message.
void refuse_inconsistent(const Project& project, const std::string& file) {
  std::set<std::string> names;
  for (const auto& stage : project.stages) {
    if (stage.name.empty() ||
        stage.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") !=
            std::string::npos)
      throw UserError(
          fmt::format("{}: the stage name \"{}\" must be made of letters, digits and '_'.", file, stage.name));
    if (!names.insert(stage.name).second)
      throw UserError(
          fmt::format("{}: two stages are called \"{}\"; give one of them another name.", file, stage.name));
    std::set<std::string> seen;
    for (const auto& term : stage.terms)
      if (!seen.insert(term.term).second)
        throw UserError(fmt::format("{}: stage {} has the term {} twice; keep one.", file, stage.name, term.term));
  }
  for (const auto& name : project.schedule)
    if (!names.contains(name))
      throw UserError(fmt::format("{}: the schedule names \"{}\", which is not among the stages.", file, name));
}

/// 12 random hexadecimal digits.
std::string new_project_id() {
  std::random_device random;
  return fmt::format("{:08x}{:04x}", random() & 0xFFFFFFFFU, random() & 0xFFFFU);
}

Project checked_project(Json json, const std::string& where) {
  refuse_foreign(json, where);
  if (const auto id = json.find("id"); id != json.end() && !id->is_string())
    throw UserError(fmt::format("{}: \"id\" must be a text; without one the project gets one as it is saved.", where));
  for (const char* key : {"format", "version", "id"}) json.erase(key);
  Project project = options_from_json<Project>(json, where + ": ");
  const auto faults = check_options(project);
  if (!faults.empty()) throw UserError(fmt::format("{}: {} {}.", where, faults[0].place, faults[0].message));
  refuse_inconsistent(project, where);
  return project;
}

}  // namespace

Project load_project(const std::filesystem::path& file) {
  return checked_project(read_json(file), file.string());
}

Project project_from_text(std::string_view text, const std::filesystem::path& file) {
  return checked_project(parse_json(text, file.string()), file.string());
}

void apply_settings(Project& project, const std::vector<std::string>& assignments) {
  for (const std::string& assignment : assignments) set_option(project, assignment);
  if (!assignments.empty()) refuse_inconsistent(project, "--set");
}

std::string project_id_of(const std::filesystem::path& file) {
  try {
    const Json json = read_json(file);
    const auto id = json.is_object() ? json.find("id") : json.end();
    return id != json.end() && id->is_string() ? id->get<std::string>() : std::string();
  } catch (const UserError&) {
    return {};
  }
}

std::string project_text(const Project& project, const std::string& id) {
  Json json;
  json["format"] = "llavakd-project";
  json["version"] = project_version;
  if (!id.empty()) json["id"] = id;
  json.update(to_json(project));
  // A path may hold any bytes; a project that can't be shown would be worse than one with a replaced character.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void save_project(const Project& project, const std::filesystem::path& file, ProjectId id) {
  const std::string known = id == ProjectId::keep ? project_id_of(file) : std::string();
  write_file_atomically(file, project_text(project, known.empty() ? new_project_id() : known));
}

std::filesystem::path resolve(const std::filesystem::path& project_file, const std::string& path) {
  if (path.empty()) return {};
  if (path.find('\0') != std::string::npos)  // the system would open what is before it
    throw UserError(fmt::format("{}: the path \"{}\" holds a zero character.", project_file.string(), path));
  const auto whole = (std::filesystem::absolute(project_file).parent_path() / path).lexically_normal();
  // "models/x/" is the folder "models/x", whose last part becomes a model's name.
  return whole.has_filename() ? whole : whole.parent_path();
}

std::filesystem::path images_folder(const std::filesystem::path& data, const std::filesystem::path& images) {
  if (!images.empty() || data.empty()) return images;
  return std::filesystem::absolute(data).parent_path();
}

std::filesystem::path images_folder(const std::filesystem::path& project_file, const std::string& data,
                                    const std::string& images) {
  return images_folder(resolve(project_file, data), resolve(project_file, images));
}

std::vector<StageOptions> scheduled_stages(const Project& project) {
  if (project.schedule.empty()) return project.stages;
  std::vector<StageOptions> stages;
  for (const auto& name : project.schedule) {
    const auto stage = std::ranges::find(project.stages, name, &StageOptions::name);
    if (stage == project.stages.end())
      throw UserError(fmt::format("The schedule names \"{}\", which is not among the stages.", name));
    stages.push_back(*stage);
  }
  return stages;
}

int64_t stage_samples(const StageOptions& stage, int64_t samples) {
  if (samples <= 0) return 0;
  return std::max<int64_t>(1, std::llround(std::min(stage.epochs * static_cast<double>(samples), 9e15)));
}

int64_t stage_steps(const StageOptions& stage, int64_t samples) {
  const int64_t whole = (stage_samples(stage, samples) + stage.batch_size - 1) / stage.batch_size;
  return stage.max_steps > 0 ? std::min(whole, stage.max_steps) : whole;
}

void apply_weights(StageOptions& stage, std::string_view preset) {
  if (preset != "paper" && preset != "code")
    throw UserError(fmt::format("Unknown weights \"{}\"; known are paper and code.", preset));
  for (auto& term : stage.terms) {
    const TermInfo* info = term_info(term.term);
    term.weight = info ? preset_weight(*info, preset) : 1;
  }
}

}  // namespace llavakd
