// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/verify_bundle.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/base/byte_size.h"
#include "core/base/errors.h"
#include "core/base/name_list.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/io/linked_folder.h"
#include "core/run/bundle_inputs.h"
#include "core/run/checkpoint_sums.h"
#include "core/run/event_sums.h"
#include "core/run/events.h"
#include "core/run/run_checkpoints.h"
#include "core/training/replay.h"
#include "core/training/verify_run.h"

namespace llavakd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// For the steps that are done again: links to the inputs, and a run that goes on from the bundle's checkpoint.
class BundleWorkplace {
 public:
  /// Whatever fails after the folder is there, it is removed: the other constructor has made a whole object by then.
  explicit BundleWorkplace(const RunFolder& bundled) : BundleWorkplace(fs::temp_directory_path()) {
    fs::create_directories(run().checkpoints());
    for (const fs::path& file : {bundled.events(), sums_file(bundled.events())}) {
      std::error_code error;
      if (fs::is_regular_file(file, error)) copy_file_atomically(file, run().path / file.filename());
    }
    for (const fs::path& checkpoint : list_training_checkpoints(bundled.checkpoints()))
      link_or_copy_folder(checkpoint, run().checkpoints() / checkpoint.filename());
  }
  BundleWorkplace(const BundleWorkplace&) = delete;
  BundleWorkplace& operator=(const BundleWorkplace&) = delete;
  ~BundleWorkplace() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  const fs::path& folder() const { return folder_; }
  RunFolder run() const { return {folder_ / "runs" / "repeated"}; }

 private:
  explicit BundleWorkplace(const fs::path& temporary) {
    std::string name = (temporary / "llavakd-verify-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw UserError(
          fmt::format("{} can't be made: the folder for temporary files is closed or full. Set TMPDIR.", name));
    folder_ = name;
  }

  const HalfMade half_made_;  ///< Requests to end wait until it has been removed.
  fs::path folder_;
};

/// What people and their file managers leave in a checkpoint doesn't matter; of a bundle each file is told.
void add_extra_files(const Bundle& bundle, std::vector<std::string>& faults) try {
  const auto listed = read_checkpoint_sums(bundle.folder);
  for (const auto& entry : fs::recursive_directory_iterator(bundle.folder)) {
    const fs::path name = entry.path().lexically_relative(bundle.folder);
    const bool aside = name.filename().string().starts_with('.') || name.extension() == ".md";
    if (aside && entry.is_regular_file() && !listed.contains(name.string()))
      faults.push_back(fmt::format("{} isn't among the files of the bundle.", printable(name.string())));
  }
} catch (const UserError&) {
  return;  // a damaged manifest is told already
}

VerifiedPart verified_files(const Bundle& bundle) {
  VerifiedPart part{.what = "files"};
  ComparedFiles files = compare_with_sums(bundle.folder);
  part.faults = std::move(files.faults);
  if (files.has_sums) add_extra_files(bundle, part.faults);
  part.found = fmt::format("{} files, {}", files.files, size_text(static_cast<double>(files.bytes)));
  if (!files.has_sums)
    part.faults.push_back(fmt::format("{} is missing, so nothing is known of the files.",
                                      (bundle.folder / checkpoint_sums_name).string()));
  return part;
}

VerifiedPart verified_needs(const Bundle& bundle, const FoundInputs& found, bool looked) {
  VerifiedPart part{.what = "inputs"};
  part.skipped = !found.all_there();
  part.found =
      fmt::format("{} files of {} inputs, found by their content", found.files.size(), bundle.info.needs.size());
  if (part.skipped && !looked)
    part.found = "give the folders that hold the models, data and pictures: --models DIR --data DIR";
  else if (!found.missing.empty())
    part.found =
        fmt::format("nothing with the content of {} is in the folders that were given", name_list(found.missing));
  else if (!found.unknown.empty())
    part.found = fmt::format("the run ended before it had taken the hashes of {}", name_list(found.unknown));
  return part;
}

int64_t recorded_threads(const RunInfo& info) {
  constexpr int64_t most = 256;
  const Json threads = info.versions.is_object() ? info.versions.value("threads", Json()) : Json();
  const bool is_count = threads.is_number_integer() && threads.get<int64_t>() > 0 && threads.get<int64_t>() <= most;
  return is_count ? threads.get<int64_t>() : 0;
}

std::string precision_of_run(const RunInfo& info) {
  const Json run = info.project.is_object() ? info.project.value("run", Json()) : Json();
  const Json precision = run.is_object() ? run.value("precision", Json()) : Json();
  return precision.is_string() ? precision.get<std::string>() : std::string();
}

VerifiedPart repeated_steps(const Bundle& bundle, RunInfo info, const KnownInputs& known, const FoundInputs& found,
                            const VerifyBundleOptions& options) try {
  const BundleWorkplace place(bundle.run());
  const auto placed = place_inputs(bundle.info.needs, known, found, place.folder());
  info.project_file = (place.folder() / "project.kdproj").string();
  info.inputs = Json::object();  // they were found by their hashes
  write_run_info(place.run(), info);
  return replay_run(place.run(), info,
                    {.steps = options.replay_steps,
                     .may_begin_anew = true,
                     .threads = recorded_threads(info),
                     .change_project = [&](Project& project) { redirect_inputs(project, placed); },
                     .tolerance = bundle_tolerance(precision_of_run(info)),
                     .progress = options.progress});
} catch (const UserError& error) {
  return {.what = "replay", .found = error.what(), .skipped = true};
} catch (const RunError& error) {
  return {.what = "replay", .found = error.what(), .skipped = true};
} catch (const fs::filesystem_error& error) {
  return {.what = "replay", .found = error.what(), .skipped = true};
} catch (const Json::exception& error) {
  return {.what = "replay", .found = fmt::format("run.json is damaged: {}", error.what()), .skipped = true};
}

}  // namespace

double bundle_tolerance(const std::string& precision) {
  return precision == "fp32" ? 1e-3 : 5e-2;
}

RunVerification verify_bundle(const fs::path& folder, const VerifyBundleOptions& options) {
  const Bundle bundle = open_bundle(folder);
  RunVerification verification{.time = now(), .version = LLAVAKD_VERSION};
  bool whole = true;
  const auto add = [&](VerifiedPart part) {
    cap_faults(part);
    whole = whole && part.faults.empty();
    if (options.done) options.done(part);
    verification.parts.push_back(std::move(part));
  };
  add(verified_files(bundle));
  const RunFolder run = bundle.run();
  const RunInfo info = read_run_info(run);
  for (const fs::path& checkpoint : list_training_checkpoints(run.checkpoints())) {
    add(verify_lone_checkpoint(checkpoint));
    verification.checkpoint = checkpoint.filename().string();
  }
  add(verify_log(run, info));
  const KnownInputs known = read_known_inputs(run);
  const FoundInputs found = find_inputs(bundle.info.needs, known, options.inputs);
  add(verified_needs(bundle, found, !options.inputs.empty()));
  if (options.replay_steps == 0) return verification;
  const auto left_out = [&](const char* why) {
    add({.what = "replay", .found = why, .skipped = true});
  };
  if (!whole)
    left_out("the bundle isn't what was written");
  else if (bundle.info.needs.empty())
    left_out("the run noted nothing of what it read");
  else if (!found.all_there())
    left_out("the inputs aren't here");
  else
    add(repeated_steps(bundle, info, known, found, options));
  return verification;
}

}  // namespace llavakd
