// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/project/options.h"

namespace llavakd {

inline constexpr int project_version = 1;

/// Reads `NAME.kdproj`. Refuses what isn't a project, unknown keys, newer versions and values out of bounds with a
/// UserError naming file and place.
Project load_project(const std::filesystem::path& file);

/// The same from the text of a project file, as if it stood in `file`.
Project project_from_text(std::string_view text, const std::filesystem::path& file);

/// Sets the fields one after the other as set_option does; what they make together must be as consistent as what
/// load_project gives (stages' names, terms, schedule). Throws UserError.
void apply_settings(Project& project, const std::vector<std::string>& assignments);

/// Whose id a saved file gets: a project's own, or a new one because it is another project now ("Save as").
enum class ProjectId { keep, renew };

/// Writes the project atomically: two-space indent, keys in the order of describe(). The file keeps its id, by which
/// runs belong to it; one without gets a fresh one.
void save_project(const Project& project, const std::filesystem::path& file, ProjectId id = ProjectId::keep);

/// The id that a project file holds; empty where it has none or can't be read.
std::string project_id_of(const std::filesystem::path& file);

/// The text that save_project writes, with that id unless it is empty.
std::string project_text(const Project& project, const std::string& id = {});

/// A path of the project file made absolute: relative ones start from the file's folder. Empty stays empty.
/// A slash at the end is dropped, a zero character refused with a UserError.
std::filesystem::path resolve(const std::filesystem::path& project_file, const std::string& path);

/// Folder that the image paths of a data file start from: `images`, or the data file's own folder where none is named.
std::filesystem::path images_folder(const std::filesystem::path& data, const std::filesystem::path& images);

/// The same for a data file and a folder as a project writes them: relative ones start from the project file's folder.
std::filesystem::path images_folder(const std::filesystem::path& project_file, const std::string& data,
                                    const std::string& images);

/// The stages in the order in which they run. Throws UserError when the schedule names an unknown stage.
std::vector<StageOptions> scheduled_stages(const Project& project);

/// Samples that a stage goes through in its epochs over `samples` samples: at least one, where there is any.
int64_t stage_samples(const StageOptions& stage, int64_t samples);

/// Optimizer steps of a stage: as many as its samples fill, the last one perhaps in part; or max_steps when that is
/// less.
int64_t stage_steps(const StageOptions& stage, int64_t samples);

/// The weights of the terms after a preset: "paper" or "code" (preset_weight).
void apply_weights(StageOptions& stage, std::string_view preset);

}  // namespace llavakd
