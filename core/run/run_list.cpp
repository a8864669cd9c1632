// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/project/project_file.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;

bool belongs_to(const fs::path& project_file, const std::string& project_id, const RunInfo& run) {
  const fs::path own = project_file.filename(), named = fs::path(run.project_file).filename();
  const fs::path sibling = fs::absolute(project_file).parent_path() / named;
  std::error_code error;
  if (project_id.empty() || run.project_id.empty())
    // Only a renamed project's runs name a file that isn't there.
    return named.empty() || named == own || !fs::exists(sibling, error);
  if (project_id != run.project_id) return false;
  // A copy of a project file has the same id: the run is the original's.
  return named.empty() || named == own || project_id_of(sibling) != project_id;
}

double last_change(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  if (error) return 0;
  const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

ListedRun listed(const RunFolder& folder, const fs::path& project_file, const std::string& project_id) {
  ListedRun run{.folder = folder};
  try {
    run.info = read_run_info(folder);
    run.when = run.info.started;
    run.owner = fs::path(run.info.project_file).filename().string();
    run.belongs = belongs_to(project_file, project_id, run.info);
  } catch (const UserError& error) {
    run.fault = error.what();
    run.when = std::max(last_change(folder.info()), last_change(folder.events()));
  }
  return run;
}

/// Whether it holds what another run left as it went back: nobody goes on with that without naming it.
bool is_left_behind(const ListedRun& run) {
  return std::ranges::any_of(run.info.roll_backs,
                             [&](const RollBackRecord& record) { return record.what.kept_as == run.folder.id(); });
}

bool is_candidate(const ListedRun& run) {
  return run.fault.empty() && run.belongs && run.info.kind == RunKind::train;
}

void refuse_unfit(const ListedRun& run) {
  const std::string id = run.folder.id();
  if (!run.fault.empty())
    throw UserError(
        fmt::format("The run {} can't be gone on with: {} Put its run.json back, or start a new run.", id, run.fault));
  if (!run.belongs)
    throw UserError(fmt::format("The run {} belongs to another project, {}. Resume it with that, or start a new run.",
                                id, run.owner));
  if (run.info.kind == RunKind::imported)
    throw UserError(fmt::format("The run {} is another program's, of which only the numbers are known.", id));
  if (run.info.kind == RunKind::ablate)
    throw UserError(fmt::format(
        "The run {} belongs to an ablation: `llavakd ablate` with the same arms and seeds goes on with it.", id));
}

std::string names_of(const std::vector<ListedRun>& runs) {
  std::vector<std::string> names;
  for (const ListedRun& run : runs)
    if (is_candidate(run)) names.push_back(run.folder.id());
  return name_list(names);
}

RunFolder named_run(const fs::path& project_file, const std::vector<ListedRun>& runs, const std::string& id) {
  for (const ListedRun& run : runs)
    if (run.folder.id() == id) {
      refuse_unfit(run);
      return run.folder;
    }
  const std::string names = names_of(runs);
  throw UserError(names.empty() ? fmt::format("There is no run \"{}\"; {} has none to go on with.", id,
                                              project_file.filename().string())
                                : fmt::format("There is no run \"{}\"; there are {}.", id, names));
}

/// What the runs are that aren't the project's own, for people who look for theirs.
std::string others_than_own(const std::vector<ListedRun>& runs) {
  for (const ListedRun& run : runs)
    if (run.fault.empty() && !run.belongs)
      return fmt::format(" ({} next to it belongs to {})", run.folder.id(), run.owner);
  return runs.empty() ? "" : " (those next to it are ablations' or imported)";
}

}  // namespace

std::vector<ListedRun> all_runs(const fs::path& project_file) {
  std::vector<ListedRun> runs;
  const std::string project_id = project_id_of(project_file);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(runs_folder(project_file), error)) {
    const RunFolder folder{entry.path()};
    if (!entry.is_directory(error) || !fs::exists(folder.info(), error)) continue;
    if (folder.path.extension() == ".partial") continue;  // half removed
    runs.push_back(listed(folder, project_file, project_id));
  }
  std::ranges::sort(runs, [](const ListedRun& a, const ListedRun& b) {
    return a.when != b.when ? a.when > b.when : a.folder.path > b.folder.path;
  });
  return runs;
}

std::vector<RunFolder> list_runs(const fs::path& project_file) {
  std::vector<RunFolder> own;
  for (const ListedRun& run : all_runs(project_file))
    if (is_candidate(run)) own.push_back(run.folder);
  return own;
}

RunFolder find_run(const fs::path& project_file, const std::string& id) {
  const std::vector<ListedRun> runs = all_runs(project_file);
  if (!id.empty()) return named_run(project_file, runs, id);
  const ListedRun* chosen = nullptr;
  for (const ListedRun& run : runs) {
    if (!is_candidate(run) || is_left_behind(run)) continue;
    if (!chosen || (chosen->info.status == "finished" && run.info.status != "finished")) chosen = &run;
  }
  for (const ListedRun& run : runs)
    if (!run.fault.empty() && (!chosen || run.when > chosen->when) && !run.folder.id().starts_with("ablate-"))
      throw UserError(fmt::format(
          "It can't be told whether {} is the run to go on with: {} Put its run.json back, or "
          "name the run: --resume RUN{}.",
          run.folder.id(), run.fault, chosen ? fmt::format("; there is {}", names_of(runs)) : std::string()));
  if (!chosen)
    throw UserError(fmt::format("{} has no run yet{}; start one with `llavakd train`.",
                                project_file.filename().string(), others_than_own(runs)));
  return chosen->folder;
}

}  // namespace llavakd
