// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/input_hashes.h"
#include "core/run/run_folder.h"

namespace llavakd {

/// Which weights are in a bundle: none; the newest student as a model; or what steps can be repeated from, too.
enum class BundleWeights { none, student, all };

/// "none", "student", "all"; and back, which throws UserError.
std::string_view name_of(BundleWeights weights);
BundleWeights bundle_weights_named(std::string_view name);

/// Something that a run reads and that isn't in its bundle.
struct BundleNeed {
  std::string kind;   ///< "model", "data" or "pictures".
  std::string path;   ///< As the options name it; of pictures that are next to their data, the data file.
  std::string key;    ///< input_key() of what it names: the known inputs at or below it are its files.
  int64_t files = 0;  ///< How many.
  int64_t bytes = 0;
};

/// What bundle.json says.
struct BundleInfo {
  std::string version = {};  ///< Of the program.
  std::string run = {};
  std::string project = {};  ///< Its file next to bundle.json; empty where another program trained the run.
  BundleWeights weights = BundleWeights::none;
  bool redacted = false;
  std::vector<BundleNeed> needs = {};
};

constexpr const char* bundle_info_name = "bundle.json";

nlohmann::ordered_json to_json(const BundleInfo& info);

/// A bundle is a project's folder with one run.
struct Bundle {
  std::filesystem::path folder;
  BundleInfo info;
  RunFolder run() const { return {folder / "runs" / info.run}; }
  /// Where the newest student is.
  std::filesystem::path student() const { return folder / "student"; }
};

/// Whether this is a folder with a bundle.json.
bool is_bundle(const std::filesystem::path& folder);

/// Opens what somebody else has made. Throws UserError for what is no bundle, of a newer format, or holds anything but
/// files and folders within it: links, pipes, devices, files larger than the disk that they are on. That the files are
/// what was written is left to compare_with_sums().
Bundle open_bundle(const std::filesystem::path& folder);

/// Whether a project's file may be called so in a bundle: a plain name, "x.kdproj", that isn't hidden.
bool is_bundled_project_name(const std::string& name);

/// Calls `visit` with each option of a project that names a model, its kind, its text and its place.
using InputVisitor =
    std::function<void(std::string_view kind, const std::string& path, nlohmann::ordered_json& option)>;
void visit_model_options(nlohmann::ordered_json& project, const InputVisitor& visit);
/// The same of a stage's data and pictures.
void visit_stage_options(nlohmann::ordered_json& stage, const InputVisitor& visit);

/// What the run has read, by what its options name.
std::vector<BundleNeed> bundle_needs(const RunFolder& run, const RunInfo& info, const KnownInputs& known);

/// A file that a run has read.
struct NeededFile {
  std::string name;  ///< Below the need's key; empty where that is the file itself.
  InputState state;
  bool is_image = false;  ///< Its hash is that of an image (hash_of_input).
};

/// The known files at or below the key. Pictures that a probe looks at, too, are among the files of run.json and not
/// among the images.
std::vector<NeededFile> files_of_need(const BundleNeed& need, const KnownInputs& known);

}  // namespace llavakd
